"""What may be recorded: only values that can be, and a correction of what holds."""

from collections.abc import Mapping

from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_
from clinic.visits.rules.kinds import DangerSign, Vital
from clinic.visits.rules.measures import ensure_pressures, to_shown, to_stored


class AlreadyCorrected(DomainError):
    """Somebody has corrected this value meanwhile; theirs is what holds."""

    code = "already_corrected"


def ensure_recordable(values: Mapping[Vital | DangerSign, int]) -> None:
    """Refuse stored values that nobody living has, and pressures the wrong way round. Raises ImpossibleValue."""
    for kind, value in values.items():
        if isinstance(kind, Vital):
            to_stored(kind, to_shown(kind, value))
    upper, lower = values.get(Vital.SYSTOLIC), values.get(Vital.DIASTOLIC)
    if upper is not None and lower is not None:
        ensure_pressures(upper, lower)


def ensure_not_corrected(*, is_corrected: bool) -> None:
    """Refuse to correct what was corrected already. Raises AlreadyCorrected."""
    if is_corrected:
        raise AlreadyCorrected(N_("This value was corrected already. Look at the newer one."))

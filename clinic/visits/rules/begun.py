"""When a nurse may begin the doctor's note."""

from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_

LONGEST_BEGUN = 2000


class NoDoctorAwaited(DomainError):
    """The person waits for no doctor and is with none: no note is to be written any more."""

    code = "no_doctor_awaited"


def ensure_doctor_awaited(*, is_awaited: bool, number: int, field: str) -> None:
    """Refuse to begin a note that no doctor will write. Raises NoDoctorAwaited."""
    if not is_awaited:
        raise NoDoctorAwaited(N_("No. %(number)s waits for no doctor any more."), field=field, number=number)

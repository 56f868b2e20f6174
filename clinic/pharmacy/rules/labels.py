"""What stands in a label's four slots, and how a dose moves between sunset and dawn. Pure."""

from dataclasses import dataclass, replace
from decimal import Decimal

from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_
from clinic.pharmacy.rules.doses import Dose
from clinic.pharmacy.rules.kinds import TimeOfDay

_HALF = Decimal("0.5")
# Where the doses of a round-the-clock medicine fall; more than four a day have no slots and are told in words alone.
_BY_HOURS = {
    24: (TimeOfDay.MORNING,),
    12: (TimeOfDay.MORNING, TimeOfDay.EVENING),
    8: (TimeOfDay.MORNING, TimeOfDay.NOON, TimeOfDay.NIGHT),
    6: tuple(TimeOfDay),
}
# After sunset, and before dawn.
_FASTING = {1: (TimeOfDay.EVENING,), 2: (TimeOfDay.EVENING, TimeOfDay.NIGHT)}
BY_MOUTH = frozenset({"oral", "sublingual"})


class CannotFast(DomainError):
    """A medicine is taken too often to be taken by night alone; the prescriber decides."""

    code = "cannot_fast"


@dataclass(frozen=True)
class Slot:
    """One of the four times of day on a label; without an amount it stays a grey dash."""

    time: TimeOfDay
    amount: Decimal | None


def slots(dose: Dose) -> tuple[Slot, ...]:
    """Return the four slots in the day's order; all are empty for "when needed" and for more than four doses a day."""
    times = () if dose.is_as_needed else _BY_HOURS.get(dose.every_hours or 0, dose.times)
    return tuple(Slot(time, dose.amount if time in times else None) for time in TimeOfDay)


def slot_figure(amount: Decimal) -> str:
    """Return the figure of a slot without trailing zeros, a half as ½."""
    whole, rest = divmod(amount, 1)
    if rest == _HALF and whole < 10:  # noqa: PLR2004 - a figure before ½ must be read at a glance
        return f"{whole or ''}½"
    return f"{amount.normalize():f}"


def for_fasting(dose: Dose, *, route: str) -> Dose:
    """Return a dose with its times between sunset and dawn. Raises CannotFast from three doses a day on.

    What is not swallowed, and what is taken when needed, keeps its times.
    """
    if route not in BY_MOUTH or dose.is_as_needed:
        return dose
    times = _FASTING.get(dose.per_day)
    if times is None:
        raise CannotFast(
            N_("%(times)s times a day do not fit between sunset and dawn. Ask the prescriber."), times=dose.per_day
        )
    return replace(dose, times=times, every_hours=None)

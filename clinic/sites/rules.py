"""What kinds of rooms there are, and when a site is open."""

from dataclasses import dataclass
from datetime import time

from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_, Worded


class PointKind(Worded):
    """What happens at a service point."""

    TRIAGE = "TRIAGE", N_("Triage")
    SPECIALTY = "SPECIALTY", N_("Doctor")
    LABORATORY = "LABORATORY", N_("Laboratory")
    PHARMACY = "PHARMACY", N_("Pharmacy")
    ROOM = "ROOM", N_("Room")

    @property
    def is_single(self) -> bool:
        """Whether a site has one of it, through which everybody goes: the next step leads there by its kind alone."""
        return self in {PointKind.TRIAGE, PointKind.LABORATORY, PointKind.PHARMACY}


@dataclass(frozen=True)
class Hours:
    """When a site opens and closes on one day, in minutes after its own midnight."""

    opens: int
    closes: int

    def minutes_left(self, minute: int) -> int:
        """Return the minutes from `minute` to closing; below zero once it is past."""
        return self.closes - minute


class BadHours(DomainError):
    """A day opens without closing, or closes before it opens."""

    code = "bad_hours"
    status = 422


def read_hours(opens: time | None, closes: time | None, *, field: str) -> Hours | None:
    """Return a day's hours, None where neither time is told; `field` is where a refusal is shown. Raises BadHours."""
    if opens is None and closes is None:
        return None
    if opens is None or closes is None:
        raise BadHours(N_("Write when it opens and when it closes, or neither."), field=field)
    if opens >= closes:
        raise BadHours(N_("It must close later than it opens."), field=field)
    return Hours(opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute)


# The clinic of the source: Monday to Friday 17:00-21:00, Saturday 15:00-18:00.
EVENING = Hours(17 * 60, 21 * 60)
SATURDAY = Hours(15 * 60, 18 * 60)

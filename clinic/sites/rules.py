"""What kinds of rooms there are, and when a site is open."""

from dataclasses import dataclass

from clinic.kernel.text import N_, Worded


class PointKind(Worded):
    """What happens at a service point."""

    TRIAGE = "TRIAGE", N_("Triage")
    SPECIALTY = "SPECIALTY", N_("Doctor")
    LABORATORY = "LABORATORY", N_("Laboratory")
    PHARMACY = "PHARMACY", N_("Pharmacy")
    ROOM = "ROOM", N_("Room")


@dataclass(frozen=True)
class Hours:
    """When a site opens and closes on one day, in minutes after its own midnight."""

    opens: int
    closes: int

    def minutes_left(self, minute: int) -> int:
        """Return the minutes from `minute` to closing; below zero once it is past."""
        return self.closes - minute


# The clinic of the source: Monday to Friday 17:00-21:00, Saturday 15:00-18:00.
EVENING = Hours(17 * 60, 21 * 60)
SATURDAY = Hours(15 * 60, 18 * 60)

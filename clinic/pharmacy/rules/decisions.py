"""What the pharmacist decides about one line: from which lots it is given, and what becomes of the rest. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from clinic.pharmacy.rules.handing import SkipReason
from clinic.pharmacy.rules.kinds import NotGiven
from inventory.stock.rules import Pick


class Rest(StrEnum):
    """What becomes of what is not given now: it waits, it is owed, or no more of it is given."""

    WAITS = "WAITS"
    OWED = "OWED"
    CLOSED = "CLOSED"


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A lot that would have gone first, and why it does not."""

    lot_id: int
    because: SkipReason
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Handed:
    """What is done about one line: the lots it is given from, those passed over, and what becomes of the rest.

    `because` is the reason where no more of it is given.
    """

    line_id: int
    taken: tuple[Pick, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    rest: Rest = Rest.WAITS
    because: NotGiven | None = None
    note: str = ""

    @property
    def units(self) -> int:
        """How many are given."""
        return sum(taken.quantity for taken in self.taken)

"""First to expire, first out: which lots a quantity comes from."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Shelved:
    """What lies of a usable lot at one place."""

    lot_id: int
    place_id: int
    quantity: int
    expires_on: date | None


@dataclass(frozen=True, kw_only=True)
class Pick:
    """So many units of one lot, from one place."""

    lot_id: int
    place_id: int
    quantity: int


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The lots to take in order of expiry, what they fall short by, and the lots that end before the course does."""

    picks: tuple[Pick, ...]
    missing: int
    too_short: tuple[int, ...]


def plan_first_to_expire(
    shelved: Iterable[Shelved], quantity: int, *, needed_through: date | None = None, skipped: Collection[int] = ()
) -> Plan:
    """Return how `quantity` units come from usable lots, the first to expire first, split where one is not enough.

    A lot must outlive the course: its last day is `needed_through` or later. Lots in `skipped` the pharmacist passes
    over. What has no expiry goes last; of two that end on one day the older lot goes first.
    """
    picks: list[Pick] = []
    too_short: list[int] = []
    missing = quantity
    for lot in sorted(shelved, key=_order):
        if needed_through is not None and lot.expires_on is not None and lot.expires_on < needed_through:
            too_short.append(lot.lot_id)
        elif lot.lot_id not in skipped and missing and lot.quantity > 0:
            taken = min(lot.quantity, missing)
            picks.append(Pick(lot_id=lot.lot_id, place_id=lot.place_id, quantity=taken))
            missing -= taken
    return Plan(picks=tuple(picks), missing=missing, too_short=tuple(too_short))


def _order(lot: Shelved) -> tuple[bool, date, int, int]:
    return lot.expires_on is None, lot.expires_on or date.max, lot.lot_id, lot.place_id

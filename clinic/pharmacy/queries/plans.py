"""From which lots a prescription is given: the first to expire first, as long as they outlive the course."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.pharmacy.queries.lines import LineRow
from clinic.pharmacy.rules import course_ends_on
from inventory.stock.queries.lots import LotRow, list_usable
from inventory.stock.rules import Pick, plan_first_to_expire


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the pharmacist wants of one line: so many (None: all that is left), and without these lots."""

    units: int | None = None
    skipped: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Cell:
    """So many units of one lot; `lies` is what is on the shelf before they are taken.

    `spare` is by how many days it outlives the course, None where it does not spoil.
    """

    lot: LotRow
    units: int
    lies: int
    spare: int | None

    @property
    def share(self) -> float:
        """Which part of what lies there is taken, in hundredths."""
        return round(100 * self.units / self.lies, 1)


@dataclass(frozen=True, kw_only=True)
class LinePlan:
    """How one line is given: the lots in their order, those skipped, and those that end before the course does."""

    line: LineRow
    cells: tuple[Cell, ...]
    skipped: tuple[LotRow, ...]
    too_short: tuple[LotRow, ...]
    shelf: int

    @property
    def units(self) -> int:
        """How many are given."""
        return sum(cell.units for cell in self.cells)

    @property
    def missing(self) -> int:
        """How many of what is left of the line are not given."""
        return self.line.rest - self.units

    @property
    def picks(self) -> tuple[Pick, ...]:
        """The lots as the stock knows them."""
        return tuple(
            Pick(lot_id=cell.lot.lot_id, place_id=cell.lot.place_id, quantity=cell.units) for cell in self.cells
        )


def plan_lines(scope: Scope, lines: Iterable[LineRow], wishes: Mapping[int, Wish]) -> dict[int, LinePlan]:
    """Return the plan of every line that may still be given, by line. One statement.

    Two lines of one item share its lots: what the first takes the second does not have.
    """
    waiting = [line for line in lines if line.rest and line.item_id is not None]
    shelf = list_usable(scope, {line.item_id for line in waiting if line.item_id is not None}) if waiting else {}
    taken: Counter[tuple[int, int]] = Counter()
    plans = {}
    for line in waiting:
        lots = [
            replace(lot, quantity=lot.quantity - taken[lot.lot_id, lot.place_id])
            for lot in shelf.get(line.item_id or 0, [])
        ]
        plan = _plan(line, lots, wishes.get(line.line_id, Wish()))
        taken.update({(pick.lot_id, pick.place_id): pick.quantity for pick in plan.picks})
        plans[line.line_id] = plan
    return plans


def _plan(line: LineRow, lots: list[LotRow], wish: Wish) -> LinePlan:
    units = line.rest if wish.units is None else min(wish.units, line.rest)
    ends_on = course_ends_on(clock.today(), line.dose.days)
    plan = plan_first_to_expire([lot.shelved for lot in lots], units, needed_through=ends_on, skipped=wish.skipped)
    by_place = {(lot.lot_id, lot.place_id): lot for lot in lots}
    picked = [(by_place[pick.lot_id, pick.place_id], pick.quantity) for pick in plan.picks]
    return LinePlan(
        line=line,
        cells=tuple(
            Cell(
                lot=lot,
                units=quantity,
                lies=lot.quantity,
                spare=(lot.expires_on - ends_on).days if lot.expires_on else None,
            )
            for lot, quantity in picked
        ),
        skipped=tuple(lot for lot in lots if lot.lot_id in wish.skipped),
        too_short=tuple(lot for lot in lots if lot.lot_id in plan.too_short),
        shelf=sum(lot.quantity for lot in lots),
    )

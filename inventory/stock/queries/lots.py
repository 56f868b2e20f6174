"""What lies where, and which lots may go out first."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select

from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.paging import read_page
from clinic.kernel.text import N_
from inventory.agreements.models import Party
from inventory.stock.models import Balance, Batch, Item, Lot, StockPlace
from inventory.stock.rules import BatchStatus, PlaceKind, Shelved


class Show(StrEnum):
    """Which items a list of stock shows."""

    ALL = "all"
    OUT = "out"
    ASIDE = "aside"


@dataclass(frozen=True, kw_only=True)
class OnHand:
    """What lies of an item at a site, in base units: what may go out, what may not, when the first of it expires."""

    usable: int = 0
    blocked: int = 0
    expired: int = 0
    quarantined: int = 0
    first_expires_on: date | None = None

    @property
    def on_shelf(self) -> int:
        """What lies on the shelves, usable or not."""
        return self.usable + self.blocked + self.expired

    @property
    def aside(self) -> int:
        """What lies there and may not go out."""
        return self.blocked + self.expired + self.quarantined


NOTHING = OnHand()


@dataclass(frozen=True, kw_only=True)
class StockRow:
    """An item on the list of stock, with what lies of it at the site."""

    key: str
    inn: str
    strength: str
    form: str
    base_unit: str
    hand: OnHand


@dataclass(frozen=True, kw_only=True)
class LotRow:
    """What lies of a lot at one place, and whether any of it may go out."""

    item_id: int
    lot_id: int
    place_id: int
    batch_key: str
    batch_no: str
    expires_on: date | None
    donor: str
    quantity: int
    place_kind: PlaceKind
    status: BatchStatus
    status_because: str
    is_expired: bool

    @property
    def is_usable(self) -> bool:
        """Whether it lies on a shelf, in date and unblocked."""
        return self.place_kind is PlaceKind.SHELF and self.status is BatchStatus.OK and not self.is_expired

    @property
    def shelved(self) -> Shelved:
        """What planning needs to know of it."""
        return Shelved(lot_id=self.lot_id, place_id=self.place_id, quantity=self.quantity, expires_on=self.expires_on)


def on_hand(scope: Scope, item_ids: Collection[int]) -> dict[int, OnHand]:
    """Return what lies at the site of each of the items that ever came here. One statement."""
    rows = db.session.execute(_hand(scope).where(Batch.item_id.in_(tuple(item_ids))))
    return {row.item_id: _on_hand(row) for row in rows}


def list_stock(
    scope: Scope, *, show: Show = Show.ALL, item_ids: Collection[int] | None = None, after: str | None = None
) -> tuple[list[StockRow], str | None]:
    """Return a page of items by name with what lies of each, and the key of the page that follows, if one does."""
    hand = _hand(scope).subquery()
    chosen = select(Item, *hand.c).outerjoin(hand, hand.c.item_id == Item.id)
    if show is Show.OUT:
        chosen = chosen.where(func.coalesce(hand.c.usable, 0) == 0)
    elif show is Show.ASIDE:
        chosen = chosen.where(hand.c.blocked + hand.c.expired + hand.c.quarantined > 0)
    if item_ids is not None:
        chosen = chosen.where(Item.id.in_(tuple(item_ids)))
    page = read_page(chosen, by=(Item.inn, Item.id), key=Item.key, after=after)
    return [_stock_row(row) for row in page.rows], page.next_key


def count_out(scope: Scope) -> int:
    """Return of how many items no usable unit lies at the site. One statement."""
    hand = _hand(scope).subquery()
    out = select(func.count()).select_from(Item).outerjoin(hand, hand.c.item_id == Item.id)
    return db.session.scalars(out.where(func.coalesce(hand.c.usable, 0) == 0)).one()


def list_usable(scope: Scope, item_ids: Collection[int]) -> dict[int, list[LotRow]]:
    """Return the lots of each item that may go out, the first to expire first. One statement."""
    usable: dict[int, list[LotRow]] = {}
    found = _lots(scope).where(
        Batch.item_id.in_(tuple(item_ids)),
        StockPlace.kind == PlaceKind.SHELF,
        ~Balance.is_blocked,
        or_(Balance.expires_on.is_(None), Balance.expires_on >= clock.today()),
    )
    for row in _rows(found):
        usable.setdefault(row.item_id, []).append(row)
    return usable


def list_lots(scope: Scope, item_id: int) -> list[LotRow]:
    """Return what lies of an item at the site, lot by lot, the first to expire first. One statement."""
    return _rows(_lots(scope).where(Batch.item_id == item_id))


def hand_of(lying: Iterable[LotRow]) -> OnHand:
    """Return what `lying`, all that lies of one item at a site, comes to."""
    sums: Counter[str] = Counter()
    dated = []
    for row in lying:
        sums[_kind_of(row)] += row.quantity
        if row.is_usable and row.expires_on is not None:
            dated.append(row.expires_on)
    return OnHand(**sums, first_expires_on=min(dated, default=None))


def _kind_of(row: LotRow) -> str:
    if row.place_kind is PlaceKind.QUARANTINE:
        return "quarantined"
    if row.status is not BatchStatus.OK:
        return "blocked"
    return "expired" if row.is_expired else "usable"


def list_expiring(scope: Scope, until: date, most: int) -> list[tuple[Item, LotRow]]:
    """Return the lots on the site's shelves whose last day is `until` or earlier, the first to expire first."""
    found = _rows(_lots(scope).where(StockPlace.kind == PlaceKind.SHELF, Balance.expires_on <= until).limit(most))
    items = {item.id: item for item in db.session.scalars(select(Item).where(Item.id.in_({r.item_id for r in found})))}
    return [(items[row.item_id], row) for row in found]


def get_batch(scope: Scope, key: str) -> tuple[Batch, Item]:
    """Return the batch of that key with its item, where any of it ever came to the site."""
    came_here = (
        select(Lot.batch_id)
        .join(Balance, Balance.lot_id == Lot.id)
        .join(StockPlace, StockPlace.id == Balance.place_id)
        .where(StockPlace.site_id == scope.site_id)
    )
    found = db.session.execute(
        select(Batch, Item).join(Item, Item.id == Batch.item_id).where(Batch.key == key, Batch.id.in_(came_here))
    ).one_or_none()
    if found is None:
        raise NotFound(N_("There is no such batch."))
    return found[0], found[1]


def _hand(scope: Scope) -> Select[*tuple[Any, ...]]:
    """Return the sums of what lies at the site, item by item."""
    is_shelf = StockPlace.kind == PlaceKind.SHELF
    is_expired = and_(Balance.expires_on.is_not(None), Balance.expires_on < clock.today())
    is_usable = and_(is_shelf, ~Balance.is_blocked, ~is_expired)
    return (
        select(
            Batch.item_id,
            _sum_where(is_usable).label("usable"),
            _sum_where(and_(is_shelf, Balance.is_blocked)).label("blocked"),
            _sum_where(and_(is_shelf, ~Balance.is_blocked, is_expired)).label("expired"),
            _sum_where(~is_shelf).label("quarantined"),
            func.min(case((and_(is_usable, Balance.quantity > 0), Balance.expires_on))).label("first_expires_on"),
        )
        .join(Lot, Lot.batch_id == Batch.id)
        .join(Balance, Balance.lot_id == Lot.id)
        .join(StockPlace, StockPlace.id == Balance.place_id)
        .where(StockPlace.site_id == scope.site_id)
        .group_by(Batch.item_id)
    )


def _sum_where(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, Balance.quantity), else_=0)), 0)


def _on_hand(row: Row[Any]) -> OnHand:
    if row.usable is None:
        return NOTHING
    return OnHand(
        usable=int(row.usable),
        blocked=int(row.blocked),
        expired=int(row.expired),
        quarantined=int(row.quarantined),
        first_expires_on=row.first_expires_on,
    )


def _stock_row(row: Row[Any]) -> StockRow:
    item: Item = row[0]
    return StockRow(
        key=item.key,
        inn=item.inn,
        strength=item.strength,
        form=item.form,
        base_unit=item.base_unit,
        hand=_on_hand(row),
    )


def _lots(scope: Scope) -> Select[Balance, Batch, StockPlace, str]:
    return (
        select(Balance, Batch, StockPlace, Party.name)
        .join(Lot, Lot.id == Balance.lot_id)
        .join(Batch, Batch.id == Lot.batch_id)
        .join(Party, Party.id == Lot.donor_id)
        .join(StockPlace, StockPlace.id == Balance.place_id)
        .where(StockPlace.site_id == scope.site_id, Balance.quantity > 0)
        .order_by(Balance.expires_on.is_(None), Balance.expires_on, Balance.lot_id, Balance.place_id)
    )


def _rows(chosen: Select[Balance, Batch, StockPlace, str]) -> list[LotRow]:
    today = clock.today()
    return [
        LotRow(
            item_id=batch.item_id,
            lot_id=balance.lot_id,
            place_id=balance.place_id,
            batch_key=batch.key,
            batch_no=batch.batch_no,
            expires_on=balance.expires_on,
            donor=donor,
            quantity=balance.quantity,
            place_kind=place.kind,
            status=batch.status,
            status_because=batch.status_because,
            is_expired=balance.expires_on is not None and balance.expires_on < today,
        )
        for balance, batch, place, donor in db.session.execute(chosen)
    ]

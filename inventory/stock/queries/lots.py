"""What lies where, and which lots may go out first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from inventory.agreements.models import Party
from inventory.stock.models import Balance, Batch, Lot, StockPlace
from inventory.stock.rules import BatchStatus, PlaceKind


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


NOTHING = OnHand()


def on_hand(scope: Scope, item_ids: Iterable[int]) -> dict[int, OnHand]:
    """Return what lies at the site of each of the items that ever came here. One statement."""
    is_shelf = StockPlace.kind == PlaceKind.SHELF
    is_expired = and_(Balance.expires_on.is_not(None), Balance.expires_on < clock.today())
    is_usable = and_(is_shelf, ~Balance.is_blocked, ~is_expired)
    rows = db.session.execute(
        select(
            Batch.item_id,
            _sum_where(is_usable),
            _sum_where(and_(is_shelf, Balance.is_blocked)),
            _sum_where(and_(is_shelf, ~Balance.is_blocked, is_expired)),
            _sum_where(~is_shelf),
            func.min(case((and_(is_usable, Balance.quantity > 0), Balance.expires_on))),
        )
        .join(Lot, Lot.batch_id == Batch.id)
        .join(Balance, Balance.lot_id == Lot.id)
        .join(StockPlace, StockPlace.id == Balance.place_id)
        .where(StockPlace.site_id == scope.site_id, Batch.item_id.in_(tuple(item_ids)))
        .group_by(Batch.item_id)
    )
    return {
        item_id: OnHand(
            usable=usable, blocked=blocked, expired=expired, quarantined=quarantined, first_expires_on=first_expires_on
        )
        for item_id, usable, blocked, expired, quarantined, first_expires_on in rows
    }


def list_usable(scope: Scope, item_ids: Iterable[int]) -> dict[int, list[LotRow]]:
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


def list_expiring(scope: Scope, until: date) -> list[LotRow]:
    """Return the lots on the site's shelves whose last day is `until` or earlier, the first to expire first."""
    return _rows(_lots(scope).where(StockPlace.kind == PlaceKind.SHELF, Balance.expires_on <= until))


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


def _sum_where(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, Balance.quantity), else_=0)), 0)

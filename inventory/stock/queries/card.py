"""The card of one item: what moved, and what lay on the shelf at each close."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, func, select, type_coerce

from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.db import Instant, db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from inventory.stock.models import Batch, Lot, Movement, StockDocument, StockPlace
from inventory.stock.rules import Kind, PlaceKind, Reason

PAGE = 25

_HOUR_US = 3_600_000_000

_NUMBER = re.compile("[0-9]{1,6}")


@dataclass(frozen=True, kw_only=True)
class MovementRow:
    """One line of a card; `after` is what then lay on the site's shelves. What lies in quarantine is not in it."""

    key: str
    occurred_at: datetime
    kind: Kind
    reason: Reason
    reference: str
    note: str
    batch_no: str
    quantity: int
    is_aside: bool
    after: int


@dataclass(frozen=True)
class CardPage:
    """Some lines of a card, newest first, and the key of the last where another page follows."""

    rows: list[MovementRow]
    next_key: str | None


@dataclass(frozen=True)
class Close:
    """What lay on the shelf when a day was over, what had come in that day, and what had been handed out."""

    day: date
    quantity: int
    received: int
    issued: int


def list_movements(
    scope: Scope, item_id: int, *, on_shelf: int, after_key: str | None = None, size: int = PAGE
) -> CardPage:
    """Return the item's movements at the site, newest first; `on_shelf` is what lies on its shelves now.

    What lay there after each is what lies there now less all that is newer: nothing of it is stored.
    """
    here = _at(scope, item_id)
    balance = on_shelf
    chosen = (
        select(Movement, StockDocument, Batch.batch_no, StockPlace.kind)
        .join(StockDocument, StockDocument.id == Movement.document_id)
        .join(Lot, Lot.id == Movement.lot_id)
        .join(Batch, Batch.id == Lot.batch_id)
        .join(StockPlace, StockPlace.id == Movement.place_id)
        .where(*here)
        .order_by(Movement.id.desc())
        .limit(size + 1)
    )
    if after_key is not None:
        last_id = _movement_id(after_key)
        chosen = chosen.where(Movement.id < last_id)
        balance -= _moved(*here, Movement.id >= last_id, StockPlace.kind == PlaceKind.SHELF)
    rows: list[MovementRow] = []
    for movement, document, batch_no, place_kind in db.session.execute(chosen):
        is_aside = place_kind is PlaceKind.QUARANTINE
        rows.append(
            MovementRow(
                key=f"{document.key}.{movement.line_no}",
                occurred_at=document.occurred_at,
                kind=document.kind,
                reason=document.reason,
                reference=document.reference,
                note=document.note,
                batch_no=batch_no,
                quantity=movement.quantity,
                is_aside=is_aside,
                after=balance,
            )
        )
        balance -= 0 if is_aside else movement.quantity
    return CardPage(rows[:size], rows[size - 1].key if len(rows) > size else None)


def list_closes(scope: Scope, item_id: int, *, on_shelf: int, since: date) -> list[Close]:
    """Return what lay on the site's shelves at the close of each day from `since` to today. One statement."""
    changes, received, issued = Counter[date](), Counter[date](), Counter[date]()
    hour = type_coerce(StockDocument.occurred_at, BigInteger) // _HOUR_US  # no zone's midnight falls within one here
    moved = db.session.execute(
        select(func.min(StockDocument.occurred_at, type_=Instant), StockDocument.kind, func.sum(Movement.quantity))
        .join(StockDocument, StockDocument.id == Movement.document_id)
        .join(StockPlace, StockPlace.id == Movement.place_id)
        .where(
            *_at(scope, item_id),
            StockPlace.kind == PlaceKind.SHELF,
            StockDocument.occurred_at >= clock.at(since, 0),
        )
        .group_by(hour, StockDocument.kind)
    )
    for occurred_at, kind, quantity in moved:
        day = clock.local(occurred_at).date()
        changes[day] += int(quantity)
        if kind is Kind.RECEIVE:
            received[day] += int(quantity)
        elif kind is Kind.ISSUE:
            issued[day] -= int(quantity)
    closes = []
    quantity = on_shelf
    for day in _days_back(clock.today(), since):
        closes.append(Close(day, quantity, received[day], issued[day]))
        quantity -= changes[day]
    return closes[::-1]


def _movement_id(key: str) -> int:
    document_key, _, written = key.partition(".")
    line_no = int(written) if _NUMBER.fullmatch(written) else 0
    number = db.session.scalar(
        select(Movement.id)
        .join(StockDocument, StockDocument.id == Movement.document_id)
        .where(StockDocument.key == document_key, Movement.line_no == line_no)
    )
    if number is None:
        raise NotFound(N_("The list has changed. Open it from its beginning."))
    return number


def _at(scope: Scope, item_id: int) -> tuple[ColumnElement[bool], ...]:
    return Movement.item_id == item_id, StockPlace.site_id == scope.site_id


def _moved(*conditions: ColumnElement[bool]) -> int:
    moved = (
        select(func.coalesce(func.sum(Movement.quantity), 0))
        .join(StockPlace, StockPlace.id == Movement.place_id)
        .where(*conditions)
    )
    return int(db.session.scalars(moved).one())


def _days_back(last: date, first: date) -> Iterable[date]:
    return (last - timedelta(days=back) for back in range((last - first).days + 1))

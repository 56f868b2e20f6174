"""The one function that writes movements: guarded balances and the ledger, in the caller's transaction.

Every statement is built once, on the tables: built per call they cost more than they do.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.text import N_
from inventory.stock.models import Balance, Batch, Item, Lot, Movement, StockDocument, StockPlace
from inventory.stock.rules import (
    BatchStatus,
    Expired,
    Kind,
    NotIssuable,
    PlaceKind,
    Reason,
    Recalled,
    Short,
)


@dataclass(frozen=True, kw_only=True)
class Heading:
    """What a stock document says of its movements as a whole."""

    kind: Kind
    reason: Reason
    operation_id: int | None = None
    occurred_at: datetime | None = None
    reference: str = ""
    note: str = ""
    reverses_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """Base units of a lot into a place, or out of it where below zero; and what was typed, where a box was."""

    lot_id: int
    place_id: int
    quantity: int
    entered_quantity: int | None = None
    entered_pack_id: int | None = None


_balance, _batch, _lot, _place = Balance.__table__.c, Batch.__table__.c, Lot.__table__.c, StockPlace.__table__.c
_movement = Movement.__table__.c
_here = and_(_balance.lot_id == bindparam("lot"), _balance.place_id == bindparam("place"))

_TAKE = (
    update(Balance.__table__)
    .where(_here, _balance.quantity + bindparam("change") >= 0)
    .values(quantity=_balance.quantity + bindparam("change"))
)
_ISSUE = _TAKE.where(
    ~_balance.is_blocked,
    or_(_balance.expires_on.is_(None), _balance.expires_on >= bindparam("today")),
    # a place never changes its site or its kind: this sub-select cannot be out of date
    _balance.place_id.in_(select(_place.id).where(_place.site_id == bindparam("site"), _place.kind == PlaceKind.SHELF)),
)

_LAID = (
    select(_lot.id, bindparam("place"), bindparam("change"), _batch.status != BatchStatus.OK, _batch.expires_on)
    .join(Batch.__table__, _batch.id == _lot.batch_id)
    .where(_lot.id == bindparam("lot"))
)
_COLUMNS = ["lot_id", "place_id", "quantity", "is_blocked", "expires_on"]


def _put(dialect: postgresql.Insert | sqlite.Insert) -> postgresql.Insert | sqlite.Insert:
    """Return the statement that lays units down: the batch's block and expiry are copied where the row is new."""
    laid = dialect.from_select(_COLUMNS, _LAID)
    return laid.on_conflict_do_update(
        index_elements=[_balance.lot_id, _balance.place_id],
        set_={"quantity": _balance.quantity + laid.excluded.quantity},
    )


_PUT = {
    "sqlite": _put(sqlite.insert(Balance.__table__)),
    "postgresql": _put(postgresql.insert(Balance.__table__)),
}
_LOCK_BATCHES = (
    select(_batch.id)
    .where(_batch.id.in_(select(_lot.batch_id).where(_lot.id.in_(bindparam("lots", expanding=True)))))
    .order_by(_batch.id)
    .with_for_update()
)
_DOCUMENT = insert(StockDocument.__table__).returning(StockDocument.__table__.c.id)
_MOVEMENTS = insert(Movement.__table__).values(
    document_id=bindparam("document"),
    line_no=bindparam("line"),
    item_id=select(_batch.item_id)
    .join(Lot.__table__, _lot.batch_id == _batch.id)
    .where(_lot.id == bindparam("lot"))
    .scalar_subquery(),
    lot_id=bindparam("lot"),
    place_id=bindparam("place"),
    quantity=bindparam("change"),
    entered_quantity=bindparam("entered"),
    entered_pack_id=bindparam("pack"),
)
_WHY_NOT = (
    select(
        _balance.quantity,
        _balance.is_blocked,
        _balance.expires_on,
        _batch.batch_no,
        _batch.status,
        _place.kind,
        _place.site_id,
        Item.inn,
        Item.strength,
    )
    .join(Lot.__table__, _lot.id == _balance.lot_id)
    .join(Batch.__table__, _batch.id == _lot.batch_id)
    .join(Item.__table__, Item.id == _batch.item_id)
    .join(StockPlace.__table__, _place.id == _balance.place_id)
    .where(_here)
    .with_for_update(of=Balance.__table__)
)


def post(scope: Scope, heading: Heading, lines: Sequence[Line]) -> int:
    """Write one document with its movements, and bring the balances to them; return the document's number.

    Lines of the same lot and place are one change, decided once; balances are taken in sorted order, so that two who
    want the same lots never wait for one another in a ring. What an ISSUE takes must lie on a shelf of the site,
    unblocked, in date. Raises Short, Expired, Recalled or NotIssuable, and then nothing of it stands.
    """
    connection = db.session.connection()
    changes = _merged(lines)
    _lock_batches_that_gain(connection, changes)
    for (lot_id, place_id), change in changes:
        _move(connection, scope, heading.kind, lot_id=lot_id, place_id=place_id, change=change)
    document_id = _write_document(connection, scope, heading)
    connection.execute(_MOVEMENTS, list(_rows(document_id, lines)))
    return document_id


def _merged(lines: Iterable[Line]) -> list[tuple[tuple[int, int], int]]:
    changes: Counter[tuple[int, int]] = Counter()
    for line in lines:
        changes[line.lot_id, line.place_id] += line.quantity
    return sorted(changes.items())


def _lock_batches_that_gain(connection: Connection, changes: Collection[tuple[tuple[int, int], int]]) -> None:
    """Let no recall pass between a batch's block being read and a new balance being born with it."""
    if lots := [lot_id for (lot_id, _), change in changes if change > 0]:
        connection.execute(_LOCK_BATCHES, {"lots": lots})


def _move(connection: Connection, scope: Scope, kind: Kind, *, lot_id: int, place_id: int, change: int) -> None:
    values: dict[str, object] = {"lot": lot_id, "place": place_id, "change": change}
    if change > 0:
        connection.execute(_PUT[connection.dialect.name], values)
        return
    statement = _TAKE
    if kind is Kind.ISSUE:
        statement, values = _ISSUE, {**values, "today": clock.today(), "site": scope.site_id}
    while connection.execute(statement, values).rowcount != 1:
        _refuse(connection, scope, kind, lot_id=lot_id, place_id=place_id, wanted=-change)


def _refuse(connection: Connection, scope: Scope, kind: Kind, *, lot_id: int, place_id: int, wanted: int) -> None:
    """Raise what tells why so many units cannot be taken; hold the row, and return where by now they can."""
    row = connection.execute(_WHY_NOT, {"lot": lot_id, "place": place_id}).one_or_none()
    is_issue = kind is Kind.ISSUE
    if row is None or row.site_id != scope.site_id or (is_issue and row.kind is not PlaceKind.SHELF):
        raise NotIssuable(N_("Nothing was taken: this lot does not lie on a shelf of this site."))
    named: dict[str, Any] = {"medicine": f"{row.inn} {row.strength}".strip(), "batch": row.batch_no, "lot": lot_id}
    if is_issue and row.is_blocked:
        raise Recalled(N_("%(medicine)s, batch %(batch)s, was blocked. Nothing was taken."), **named)
    if is_issue and row.expires_on is not None and row.expires_on < clock.today():
        raise Expired(
            N_("%(medicine)s, batch %(batch)s, expired on %(day)s. Nothing was taken."), **named, day=row.expires_on
        )
    if row.quantity < wanted:
        raise Short(
            N_("%(medicine)s, batch %(batch)s: %(missing)s too few. %(left)s are left, %(wanted)s were asked for."),
            **named,
            left=row.quantity,
            wanted=wanted,
            missing=wanted - row.quantity,
        )


def _write_document(connection: Connection, scope: Scope, heading: Heading) -> int:
    recorded_at = clock.now()
    return int(
        connection.execute(
            _DOCUMENT,
            {
                "site_id": scope.site_id,
                "kind": heading.kind,
                "operation_id": heading.operation_id,
                "occurred_at": heading.occurred_at or recorded_at,
                "recorded_at": recorded_at,
                "recorded_by_id": scope.user_id,
                "reverses_id": heading.reverses_id,
                "reason": heading.reason,
                "reference": heading.reference,
                "note": heading.note,
            },
        ).scalar_one()
    )


def _rows(document_id: int, lines: Iterable[Line]) -> Iterable[dict[str, int | None]]:
    """Yield the ledger's rows: units of the same lot, place and box are one line, and what was typed is kept."""
    merged: dict[tuple[int, int, int], tuple[int, int]] = {}
    for line in lines:
        key = (line.lot_id, line.place_id, line.entered_pack_id or 0)
        quantity, entered = merged.get(key, (0, 0))
        merged[key] = (quantity + line.quantity, entered + (line.entered_quantity or 0))
    for number, ((lot_id, place_id, pack_id), (quantity, entered)) in enumerate(sorted(merged.items()), start=1):
        yield {
            "document": document_id,
            "line": number,
            "lot": lot_id,
            "place": place_id,
            "change": quantity,
            "entered": entered or None,
            "pack": pack_id or None,
        }

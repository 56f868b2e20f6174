"""A delivery from one donor: batches, lots and balances come to be, and the ledger says so."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, tuple_
from sqlalchemy.exc import IntegrityError

from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.text import N_
from inventory.agreements.services import find_or_add_party
from inventory.stock.models import Batch, Item, ItemPack, Lot
from inventory.stock.queries.places import get_shelf_id
from inventory.stock.rules import BatchStatus, DeliveryRefused, Kind, Reason
from inventory.stock.services.posting import Heading, Line, post


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """One line of a delivery as typed: so many boxes of `factor` base units (1: loose), of one batch at one cost.

    `unit_cost` is in ten-thousandths of the currency's unit, for one base unit.
    """

    item_id: int
    batch_no: str
    expires_on: date | None
    quantity: int
    factor: int = 1
    unit_cost: int = 0
    currency: str = "EUR"


def receive(
    scope: Scope,
    lines: Sequence[Delivered],
    *,
    donor: str,
    reason: Reason = Reason.DONATION,
    operation_id: int | None = None,
    occurred_at: datetime | None = None,
    note: str = "",
) -> int:
    """Take a donor's delivery onto the site's shelf; return the number of its stock document.

    A batch that is on file keeps its expiry and its block: one that was recalled is born blocked again. Raises
    DeliveryRefused where an expiry is past, missing or not the one on file.
    """
    items = {item.id: item for item in db.session.scalars(select(Item).where(Item.id.in_({x.item_id for x in lines})))}
    for number, line in enumerate(lines):
        ensure_acceptable(items[line.item_id], line, number)
    donor_id = find_or_add_party(donor)
    batches = _lock_batches(lines)
    for number, line in enumerate(lines):
        ensure_same_expiry(batches[line.item_id, line.batch_no], line, number)
    packs, shelf_id = _packs(lines), get_shelf_id(scope)
    heading = Heading(
        kind=Kind.RECEIVE, reason=reason, operation_id=operation_id, occurred_at=occurred_at, reference=donor, note=note
    )
    return post(
        scope,
        heading,
        [
            Line(
                lot_id=_find_or_add_lot(batches[line.item_id, line.batch_no].id, donor_id, line),
                place_id=shelf_id,
                quantity=line.quantity * line.factor,
                entered_quantity=line.quantity if line.factor > 1 else None,
                entered_pack_id=packs.get((line.item_id, line.factor)),
            )
            for line in lines
        ],
    )


def ensure_acceptable(item: Item, line: Delivered, number: int = 0) -> None:
    """Refuse what may not go onto the shelf: nothing at all, an expiry past, or missing where the item spoils."""
    if line.quantity < 1 or line.factor < 1:
        raise DeliveryRefused(N_("A delivery has at least one unit."), field=f"lines-{number}-quantity")
    if line.expires_on is None and item.is_perishable:
        raise DeliveryRefused(
            N_("%(medicine)s spoils: the day it expires is needed."),
            field=f"lines-{number}-expires_on",
            medicine=item.name,
        )
    if line.expires_on is not None and line.expires_on < clock.today():
        raise DeliveryRefused(
            N_("Batch %(batch)s is past its last day, %(day)s. It does not go onto the shelf."),
            field=f"lines-{number}-expires_on",
            batch=line.batch_no,
            day=line.expires_on,
        )


def ensure_same_expiry(batch: Batch, line: Delivered, number: int = 0) -> None:
    """Refuse another expiry than the one that the batch has on file: one of the two boxes was misread."""
    if batch.expires_on != line.expires_on:
        raise DeliveryRefused(
            N_("Batch %(batch)s is on file with another last day: %(day)s. Look at the box again."),
            field=f"lines-{number}-expires_on",
            batch=batch.batch_no,
            day=batch.expires_on or "–",
        )


def _lock_batches(lines: Iterable[Delivered]) -> dict[tuple[int, str], Batch]:
    """Return the batches by item and number, new ones added, each held so that no block slips in before the posting."""
    wanted = sorted({(line.item_id, line.batch_no): line for line in lines}.items())
    chosen = (
        select(Batch)
        .where(tuple_(Batch.item_id, Batch.batch_no).in_([key for key, _ in wanted]))
        .order_by(Batch.id)
        .with_for_update()
    )
    known = {(batch.item_id, batch.batch_no) for batch in db.session.scalars(chosen)}
    for key, line in wanted:
        if key not in known:
            _add_unless_there(
                Batch(item_id=line.item_id, batch_no=line.batch_no, expires_on=line.expires_on, status=BatchStatus.OK)
            )
    return {(batch.item_id, batch.batch_no): batch for batch in db.session.scalars(chosen)}


def _add_unless_there(row: Batch | ItemPack) -> None:
    """Add `row`, unless another desk adds the same one at this moment."""
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        return


def _find_or_add_lot(batch_id: int, donor_id: int, line: Delivered) -> int:
    """Return the lot's number; its batch is held, so nobody adds the same lot meanwhile."""
    found = db.session.scalar(
        select(Lot.id).where(
            Lot.batch_id == batch_id,
            Lot.donor_id == donor_id,
            Lot.unit_cost == line.unit_cost,
            Lot.currency == line.currency,
        )
    )
    if found is not None:
        return found
    lot = Lot(batch_id=batch_id, donor_id=donor_id, unit_cost=line.unit_cost, currency=line.currency)
    db.session.add(lot)
    db.session.flush()
    return lot.id


def _packs(lines: Iterable[Delivered]) -> dict[tuple[int, int], int]:
    """Return the boxes by item and size, those that come for the first time added."""
    wanted = {(line.item_id, line.factor) for line in lines if line.factor > 1}
    if not wanted:
        return {}
    chosen = select(ItemPack).where(tuple_(ItemPack.item_id, ItemPack.factor).in_(wanted))
    known = {(pack.item_id, pack.factor) for pack in db.session.scalars(chosen)}
    for item_id, factor in sorted(wanted - known):
        _add_unless_there(ItemPack(item_id=item_id, factor=factor))
    return {(pack.item_id, pack.factor): pack.id for pack in db.session.scalars(chosen)}

"""Whether the shelf and the ledger agree."""

from collections.abc import Iterator

from sqlalchemy import func, literal, or_, select, union_all

from clinic.kernel.db import db
from inventory.stock.models import Balance, Batch, Lot, Movement
from inventory.stock.rules import BatchStatus


def ledger_differences() -> list[str]:
    """Return one line for each balance that is not the sum of its movements, or not blocked and dated as its batch.

    It reads the whole ledger: for `clinic verify` and for whoever asks, never for a page.
    """
    return [*_wrong_sums(), *_wrong_marks()]


def _wrong_sums() -> Iterator[str]:
    both = union_all(
        select(Balance.lot_id, Balance.place_id, Balance.quantity.label("lies"), literal(0).label("moved")),
        select(Movement.lot_id, Movement.place_id, literal(0), Movement.quantity),
    ).subquery()
    lies, moved = func.sum(both.c.lies), func.sum(both.c.moved)
    for lot_id, place_id, shelf, ledger in db.session.execute(
        select(both.c.lot_id, both.c.place_id, lies, moved)
        .group_by(both.c.lot_id, both.c.place_id)
        .having(lies != moved)
        .order_by(both.c.lot_id, both.c.place_id)
    ):
        yield f"lot {lot_id} at place {place_id}: {shelf} on the shelf, {ledger} in the ledger"


def _wrong_marks() -> Iterator[str]:
    is_blocked = Batch.status != BatchStatus.OK
    for lot_id, place_id, as_dated in db.session.execute(
        select(Balance.lot_id, Balance.place_id, Balance.expires_on.is_not_distinct_from(Batch.expires_on))
        .join(Lot, Lot.id == Balance.lot_id)
        .join(Batch, Batch.id == Lot.batch_id)
        .where(or_(Balance.is_blocked != is_blocked, Balance.expires_on.is_distinct_from(Batch.expires_on)))
        .order_by(Balance.lot_id, Balance.place_id)
    ):
        what = "the block" if as_dated else "the last day"
        yield f"lot {lot_id} at place {place_id}: {what} is not that of its batch"

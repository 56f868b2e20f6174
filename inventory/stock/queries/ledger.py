"""Whether the shelf and the ledger agree."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal, or_, select, tuple_, union_all

from clinic.kernel.db import db
from inventory.stock.models import Balance, Batch, LedgerCheck, Lot, Movement
from inventory.stock.rules import BatchStatus


@dataclass(frozen=True)
class Agreement:
    """When shelf and ledger were last held against one another in full, and how many lots differed or differ since."""

    checked_at: datetime
    differences: int


def find_agreement() -> Agreement | None:
    """Return whether shelf and ledger agree; None where nobody ever held them against one another.

    The last full check stands in a row of its own; of what moved since, every lot is summed anew: a page costs one
    statement over an evening's lots, never the whole ledger.
    """
    last = select(LedgerCheck).order_by(LedgerCheck.id.desc()).limit(1).subquery()
    moved = select(Movement.lot_id, Movement.place_id).where(
        Movement.id > select(last.c.last_movement_id).scalar_subquery()
    )
    of_ledger = (
        select(func.sum(Movement.quantity))
        .where(Movement.lot_id == Balance.lot_id, Movement.place_id == Balance.place_id)
        .scalar_subquery()
    )
    since = (
        select(func.count())
        .select_from(Balance)
        .where(tuple_(Balance.lot_id, Balance.place_id).in_(moved), Balance.quantity != of_ledger)
        .scalar_subquery()
    )
    row = db.session.execute(select(last.c.checked_at, last.c.differences + since)).one_or_none()
    return Agreement(*row) if row else None


def last_movement_id() -> int:
    """Return the number of the newest movement; 0 where nothing ever moved."""
    return db.session.scalars(select(func.coalesce(func.max(Movement.id), 0))).one()


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

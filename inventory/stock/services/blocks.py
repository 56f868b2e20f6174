"""A batch is blocked, recalled or let go again, at once and wherever it lies."""

from sqlalchemy import bindparam, select, update

from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from inventory.stock.models import Balance, Batch, Lot, StockPlace
from inventory.stock.rules import BatchStatus

_balance = Balance.__table__.c
_LOTS = select(Lot.id).where(Lot.batch_id == bindparam("batch"))
_HOLD = (
    select(_balance.lot_id, _balance.place_id)
    .where(_balance.lot_id.in_(_LOTS))
    .order_by(_balance.lot_id, _balance.place_id)
    .with_for_update()
)
_MARK = update(Balance.__table__).where(_balance.lot_id.in_(_LOTS)).values(is_blocked=bindparam("blocked"))


def block(scope: Scope, batch_key: str, *, because: str, status: BatchStatus = BatchStatus.BLOCKED) -> int:
    """Let nothing of a batch that has come to the site go out any more, at this or any site; return its number.

    The batch is held first, so that a receipt of it waits, then its balances one by one in order: one UPDATE over them
    would deadlock beside dispensers who hold some.
    """
    return _set(scope, batch_key, status, because)


def unblock(scope: Scope, batch_key: str, *, because: str) -> int:
    """Let the batch go out again; return its number."""
    return _set(scope, batch_key, BatchStatus.OK, because)


def _set(scope: Scope, batch_key: str, status: BatchStatus, because: str) -> int:
    came_here = (
        select(Lot.batch_id)
        .join(Balance, Balance.lot_id == Lot.id)
        .join(StockPlace, StockPlace.id == Balance.place_id)
        .where(StockPlace.site_id == scope.site_id)
    )
    batch = db.session.scalar(select(Batch).where(Batch.key == batch_key, Batch.id.in_(came_here)).with_for_update())
    if batch is None:
        raise NotFound(N_("There is no such batch."))
    batch.status, batch.status_because = status, because
    db.session.flush()
    connection = db.session.connection()
    connection.execute(_HOLD, {"batch": batch.id}).all()
    connection.execute(_MARK, {"batch": batch.id, "blocked": status is not BatchStatus.OK})
    return batch.id

"""That shelf and ledger were held against one another, for all to see."""

from clinic.kernel import clock
from clinic.kernel.db import db
from inventory.stock.models import LedgerCheck


def record_check(*, differences: int, last_movement_id: int, user_id: int | None = None) -> None:
    """Record what a full comparison found; it was read before, up to `last_movement_id`, and held no writer up."""
    db.session.add(
        LedgerCheck(
            checked_at=clock.now(),
            checked_by_id=user_id,
            last_movement_id=last_movement_id,
            differences=differences,
        )
    )
    db.session.flush()

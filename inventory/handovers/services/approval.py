"""Two offices approve a batch, or it goes back to the draft."""

from sqlalchemy import select

from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db, ensure_version
from clinic.kernel.text import N_
from inventory.handovers.models import Approval, BatchLine
from inventory.handovers.rules import Act, AnotherPerson, Office, ensure_other, ensure_reason, next_state
from inventory.handovers.services.steps import ensure_ready, go, hold


def send_back(scope: Scope, key: str, *, because: str) -> None:
    """Let a batch be a draft again before it is sealed: it is approved and inspected anew.

    Raises NotFound, NoSuchStep, NotReady without a reason.
    """
    ensure_reason(because)
    batch = hold(scope, key)
    became = next_state(batch.state, Act.RETURN)
    for line in db.session.scalars(select(BatchLine).where(BatchLine.batch_id == batch.id)):
        line.grade, line.inspected_at, line.inspected_by_id = None, None, None
    go(scope, batch, Act.RETURN, became, because)


def approve(scope: Scope, key: str, *offices: Office, seen: int) -> None:
    """Approve a batch as it was seen, in the name of the first of `offices` that has not; two make it approved.

    Raises NotFound, Stale, NoSuchStep, AnotherPerson for whoever made it or approved already, and NotReady where its
    agreement, day or records are not in order.
    """
    batch = hold(scope, key)
    ensure_version(batch, seen)
    became = next_state(batch.state, Act.APPROVE)
    given = db.session.execute(
        select(Approval.office, Approval.user_id).where(Approval.batch_id == batch.id, Approval.round == batch.round)
    ).all()
    ensure_other(scope.user_id, batch.created_by_id, *(user_id for _, user_id in given))
    office = next((each for each in offices if each not in {held for held, _ in given}), None)
    if office is None:
        raise AnotherPerson(N_("Your office has approved already."))
    ensure_ready(batch)
    db.session.add(Approval(batch_id=batch.id, round=batch.round, office=office, user_id=scope.user_id, at=clock.now()))
    is_second = bool(given)
    go(scope, batch, Act.APPROVE, became if is_second else batch.state)

"""Where the person is meanwhile: at the laboratory while something is to be taken, then with the doctor again."""

from datetime import timedelta

from sqlalchemy import select

from clinic.kernel.access import Scope
from clinic.kernel.clock import at, today
from clinic.kernel.db import db
from clinic.lab.models import LabOrder, LabRequest, LabTest
from clinic.lab.rules import OVER, CancelReason, RequestState, is_awaited
from clinic.sites.queries import find_hours, get_point_of
from clinic.sites.rules import PointKind
from clinic.visits import services as visits
from clinic.visits.queries import board_of
from clinic.visits.rules import RoomClosed, VisitOver


def take_anew(scope: Scope, order: LabOrder) -> None:
    """Let the person of an order wait at the laboratory again, where they are still here and it takes people."""
    try:
        visits.open_place(scope, order.visit_id, get_point_of(scope, PointKind.LABORATORY).id, is_returning=True)
    except (RoomClosed, VisitOver):
        return  # gone home, say: the order stays on the list until they come again


def end_wait(scope: Scope, order: LabOrder, *, why: CancelReason | None = None) -> None:
    """End the person's wait at the laboratory once nothing of the visit is to be taken any more.

    They were served there, or nothing was taken, and `why`. Raises Taken.
    """
    to_take = (
        select(LabRequest.id)
        .join(LabOrder, LabOrder.id == LabRequest.order_id)
        .where(LabOrder.visit_id == order.visit_id, LabRequest.state == RequestState.ORDERED)
    )
    if db.session.scalar(to_take.limit(1)) is not None:
        return
    for place in board_of(scope, PointKind.LABORATORY):
        if place.visit_id != order.visit_id:
            continue
        if why is CancelReason.DID_NOT_COME:
            visits.leave(scope, place.id, has_said_so=True)
        elif why is not None:
            visits.cancel(scope, place.id)
        else:
            visits.finish(scope, place.id)


def bring_back(scope: Scope, order: LabOrder, *, at_once: bool = False) -> None:
    """Let the person go back to the doctor who ordered, at once or when nothing of that doctor's is awaited tonight."""
    if at_once or not _is_awaited(scope, order):
        visits.bring_back(scope, order.visit_id, order.ordered_by_id)


def _is_awaited(scope: Scope, order: LabOrder) -> bool:
    hours = find_hours(scope, today())
    closes = at(today(), *divmod(hours.closes, 60)) if hours else None
    rows = db.session.execute(
        select(LabRequest.state, LabOrder.ordered_at, LabTest.minutes)
        .join(LabOrder, LabOrder.id == LabRequest.order_id)
        .join(LabTest, LabTest.id == LabRequest.test_id)
        .where(
            LabOrder.visit_id == order.visit_id,
            LabOrder.ordered_by_id == order.ordered_by_id,
            LabRequest.state.not_in(OVER),
        )
    )
    return any(
        is_awaited(state, ordered_at + timedelta(minutes=minutes), closes) for state, ordered_at, minutes in rows
    )

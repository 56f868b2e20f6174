"""From the doctor's order to the specimen on the bench."""

from collections.abc import Collection

from sqlalchemy import select

from clinic.kernel.access import Scope
from clinic.kernel.clock import now
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.numbering import next_number
from clinic.kernel.text import N_
from clinic.lab.models import LabOrder, LabRejection, LabRequest, LabResult, LabSpecimen, LabTest
from clinic.lab.rules import (
    OVER,
    BadResult,
    CancelReason,
    Condition,
    NothingOrdered,
    NotReady,
    OrderedAlready,
    RequestState,
    SpecimenKind,
)
from clinic.lab.services.waiting import bring_back, end_wait, take_anew
from clinic.sites.queries import get_point_of
from clinic.sites.rules import PointKind
from clinic.visits import services as visits


def order_tests(scope: Scope, *, visit_id: int, patient_id: int, codes: Collection[str], place_id: int | None) -> str:
    """Ask the laboratory for tests and let the person wait there; return the order's key.

    `place_id` is the place at which the person is with the doctor, and comes back to. Raises NothingOrdered, NotFound,
    OrderedAlready, and what the queue refuses.
    """
    if not codes:
        raise NothingOrdered(N_("Tick at least one test."), field="tests")
    tests = {test.code: test for test in db.session.scalars(select(LabTest).where(LabTest.code.in_(codes)))}
    if unknown := set(codes) - tests.keys():
        raise NotFound(N_("%(code)s is not on the laboratory's list."), field="tests", code=min(unknown))
    _ensure_not_open(visit_id, [test.id for test in tests.values()])
    order = LabOrder(
        site_id=scope.site_id,
        number=next_number(f"lab:{scope.site_id}"),
        visit_id=visit_id,
        patient_id=patient_id,
        ordered_by_id=scope.user_id,
        ordered_at=now(),
    )
    db.session.add(order)
    db.session.flush()
    db.session.add_all(
        LabRequest(order_id=order.id, test_id=test.id, state=RequestState.ORDERED) for test in tests.values()
    )
    if place_id is None:
        visits.open_place(scope, visit_id, get_point_of(scope, PointKind.LABORATORY).id)
    else:
        visits.send_away(scope, place_id, PointKind.LABORATORY)
    db.session.flush()
    return order.key


def collect(scope: Scope, order_key: str) -> list[int]:
    """Note that everything still to be taken for an order is taken now; return the numbers of the specimens.

    One specimen of each kind that the tests need. When nothing of the visit is to be taken any more the person is done
    at the laboratory, and waits for what is ready tonight, or goes back to the doctor where nothing is.
    Raises NotFound, NotReady, Taken.
    """
    order = hold_order(scope, order_key)
    rows = db.session.execute(
        select(LabRequest, LabTest.specimen)
        .join(LabTest, LabTest.id == LabRequest.test_id)
        .where(LabRequest.order_id == order.id, LabRequest.state == RequestState.ORDERED)
        .order_by(LabTest.position)
    ).all()
    if not rows:
        raise NotReady(N_("Nothing is to be taken for this order."))
    specimens: dict[SpecimenKind, LabSpecimen] = {}
    for request, kind in rows:
        if kind not in specimens:
            specimens[kind] = LabSpecimen(
                order_id=order.id,
                number=next_number(f"specimen:{scope.site_id}"),
                kind=kind,
                collected_at=now(),
                collected_by_id=scope.user_id,
            )
            db.session.add(specimens[kind])
            db.session.flush()
        request.specimen_id, request.state = specimens[kind].id, RequestState.COLLECTED
    db.session.flush()
    end_wait(scope, order)
    bring_back(scope, order)
    return [one.number for one in specimens.values()]


def receive(scope: Scope, order_key: str) -> int:
    """Note that every specimen taken for an order lies on the bench in good condition; return how many these were.

    Raises NotFound, NotReady.
    """
    order = hold_order(scope, order_key)
    waiting = (
        select(LabSpecimen)
        .outerjoin(LabRejection, LabRejection.specimen_id == LabSpecimen.id)
        .where(LabSpecimen.order_id == order.id, LabSpecimen.received_at.is_(None), LabRejection.id.is_(None))
    )
    specimens = db.session.scalars(waiting).all()
    if not specimens:
        raise NotReady(N_("No specimen of this order is on the way."))
    for specimen in specimens:
        specimen.received_at, specimen.received_by_id = now(), scope.user_id
    db.session.flush()
    return len(specimens)


def reject(scope: Scope, order_key: str, specimen_key: str, *, condition: Condition | None, because: str) -> None:
    """Refuse a specimen, on its way or on the bench, and have it taken anew.

    What was written down of it and is not verified goes. The person waits at the laboratory again, where they are still
    here tonight. Raises NotFound, BadResult where it is not told what is wrong with it, NotReady where it is refused
    already or a result of it is verified.
    """
    order = hold_order(scope, order_key)
    specimen = _get_specimen(order, specimen_key)
    if condition is None:
        raise BadResult(N_("Say what is wrong with the specimen."), field="condition")
    if not because:
        raise BadResult(N_("Write why it cannot be examined."), field="because")
    requests = db.session.scalars(select(LabRequest).where(LabRequest.specimen_id == specimen.id)).all()
    if any(request.state is RequestState.VERIFIED for request in requests):
        raise NotReady(N_("A result of this specimen is verified: correct that with a reason."))
    db.session.add(
        LabRejection(specimen_id=specimen.id, condition=condition, because=because, at=now(), by_id=scope.user_id)
    )
    for request in requests:
        if request.state is RequestState.CANCELLED:
            continue
        for result in db.session.scalars(select(LabResult).where(LabResult.request_id == request.id)):
            db.session.delete(result)
        request.state, request.specimen_id = RequestState.ORDERED, None
    db.session.flush()
    if any(request.state is RequestState.ORDERED for request in requests):
        take_anew(scope, order)


def cancel(scope: Scope, order_key: str, request_keys: Collection[str], reason: CancelReason | None) -> None:
    """Note that tests of an order are not done, and why; what is written down already is verified or emptied first.

    When nothing of the visit is to be taken any more the person does not wait at the laboratory any longer. Raises
    NotFound, BadResult, NotReady, Taken.
    """
    order = hold_order(scope, order_key)
    if not request_keys:
        raise BadResult(N_("Tick at least one test."), field="tests")
    if reason is None:
        raise BadResult(N_("Say why it is not done."), field="reason")
    rows = db.session.execute(
        select(LabRequest, LabTest.code)
        .join(LabTest, LabTest.id == LabRequest.test_id)
        .where(LabRequest.order_id == order.id, LabRequest.key.in_(request_keys))
        .order_by(LabTest.position)
        .execution_options(populate_existing=True)
    ).all()
    if len(rows) != len(set(request_keys)):
        raise NotFound(N_("There is no such test on this order."), field="tests")
    for request, code in rows:
        if request.state not in {RequestState.ORDERED, RequestState.COLLECTED}:
            raise NotReady(N_("%(code)s is answered or ended already."), field="tests", code=code)
        request.state, request.cancel_reason = RequestState.CANCELLED, reason
        request.cancelled_at, request.cancelled_by_id = now(), scope.user_id
    db.session.flush()
    end_wait(scope, order, why=reason)
    bring_back(scope, order)


def hold_order(scope: Scope, key: str) -> LabOrder:
    """Return the site's order of that key, held against a colleague at the same bench. Raises NotFound."""
    order: LabOrder | None = db.session.scalar(
        select(LabOrder).where(LabOrder.site_id == scope.site_id, LabOrder.key == key).with_for_update(key_share=True)
    )
    if order is None:
        raise NotFound(N_("There is no such laboratory order here."))
    return order


def _get_specimen(order: LabOrder, key: str) -> LabSpecimen:
    row = db.session.execute(
        select(LabSpecimen, LabRejection.id)
        .outerjoin(LabRejection, LabRejection.specimen_id == LabSpecimen.id)
        .where(LabSpecimen.key == key, LabSpecimen.order_id == order.id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound(N_("There is no such specimen on this order."))
    specimen, rejection_id = row
    if rejection_id is not None:
        raise NotReady(N_("This specimen is refused already."))
    found: LabSpecimen = specimen
    return found


def _ensure_not_open(visit_id: int, test_ids: Collection[int]) -> None:
    name = db.session.scalar(
        select(LabTest.code)
        .join(LabRequest, LabRequest.test_id == LabTest.id)
        .join(LabOrder, LabOrder.id == LabRequest.order_id)
        .where(
            LabOrder.visit_id == visit_id,
            LabRequest.test_id.in_(test_ids),
            LabRequest.state.not_in(OVER),
        )
        .limit(1)
    )
    if name is not None:
        raise OrderedAlready(N_("%(code)s is ordered already and not answered yet."), field="tests", code=name)

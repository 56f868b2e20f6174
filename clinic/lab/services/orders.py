"""From the doctor's order to the specimen on the bench."""

from collections.abc import Collection

from sqlalchemy import select

from clinic.kernel.access import Scope
from clinic.kernel.clock import now
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.numbering import next_number
from clinic.kernel.text import N_
from clinic.lab.models import LabOrder, LabRequest, LabSpecimen, LabTest
from clinic.lab.rules import BadResult, Condition, NothingOrdered, NotReady, OrderedAlready, RequestState, SpecimenKind
from clinic.sites.queries import get_point_of
from clinic.sites.rules import PointKind
from clinic.visits import services as visits
from clinic.visits.queries import board_of


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

    One specimen of each kind that the tests need. The person is done at the laboratory and waits for the results.
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
    for place in board_of(scope, PointKind.LABORATORY):
        if place.visit_id == order.visit_id:
            visits.finish(scope, place.id)
    db.session.flush()
    return [one.number for one in specimens.values()]


def receive(scope: Scope, order_key: str) -> int:
    """Note that every specimen taken for an order lies on the bench in good condition; return how many these were.

    Raises NotFound, NotReady.
    """
    order = hold_order(scope, order_key)
    waiting = select(LabSpecimen).where(LabSpecimen.order_id == order.id, LabSpecimen.received_at.is_(None))
    specimens = db.session.scalars(waiting).all()
    if not specimens:
        raise NotReady(N_("No specimen of this order is on the way."))
    for specimen in specimens:
        specimen.received_at, specimen.received_by_id, specimen.condition = now(), scope.user_id, Condition.GOOD
    db.session.flush()
    return len(specimens)


def reject(scope: Scope, order_key: str, specimen_key: str, *, condition: Condition | None, because: str) -> None:
    """Refuse a specimen, and let the person wait at the laboratory to have it taken anew.

    Raises NotFound, NotReady, BadResult where it is not told what is wrong with it.
    """
    order = hold_order(scope, order_key)
    specimen = _waiting_specimen(order_key, specimen_key)
    if condition is None or condition is Condition.GOOD:
        raise BadResult(N_("Say what is wrong with the specimen."), field="condition")
    if not because:
        raise BadResult(N_("Write why it cannot be examined."), field="because")
    specimen.received_at, specimen.received_by_id = now(), scope.user_id
    specimen.condition, specimen.rejected_because = condition, because
    for request in db.session.scalars(select(LabRequest).where(LabRequest.specimen_id == specimen.id)):
        request.state, request.specimen_id = RequestState.ORDERED, None
    visits.open_place(scope, order.visit_id, get_point_of(scope, PointKind.LABORATORY).id, is_returning=True)
    db.session.flush()


def hold_order(scope: Scope, key: str) -> LabOrder:
    """Return the site's order of that key, held against a colleague at the same bench. Raises NotFound."""
    order: LabOrder | None = db.session.scalar(
        select(LabOrder).where(LabOrder.site_id == scope.site_id, LabOrder.key == key).with_for_update(key_share=True)
    )
    if order is None:
        raise NotFound(N_("There is no such laboratory order here."))
    return order


def _waiting_specimen(order_key: str, key: str) -> LabSpecimen:
    specimen = db.session.scalar(
        select(LabSpecimen)
        .join(LabOrder, LabOrder.id == LabSpecimen.order_id)
        .where(LabSpecimen.key == key, LabOrder.key == order_key)
        .execution_options(populate_existing=True)
    )
    if specimen is None:
        raise NotFound(N_("There is no such specimen on this order."))
    if specimen.received_at is not None:
        raise NotReady(N_("This specimen is on the bench already."))
    return specimen


def _ensure_not_open(visit_id: int, test_ids: Collection[int]) -> None:
    name = db.session.scalar(
        select(LabTest.code)
        .join(LabRequest, LabRequest.test_id == LabTest.id)
        .join(LabOrder, LabOrder.id == LabRequest.order_id)
        .where(
            LabOrder.visit_id == visit_id,
            LabRequest.test_id.in_(test_ids),
            LabRequest.state != RequestState.VERIFIED,
        )
        .limit(1)
    )
    if name is not None:
        raise OrderedAlready(N_("%(code)s is ordered already and not answered yet."), field="tests", code=name)

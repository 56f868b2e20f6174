"""Orders as the bench and the doctor see them: each test with its specimen and every version of its result."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, func, or_, select, union
from sqlalchemy.orm import aliased

from clinic.auth.models import User
from clinic.kernel.access import Scope
from clinic.kernel.clock import today
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from clinic.lab.models import (
    LabCall,
    LabOrder,
    LabReading,
    LabRejection,
    LabRequest,
    LabResult,
    LabSpecimen,
    LabTest,
)
from clinic.lab.rules import (
    CALL_WITHIN,
    OVER,
    AnswerKind,
    CancelReason,
    Condition,
    Flag,
    RequestState,
    SpecimenKind,
    Told,
    mark_of,
    marks_of,
    stamp_of,
)
from clinic.patients.models import Patient
from clinic.sites.rules import PointKind
from clinic.visits.models import Visit
from clinic.visits.queries import PlaceRow, board_of

MOST_EARLIER = 60


@dataclass(frozen=True, kw_only=True)
class ResultRow:
    """One version of a result; `told` is who was told of a critical one."""

    key: str
    version: int
    number: Decimal | None
    words: str
    unit: str
    low: Decimal | None
    high: Decimal | None
    reference: str
    flag: Flag
    is_critical: bool
    because: str
    entered_at: datetime
    entered_by_id: int
    entered_by: str
    verified_at: datetime | None
    verified_by_id: int | None
    verified_by: str | None
    told: str | None
    told_at: datetime | None

    @property
    def answer(self) -> Told:
        """What was found, as it was told: critical only where the person at the bench said so."""
        return Told(number=self.number, words=self.words, is_critical=self.is_critical and not self.flag.is_critical)

    @property
    def stamp(self) -> str:
        """What tells this version, as it was last written, from every other."""
        return stamp_of(self.version, self.entered_at)

    @property
    def is_self_verified(self) -> bool:
        """Whether whoever entered it also verified it."""
        return self.verified_by_id == self.entered_by_id

    @property
    def is_to_be_called(self) -> bool:
        """Whether somebody must still be told of it."""
        return self.is_critical and self.verified_at is not None and self.told_at is None

    @property
    def call_before(self) -> datetime:
        """Until when somebody must be told of a critical one."""
        return (self.verified_at or self.entered_at) + CALL_WITHIN


@dataclass(frozen=True, kw_only=True)
class SpecimenRow:
    """One specimen with its two own times; the third, of the order, is the order's. `condition` is what is wrong."""

    key: str
    number: int
    kind: SpecimenKind
    collected_at: datetime
    received_at: datetime | None
    condition: Condition | None = None
    because: str = ""
    rejected_at: datetime | None = None
    rejected_by: str = ""

    @property
    def is_rejected(self) -> bool:
        """Whether it cannot be examined."""
        return self.condition is not None

    @property
    def is_on_the_way(self) -> bool:
        """Whether nobody at the bench has looked at it yet."""
        return self.received_at is None and not self.is_rejected


@dataclass(kw_only=True)
class RequestRow:
    """One test of an order; `results` are its versions, the newest first."""

    id: int
    key: str
    state: RequestState
    test_id: int
    code: str
    name_en: str
    name_tr: str
    name_ar: str
    kind: AnswerKind
    unit: str
    places: int
    specimen_kind: SpecimenKind
    minutes: int
    specimen: SpecimenRow | None
    cancel_reason: CancelReason | None
    cancelled_at: datetime | None
    cancelled_by: str | None
    results: list[ResultRow] = field(default_factory=list)

    @property
    def newest(self) -> ResultRow | None:
        """The version that holds, if there is any yet."""
        return self.results[0] if self.results else None

    @property
    def mark(self) -> str:
        """How its result stands now, for a page to carry along."""
        newest = self.newest
        return mark_of(newest.stamp, newest.answer) if newest else mark_of("", None)

    @property
    def is_received(self) -> bool:
        """Whether its specimen lies on the bench, fit to be examined."""
        return self.specimen is not None and self.specimen.received_at is not None


@dataclass(kw_only=True)
class OrderRow:
    """One order with the person it is about and all its tests."""

    id: int
    key: str
    number: int
    visit_id: int
    visit_key: str
    visit_number: int
    visit_day: date
    language: str
    patient: Patient
    ordered_at: datetime
    ordered_by_id: int
    ordered_by: str
    read_until: datetime | None
    requests: list[RequestRow] = field(default_factory=list)
    rejected: list[SpecimenRow] = field(default_factory=list)

    @property
    def is_tonight(self) -> bool:
        """Whether its visit's number is one of tonight's."""
        return self.visit_day == today()

    @property
    def ready_at(self) -> datetime:
        """When the slowest of its open tests is usually answered."""
        return self.ordered_at + timedelta(minutes=max((one.minutes for one in self.open), default=0))

    @property
    def open(self) -> list[RequestRow]:
        """The tests of which something is still to come."""
        return [one for one in self.requests if one.state not in OVER]

    @property
    def is_done(self) -> bool:
        """Whether every test is answered and verified, or not done."""
        return not self.open

    @property
    def unread(self) -> list[tuple[RequestRow, ResultRow]]:
        """The verified results, of every version, that are newer than what the doctor who ordered them has read."""
        return [
            (each, one)
            for each in self.requests
            for one in each.results
            if one.verified_at and (self.read_until is None or one.verified_at > self.read_until)
        ]

    @property
    def is_unread(self) -> bool:
        """Whether the doctor who ordered it has something to read."""
        return bool(self.unread)

    @property
    def is_urgent(self) -> bool:
        """Whether something critical is among what is to be read."""
        return any(one.is_critical for _, one in self.unread)

    @property
    def last_verified(self) -> ResultRow | None:
        """The result that was verified last, up to which a page shows them."""
        verified = [(one.verified_at, one) for each in self.requests for one in each.results if one.verified_at]
        return max(verified, key=lambda one: one[0])[1] if verified else None

    @property
    def specimens(self) -> list[SpecimenRow]:
        """The specimens that its tests are made from, and those that were refused, in the order of their numbers."""
        found = {one.specimen.key: one.specimen for one in self.requests if one.specimen}
        found |= {one.key: one for one in self.rejected}
        return sorted(found.values(), key=lambda one: one.number)

    @property
    def may_be_rejected(self) -> list[SpecimenRow]:
        """The specimens that can still be refused: no result of them is verified."""
        verified = {one.specimen.key for one in self.of(RequestState.VERIFIED) if one.specimen}
        return [one for one in self.specimens if not one.is_rejected and one.key not in verified]

    @property
    def calls(self) -> list[tuple[RequestRow, ResultRow]]:
        """The critical results of which somebody must still be told."""
        return [
            (one, one.newest)
            for one in self.requests
            if one.newest is not None and one.newest.is_to_be_called and one.state is RequestState.VERIFIED
        ]

    @property
    def written(self) -> str:
        """What is to be verified as it stands now, for a page to carry along."""
        return marks_of({one.key: one.newest.stamp for one in self.of(RequestState.ENTERED) if one.newest})

    def of(self, *states: RequestState) -> list[RequestRow]:
        """Return the tests that stand in one of these states."""
        return [one for one in self.requests if one.state in states]


@dataclass(frozen=True)
class Unread:
    """How many orders have something to read, and how many of them something critical."""

    orders: int
    critical: int

    @classmethod
    def of(cls, orders: Collection[OrderRow]) -> Self:
        """Return what these orders come to, all of which are unread."""
        return cls(len(orders), sum(one.is_urgent for one in orders))


@dataclass(frozen=True)
class Worklist:
    """Who waits at the laboratory, and every order that is not answered or not told yet, the oldest first."""

    places: list[PlaceRow]
    orders: list[OrderRow]

    def of(self, place: PlaceRow) -> OrderRow | None:
        """Return the order with which a person came, one to be taken before others; None where none is open."""
        own = [one for one in self.orders if one.visit_id == place.visit_id]
        return min(own, key=lambda one: not one.of(RequestState.ORDERED), default=None)

    @property
    def next(self) -> OrderRow | None:
        """The order to go on with: one to tell of, of whoever waits first, the oldest of tonight, or of all."""
        untold = [order for order in self.orders if order.calls]
        waiting = [order for place in self.places if (order := self.of(place))]
        tonight = [order for order in self.orders if order.is_tonight]
        return next(iter([*untold, *waiting, *tonight, *self.orders]), None)


def worklist(scope: Scope) -> Worklist:
    """Return the bench's work, in two statements, whatever its length."""
    return Worklist(board_of(scope, PointKind.LABORATORY), list_open_orders(scope))


def list_open_orders(scope: Scope) -> list[OrderRow]:
    """Return the site's orders of which a test is not verified or a critical result not told. One statement."""
    rows = _orders(scope, LabOrder.id.in_(_unanswered().union(_untold())))
    return [one for one in rows if not one.is_done or one.calls]


def list_orders(scope: Scope, visit_id: int) -> list[OrderRow]:
    """Return what was asked of the laboratory on a visit, the oldest first. One statement."""
    return _orders(scope, LabOrder.visit_id == visit_id)


def list_unread(scope: Scope) -> list[OrderRow]:
    """Return the caller's own orders of which a verified result is still to be read, the critical first.

    One statement.
    """
    found = _orders(scope, (LabOrder.ordered_by_id == scope.user_id) & _is_unread())
    return sorted(found, key=lambda one: not one.is_urgent)


def count_unread(scope: Scope) -> Unread:
    """Return how many of the caller's own orders have something to read. One statement."""
    orders, critical = db.session.execute(
        select(func.count(), func.count().filter(_is_unread(LabResult.is_critical.is_(True)))).where(
            LabOrder.site_id == scope.site_id, LabOrder.ordered_by_id == scope.user_id, _is_unread()
        )
    ).one()
    return Unread(orders, critical)


def list_unfinished(scope: Scope) -> list[OrderRow]:
    """Return the site's orders that are not answered, not told or not read. One statement."""
    rows = _orders(scope, or_(LabOrder.id.in_(_unanswered().union(_untold())), _is_unread()))
    return [one for one in rows if not one.is_done or one.calls or one.is_unread]


def _unanswered() -> Select[int]:
    return select(LabRequest.order_id).where(LabRequest.state.not_in(OVER))


def _untold() -> Select[int]:
    return (
        select(LabRequest.order_id)
        .join(LabResult, LabResult.request_id == LabRequest.id)
        .outerjoin(LabCall, LabCall.result_id == LabResult.id)
        .where(LabResult.is_critical, LabResult.verified_at.is_not(None), LabCall.id.is_(None))
    )


def _is_unread(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return whether a verified result, `which` narrows, is newer than what the doctor who ordered has read."""
    last_read = (
        select(func.coalesce(func.max(LabReading.until), 0))
        .where(*_by_the_doctor())
        .correlate(LabOrder)
        .scalar_subquery()
    )
    return (
        select(LabResult.id)
        .join(LabRequest, LabRequest.id == LabResult.request_id)
        .where(LabRequest.order_id == LabOrder.id, LabResult.verified_at > last_read, *which)
        .correlate(LabOrder)
        .exists()
    )


def _by_the_doctor() -> tuple[ColumnElement[bool], ...]:
    """Return what makes a reading count: it is that of whoever ordered."""
    return LabReading.order_id == LabOrder.id, LabReading.by_id == LabOrder.ordered_by_id


def get_order(scope: Scope, key: str) -> OrderRow:
    """Return the site's order of that key, with the specimens that were refused. Two statements. Raises NotFound."""
    found = _orders(scope, LabOrder.key == key)
    if not found:
        raise NotFound(N_("There is no such laboratory order here."))
    [order] = found
    rejections = db.session.execute(
        select(LabSpecimen, LabRejection, User.name_latin)
        .join(LabRejection, LabRejection.specimen_id == LabSpecimen.id)
        .join(User, User.id == LabRejection.by_id)
        .where(LabSpecimen.order_id == order.id)
    )
    order.rejected = [_rejected(*row) for row in rejections]
    return order


def get_request(order: OrderRow, key: str) -> RequestRow:
    """Return a test of an order. Raises NotFound."""
    for one in order.requests:
        if one.key == key:
            return one
    raise NotFound(N_("There is no such test on this order."))


def ensure_part(order: OrderRow, key: str) -> None:
    """Refuse a specimen or a result that is not of an order. Raises NotFound."""
    if key not in {one.key for one in order.specimens} | {one.key for row in order.requests for one in row.results}:
        raise NotFound(N_("There is no such thing on this order."))


def list_chart_orders(scope: Scope, chart: Collection[int]) -> tuple[list[OrderRow], Unread]:
    """Return what was asked about a person at the site, by the ids of their records, the newest last.

    Beside it what the caller's own orders have to read, of whomever. One statement; of a long history the latest
    orders.
    """
    latest = (
        select(LabOrder.id)
        .where(LabOrder.patient_id.in_(chart), LabOrder.site_id == scope.site_id)
        .order_by(LabOrder.id.desc())
        .limit(MOST_EARLIER)
    )
    own_unread = select(LabOrder.id).where(LabOrder.ordered_by_id == scope.user_id, _is_unread())
    found = _orders(scope, LabOrder.id.in_(union(select(latest.subquery().c.id), own_unread)))
    unread = [one for one in found if one.is_unread and one.ordered_by_id == scope.user_id]
    return [one for one in found if one.patient.id in chart], Unread.of(unread)


def _orders(scope: Scope, which: ColumnElement[bool]) -> list[OrderRow]:
    orders: dict[int, OrderRow] = {}
    requests: dict[int, RequestRow] = {}
    for order, visit, patient, doctor, read_until, request, test, specimen, canceller, *result in db.session.execute(
        _whole_orders().where(LabOrder.site_id == scope.site_id, which)
    ):
        row = orders.get(order.id)
        if row is None:
            row = orders[order.id] = _order(order, visit, patient, doctor, read_until)
        of_test = requests.get(request.id)
        if of_test is None:
            of_test = requests[request.id] = _request(request, test, specimen, canceller)
            row.requests.append(of_test)
        if result[0] is not None:
            of_test.results.append(_result(*result))
    return list(orders.values())


def _whole_orders() -> Select[*tuple[Any, ...]]:
    doctor, verifier, enterer, canceller = aliased(User), aliased(User), aliased(User), aliased(User)
    call = aliased(LabCall)
    read_until = (
        select(func.max(LabReading.until, type_=LabReading.until.type))
        .where(*_by_the_doctor())
        .correlate(LabOrder)
        .scalar_subquery()
    )
    last_call = (
        select(func.max(LabCall.id)).where(LabCall.result_id == LabResult.id).correlate(LabResult).scalar_subquery()
    )
    chosen: Select[*tuple[Any, ...]] = (
        select(
            LabOrder,
            Visit,
            Patient,
            doctor.name_latin,
            read_until,
            LabRequest,
            LabTest,
            LabSpecimen,
            canceller.name_latin,
            LabResult,
            enterer.name_latin,
            verifier.name_latin,
            call,
        )
        .join(Visit, Visit.id == LabOrder.visit_id)
        .join(Patient, Patient.id == LabOrder.patient_id)
        .join(doctor, doctor.id == LabOrder.ordered_by_id)
        .join(LabRequest, LabRequest.order_id == LabOrder.id)
        .join(LabTest, LabTest.id == LabRequest.test_id)
        .outerjoin(LabSpecimen, LabSpecimen.id == LabRequest.specimen_id)
        .outerjoin(canceller, canceller.id == LabRequest.cancelled_by_id)
        .outerjoin(LabResult, LabResult.request_id == LabRequest.id)
        .outerjoin(enterer, enterer.id == LabResult.entered_by_id)
        .outerjoin(verifier, verifier.id == LabResult.verified_by_id)
        .outerjoin(call, call.id == last_call)
        .order_by(LabOrder.ordered_at, LabOrder.id, LabTest.position, LabRequest.id, LabResult.version.desc())
    )
    return chosen


def _order(order: LabOrder, visit: Visit, patient: Patient, doctor: str, read_until: datetime | None) -> OrderRow:
    return OrderRow(
        id=order.id,
        key=order.key,
        number=order.number,
        visit_id=order.visit_id,
        visit_key=visit.key,
        visit_number=visit.number,
        visit_day=visit.day,
        language=patient.label_language,
        patient=patient,
        ordered_at=order.ordered_at,
        ordered_by_id=order.ordered_by_id,
        ordered_by=doctor,
        read_until=read_until,
    )


def _request(request: LabRequest, test: LabTest, specimen: LabSpecimen | None, cancelled_by: str | None) -> RequestRow:
    return RequestRow(
        id=request.id,
        key=request.key,
        state=request.state,
        test_id=test.id,
        code=test.code,
        name_en=test.name_en,
        name_tr=test.name_tr,
        name_ar=test.name_ar,
        kind=test.kind,
        unit=test.unit,
        places=test.places,
        specimen_kind=test.specimen,
        minutes=test.minutes,
        specimen=_specimen(specimen) if specimen is not None else None,
        cancel_reason=request.cancel_reason,
        cancelled_at=request.cancelled_at,
        cancelled_by=cancelled_by,
    )


def _specimen(row: LabSpecimen, **rejected: Any) -> SpecimenRow:  # noqa: ANN401 - fields of SpecimenRow
    return SpecimenRow(
        key=row.key,
        number=row.number,
        kind=row.kind,
        collected_at=row.collected_at,
        received_at=row.received_at,
        **rejected,
    )


def _rejected(row: LabSpecimen, rejection: LabRejection, by: str) -> SpecimenRow:
    return _specimen(
        row, condition=rejection.condition, because=rejection.because, rejected_at=rejection.at, rejected_by=by
    )


def _result(row: LabResult, entered_by: str, verified_by: str | None, call: LabCall | None) -> ResultRow:
    own = _taken(row, ResultRow, but={"entered_by", "verified_by", "told", "told_at"})
    return ResultRow(
        **own,
        entered_by=entered_by,
        verified_by=verified_by,
        told=call.told if call else None,
        told_at=call.at if call else None,
    )


def _taken(row: object, into: type, *, but: Iterable[str] = ()) -> dict[str, Any]:
    names = [name for name in into.__dataclass_fields__ if name not in but]  # type: ignore[attr-defined]  # a dataclass
    return dict(zip(names, map(partial(getattr, row), names), strict=True))

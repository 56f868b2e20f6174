"""From the bench to the doctor: results are entered, verified, corrected, told and read."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select

from clinic.kernel.access import Scope
from clinic.kernel.clock import local, now
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound, Stale
from clinic.kernel.text import N_
from clinic.lab.models import (
    LabCall,
    LabOrder,
    LabRange,
    LabReading,
    LabRequest,
    LabResult,
    LabSpecimen,
    LabTest,
)
from clinic.lab.rules import (
    BadResult,
    Flag,
    NotReady,
    RequestState,
    Told,
    age_span,
    ensure_reason,
    ensure_told,
    find_range,
    flag_of,
    is_stamped,
    marks_of,
    stamp_of,
    surely_critical,
)
from clinic.lab.services.orders import hold_order
from clinic.lab.services.waiting import bring_back
from clinic.patients.models import Patient
from clinic.patients.rules import Sex

_NOTHING: Mapping[str, str] = {}
_SEXES = {Sex.FEMALE: "F", Sex.MALE: "M"}


def enter(scope: Scope, order_key: str, told: Mapping[str, Told | None], *, seen: Mapping[str, str] = _NOTHING) -> None:
    """Write results down, by the keys of their tests; until they are verified they may be written anew, or emptied.

    `seen` are the marks of what the page showed of them. Raises NotFound, NotReady where the specimen is not on the
    bench or the result is verified, BadResult, and Stale where somebody has written since.
    """
    order = hold_order(scope, order_key)
    if not told:
        raise BadResult(N_("Nothing new is written here."))
    for key, answer in told.items():
        _enter(scope, order, key, answer, seen.get(key))
    db.session.flush()


def _enter(scope: Scope, order: LabOrder, key: str, answer: Told | None, seen: str | None) -> None:
    request, test, specimen = _get_request(order, key)
    if request.state is RequestState.CANCELLED:
        raise NotReady(N_("%(code)s is answered or ended already."), field=f"value-{key}", code=test.code)
    if specimen is None or specimen.received_at is None:
        raise NotReady(N_("The specimen for %(code)s is not on the bench yet."), field=f"value-{key}", code=test.code)
    if request.state is RequestState.VERIFIED:
        raise NotReady(
            N_("%(code)s is verified already: correct it with a reason."), field=f"value-{key}", code=test.code
        )
    kept = db.session.scalar(select(LabResult).where(LabResult.request_id == request.id))
    _ensure_seen(kept, seen, key, test)
    if answer is not None:
        ensure_told(test.kind, answer, field=f"value-{key}")
        result = kept or LabResult(request_id=request.id, version=1)
        _write(scope, result, order, test, answer, on=local(specimen.collected_at).date())
        request.state = RequestState.ENTERED
        db.session.add(result)
    elif kept is not None:
        request.state = RequestState.COLLECTED
        db.session.delete(kept)


def verify(scope: Scope, order_key: str, *, seen: str | None = None) -> int:
    """Verify every result of an order that is written down; return how many these were.

    `seen` are the marks of what the page showed. The person goes back to the doctor who ordered when nothing of that
    doctor's is awaited tonight, and at once with a critical result. One's own result may be verified where nobody else
    is there: it is marked so wherever it is shown. Raises NotFound, NotReady, and Stale where somebody wrote meanwhile.
    """
    order = hold_order(scope, order_key)
    rows = db.session.execute(
        select(LabRequest, LabResult)
        .join(LabResult, LabResult.request_id == LabRequest.id)
        .where(LabRequest.order_id == order.id, LabRequest.state == RequestState.ENTERED)
    ).all()
    if not rows:
        raise NotReady(N_("No result of this order is to be verified."))
    if seen not in (None, marks_of({request.key: _stamp(result) for request, result in rows})):
        raise Stale(N_("Not verified: somebody wrote results since this page was opened. Look at them, then verify."))
    for request, result in rows:
        request.state = RequestState.VERIFIED
        result.verified_at, result.verified_by_id = now(), scope.user_id
    db.session.flush()
    bring_back(scope, order, at_once=any(result.is_critical for _, result in rows))
    return len(rows)


def correct(
    scope: Scope, order_key: str, request_key: str, told: Told, *, because: str, seen: str | None = None
) -> None:
    """Put a newer version beside a verified result; the order is unread again, and the older stays in sight.

    `seen` is the mark of what the page showed. With a critical one the person goes back to the doctor at once. Raises
    NotFound, NotReady where there is nothing to correct, BadResult without a reason or a result, and Stale where
    somebody corrected it since.
    """
    order = hold_order(scope, order_key)
    request, test, specimen = _get_request(order, request_key)
    if request.state is not RequestState.VERIFIED or specimen is None:
        raise NotReady(N_("%(code)s is not verified yet: write it anew."), code=test.code)
    last = db.session.scalars(
        select(LabResult).where(LabResult.request_id == request.id).order_by(LabResult.version.desc()).limit(1)
    ).one()
    _ensure_seen(last, seen, request_key, test)
    ensure_told(test.kind, told, field=f"value-{request_key}")
    ensure_reason(because)
    result = LabResult(request_id=request.id, version=last.version + 1, because=because)
    _write(scope, result, order, test, told, on=local(specimen.collected_at).date())
    result.verified_at, result.verified_by_id = now(), scope.user_id
    db.session.add(result)
    db.session.flush()
    if result.is_critical:
        bring_back(scope, order, at_once=True)


def record_call(scope: Scope, order_key: str, result_key: str, *, told: str) -> None:
    """Note who was told of a critical result, now, by the caller. Raises NotFound, BadResult without a name."""
    order = hold_order(scope, order_key)
    result_id = db.session.scalar(
        select(LabResult.id)
        .join(LabRequest, LabRequest.id == LabResult.request_id)
        .where(LabResult.key == result_key, LabRequest.order_id == order.id, LabResult.is_critical)
    )
    if result_id is None:
        raise NotFound(N_("There is no such critical result on this order."))
    if not told:
        raise BadResult(N_("Write whom you told."), field="told")
    db.session.add(LabCall(result_id=result_id, told=told, at=now(), by_id=scope.user_id))
    db.session.flush()


def record_reading(scope: Scope, order_key: str, last_key: str) -> None:
    """Note that the caller has read what an order has brought, up to the result that was verified last then.

    The order is read once whoever ordered has read it. Raises NotFound.
    """
    order = hold_order(scope, order_key)
    until = db.session.scalar(
        select(LabResult.verified_at)
        .join(LabRequest, LabRequest.id == LabResult.request_id)
        .where(LabResult.key == last_key, LabRequest.order_id == order.id, LabResult.verified_at.is_not(None))
    )
    if until is None:
        raise NotFound(N_("There is no such result on this order."))
    db.session.add(LabReading(order_id=order.id, until=until, at=now(), by_id=scope.user_id))
    db.session.flush()


def _ensure_seen(kept: LabResult | None, seen: str | None, key: str, test: LabTest) -> None:
    """Refuse to write over what the page did not show. Raises Stale."""
    if seen is not None and not is_stamped(seen, _stamp(kept) if kept else ""):
        raise Stale(
            N_("Somebody wrote %(code)s since this page was opened. Look at it, then save again."),
            field=f"value-{key}",
            code=test.code,
        )


def _stamp(result: LabResult) -> str:
    return stamp_of(result.version, result.entered_at)


def _write(scope: Scope, result: LabResult, order: LabOrder, test: LabTest, told: Told, *, on: date) -> None:
    patient = db.session.get_one(Patient, order.patient_id)
    sex, days = _SEXES.get(patient.sex, ""), age_span(patient.birth.span, on)
    ranges = [row.limits for row in db.session.scalars(select(LabRange).where(LabRange.test_id == test.id))]
    limits = find_range(ranges, sex, days)
    flag = Flag.NONE
    if told.number is not None:
        flag = flag_of(told.number, limits) if limits else surely_critical(told.number, ranges, sex, days)
    result.number, result.words, result.unit = told.number, told.words, test.unit
    result.low, result.high = (limits.low, limits.high) if limits else (None, None)
    result.reference = limits.text if limits else ""
    result.flag, result.is_critical = flag, told.is_critical or flag.is_critical
    result.entered_at, result.entered_by_id = now(), scope.user_id


def _get_request(order: LabOrder, key: str) -> tuple[LabRequest, LabTest, LabSpecimen | None]:
    row = db.session.execute(
        select(LabRequest, LabTest, LabSpecimen)
        .join(LabTest, LabTest.id == LabRequest.test_id)
        .outerjoin(LabSpecimen, LabSpecimen.id == LabRequest.specimen_id)
        .where(LabRequest.key == key, LabRequest.order_id == order.id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound(N_("There is no such test on this order."))
    request, test, specimen = row
    return request, test, specimen

"""Handing out at the counter: what was prescribed, what lies on the shelf and what is owed move in one act.

The statements that every dispense runs are built once, on the tables. Rows are held in one order by all: lines, then
balances, then the visit; so nobody waits in a ring.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, bindparam, insert, select, update

from clinic.auth.models import User
from clinic.chart.queries import allergy_answer
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.audit import BY_HAND, record
from clinic.kernel.db import db, new_key
from clinic.kernel.errors import DomainError, NotFound
from clinic.kernel.numbering import next_number
from clinic.kernel.text import N_
from clinic.patients.queries import chart_of
from clinic.pharmacy.models import (
    Dispense,
    DispenseLine,
    LineProgress,
    Owing,
    PassedOver,
    Prescription,
    PrescriptionLine,
)
from clinic.pharmacy.queries.lines import PrescriptionRow
from clinic.pharmacy.rules import Handed, KnownAllergy, NotGiven, OwingState, Rest, Taker, check, ensure_may_give, stops
from clinic.pharmacy.services.prescribing import Unsafe
from clinic.sites.models import ServicePoint
from clinic.sites.rules import PointKind
from clinic.visits import services as visits
from clinic.visits.models import QueuePlace, Visit
from clinic.visits.rules import OPEN_STATES
from inventory.stock.rules import Short
from inventory.stock.services import issue


class LineClosed(DomainError):
    """Nothing more of a medicine is given."""

    code = "line_closed"


class Gone(DomainError):
    """A colleague took what lay there a moment ago."""

    code = "gone"


_progress, _line, _prescription = LineProgress.__table__.c, PrescriptionLine.__table__.c, Prescription.__table__.c
_GIVE = (
    update(LineProgress.__table__)
    .where(
        _progress.line_id == bindparam("line"),
        _progress.closed_at.is_(None),
        _progress.given + bindparam("units") <= _progress.prescribed,
        # signed prescriptions never change: this sub-select cannot be out of date
        _progress.line_id.in_(
            select(_line.id)
            .join(Prescription.__table__, _prescription.id == _line.prescription_id)
            .where(_line.prescription_id == bindparam("prescription"), _prescription.site_id == bindparam("site"))
        ),
    )
    .values(
        given=_progress.given + bindparam("units"),
        closed_at=bindparam("at", type_=_progress.closed_at.type),
        closed_because=bindparam("because", type_=_progress.closed_because.type),
        closed_note=bindparam("note"),
    )
    .execution_options(**{BY_HAND: True})
)
_STANDS = (
    select(_progress.prescribed, _progress.given, _progress.closed_at)
    .join(PrescriptionLine.__table__, _line.id == _progress.line_id)
    .join(Prescription.__table__, _prescription.id == _line.prescription_id)
    .where(
        _progress.line_id == bindparam("line"),
        _line.prescription_id == bindparam("prescription"),
        _prescription.site_id == bindparam("site"),
    )
    .with_for_update(of=LineProgress.__table__)
)
_DISPENSE = insert(Dispense.__table__).returning(Dispense.__table__.c.id)
_LINES = insert(DispenseLine.__table__)
_SKIPPED = insert(PassedOver.__table__)
_OF_VISIT = (
    select(
        LineProgress.line_id,
        (LineProgress.prescribed - LineProgress.given).label("rest"),
        LineProgress.closed_at,
        Owing,
        QueuePlace.id.label("place_id"),
    )
    .join(PrescriptionLine, PrescriptionLine.id == LineProgress.line_id)
    .join(Prescription, Prescription.id == PrescriptionLine.prescription_id)
    .outerjoin(Owing, and_(Owing.line_id == LineProgress.line_id, Owing.state == OwingState.OPEN))
    .outerjoin(
        ServicePoint,
        and_(ServicePoint.site_id == Prescription.site_id, ServicePoint.kind == PointKind.PHARMACY),
    )
    .outerjoin(
        QueuePlace,
        and_(
            QueuePlace.visit_id == Prescription.visit_id,
            QueuePlace.service_point_id == ServicePoint.id,
            QueuePlace.state.in_(OPEN_STATES),
        ),
    )
    .where(Prescription.visit_id == bindparam("visit"))
    .order_by(LineProgress.line_id)
)
_LAST_TAKER = (
    select(Dispense.dispensed_at, Visit.number, User.name_latin)
    .join(DispenseLine, DispenseLine.dispense_id == Dispense.id)
    .join(Visit, Visit.id == Dispense.visit_id)
    .join(User, User.id == Dispense.dispensed_by_id)
    .where(DispenseLine.lot_id == bindparam("lot"))
    .order_by(Dispense.id.desc())
    .limit(1)
)


def dispense(
    scope: Scope, prescription: PrescriptionRow, handed: Sequence[Handed], *, operation_id: int | None = None
) -> str | None:
    """Hand out what `handed` says of each line, all or nothing; return the dispense's key, None where nothing moved.

    `prescription` may have been read before: what is signed never changes, and all else is decided by what stands now.
    What is owed is opened, lowered or closed; where nothing is left to do for the visit, its place in the queue ends.
    A medicine that an allergy on file speaks against goes out on the prescriber's signed reason alone, and on none
    where the allergy was recorded after the signature. Raises Unsafe, TooMuch, LineClosed, Gone, Short, Expired,
    Recalled, NotIssuable or NotFound, and then nothing of it stands.
    """
    _ensure_safe(scope, prescription, handed)
    for line in sorted(handed, key=lambda line: line.line_id):
        _give(scope, prescription, line)
    key = _hand_out(scope, prescription, handed, operation_id)
    _settle(scope, prescription, {line.line_id: line for line in handed})
    return key


def _ensure_safe(scope: Scope, prescription: PrescriptionRow, handed: Sequence[Handed]) -> None:
    given = {line.line_id for line in handed if line.taken}
    facts = allergy_answer(scope, chart_of(scope, prescription.patient_id)) if given else None
    if facts is None or not facts.rows:
        return
    signed = [row for row in facts.rows if row.recorded_at <= prescription.signed_at]
    since = [row for row in facts.rows if row not in signed]
    for line in prescription.lines:
        if line.line_id in given and line.medicine is not None:
            spoken = [] if line.override_reason else signed
            taker = Taker(allergies=tuple(KnownAllergy(row.substance, row.group) for row in (*spoken, *since)))
            if stops(check(line.medicine, None, taker)):
                raise Unsafe(
                    N_("%(medicine)s is not given: there is an allergy on file. Ask the prescriber."),
                    field=f"l{line.position}-give",
                    medicine=line.medicine.name,
                )


def _give(scope: Scope, prescription: PrescriptionRow, line: Handed) -> None:
    where = {"line": line.line_id, "prescription": prescription.id, "site": scope.site_id}
    is_closed = line.rest is Rest.CLOSED
    values = {
        **where,
        "units": line.units,
        "at": clock.now() if is_closed else None,
        "because": (line.because or NotGiven.OUT_OF_STOCK) if is_closed else None,
        "note": line.note if is_closed else "",
    }
    connection = db.session.connection()
    while connection.execute(_GIVE, values).rowcount != 1:
        row = connection.execute(_STANDS, where).one_or_none()
        if row is None:
            raise NotFound(N_("There is no such medicine on this prescription."))
        if row.closed_at is not None:
            raise LineClosed(N_("No more of this is given: that was decided at %(time)s."), time=row.closed_at)
        ensure_may_give(prescribed=row.prescribed, given=row.given, units=line.units)
    record("UPDATE", "line_progress", line.line_id, {"changed": ["given", "closed_at"] if is_closed else ["given"]})


def _hand_out(
    scope: Scope, prescription: PrescriptionRow, handed: Sequence[Handed], operation_id: int | None
) -> str | None:
    """Move the boxes and write what was handed out of which lot for which line."""
    taken = [(line, lot) for line in handed for lot in line.taken]
    if not taken:
        return None
    try:
        document_id = issue(
            scope,
            [lot for _, lot in taken],
            operation_id=operation_id,
            reference=f"RX {prescription.number} · {prescription.visit_number}",
        )
    except Short as refusal:
        raise _gone(refusal) from refusal
    connection = db.session.connection()
    key = new_key()
    dispense_id = connection.execute(
        _DISPENSE,
        {
            "key": key,
            "site_id": scope.site_id,
            "prescription_id": prescription.id,
            "visit_id": prescription.visit_id,
            "patient_id": prescription.patient_id,
            "stock_document_id": document_id,
            "dispensed_at": clock.now(),
            "dispensed_by_id": scope.user_id,
            "day": clock.today(),
        },
    ).scalar_one()
    connection.execute(
        _LINES,
        [
            {"dispense_id": dispense_id, "line_id": line.line_id, "lot_id": lot.lot_id, "quantity": lot.quantity}
            for line, lot in taken
        ],
    )
    if skipped := [
        {
            "dispense_id": dispense_id,
            "line_id": line.line_id,
            "lot_id": lot.lot_id,
            "because": lot.because,
            "note": lot.note,
        }
        for line in handed
        for lot in line.skipped
    ]:
        connection.execute(_SKIPPED, skipped)
    return key


def _gone(refusal: Short) -> DomainError:
    """Return who took what is missing, and when, where a colleague did."""
    row = db.session.connection().execute(_LAST_TAKER, {"lot": refusal.values["lot"]}).one_or_none()
    if row is None:
        return refusal
    shared: dict[str, Any] = {name: refusal.values[name] for name in ("medicine", "batch", "left")}
    message = N_(
        "%(medicine)s, batch %(batch)s: %(left)s left. The last went at %(time)s to no. %(number)s, given by %(name)s."
    )
    return Gone(message, **shared, time=row.dispensed_at, number=row.number, name=row.name_latin)


def _settle(scope: Scope, prescription: PrescriptionRow, handed: dict[int, Handed]) -> None:
    """Bring what is owed to what is left, and end the place in the queue where nothing is left to do."""
    place_id, is_done = None, True
    for line_id, rest, closed_at, owing, open_place_id in db.session.execute(
        _OF_VISIT, {"visit": prescription.visit_id}
    ):
        place_id = open_place_id
        is_over = rest == 0 or closed_at is not None
        if owing is not None and line_id in handed:
            _lower(owing, rest=rest, is_closed=closed_at is not None)
        is_owed = owing is not None
        if not is_over and owing is None and line_id in handed and handed[line_id].rest is Rest.OWED:
            _owe(scope, line_id, rest)
            is_owed = True
        is_done = is_done and (is_over or is_owed)
    db.session.flush()
    if is_done and place_id is not None:
        visits.finish(scope, place_id)


def _lower(owing: Owing, *, rest: int, is_closed: bool) -> None:
    if rest and not is_closed:
        owing.quantity = rest
        return
    owing.state = OwingState.CANCELLED if is_closed else OwingState.GIVEN
    owing.closed_at = clock.now()


def _owe(scope: Scope, line_id: int, quantity: int) -> None:
    db.session.add(
        Owing(
            site_id=scope.site_id,
            number=next_number(f"owing:{scope.site_id}"),
            line_id=line_id,
            quantity=quantity,
            state=OwingState.OPEN,
            opened_at=clock.now(),
        )
    )

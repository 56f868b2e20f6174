"""Reads of a doctor's desk: at which visit it stands, what may be read and written there, what is not signed yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select

from clinic.consultations.models import Amendment, Consultation, Draft
from clinic.consultations.rules import Content, State
from clinic.kernel.access import Scope
from clinic.kernel.clock import today
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from clinic.patients.models import Patient
from clinic.patients.queries import chart_ids
from clinic.specialties.models import Practice, SpecialtyPoint
from clinic.visits.models import QueuePlace, Visit
from clinic.visits.rules import OPEN_STATES, PlaceState


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One visit as it stands at one doctor's desk.

    The place is the one at which this doctor called the person, or else one that waits in a specialty that the doctor
    practises; the consultation is this doctor's own: the one not signed yet, or else that of the place's specialty.
    """

    visit_id: int
    visit_key: str
    number: int
    day: date
    patient_id: int
    patient_key: str
    specialty_code: str | None
    point_id: int | None
    place_id: int | None
    place_key: str | None
    place_state: PlaceState | None
    called_at: datetime | None
    calls: int
    is_mine: bool
    consultation_id: int | None
    consultation_key: str | None
    state: State | None
    draft_id: int | None
    version: int
    saved_at: datetime | None
    content: Content

    @property
    def is_open(self) -> bool:
        """Whether the doctor has a note here that is not signed yet."""
        return self.state is State.OPEN

    @property
    def is_signed(self) -> bool:
        """Whether the doctor has signed the note here."""
        return self.state is State.SIGNED

    @property
    def may_write(self) -> bool:
        """Whether the doctor may write: the person was called here, or the note is begun and not signed."""
        return self.is_open or (self.is_mine and not self.is_signed)


@dataclass(frozen=True, kw_only=True)
class OpenNote:
    """A note that its author has begun and not signed yet."""

    visit_key: str
    number: int
    day: date
    given_ar: str
    family_ar: str
    given_latin: str
    family_latin: str
    opened_at: datetime
    specialty_code: str


def get_desk(scope: Scope, visit_key: str) -> Desk:
    """Return how a visit of the site stands at the caller's desk, in one statement. Raises NotFound."""
    row = db.session.execute(_desk(scope, Visit.key == visit_key)).mappings().first()
    if row is None:
        raise NotFound(N_("There is no such visit here."))
    columns = dict(row)
    body = columns.pop("body")
    return Desk(
        **columns
        | {
            "is_mine": bool(columns["is_mine"]),
            "calls": columns["calls"] or 0,
            "version": columns["version"] or 0,
            "content": Content.from_json(body or {}),
        }
    )


def may_read(scope: Scope, desk: Desk) -> bool:
    """Whether the caller may open the chart: an open place in a specialty of theirs tonight, or they wrote in it.

    Whoever called the person covers for tonight. A statement more where no place is open.
    """
    return desk.place_id is not None or desk.consultation_id is not None or has_written(scope, desk.patient_id)


def has_written(scope: Scope, patient_id: int) -> bool:
    """Whether the caller wrote in the person's chart, on any visit, at any site of the organisation."""
    records = chart_ids(scope, patient_id)
    wrote = or_(
        Consultation.clinician_id == scope.user_id,
        exists().where(Amendment.consultation_id == Consultation.id, Amendment.author_id == scope.user_id),
    )
    return bool(db.session.scalar(select(exists().where(Consultation.patient_id.in_(records), wrote))))


def list_open_notes(scope: Scope) -> Sequence[OpenNote]:
    """Return the caller's notes at the site that are not signed yet, the oldest first."""
    rows = db.session.execute(
        select(
            Visit.key.label("visit_key"),
            Visit.number,
            Visit.day,
            Patient.given_ar,
            Patient.family_ar,
            Patient.given_latin,
            Patient.family_latin,
            Consultation.opened_at,
            Consultation.specialty_code,
        )
        .join(Visit, Visit.id == Consultation.visit_id)
        .join(Patient, Patient.id == Consultation.patient_id)
        .where(
            Consultation.site_id == scope.site_id,
            Consultation.clinician_id == scope.user_id,
            Consultation.state == State.OPEN,
        )
        .order_by(Consultation.opened_at)
    ).mappings()
    return [OpenNote(**row) for row in rows]


def _desk(scope: Scope, which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    practised = select(Practice.specialty_code).where(Practice.user_id == scope.user_id)
    is_mine = and_(
        QueuePlace.served_by_id == scope.user_id, QueuePlace.state.in_((PlaceState.CALLED, PlaceState.IN_ROOM))
    )
    desk: Select[*tuple[Any, ...]] = (
        select(
            Visit.id.label("visit_id"),
            Visit.key.label("visit_key"),
            Visit.number,
            Visit.day,
            Visit.patient_id,
            Patient.key.label("patient_key"),
            func.coalesce(Consultation.specialty_code, SpecialtyPoint.specialty_code).label("specialty_code"),
            QueuePlace.service_point_id.label("point_id"),
            QueuePlace.id.label("place_id"),
            QueuePlace.key.label("place_key"),
            QueuePlace.state.label("place_state"),
            QueuePlace.called_at,
            QueuePlace.calls,
            is_mine.label("is_mine"),
            Consultation.id.label("consultation_id"),
            Consultation.key.label("consultation_key"),
            Consultation.state,
            Draft.id.label("draft_id"),
            Draft.version,
            Draft.saved_at,
            Draft.body,
        )
        .join(Patient, Patient.id == Visit.patient_id)
        .outerjoin(
            QueuePlace.__table__.join(
                SpecialtyPoint.__table__, SpecialtyPoint.service_point_id == QueuePlace.service_point_id
            ),
            and_(
                QueuePlace.visit_id == Visit.id,
                Visit.day == today(),
                QueuePlace.state.in_(OPEN_STATES),
                or_(is_mine, SpecialtyPoint.specialty_code.in_(practised)),
            ),
        )
        .outerjoin(
            Consultation,
            and_(
                Consultation.visit_id == Visit.id,
                Consultation.clinician_id == scope.user_id,
                Consultation.state != State.ABANDONED,
                or_(
                    Consultation.state == State.OPEN,
                    QueuePlace.id.is_(None),
                    Consultation.specialty_code == SpecialtyPoint.specialty_code,
                ),
            ),
        )
        .outerjoin(Draft, and_(Draft.visit_id == Visit.id, Draft.author_id == scope.user_id))
        .where(Visit.site_id == scope.site_id, which)
        .order_by(
            case((is_mine, 0), else_=1),
            case((Consultation.state == State.OPEN, 0), else_=1),
            QueuePlace.id,
            Consultation.id,
        )
        .limit(1)
    )
    return desk

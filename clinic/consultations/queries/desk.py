"""Reads of a doctor's desk: at which visit it stands, what may be read and written there, what is not signed yet."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, union

from clinic.auth.models import User
from clinic.consultations.models import Consultation, Draft
from clinic.consultations.rules import Content, State
from clinic.kernel.access import Scope
from clinic.kernel.clock import today
from clinic.kernel.db import Instant, db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from clinic.patients.models import Patient
from clinic.patients.queries import chart_ids
from clinic.specialties.models import Practice, SpecialtyPoint
from clinic.visits.models import BegunPart, QueuePlace, Visit
from clinic.visits.queries import WRITTEN, Begun, gather
from clinic.visits.rules import OPEN_STATES, PlaceState

MOST_NOTES = 60


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One visit as it stands at one doctor's desk.

    The place is the one at which this doctor called the person, or else one that waits in a specialty that the doctor
    practises; the consultation is this doctor's own: the one not signed yet, or else that of the place's specialty.
    `begun` is what nurses began of the note.
    """

    visit: Visit
    person: Patient
    specialty_code: str | None
    point_id: int | None
    place_id: int | None
    place_key: str | None
    place_state: PlaceState | None
    called_at: datetime | None
    calls: int
    is_mine: bool
    consultation: Consultation | None
    draft_id: int | None
    version: int
    saved_at: datetime | None
    content: Content
    begun: list[Begun]

    @property
    def visit_key(self) -> str:
        """The key of the visit."""
        return self.visit.key

    @property
    def number(self) -> int:
        """Tonight's number of the visit."""
        return self.visit.number

    @property
    def state(self) -> State | None:
        """Where the doctor's note here stands, None before it is begun."""
        return self.consultation.state if self.consultation else None

    @property
    def is_known(self) -> bool:
        """Whether the person is here for the doctor tonight, or the doctor writes or wrote on this visit."""
        return self.place_id is not None or self.consultation is not None

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
class OwnNote:
    """A note of the caller's with whom it is about, as lists show it."""

    key: str
    state: State
    visit_key: str
    number: int
    day: date
    given_ar: str
    family_ar: str
    given_latin: str
    family_latin: str
    at: datetime
    specialty_code: str


def get_desk(scope: Scope, visit_key: str) -> Desk:
    """Return how a visit of the site stands at the caller's desk, in one statement. Raises NotFound."""
    rows = db.session.execute(_desk(scope, Visit.key == visit_key)).mappings().all()
    if not rows:
        raise NotFound(N_("There is no such visit here."))
    begun = {row["begun_id"]: tuple(row[column] for column in WRITTEN) for row in rows if row["begun_id"] is not None}
    columns = {name[0].lower() + name[1:]: value for name, value in rows[0].items() if not name.startswith("begun_")}
    columns["person"], body = columns.pop("patient"), columns.pop("body")
    return Desk(
        **columns
        | {
            "is_mine": bool(columns["is_mine"]),
            "calls": columns["calls"] or 0,
            "version": columns["version"] or 0,
            "content": Content.from_json(body or {}),
            "begun": gather(begun.values()),
        }
    )


def may_read(scope: Scope, patient_id: int) -> bool:
    """Whether the caller may open a person's chart, in two statements.

    The person waits tonight in a specialty that the caller practises, or was called by the caller (who then covers),
    or the caller wrote in the chart, on any visit at any site of the organisation.
    """
    chart = chart_ids(scope, patient_id)
    is_here = (
        exists()
        .where(QueuePlace.visit_id == Visit.id, QueuePlace.state.in_(OPEN_STATES))
        .where(Visit.patient_id.in_(chart), Visit.site_id == scope.site_id, Visit.day == today())
        .where(SpecialtyPoint.service_point_id == QueuePlace.service_point_id)
        .where(or_(_is_mine(scope), SpecialtyPoint.specialty_code.in_(_practised(scope))))
    )
    wrote = exists().where(Consultation.patient_id.in_(chart), Consultation.clinician_id == scope.user_id)
    return bool(db.session.scalar(select(or_(is_here, wrote))))


def list_own_notes(scope: Scope) -> list[OwnNote]:
    """Return the caller's notes at the site: those not signed yet, then those closed tonight, newest first."""
    own = select(Consultation.id).where(
        Consultation.site_id == scope.site_id, Consultation.clinician_id == scope.user_id
    )
    # nothing open has its time of signing: by that the index of a doctor's notes ends at once
    is_open = Consultation.state == State.OPEN, Consultation.signed_at.is_(None)
    tonight = own.join(Visit, Visit.id == Consultation.visit_id).where(
        Visit.site_id == scope.site_id, Visit.day == today()
    )
    rows = db.session.execute(
        select(
            Consultation.key,
            Consultation.state,
            Visit.key.label("visit_key"),
            Visit.number,
            Visit.day,
            Patient.given_ar,
            Patient.family_ar,
            Patient.given_latin,
            Patient.family_latin,
            func.coalesce(Consultation.signed_at, Consultation.opened_at, type_=Instant).label("at"),
            Consultation.specialty_code,
        )
        .join(Visit, Visit.id == Consultation.visit_id)
        .join(Patient, Patient.id == Consultation.patient_id)
        .where(Consultation.id.in_(union(own.where(*is_open), tonight)))
        .order_by(case((Consultation.state == State.OPEN, 0), else_=1), Consultation.id.desc())
        .limit(MOST_NOTES)
    ).mappings()
    return [OwnNote(**row) for row in rows]


def _is_mine(scope: Scope) -> ColumnElement[bool]:
    return and_(QueuePlace.served_by_id == scope.user_id, QueuePlace.state.in_((PlaceState.CALLED, PlaceState.IN_ROOM)))


def _practised(scope: Scope) -> Select[str]:
    return select(Practice.specialty_code).where(Practice.user_id == scope.user_id)


def _desk(scope: Scope, which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Return the question for a desk: the place and the note that count come first, once for each part begun."""
    is_mine = _is_mine(scope)
    desk: Select[*tuple[Any, ...]] = (
        select(
            Visit,
            Patient,
            Consultation,
            func.coalesce(Consultation.specialty_code, SpecialtyPoint.specialty_code).label("specialty_code"),
            QueuePlace.service_point_id.label("point_id"),
            QueuePlace.id.label("place_id"),
            QueuePlace.key.label("place_key"),
            QueuePlace.state.label("place_state"),
            QueuePlace.called_at,
            QueuePlace.calls,
            is_mine.label("is_mine"),
            Draft.id.label("draft_id"),
            Draft.version,
            Draft.saved_at,
            Draft.body,
            BegunPart.id.label("begun_id"),
            *WRITTEN,
        )
        .join(Patient, Patient.id == Visit.patient_id)
        .outerjoin(
            QueuePlace,
            and_(
                QueuePlace.visit_id == Visit.id,
                Visit.day == today(),
                QueuePlace.state.in_(OPEN_STATES),
                QueuePlace.service_point_id.in_(
                    select(SpecialtyPoint.service_point_id)
                    .where(or_(is_mine, SpecialtyPoint.specialty_code.in_(_practised(scope))))
                    .correlate(QueuePlace)
                ),
            ),
        )
        .outerjoin(SpecialtyPoint, SpecialtyPoint.service_point_id == QueuePlace.service_point_id)
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
        .outerjoin(BegunPart, BegunPart.visit_id == Visit.id)
        .outerjoin(User, User.id == BegunPart.author_id)
        .where(Visit.site_id == scope.site_id, which)
        .order_by(
            case((is_mine, 0), else_=1),
            case((Consultation.state == State.OPEN, 0), else_=1),
            QueuePlace.id,
            Consultation.id,
            BegunPart.id,
        )
    )
    return desk

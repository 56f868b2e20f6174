"""Counts of one evening at one site: no name of a patient and no diagnosis is read here."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, distinct, func, select, union
from sqlalchemy.orm import aliased

from clinic.auth.models import RoleGrant, User, UserSession
from clinic.auth.roles import Role
from clinic.consultations.models import Consultation
from clinic.consultations.rules import State
from clinic.evening.rules import Stay
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.lab.models import LabCall, LabOrder, LabRequest, LabResult
from clinic.lab.rules import CALL_WITHIN
from clinic.patients.queries import survivors
from clinic.pharmacy.models import Owing, PrescriptionLine
from clinic.pharmacy.rules import OwingState
from clinic.sites.models import ServicePoint, Site
from clinic.sites.rules import PointKind
from clinic.specialties.models import SpecialtyPoint
from clinic.visits.models import QueuePlace, Visit
from clinic.visits.rules import PlaceState, Priority

# Those who serve people. Interpreters have no screen of their own yet: nothing in the data says whether one is here.
SERVING = (Role.REGISTRAR, Role.NURSE, Role.DOCTOR, Role.LABORATORY, Role.PHARMACIST)

_WITH_SOMEBODY = (PlaceState.CALLED, PlaceState.IN_ROOM)


@dataclass(frozen=True)
class Name:
    """A member of staff in both scripts; the Arabic may be empty."""

    latin: str
    arabic: str


@dataclass(frozen=True)
class Evening:
    """Everybody who arrived on one day by visit, and every stay: at the specialties by code, at other rooms by kind."""

    arrived: dict[int, datetime] = field(default_factory=dict)
    services: dict[str, list[Stay]] = field(default_factory=dict)
    rooms: dict[PointKind, list[Stay]] = field(default_factory=dict)
    staff: dict[int, Name] = field(default_factory=dict)

    @property
    def doctors_stays(self) -> list[Stay]:
        """Every stay at a specialty."""
        return [stay for stays in self.services.values() for stay in stays]


@dataclass(frozen=True, kw_only=True)
class Written:
    """What one doctor signed since an instant, and which notes stand open though nobody is with the doctor for them."""

    doctor_id: int
    name: Name
    signed: int
    left_open: int
    open_since: datetime | None


@dataclass(frozen=True)
class OnDuty:
    """How many of a role worked or signed in tonight, of how many who hold it."""

    role: Role
    here: int
    of: int


@dataclass(frozen=True)
class Month:
    """Consultations signed at a site since the first of the month, and the persons they were with."""

    site: Site
    consultations: int
    persons: int


@dataclass(frozen=True)
class Overdue:
    """How many critical results nobody was told of in time, and when the first of them was due."""

    results: int
    since: datetime


@dataclass(frozen=True)
class Owed:
    """How often the pharmacy still owes one medicine."""

    inn: str
    times: int


def was_written_about() -> ColumnElement[bool]:
    """Return whether a note was begun at the specialty of a queue place on its visit: then somebody saw the person."""
    return (
        select(Consultation.id)
        .where(
            Consultation.visit_id == QueuePlace.visit_id,
            Consultation.specialty_code == SpecialtyPoint.specialty_code,
        )
        .correlate(QueuePlace, SpecialtyPoint)
        .exists()
    )


def get_evening(scope: Scope, day: date) -> Evening:
    """Return who came on a day and every place they have or had in a queue. One statement.

    Whoever left after a note was begun was seen.
    """
    rows = db.session.execute(
        select(
            Visit.id,
            Visit.arrived_at,
            ServicePoint.kind,
            SpecialtyPoint.specialty_code,
            QueuePlace.state,
            QueuePlace.priority,
            QueuePlace.queued_at,
            QueuePlace.called_at,
            QueuePlace.done_at,
            QueuePlace.calls,
            QueuePlace.served_by_id,
            was_written_about(),
            QueuePlace.first_queued_at,
            QueuePlace.first_called_at,
            User.name_latin,
            User.name_ar,
        )
        .outerjoin(QueuePlace, and_(QueuePlace.visit_id == Visit.id, QueuePlace.state != PlaceState.CANCELLED))
        .outerjoin(ServicePoint, ServicePoint.id == QueuePlace.service_point_id)
        .outerjoin(SpecialtyPoint, SpecialtyPoint.service_point_id == QueuePlace.service_point_id)
        .outerjoin(User, User.id == QueuePlace.served_by_id)
        .where(Visit.site_id == scope.site_id, Visit.day == day)
        .order_by(QueuePlace.queued_at, QueuePlace.id)
    )
    evening = Evening()
    for visit_id, arrived_at, kind, code, state, priority, queued_at, called_at, done_at, calls, server, *rest in rows:
        was_written, first_queued_at, first_called_at, *name = rest
        evening.arrived[visit_id] = arrived_at
        if state is None:
            continue
        if server is not None:
            evening.staff[server] = Name(*name)
        of_queue = evening.rooms.setdefault(kind, []) if code is None else evening.services.setdefault(code, [])
        of_queue.append(
            Stay(
                visit_id=visit_id,
                queued_at=queued_at,
                called_at=called_at if state in {*_WITH_SOMEBODY, PlaceState.DONE} else None,
                ended_at=done_at,
                was_seen=state is PlaceState.DONE or (state is PlaceState.LEFT and was_written),
                has_left=state is PlaceState.LEFT and not was_written,
                is_away=state is PlaceState.AWAY,
                is_emergency=priority is Priority.EMERGENCY,
                calls=calls,
                server_id=server,
                first_wait=(first_queued_at, first_called_at) if first_queued_at and first_called_at else None,
            )
        )
    return evening


def list_written(scope: Scope, since: datetime) -> list[Written]:
    """Return what each doctor signed since an instant, and the notes left open on any day, by name. One statement."""
    of_site = select(Consultation.id).where(Consultation.site_id == scope.site_id)
    is_open = Consultation.state == State.OPEN
    is_left_open = and_(is_open, QueuePlace.id.is_(None))
    rows = db.session.execute(
        select(
            User.id,
            User.name_latin,
            User.name_ar,
            func.count(distinct(Consultation.id)).filter(Consultation.state == State.SIGNED),
            func.count(distinct(Consultation.id)).filter(is_left_open),
            func.min(Consultation.opened_at).filter(is_left_open),
        )
        .join(User, User.id == Consultation.clinician_id)
        .outerjoin(
            QueuePlace,
            and_(
                QueuePlace.visit_id == Consultation.visit_id,
                QueuePlace.served_by_id == Consultation.clinician_id,
                QueuePlace.state.in_(_WITH_SOMEBODY),
            ),
        )
        .where(Consultation.id.in_(union(of_site.where(Consultation.signed_at >= since), of_site.where(is_open))))
        .group_by(User.id, User.name_latin, User.name_ar)
        .order_by(User.name_latin, User.id)
    )
    return [
        Written(
            doctor_id=doctor_id, name=Name(latin, arabic), signed=signed, left_open=left_open, open_since=open_since
        )
        for doctor_id, latin, arabic, signed, left_open, open_since in rows
    ]


def list_on_duty(scope: Scope, day: date, since: datetime) -> list[OnDuty]:
    """Return by role who worked or signed in on a day, since its midnight, of all who serve people. One statement."""
    of_day = select(Visit.id).where(Visit.site_id == scope.site_id, Visit.day == day)
    here = union(
        select(UserSession.user_id).where(UserSession.site_id == scope.site_id, UserSession.seen_at >= since),
        select(Visit.checked_in_by_id).where(Visit.site_id == scope.site_id, Visit.day == day),
        select(QueuePlace.served_by_id).where(QueuePlace.visit_id.in_(of_day), QueuePlace.served_by_id.is_not(None)),
    ).subquery()
    rows = db.session.execute(
        select(RoleGrant.role, func.count(here.c.user_id), func.count())
        .join(User, User.id == RoleGrant.user_id)
        .outerjoin(here, here.c.user_id == RoleGrant.user_id)
        .where(RoleGrant.site_id == scope.site_id, User.is_active, RoleGrant.role.in_(SERVING))
        .group_by(RoleGrant.role)
    )
    counted = {role: (present, of) for role, present, of in rows}
    return [OnDuty(role, *counted[role]) for role in SERVING if role in counted]


def count_month(scope: Scope, since: datetime) -> Month:
    """Return the site, its consultations signed since an instant, and the unique persons, merged ones once."""
    merged = survivors(scope)
    site, consultations, persons = db.session.execute(
        select(
            Site,
            func.count(Consultation.id),
            func.count(distinct(func.coalesce(merged.c.survivor_id, Consultation.patient_id))),
        )
        .outerjoin(
            Consultation,
            and_(
                Consultation.site_id == Site.id,
                Consultation.state == State.SIGNED,
                Consultation.signed_at >= since,
            ),
        )
        .outerjoin(merged, merged.c.record_id == Consultation.patient_id)
        .where(Site.id == scope.site_id)
        .group_by(Site.id)
    ).one()
    return Month(site, consultations, persons)


def find_overdue(scope: Scope, now: datetime) -> Overdue | None:
    """Return the critical results that hold and of which nobody was told in time; None where all were. One statement.

    The time runs from the verification; a newer version, verified or not, takes the older one's place.
    """
    newer = aliased(LabResult)
    results, first = db.session.execute(
        select(func.count(LabResult.id), func.min(LabResult.verified_at, type_=LabResult.verified_at.type))
        .join(LabRequest, LabRequest.id == LabResult.request_id)
        .join(LabOrder, LabOrder.id == LabRequest.order_id)
        .outerjoin(LabCall, LabCall.result_id == LabResult.id)
        .outerjoin(newer, and_(newer.request_id == LabResult.request_id, newer.version > LabResult.version))
        .where(
            LabOrder.site_id == scope.site_id,
            LabResult.is_critical,
            LabResult.verified_at < now - CALL_WITHIN,
            LabCall.id.is_(None),
            newer.id.is_(None),
        )
    ).one()
    return None if first is None else Overdue(results, first + CALL_WITHIN)


def list_owed(scope: Scope) -> list[Owed]:
    """Return the medicines that the site's pharmacy owes, the most often owed first. One statement."""
    times = func.count(Owing.id)
    rows = db.session.execute(
        select(PrescriptionLine.inn, times)
        .join(PrescriptionLine, PrescriptionLine.id == Owing.line_id)
        .where(Owing.site_id == scope.site_id, Owing.state == OwingState.OPEN)
        .group_by(PrescriptionLine.inn)
        .order_by(times.desc(), PrescriptionLine.inn)
    )
    return [Owed(inn, count) for inn, count in rows]

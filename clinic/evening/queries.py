"""Counts of one evening at one site: no name of a patient and no diagnosis is read here."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import distinct, func, select

from clinic.auth.models import RoleGrant, User, UserSession
from clinic.auth.roles import Role
from clinic.consultations.models import Consultation
from clinic.consultations.rules import State
from clinic.evening.rules import Stay
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.i18n import language
from clinic.patients.models import Patient
from clinic.pharmacy.models import Owing
from clinic.pharmacy.rules import OwingState
from clinic.specialties.models import SpecialtyPoint
from clinic.visits.models import QueuePlace, Visit
from clinic.visits.rules import PlaceState


@dataclass(frozen=True)
class Seen:
    """What one doctor signed tonight, and what is open."""

    name: str
    name_ar: str
    specialty_code: str
    signed: int
    is_open: bool

    @property
    def spoken(self) -> str:
        """The doctor's name in the script of the page, where it is known in it."""
        return self.name_ar if language() == "ar" and self.name_ar else self.name


@dataclass(frozen=True)
class OnDuty:
    """How many of a role sit at a screen tonight, of how many who hold it."""

    role: Role
    here: int
    of: int


@dataclass(frozen=True)
class Month:
    """Consultations signed since the first of the month, and the persons they were with."""

    consultations: int
    persons: int


def list_stays(scope: Scope, day: date) -> dict[str, list[Stay]]:
    """Return everybody's stay at each specialty on a day, by its code. One statement."""
    rows = db.session.execute(
        select(SpecialtyPoint.specialty_code, QueuePlace)
        .join(QueuePlace, QueuePlace.service_point_id == SpecialtyPoint.service_point_id)
        .join(Visit, Visit.id == QueuePlace.visit_id)
        .where(Visit.site_id == scope.site_id, Visit.day == day, QueuePlace.state != PlaceState.CANCELLED)
        .order_by(QueuePlace.queued_at, QueuePlace.id)
    )
    stays: dict[str, list[Stay]] = defaultdict(list)
    for code, place in rows:
        was_seen = place.state is PlaceState.DONE
        is_called = was_seen or place.state in {PlaceState.CALLED, PlaceState.IN_ROOM}
        stays[code].append(
            Stay(
                queued_at=place.queued_at,
                called_at=place.called_at if is_called else None,
                ended_at=place.done_at,
                was_seen=was_seen,
                has_left=place.state is PlaceState.LEFT,
                calls=place.calls,
            )
        )
    return dict(stays)


def list_seen(scope: Scope, since: datetime) -> list[Seen]:
    """Return what each doctor signed since an instant, and whose note is open. One statement."""
    rows = db.session.execute(
        select(
            User.name_latin,
            User.name_ar,
            Consultation.specialty_code,
            func.count().filter(Consultation.state == State.SIGNED),
            func.count().filter(Consultation.state == State.OPEN),
        )
        .join(User, User.id == Consultation.clinician_id)
        .where(Consultation.site_id == scope.site_id, Consultation.opened_at >= since)
        .group_by(User.id, User.name_latin, User.name_ar, Consultation.specialty_code)
        .order_by(User.name_latin, Consultation.specialty_code)
    )
    return [Seen(name, name_ar, code, signed, bool(is_open)) for name, name_ar, code, signed, is_open in rows]


def list_on_duty(scope: Scope) -> list[OnDuty]:
    """Return who sits at a screen now, by role. One statement."""
    here = select(UserSession.user_id).where(UserSession.ended_at.is_(None), UserSession.site_id == scope.site_id)
    rows = db.session.execute(
        select(
            RoleGrant.role,
            func.count(distinct(RoleGrant.user_id)).filter(RoleGrant.user_id.in_(here)),
            func.count(distinct(RoleGrant.user_id)),
        )
        .join(User, User.id == RoleGrant.user_id)
        .where(RoleGrant.site_id == scope.site_id, User.is_active)
        .group_by(RoleGrant.role)
    )
    counted = {role: (present, of) for role, present, of in rows}
    return [OnDuty(role, *counted[role]) for role in Role if role in counted]


def count_month(scope: Scope, since: datetime) -> Month:
    """Return the consultations signed at the site since an instant, and the unique persons, merged ones once."""
    consultations, persons = db.session.execute(
        select(func.count(Consultation.id), func.count(distinct(func.coalesce(Patient.survivor_id, Patient.id))))
        .join(Patient, Patient.id == Consultation.patient_id)
        .where(
            Consultation.site_id == scope.site_id,
            Consultation.state == State.SIGNED,
            Consultation.signed_at >= since,
        )
    ).one()
    return Month(consultations, persons)


def count_owed(scope: Scope) -> int:
    """Return how many medicines the site's pharmacy owes. One statement."""
    owed = select(func.count()).select_from(Owing).where(Owing.site_id == scope.site_id, Owing.state == OwingState.OPEN)
    return db.session.scalars(owed).one()

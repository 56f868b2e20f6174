"""What tests arrange: plain functions that write through the models, each in a transaction of its own."""

from datetime import date
from itertools import count
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from clinic.auth import services as auth
from clinic.auth.models import RoleGrant, User
from clinic.auth.roles import Role
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db, transaction
from clinic.patients import services as patients
from clinic.patients.models import Patient
from clinic.patients.rules import (
    BirthPrecision,
    LegalStatus,
    Paper,
    Particulars,
    Sex,
    parse_birth,
    read_identifier,
    read_names,
)
from clinic.sites.models import OpeningHours, Organisation, ServicePoint, Site
from clinic.sites.rules import PointKind
from clinic.specialties.models import Practice, Specialty, SpecialtyPoint
from clinic.visits import services as visits
from clinic.visits.models import Visit
from clinic.visits.rules import Priority, VisitReason

EVENING = clock.at(date(2026, 11, 24), 18, 40)
PASSWORD = "four warm words here"
SPECIALTIES = ("GP", "PED", "GYN", "INT", "SUR")

_numbers = count(1)


# ---- sites and people who work there -------------------------------------------------------------------------------


def create_site(*, organisation_id: int | None = None) -> Site:
    """Make a site, open from 17:00 to 21:00 every day, in an organisation of its own where none is named."""
    code = f"S{next(_numbers)}"
    with transaction() as session:
        if organisation_id is None:
            organisation = Organisation(code=code, name_en=f"Organisation {code}", name_tr=code, name_ar=code)
            session.add(organisation)
            session.flush()
            organisation_id = organisation.id
        site = Site(organisation_id=organisation_id, code=code, phone="0212 000 00 00", **_named(f"Site {code}"))
        session.add(site)
        session.flush()
        session.add_all(
            OpeningHours(site_id=site.id, weekday=weekday, opens=17 * 60, closes=21 * 60) for weekday in range(7)
        )
    return site


def create_point(site: Site, kind: PointKind = PointKind.SPECIALTY, *, name: str = "", room: str = "") -> ServicePoint:
    """Make a room or desk at a site."""
    code = f"P{next(_numbers)}"
    with transaction() as session:
        point = ServicePoint(site_id=site.id, code=code, kind=kind, room=room, **_named(name or code))
        session.add(point)
    return point


def create_clinic(*, organisation_id: int | None = None) -> Site:
    """Make a site with triage, five specialties, a laboratory and a pharmacy, each point's code its name."""
    site = create_site(organisation_id=organisation_id)
    with transaction() as session:
        kinds = {"TRIAGE": PointKind.TRIAGE, "LAB": PointKind.LABORATORY, "PHARMACY": PointKind.PHARMACY}
        for position, code in enumerate((*SPECIALTIES, *kinds)):
            kind = kinds.get(code, PointKind.SPECIALTY)
            point = ServicePoint(
                site_id=site.id, code=code, kind=kind, room=str(position), position=position, **_named(code)
            )
            session.add(point)
            if code in SPECIALTIES and session.get(Specialty, code) is None:
                session.add(Specialty(code=code, position=position, **_named(code)))
            session.flush()
            if code in SPECIALTIES:
                session.add(SpecialtyPoint(service_point_id=point.id, specialty_code=code))
    return site


def point_of(site_id: int, code: str) -> int:
    """Return the id of a clinic's service point: TRIAGE, GP, PED, GYN, INT, SUR, LAB or PHARMACY."""
    point_id = db.session.scalar(
        select(ServicePoint.id).where(ServicePoint.site_id == site_id, ServicePoint.code == code)
    )
    assert point_id is not None
    return point_id


def create_user(
    site: Site, *roles: Role, username: str = "", practises: tuple[str, ...] = (), **fields: object
) -> User:
    """Make someone who works at a site and holds `roles` there; PASSWORD opens the account."""
    name = username or f"user{next(_numbers)}"
    with transaction() as session:
        user = User(
            **{
                "organisation_id": site.organisation_id,
                "username": name,
                "name_latin": name.title(),
                "password_hash": auth.hash_password(PASSWORD),
                "must_change_password": False,
                "created_at": clock.now(),
                **fields,
            }
        )
        session.add(user)
        session.flush()
        session.add_all(RoleGrant(user_id=user.id, site_id=site.id, role=role) for role in roles)
        session.add_all(
            Practice(user_id=user.id, specialty_code=code, is_default=place == 0)
            for place, code in enumerate(practises)
        )
    return user


def sign_in(client: FlaskClient, person: Scope, *, language: str = "en") -> None:
    """Seat a person at the browser, as after the right password; stand outside every application context."""
    with client.application.app_context(), transaction() as session:
        session.get_one(User, person.user_id).language = language
        token = auth.open_session(person.user_id, site_id=person.site_id, address="127.0.0.1")
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie["_user_id"] = token
        cookie["_fresh"] = True


def scope_of(user: User) -> Scope:
    """Return what a user's queries see at the first site where the user holds a role, or of the organisation."""
    site_id = db.session.scalar(
        select(RoleGrant.site_id).where(RoleGrant.user_id == user.id).order_by(RoleGrant.site_id).limit(1)
    ) or db.session.scalar(select(Site.id).where(Site.organisation_id == user.organisation_id).order_by(Site.id))
    assert site_id is not None
    return Scope(user.organisation_id, site_id, user.id)


def create_desk(*roles: Role) -> Scope:
    """Make a site with one person at work there, and return what that person sees."""
    return scope_of(create_user(create_site(), *(roles or (Role.REGISTRAR,))))


def _named(name: str) -> dict[str, str]:
    return {"name_en": name, "name_tr": name, "name_ar": name}


# ---- patients ------------------------------------------------------------------------------------------------------


def create_patient(scope: Scope, **fields: object) -> Patient:
    """Put a person on file as they stand, without the sounds by which a search finds them."""
    with transaction() as session:
        patient = Patient(
            **{
                "organisation_id": scope.organisation_id,
                "site_id": scope.site_id,
                "record_number": next(_numbers),
                "given_ar": "محمد",
                "family_ar": "الحريري",
                "given_latin": "Mohammed",
                "family_latin": "Al-Hariri",
                "sex": Sex.MALE,
                "birth_year": 1985,
                "birth_month": 3,
                "birth_day": 4,
                "birth_precision": BirthPrecision.DAY,
                "language": "ar",
                "legal_status": LegalStatus.TEMPORARY_PROTECTION,
                "registered_at": clock.now(),
                "registered_by_id": scope.user_id,
                **fields,
            }
        )
        session.add(patient)
    return patient


def register_patient(
    scope: Scope,
    given: str,
    family: str = "",
    *,
    father: str = "",
    other_spelling: str = "",
    born: str = "",
    numbers: tuple[str, ...] = (),
    relative_key: str | None = None,
    **told: Any,  # noqa: ANN401 - fields of Particulars
) -> int:
    """Register a person as the desk does, to be found by name, number and phone; return the person's id."""
    with transaction():
        return patients.register(
            scope,
            Particulars(
                names=read_names(given, father, family, other_spelling),
                birth=parse_birth(born, clock.today()),
                **{"sex": Sex.MALE, "language": "ar", **told},
            ),
            papers=[Paper(read_identifier(number), because="as on the card") for number in numbers],
            relative_key=relative_key,
        )


# ---- visits --------------------------------------------------------------------------------------------------------


def create_visit(scope: Scope, patient_id: int, point_id: int, *, priority: Priority = Priority.ROUTINE) -> Visit:
    """Check a person in at a service point, at this moment by the test's clock."""
    with transaction() as session:
        visit_id = visits.check_in(
            scope, patient_id=patient_id, point_id=point_id, reason=VisitReason.NEW_PROBLEM, priority=priority
        )
        return session.get_one(Visit, visit_id)

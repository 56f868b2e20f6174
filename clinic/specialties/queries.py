"""Reads of specialties: where each is practised, and what a doctor practises."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select

from clinic.auth.models import RoleGrant, User
from clinic.auth.roles import Role
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from clinic.sites.models import ServicePoint
from clinic.specialties.models import Practice, Specialty, SpecialtyPoint


@dataclass(frozen=True)
class Desk:
    """A specialty at a site with the point where its patients wait, and what it is to the caller."""

    specialty_code: str
    point_id: int
    point_key: str
    room: str
    name_en: str
    name_tr: str
    name_ar: str
    is_practised: bool
    is_usual: bool


def list_desks(scope: Scope) -> list[Desk]:
    """Return the specialties practised at the site, in the order of their keys (Alt+1 is the first); one statement."""
    rows = db.session.execute(
        select(Specialty, ServicePoint, Practice)
        .join(SpecialtyPoint, SpecialtyPoint.specialty_code == Specialty.code)
        .join(ServicePoint, ServicePoint.id == SpecialtyPoint.service_point_id)
        .outerjoin(Practice, and_(Practice.specialty_code == Specialty.code, Practice.user_id == scope.user_id))
        .where(ServicePoint.site_id == scope.site_id)
        .order_by(Specialty.position, ServicePoint.position)
    )
    return [
        Desk(
            specialty_code=specialty.code,
            point_id=point.id,
            point_key=point.key,
            room=point.room,
            name_en=specialty.name_en,
            name_tr=specialty.name_tr,
            name_ar=specialty.name_ar,
            is_practised=practice is not None,
            is_usual=practice is not None and practice.is_default,
        )
        for specialty, point, practice in rows
    ]


def list_practised(user_id: int) -> Sequence[str]:
    """Return the codes of the specialties that a doctor practises, the usual one first."""
    return db.session.scalars(
        select(Practice.specialty_code)
        .where(Practice.user_id == user_id)
        .order_by(Practice.is_default.desc(), Practice.specialty_code)
    ).all()


@dataclass(frozen=True)
class Doctor:
    """A doctor of the site with the codes of the specialties practised, the usual one first."""

    key: str
    name_latin: str
    name_ar: str
    practises: tuple[str, ...]


def list_specialties() -> Sequence[Specialty]:
    """Return every specialty that the clinic knows, in its order."""
    return db.session.scalars(select(Specialty).order_by(Specialty.position, Specialty.code)).all()


def list_doctors(scope: Scope) -> list[Doctor]:
    """Return those who work at the site as doctors by name, each with what they practise."""
    rows = db.session.execute(
        select(User.key, User.name_latin, User.name_ar, Practice.specialty_code)
        .join(RoleGrant, and_(RoleGrant.user_id == User.id, RoleGrant.role == Role.DOCTOR))
        .outerjoin(Practice, Practice.user_id == User.id)
        .outerjoin(Specialty, Specialty.code == Practice.specialty_code)
        .where(RoleGrant.site_id == scope.site_id, User.is_active)
        .order_by(User.name_latin, User.id, Practice.is_default.desc(), Specialty.position)
    ).all()
    practised: dict[tuple[str, str, str], list[str]] = {}
    for key, name_latin, name_ar, code in rows:
        practised.setdefault((key, name_latin, name_ar), []).extend([code] if code else [])
    return [Doctor(*doctor, practises=tuple(codes)) for doctor, codes in practised.items()]


def get_doctor(scope: Scope, key: str) -> Doctor:
    """Return a doctor of the site. Raises NotFound."""
    for doctor in list_doctors(scope):
        if doctor.key == key:
            return doctor
    raise NotFound(N_("No doctor of this site has that account."))

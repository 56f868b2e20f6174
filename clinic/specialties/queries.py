"""Reads of specialties: where each is practised, and what a doctor practises."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.sites.models import ServicePoint
from clinic.specialties.models import Practice, Specialty, SpecialtyPoint


@dataclass(frozen=True)
class Desk:
    """A specialty at a site with the point where its patients wait."""

    specialty_code: str
    point_id: int
    point_key: str
    room: str
    name_en: str
    name_tr: str
    name_ar: str


def list_desks(scope: Scope) -> list[Desk]:
    """Return the specialties practised at the site, in the order of their keys (Alt+1 is the first)."""
    rows = db.session.execute(
        select(Specialty, ServicePoint)
        .join(SpecialtyPoint, SpecialtyPoint.specialty_code == Specialty.code)
        .join(ServicePoint, ServicePoint.id == SpecialtyPoint.service_point_id)
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
        )
        for specialty, point in rows
    ]


def list_practised(user_id: int) -> Sequence[str]:
    """Return the codes of the specialties that a doctor practises, the usual one first."""
    return db.session.scalars(
        select(Practice.specialty_code)
        .where(Practice.user_id == user_id)
        .order_by(Practice.is_default.desc(), Practice.specialty_code)
    ).all()

"""Who practises what, and in which room."""

from collections.abc import Collection

from sqlalchemy import func, select

from clinic.auth.queries import get_user
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.text import N_
from clinic.sites.models import ServicePoint
from clinic.sites.queries import get_point
from clinic.sites.rules import PointKind
from clinic.specialties.models import Practice, Specialty, SpecialtyPoint
from clinic.specialties.queries import get_doctor
from clinic.specialties.rules import BadCode, read_code, usual_of


def set_practice(scope: Scope, doctor_key: str, practised: Collection[str], *, usual: str | None) -> None:
    """Let a doctor of the site practise these specialties and no others. Raises NotFound, NotPractised."""
    first = usual_of(practised, usual)
    user_id = get_user(scope, get_doctor(scope, doctor_key).key).id
    held = {row.specialty_code: row for row in db.session.scalars(select(Practice).where(Practice.user_id == user_id))}
    for code in held.keys() - set(practised):
        db.session.delete(held[code])
    for code in practised:
        row = held.get(code) or Practice(user_id=user_id, specialty_code=code)
        row.is_default = code == first
        db.session.add(row)
    db.session.flush()


def open_room(
    scope: Scope, *, kind: PointKind, code: str, room: str, name_en: str, name_tr: str, name_ar: str
) -> ServicePoint:
    """Open a room at the site; one for doctors practises the specialty of its code, which is made where it is new.

    Raises BadCode.
    """
    code, names = read_code(code), {"name_en": name_en, "name_tr": name_tr, "name_ar": name_ar}
    of_site = select(ServicePoint).where(ServicePoint.site_id == scope.site_id)
    if db.session.scalar(of_site.where(ServicePoint.code == code)) is not None:
        raise BadCode(N_("Another room has that short name."), field="code")
    last = db.session.scalar(
        select(func.coalesce(func.max(ServicePoint.position), -1)).where(ServicePoint.site_id == scope.site_id)
    )
    opened = ServicePoint(site_id=scope.site_id, code=code, kind=kind, room=room, position=(last or 0) + 1, **names)
    db.session.add(opened)
    db.session.flush()
    if kind is PointKind.SPECIALTY:
        if db.session.get(Specialty, code) is None:
            known = db.session.scalars(select(func.count()).select_from(Specialty)).one()
            db.session.add(Specialty(code=code, position=known, **names))
            db.session.flush()
        db.session.add(SpecialtyPoint(service_point_id=opened.id, specialty_code=code))
        db.session.flush()
    return opened


def change_room(scope: Scope, key: str, *, room: str, is_open: bool, name_en: str, name_tr: str, name_ar: str) -> None:
    """Change how a room of the site is called, and whether it takes anybody new. Raises NotFound."""
    point = get_point(scope, key)
    point.name_en, point.name_tr, point.name_ar = name_en, name_tr, name_ar
    point.room, point.is_open = room, is_open
    db.session.flush()

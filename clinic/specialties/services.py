"""Who practises what, and in which room."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from clinic.auth.queries import get_user
from clinic.kernel.access import Scope
from clinic.kernel.db import db, ensure_version
from clinic.kernel.text import N_
from clinic.sites.models import ServicePoint
from clinic.sites.queries import get_point, list_points
from clinic.sites.rules import PointKind
from clinic.specialties.models import Practice, Specialty, SpecialtyPoint
from clinic.specialties.queries import get_doctor
from clinic.specialties.rules import BadCode, BadRoom, ensure_stays_open, read_code, usual_of


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

    Raises BadCode, and BadRoom where the site has the one room of its kind already.
    """
    code, names = read_code(code), {"name_en": name_en, "name_tr": name_tr, "name_ar": name_ar}
    of_site = select(ServicePoint).where(ServicePoint.site_id == scope.site_id)
    if db.session.scalar(of_site.where(ServicePoint.code == code)) is not None:
        raise BadCode(N_("Another room has that short name."), field="code")
    if kind.is_single and list_points(scope, kind):
        raise BadRoom(N_("There is one already, and one is enough: change its number or its name."), field="kind")
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


def change_room(
    scope: Scope, key: str, *, room: str, is_open: bool, name_en: str, name_tr: str, name_ar: str, seen: int
) -> None:
    """Change, as of version `seen`, how a room of the site is called, and whether it takes anybody new.

    A specialty that is practised in no other room is called as its room is. Raises NotFound, Stale, BadRoom.
    """
    point, names = get_point(scope, key), {"name_en": name_en, "name_tr": name_tr, "name_ar": name_ar}
    ensure_version(point, seen)
    ensure_stays_open(point.kind, is_open=is_open)
    point.room, point.is_open = room, is_open
    specialty = _practised_here_alone(point.id)
    for named in (point, specialty) if specialty else (point,):
        for column, name in names.items():
            setattr(named, column, name)
    db.session.flush()


def _practised_here_alone(point_id: int) -> Specialty | None:
    elsewhere = aliased(SpecialtyPoint)
    return db.session.scalar(
        select(Specialty)
        .join(SpecialtyPoint, SpecialtyPoint.specialty_code == Specialty.code)
        .where(
            SpecialtyPoint.service_point_id == point_id,
            ~select(elsewhere)
            .where(elsewhere.specialty_code == Specialty.code, elsewhere.service_point_id != point_id)
            .exists(),
        )
    )

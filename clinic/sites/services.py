"""How a site comes to be."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from clinic.kernel.access import Scope
from clinic.kernel.db import db, ensure_version
from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_
from clinic.sites.models import Installation, OpeningHours, Organisation, ServicePoint, Site
from clinic.sites.queries import find_installation, get_site
from clinic.sites.rules import EVENING, SATURDAY, Hours, PointKind


class AlreadyThere(DomainError):
    """The database holds a clinic already."""

    code = "already_there"


def found_clinic(*, organisation: str, site: str, code: str, phone: str) -> Site:
    """Found a real clinic in an empty database: its organisation, its site with the usual hours, triage, a pharmacy."""
    if find_installation() is not None:
        raise AlreadyThere(N_("There is a clinic in this database already. Nothing was changed."))
    db.session.add(Installation(id=1, is_demo=False))
    owner = Organisation(code=code, **_named(organisation))
    db.session.add(owner)
    db.session.flush()
    founded = Site(organisation_id=owner.id, code=code, phone=phone, **_named(site))
    db.session.add(founded)
    db.session.flush()
    set_usual_hours(founded.id)
    for position, kind in enumerate((PointKind.TRIAGE, PointKind.PHARMACY)):
        db.session.add(
            ServicePoint(
                site_id=founded.id, code=kind.value, kind=kind, position=position, **_named(kind.value.title())
            )
        )
    db.session.flush()
    return founded


def set_usual_hours(site_id: int) -> None:
    """Let a site open on weekday evenings and on Saturday afternoons."""
    hours = [*((day, EVENING) for day in range(5)), (5, SATURDAY)]
    db.session.add_all(
        OpeningHours(site_id=site_id, weekday=day, opens=usual.opens, closes=usual.closes) for day, usual in hours
    )
    db.session.flush()


def change_site(
    scope: Scope, *, name_en: str, name_tr: str, name_ar: str, phone: str, hours: Mapping[int, Hours | None], seen: int
) -> None:
    """Change, as of version `seen`, how the site is called and reached, and its hours by weekday; None closes a day.

    Raises Stale where someone else was faster.
    """
    site = get_site(scope)
    ensure_version(site, seen)
    flag_modified(site, "phone")  # its hours are of this version too
    site.name_en, site.name_tr, site.name_ar, site.phone = name_en, name_tr, name_ar, phone
    known = {row.weekday: row for row in db.session.scalars(select(OpeningHours).filter_by(site_id=site.id))}
    for weekday, told in hours.items():
        row = known.get(weekday)
        if told is None:
            if row is not None:
                db.session.delete(row)
        elif row is None:
            db.session.add(OpeningHours(site_id=site.id, weekday=weekday, opens=told.opens, closes=told.closes))
        else:
            row.opens, row.closes = told.opens, told.closes
    db.session.flush()


def _named(name: str) -> dict[str, str]:
    return {"name_en": name, "name_tr": name, "name_ar": name}

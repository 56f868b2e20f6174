"""Reads of sites, their hours and their service points."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from clinic.sites.models import Installation, OpeningHours, ServicePoint, Site
from clinic.sites.rules import Hours, PointKind


def find_installation() -> Installation | None:
    """Return what this database is; None before `clinic init` or a demo was loaded."""
    return db.session.get(Installation, 1)


def find_site(code: str) -> Site | None:
    """Return the site of that code, in any organisation: for the keeper's commands, which have no scope yet."""
    return db.session.scalar(select(Site).where(Site.code == code.upper()))


def get_site(scope: Scope) -> Site:
    """Return the site at which the caller works."""
    return db.session.get_one(Site, scope.site_id)


def find_hours(scope: Scope, day: date) -> Hours | None:
    """Return when the site opens and closes on `day`; None where it is closed all day."""
    row = db.session.get(OpeningHours, (scope.site_id, day.weekday()))
    return Hours(row.opens, row.closes) if row else None


def list_hours(scope: Scope) -> dict[int, Hours]:
    """Return the hours of each weekday on which the site opens, Monday being 0."""
    rows = db.session.scalars(select(OpeningHours).where(OpeningHours.site_id == scope.site_id))
    return {row.weekday: Hours(row.opens, row.closes) for row in rows}


def list_points(scope: Scope, *kinds: PointKind) -> Sequence[ServicePoint]:
    """Return the site's service points of these kinds, or all, in their order."""
    chosen = select(ServicePoint).where(ServicePoint.site_id == scope.site_id)
    if kinds:
        chosen = chosen.where(ServicePoint.kind.in_(kinds))
    return db.session.scalars(chosen.order_by(ServicePoint.position, ServicePoint.id)).all()


def get_point(scope: Scope, key: str) -> ServicePoint:
    """Return the site's service point of that key."""
    point = db.session.scalar(
        select(ServicePoint).where(ServicePoint.site_id == scope.site_id, ServicePoint.key == key)
    )
    if point is None:
        raise NotFound(N_("There is no such room at this site."))
    return point


def get_point_of(scope: Scope, kind: PointKind) -> ServicePoint:
    """Return the site's service point of a kind of which it has one, such as its pharmacy."""
    points = list_points(scope, kind)
    if not points:
        raise NotFound(N_("There is no such room at this site."))
    return points[0]

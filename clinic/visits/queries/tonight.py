"""Tonight at a glance for whoever lets people in: how many wait where, since when, and when a person was last here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select

from clinic.kernel.access import Scope
from clinic.kernel.clock import today
from clinic.kernel.db import db
from clinic.patients.queries import charts_of
from clinic.sites.models import ServicePoint
from clinic.specialties.models import Specialty, SpecialtyPoint
from clinic.visits.models import QueuePlace, Visit
from clinic.visits.rules import PlaceState


@dataclass(frozen=True, kw_only=True)
class Queue:
    """A specialty at the site: how many wait for it tonight, not called yet, and since when the first of them does."""

    specialty_code: str
    point_id: int
    point_key: str
    room: str
    is_open: bool
    name_en: str
    name_tr: str
    name_ar: str
    waiting: int
    longest_since: datetime | None


@dataclass(frozen=True)
class Tonight:
    """The specialties in their order, and the evening's people so far."""

    queues: tuple[Queue, ...]
    arrived: int
    seen: int
    waiting: int
    left: int
    last_number: int

    @property
    def choices(self) -> tuple[Queue, ...]:
        """The queues that take people, in the order of their keys: Alt+1 is the first."""
        return tuple(queue for queue in self.queues if queue.is_open)


@dataclass(frozen=True, kw_only=True)
class LastVisit:
    """When a person was last at the site, and for which specialty, empty where for none; open while it goes on."""

    visit_key: str
    day: date
    number: int
    is_open: bool
    specialty_code: str = ""
    name_en: str = ""
    name_tr: str = ""
    name_ar: str = ""
    room: str = ""


def tonight(scope: Scope) -> Tonight:
    """Return who waits where tonight, in one statement."""
    waiting = (
        select(
            QueuePlace.service_point_id,
            func.count().label("waiting"),
            func.min(QueuePlace.queued_at).label("longest_since"),
        )
        .join(Visit, Visit.id == QueuePlace.visit_id)
        .where(Visit.site_id == scope.site_id, Visit.day == today(), QueuePlace.state == PlaceState.WAITING)
        .group_by(QueuePlace.service_point_id)
        .subquery()
    )
    rows = db.session.execute(
        select(
            Specialty.code.label("specialty_code"),
            ServicePoint.id.label("point_id"),
            ServicePoint.key.label("point_key"),
            ServicePoint.room,
            ServicePoint.is_open,
            Specialty.name_en,
            Specialty.name_tr,
            Specialty.name_ar,
            func.coalesce(waiting.c.waiting, 0).label("waiting"),
            waiting.c.longest_since,
            _people(scope).label("arrived"),
            _people(scope, _at_a_specialty(PlaceState.DONE)).label("seen"),
            _people(scope, _at_a_specialty(PlaceState.WAITING)).label("people_waiting"),
            _people(scope, Visit.closed_at.is_not(None), _at_a_specialty(PlaceState.LEFT)).label("left"),
            select(func.coalesce(func.max(Visit.number), 0)).where(*_of_tonight(scope)).scalar_subquery().label("last"),
        )
        .join(SpecialtyPoint, SpecialtyPoint.specialty_code == Specialty.code)
        .join(ServicePoint, ServicePoint.id == SpecialtyPoint.service_point_id)
        .outerjoin(waiting, waiting.c.service_point_id == ServicePoint.id)
        .where(ServicePoint.site_id == scope.site_id, or_(ServicePoint.is_open, waiting.c.waiting > 0))
        .order_by(Specialty.position, ServicePoint.position)
    ).mappings()
    found = [dict(row) for row in rows]
    if not found:
        return Tonight((), 0, 0, 0, 0, 0)
    sums = {name: found[0][name] for name in ("arrived", "seen", "people_waiting", "left", "last")}
    queues = tuple(Queue(**{name: value for name, value in row.items() if name not in sums}) for row in found)
    return Tonight(queues, sums["arrived"], sums["seen"], sums["people_waiting"], sums["left"], sums["last"])


def list_last_visits(scope: Scope, patient_ids: Collection[int]) -> dict[int, LastVisit]:
    """Return the last visit to the site of each person who ever came, of all their records, in one statement."""
    charts = charts_of(scope, patient_ids).subquery()
    # "+ 0" keeps SQLite from walking the site's index, which holds every visit of every evening
    ours = Visit.site_id + 0 == scope.site_id
    latest = func.row_number().over(partition_by=charts.c.survivor_id, order_by=(Visit.day.desc(), Visit.number.desc()))
    ranked = (
        select(charts.c.survivor_id, Visit.id, latest.label("place"))
        .join(Visit, charts.c.record_id == Visit.patient_id)
        .where(ours)
        .subquery()
    )
    first_place = (
        select(func.min(QueuePlace.id))
        .join(SpecialtyPoint, SpecialtyPoint.service_point_id == QueuePlace.service_point_id)
        .where(QueuePlace.visit_id == Visit.id)
        .correlate(Visit)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(ranked.c.survivor_id, Visit, Specialty, ServicePoint.room)
        .join(Visit, Visit.id == ranked.c.id)
        .outerjoin(QueuePlace, QueuePlace.id == first_place)
        .outerjoin(ServicePoint, ServicePoint.id == QueuePlace.service_point_id)
        .outerjoin(SpecialtyPoint, SpecialtyPoint.service_point_id == ServicePoint.id)
        .outerjoin(Specialty, Specialty.code == SpecialtyPoint.specialty_code)
        .where(ranked.c.place == 1)
    )
    return {survivor_id: _last_visit(visit, specialty, room or "") for survivor_id, visit, specialty, room in rows}


def _last_visit(visit: Visit, specialty: Specialty | None, room: str) -> LastVisit:
    names = {}
    if specialty is not None:
        names = {
            "specialty_code": specialty.code,
            "name_en": specialty.name_en,
            "name_tr": specialty.name_tr,
            "name_ar": specialty.name_ar,
        }
    return LastVisit(
        visit_key=visit.key,
        day=visit.day,
        number=visit.number,
        is_open=visit.closed_at is None and visit.day == today(),
        room=room,
        **names,
    )


def _of_tonight(scope: Scope) -> tuple[ColumnElement[bool], ...]:
    return Visit.site_id == scope.site_id, Visit.day == today()


def _people(scope: Scope, *where: ColumnElement[bool]) -> ScalarSelect[Any]:
    return select(func.count()).select_from(Visit).where(*_of_tonight(scope), *where).scalar_subquery()


def _at_a_specialty(*states: PlaceState) -> ColumnElement[bool]:
    return (
        select(QueuePlace.id)
        .join(SpecialtyPoint, SpecialtyPoint.service_point_id == QueuePlace.service_point_id)
        .where(QueuePlace.visit_id == Visit.id, QueuePlace.state.in_(states))
        .correlate(Visit)
        .exists()
    )

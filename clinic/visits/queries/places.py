"""Where people stand tonight: visits and their places in queues."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, bindparam, exists, select
from sqlalchemy.orm import aliased

from clinic.auth.models import User
from clinic.kernel.access import Scope
from clinic.kernel.clock import at, today
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from clinic.patients.models import Patient
from clinic.patients.queries import chart_ids
from clinic.patients.rules import BirthDate, Sex
from clinic.sites.models import ServicePoint
from clinic.sites.rules import PointKind
from clinic.visits.models import Observation, QueuePlace, Visit
from clinic.visits.rules import OPEN_STATES, PlaceState, Priority, VisitReason, queue_order


@dataclass(frozen=True, kw_only=True)
class PlaceRow:
    """One place in a queue with who waits there, as boards show it; nothing clinical but the priority.

    `is_measured` tells whether vital signs were taken on this visit, `is_elsewhere` whether another desk has called the
    person or has them in the room; `served_by` is who called last.
    """

    id: int
    key: str
    point_id: int
    state: PlaceState
    priority: Priority
    is_returning: bool
    queued_at: datetime
    called_at: datetime | None
    calls: int
    served_by_id: int | None
    served_by: str | None
    done_at: datetime | None
    visit_id: int
    visit_key: str
    number: int
    day: date
    reason: VisitReason
    arrived_at: datetime
    language: str
    is_measured: bool
    is_elsewhere: bool
    patient_id: int
    patient_key: str
    household_id: int | None
    sex: Sex
    birth: BirthDate
    given_latin: str
    father_latin: str
    family_latin: str
    given_ar: str
    father_ar: str
    family_ar: str

    @property
    def names(self) -> dict[str, str]:
        """The name in its parts, as `patients.words` wants them."""
        return {
            "given_latin": self.given_latin,
            "family_latin": self.family_latin,
            "given_ar": self.given_ar,
            "family_ar": self.family_ar,
        }


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A service point at which a visit waits or is seen."""

    point_id: int
    kind: PointKind
    room: str
    name_en: str
    name_tr: str
    name_ar: str
    state: PlaceState


def board(scope: Scope, point_id: int) -> list[PlaceRow]:
    """Return who waits, is called or is in the room at a service point tonight, in the order of its queue.

    One statement, whatever the length.
    """
    return _in_order(_rows(_BOARD, scope, point=point_id, day=today()))


def board_of(scope: Scope, kind: PointKind) -> list[PlaceRow]:
    """Return the board of the site's first service point of a kind, such as its pharmacy. One statement."""
    return _in_order(_rows(_BOARD_OF_KIND, scope, kind=kind, day=today()))


def _in_order(rows: list[PlaceRow]) -> list[PlaceRow]:
    return sorted(
        rows,
        key=lambda row: queue_order(
            row.priority, is_returning=row.is_returning, queued_at=row.queued_at, number=row.number
        ),
    )


def list_served(scope: Scope, point_id: int, *, limit: int = 10) -> list[PlaceRow]:
    """Return who was served at a service point tonight, the newest first."""
    return _rows(_SERVED, scope, point=point_id, day=today(), since=at(today(), 0), limit=limit)


def list_stops(scope: Scope, visit_ids: Collection[int]) -> dict[int, list[Stop]]:
    """Return where else each of these visits waits or is seen, by visit, in the order of the rooms; one statement."""
    stops: dict[int, list[Stop]] = {visit_id: [] for visit_id in visit_ids}
    for visit_id, state, point in db.session.execute(
        select(QueuePlace.visit_id, QueuePlace.state, ServicePoint)
        .join(ServicePoint, ServicePoint.id == QueuePlace.service_point_id)
        .where(
            QueuePlace.visit_id.in_(stops),
            QueuePlace.state.in_(OPEN_STATES),
            ServicePoint.site_id == scope.site_id,
        )
        .order_by(ServicePoint.position, ServicePoint.id)
    ):
        stops[visit_id].append(
            Stop(
                point_id=point.id,
                kind=point.kind,
                room=point.room,
                name_en=point.name_en,
                name_tr=point.name_tr,
                name_ar=point.name_ar,
                state=state,
            )
        )
    return stops


def get_place(scope: Scope, key: str) -> PlaceRow:
    """Return the site's place of that key, open or over."""
    rows = _rows(_BY_KEY, scope, key=key)
    if not rows:
        raise NotFound(N_("There is no such place in a queue here."))
    return rows[0]


def list_places(scope: Scope, visit_id: int) -> list[PlaceRow]:
    """Return every place that a visit has or had, in the order in which they were opened."""
    return _rows(_OF_VISIT, scope, visit=visit_id)


def get_visit(scope: Scope, key: str) -> Visit:
    """Return the site's visit of that key."""
    visit = db.session.scalar(select(Visit).where(Visit.key == key, Visit.site_id == scope.site_id))
    if visit is None:
        raise NotFound(N_("There is no such visit here."))
    return visit


def get_visit_by_id(scope: Scope, visit_id: int) -> Visit:
    """Return the site's visit of that row; one that this session has just begun costs no statement."""
    visit = db.session.get(Visit, visit_id)
    if visit is None or visit.site_id != scope.site_id:
        raise NotFound(N_("There is no such visit here."))
    return visit


def find_open_visit(scope: Scope, patient_id: int) -> Visit | None:
    """Return the person's visit at this site tonight that is not over. Raises NotFound for no such person."""
    return db.session.scalar(
        select(Visit).where(
            Visit.patient_id.in_(chart_ids(scope, patient_id)),
            Visit.site_id == scope.site_id,
            Visit.closed_at.is_(None),
            Visit.day == today(),
        )
    )


def has_open_place(scope: Scope, patient_id: int, point_ids: Collection[int]) -> bool:
    """Whether the person waits, is called or is in the room at one of these service points tonight.

    Raises NotFound where the organisation has no such person.
    """
    return bool(
        db.session.scalar(
            select(
                exists()
                .where(QueuePlace.visit_id == Visit.id)
                .where(
                    Visit.patient_id.in_(chart_ids(scope, patient_id)),
                    Visit.site_id == scope.site_id,
                    Visit.day == today(),
                    QueuePlace.service_point_id.in_(point_ids),
                    QueuePlace.state.in_(OPEN_STATES),
                )
            )
        )
    )


def _rows(statement: Select[*tuple[Any, ...]], scope: Scope, **wanted: object) -> list[PlaceRow]:
    found = db.session.execute(statement, {"site": scope.site_id, **wanted}).mappings()
    return [_row(dict(row)) for row in found]


def _row(columns: dict[str, Any]) -> PlaceRow:
    birth = BirthDate(**{part: columns.pop(f"birth_{part}") for part in ("year", "month", "day", "precision")})
    return PlaceRow(birth=birth, **columns)


def _places() -> Select[*tuple[Any, ...]]:
    is_measured = exists().where(Observation.visit_id == Visit.id)
    other = aliased(QueuePlace)
    is_elsewhere = exists().where(
        other.visit_id == Visit.id,
        other.id != QueuePlace.id,
        other.state.in_((PlaceState.CALLED, PlaceState.IN_ROOM)),
    )
    chosen: Select[*tuple[Any, ...]] = (
        select(
            QueuePlace.id,
            QueuePlace.key,
            QueuePlace.service_point_id.label("point_id"),
            QueuePlace.state,
            QueuePlace.priority,
            QueuePlace.is_returning,
            QueuePlace.queued_at,
            QueuePlace.called_at,
            QueuePlace.calls,
            QueuePlace.served_by_id,
            User.name_latin.label("served_by"),
            QueuePlace.done_at,
            Visit.id.label("visit_id"),
            Visit.key.label("visit_key"),
            Visit.number,
            Visit.day,
            Visit.reason,
            Visit.arrived_at,
            Visit.language,
            is_measured.label("is_measured"),
            is_elsewhere.label("is_elsewhere"),
            Patient.id.label("patient_id"),
            Patient.key.label("patient_key"),
            Patient.household_id,
            Patient.sex,
            Patient.birth_year,
            Patient.birth_month,
            Patient.birth_day,
            Patient.birth_precision,
            Patient.given_latin,
            Patient.father_latin,
            Patient.family_latin,
            Patient.given_ar,
            Patient.father_ar,
            Patient.family_ar,
        )
        .join(Visit, Visit.id == QueuePlace.visit_id)
        .join(Patient, Patient.id == Visit.patient_id)
        .outerjoin(User, User.id == QueuePlace.served_by_id)
        .where(Visit.site_id == bindparam("site"))
    )
    return chosen


# built once: a board is asked every few seconds by every desk
_PLACES = _places()
_BY_KEY = _PLACES.where(QueuePlace.key == bindparam("key"))
_OF_VISIT = _PLACES.where(QueuePlace.visit_id == bindparam("visit")).order_by(QueuePlace.id)
_TONIGHT = _PLACES.where(QueuePlace.state.in_(OPEN_STATES), Visit.day == bindparam("day"))
_BOARD = _TONIGHT.where(QueuePlace.service_point_id == bindparam("point"))
_BOARD_OF_KIND = _TONIGHT.where(
    QueuePlace.service_point_id
    == select(ServicePoint.id)
    .where(ServicePoint.site_id == bindparam("site"), ServicePoint.kind == bindparam("kind"))
    .order_by(ServicePoint.position, ServicePoint.id)
    .limit(1)
    .scalar_subquery()
)
# by the time alone, so that the evenings before are never walked
_SERVED = (
    _PLACES.where(
        QueuePlace.service_point_id == bindparam("point"),
        QueuePlace.done_at >= bindparam("since"),
        QueuePlace.state.not_in((PlaceState.LEFT, PlaceState.CANCELLED)),
        Visit.day == bindparam("day"),
    )
    .order_by(QueuePlace.done_at.desc(), QueuePlace.id.desc())
    .limit(bindparam("limit"))
)

"""What is still open at the end of an evening: by number, never by name, and by whom it can be decided."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select

from clinic.auth.models import User
from clinic.consultations.models import Consultation
from clinic.consultations.rules import State
from clinic.evening.models import EveningClose
from clinic.evening.queries.tonight import Name
from clinic.evening.rules import evening_of
from clinic.kernel.access import Scope
from clinic.kernel.clock import at, local
from clinic.kernel.db import db
from clinic.lab.queries import OrderRow, list_unfinished
from clinic.pharmacy.models import Owing, PrescriptionLine
from clinic.pharmacy.rules import OwingState
from clinic.sites.models import ServicePoint
from clinic.sites.queries import find_hours
from clinic.sites.rules import EVENING
from clinic.visits.models import QueuePlace, Visit
from clinic.visits.rules import OPEN_STATES, PlaceState

MOST_OWINGS = 50


@dataclass(frozen=True, kw_only=True)
class OpenPlace:
    """Somebody who still stands in a queue; `name_*` are the room's."""

    key: str
    day: date
    number: int
    state: PlaceState
    since: datetime
    name_en: str
    name_tr: str
    name_ar: str


@dataclass(frozen=True, kw_only=True)
class OpenNote:
    """A note that is neither signed nor closed."""

    key: str
    day: date
    number: int
    since: datetime
    doctor: Name


@dataclass(frozen=True, kw_only=True)
class OpenOwing:
    """Something owed since tonight, which the slip in the person's hand says."""

    number: int
    inn: str
    quantity: int


@dataclass(frozen=True, kw_only=True)
class OpenOrder:
    """An order of the laboratory: how many tests are not answered, whether a critical one is not told, or not read."""

    key: str
    day: date
    number: int
    doctor: Name
    unanswered: int
    is_untold: bool
    is_unread: bool


@dataclass(frozen=True, kw_only=True)
class LeftOver:
    """Everything that is open: places, notes and orders want a decision, what is owed is only told.

    `owings` are the latest of all that is `owed`.
    """

    places: list[OpenPlace]
    notes: list[OpenNote]
    orders: list[OpenOrder]
    owings: list[OpenOwing]
    owed: int

    @property
    def undecided(self) -> int:
        """Return how many want a decision."""
        return len(self.places) + len(self.notes) + len(self.orders)

    @property
    def owed_besides(self) -> int:
        """Return how much is owed beside what is listed."""
        return self.owed - len(self.owings)

    @property
    def digest(self) -> str:
        """Return what tells this list from another: the places and notes that are open, and what each order lacks."""
        lacking = (f"{one.key} {one.unanswered} {one.is_untold} {one.is_unread}" for one in self.orders)
        open_keys = sorted([*(one.key for one in self.places), *(one.key for one in self.notes), *lacking])
        return sha256("\n".join(open_keys).encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """Return this as the record keeps it; what is owed as a number."""
        return {
            "places": [_kept(one) for one in self.places],
            "notes": [_kept(one) for one in self.notes],
            "orders": [_kept(one) for one in self.orders],
            "owed": self.owed,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "LeftOver":
        """Return what the record keeps."""
        return cls(
            places=[OpenPlace(**_told(one)) for one in kept["places"]],
            notes=[OpenNote(**_told(one)) for one in kept["notes"]],
            orders=[OpenOrder(**_told(one)) for one in kept["orders"]],
            owings=[],
            owed=kept["owed"],
        )


@dataclass(frozen=True)
class Closed:
    """When an evening was closed, by whom, what was left, and the head of the record then."""

    at: datetime
    by: Name
    left_count: int
    left: Mapping[str, Any]
    because: str
    head: str


def get_span(scope: Scope, day: date) -> tuple[datetime, datetime]:
    """Return when a day's evening begins and ends at the site; on a closed day as on a usual one. One statement."""
    hours = find_hours(scope, day) or EVENING
    return at(day, *divmod(hours.opens, 60)), at(day, *divmod(hours.closes, 60))


def list_left_over(scope: Scope, day: date) -> LeftOver:
    """Return what is open at the site at the end of a day, of that day and of any before it. Five statements."""
    places = db.session.execute(
        select(
            QueuePlace.key,
            Visit.day,
            Visit.number,
            QueuePlace.state,
            QueuePlace.queued_at.label("since"),
            ServicePoint.name_en,
            ServicePoint.name_tr,
            ServicePoint.name_ar,
        )
        .join(Visit, Visit.id == QueuePlace.visit_id)
        .join(ServicePoint, ServicePoint.id == QueuePlace.service_point_id)
        .where(
            Visit.site_id == scope.site_id,
            Visit.day <= day,
            Visit.closed_at.is_(None),
            QueuePlace.state.in_((*OPEN_STATES, PlaceState.AWAY)),
        )
        .order_by(ServicePoint.position, Visit.day, Visit.number)
    ).mappings()
    notes = db.session.execute(
        select(Consultation.key, Visit.day, Visit.number, Consultation.opened_at, User.name_latin, User.name_ar)
        .join(Visit, Visit.id == Consultation.visit_id)
        .join(User, User.id == Consultation.clinician_id)
        .where(Consultation.site_id == scope.site_id, Consultation.state == State.OPEN, Visit.day <= day)
        .order_by(User.name_latin, Visit.day, Visit.number)
    )
    owings = db.session.execute(
        select(Owing.number, PrescriptionLine.inn, Owing.quantity, func.count().over())
        .join(PrescriptionLine, PrescriptionLine.id == Owing.line_id)
        .where(Owing.site_id == scope.site_id, Owing.state == OwingState.OPEN)
        .order_by(Owing.number.desc())
        .limit(MOST_OWINGS)
    ).all()
    return LeftOver(
        places=[OpenPlace(**row) for row in places],
        notes=[
            OpenNote(key=key, day=of, number=number, since=since, doctor=Name(latin, arabic))
            for key, of, number, since, latin, arabic in notes
        ],
        orders=_open_orders(scope, day),
        owings=[OpenOwing(number=number, inn=inn, quantity=quantity) for number, inn, quantity, _ in owings],
        owed=owings[0][-1] if owings else 0,
    )


def _open_orders(scope: Scope, day: date) -> list[OpenOrder]:
    orders = [one for one in list_unfinished(scope) if evening_of(local(one.ordered_at)) <= day]
    doctors = {
        doctor: Name(latin, arabic)
        for doctor, latin, arabic in db.session.execute(
            select(User.id, User.name_latin, User.name_ar).where(User.id.in_({one.ordered_by_id for one in orders}))
        )
    }
    return [_open_order(one, doctors[one.ordered_by_id]) for one in orders]


def _open_order(order: OrderRow, doctor: Name) -> OpenOrder:
    return OpenOrder(
        key=order.key,
        day=evening_of(local(order.ordered_at)),
        number=order.visit_number,
        doctor=doctor,
        unanswered=len(order.open),
        is_untold=bool(order.calls),
        is_unread=order.is_unread,
    )


def find_close(scope: Scope, day: date) -> Closed | None:
    """Return how an evening was closed; None while it is open. One statement."""
    row = db.session.execute(
        select(EveningClose, User.name_latin, User.name_ar)
        .join(User, User.id == EveningClose.closed_by_id)
        .where(EveningClose.site_id == scope.site_id, EveningClose.day == day)
    ).one_or_none()
    if row is None:
        return None
    close, latin, arabic = row
    return Closed(close.closed_at, Name(latin, arabic), close.left_count, close.left, close.because, close.head)


_READERS: Mapping[str, Callable[[Any], object]] = {
    "day": date.fromisoformat,
    "since": datetime.fromisoformat,
    "state": PlaceState,
    "doctor": lambda told: Name(**told),
}


def _kept(one: OpenPlace | OpenNote | OpenOrder) -> dict[str, Any]:
    """Return a row as JSON can hold it."""
    return {name: _plain(value) for name, value in vars(one).items()}


def _plain(value: object) -> object:
    match value:
        case date():
            return value.isoformat()
        case Name():
            return vars(value)
        case _:
            return value


def _told(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a row that JSON held."""
    return {name: _READERS[name](value) if name in _READERS else value for name, value in kept.items()}

"""What is still open at the end of an evening: by number, never by name, and by whom it can be decided."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from clinic.auth.models import User
from clinic.consultations.models import Consultation
from clinic.consultations.rules import State
from clinic.evening.models import EveningClose
from clinic.evening.queries.tonight import Name
from clinic.kernel.access import Scope
from clinic.kernel.clock import local
from clinic.kernel.db import db
from clinic.lab.queries import OrderRow, list_unfinished
from clinic.lab.rules import RequestState
from clinic.pharmacy.models import Owing, PrescriptionLine
from clinic.pharmacy.rules import OwingState
from clinic.sites.models import ServicePoint
from clinic.visits.models import QueuePlace, Visit
from clinic.visits.rules import OPEN_STATES, PlaceState

MOST_OWINGS = 50


@dataclass(frozen=True, kw_only=True)
class OpenPlace:
    """Somebody who still stands in a queue; `name_*` are the room's."""

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

    day: date
    number: int
    doctor: Name
    unanswered: int
    is_untold: bool
    is_unread: bool


@dataclass(frozen=True)
class LeftOver:
    """Everything that is open: places, notes and orders want a decision, what is owed is only told."""

    places: list[OpenPlace]
    notes: list[OpenNote]
    orders: list[OpenOrder]
    owings: list[OpenOwing]

    @property
    def undecided(self) -> int:
        """Return how many want a decision."""
        return len(self.places) + len(self.notes) + len(self.orders)


@dataclass(frozen=True)
class Closed:
    """When an evening was closed, by whom, what was left, and the head of the record then."""

    at: datetime
    by: Name
    left_count: int
    because: str
    head: str


def list_left_over(scope: Scope, day: date) -> LeftOver:
    """Return what is open at the site at the end of a day, of that day and of any before it. Four statements."""
    places = db.session.execute(
        select(
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
        select(Visit.day, Visit.number, Consultation.opened_at, User.name_latin, User.name_ar)
        .join(Visit, Visit.id == Consultation.visit_id)
        .join(User, User.id == Consultation.clinician_id)
        .where(Consultation.site_id == scope.site_id, Consultation.state == State.OPEN, Visit.day <= day)
        .order_by(User.name_latin, Visit.day, Visit.number)
    )
    owings = db.session.execute(
        select(Owing.number, PrescriptionLine.inn, Owing.quantity)
        .join(PrescriptionLine, PrescriptionLine.id == Owing.line_id)
        .where(Owing.site_id == scope.site_id, Owing.state == OwingState.OPEN)
        .order_by(Owing.number.desc())
        .limit(MOST_OWINGS)
    )
    return LeftOver(
        [OpenPlace(**row) for row in places],
        [
            OpenNote(day=of, number=number, since=since, doctor=Name(latin, arabic))
            for of, number, since, latin, arabic in notes
        ],
        [_open_order(one) for one in list_unfinished(scope) if local(one.ordered_at).date() <= day],
        [OpenOwing(number=number, inn=inn, quantity=quantity) for number, inn, quantity in owings],
    )


def _open_order(order: OrderRow) -> OpenOrder:
    return OpenOrder(
        day=local(order.ordered_at).date(),
        number=order.visit_number,
        doctor=Name(order.ordered_by, order.ordered_by),
        unanswered=sum(1 for one in order.requests if one.state is not RequestState.VERIFIED),
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
    return Closed(close.closed_at, Name(latin, arabic), close.left_count, close.because, close.head)

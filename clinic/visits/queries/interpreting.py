"""Who needs words carried across tonight: number, given name, language and room, and nothing clinical."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select

from clinic.kernel.access import Scope
from clinic.kernel.clock import today
from clinic.kernel.db import db
from clinic.patients.models import Patient
from clinic.sites.models import ServicePoint
from clinic.visits.models import QueuePlace, Visit
from clinic.visits.rules import OPEN_STATES, PlaceState


@dataclass(frozen=True, kw_only=True)
class Speaker:
    """One visit as an interpreter sees it: where the person is now, or waits next."""

    visit_id: int
    number: int
    given_latin: str
    given_ar: str
    language: str
    state: PlaceState
    since: datetime
    room: str
    name_en: str
    name_tr: str
    name_ar: str


_NEAREST = (PlaceState.IN_ROOM, PlaceState.CALLED, PlaceState.WAITING)


def list_speakers(scope: Scope) -> list[Speaker]:
    """Return who is here tonight, each visit once, those in a room or called first, then by arrival; one statement."""
    nearest: dict[int, Speaker] = {}
    for row in db.session.execute(_OPEN, {"site": scope.site_id, "day": today()}).mappings():
        one = Speaker(**row)
        known = nearest.get(one.visit_id)
        if known is None or _NEAREST.index(one.state) < _NEAREST.index(known.state):
            nearest[one.visit_id] = one
    return sorted(nearest.values(), key=lambda one: (one.state is PlaceState.WAITING, one.since, one.number))


_OPEN: Select[*tuple[Any, ...]] = (
    select(
        Visit.id.label("visit_id"),
        Visit.number,
        Patient.given_latin,
        Patient.given_ar,
        Visit.language,
        QueuePlace.state,
        QueuePlace.queued_at.label("since"),
        ServicePoint.room,
        ServicePoint.name_en,
        ServicePoint.name_tr,
        ServicePoint.name_ar,
    )
    .join(Visit, Visit.id == QueuePlace.visit_id)
    .join(Patient, Patient.id == Visit.patient_id)
    .join(ServicePoint, ServicePoint.id == QueuePlace.service_point_id)
    .where(Visit.site_id == bindparam("site"), Visit.day == bindparam("day"), QueuePlace.state.in_(OPEN_STATES))
    .order_by(QueuePlace.id)
)

"""The end of triage: what was measured and asked, how soon the doctor should see the person, and the place given up."""

from collections.abc import Mapping

from sqlalchemy import select

from clinic.kernel.access import Scope
from clinic.kernel.clock import today
from clinic.kernel.db import db
from clinic.patients.models import Patient
from clinic.patients.queries import chart_ids
from clinic.patients.rules import age
from clinic.visits.models import Observation
from clinic.visits.queries import get_place
from clinic.visits.rules import OPEN_STATES, DangerSign, Priority, Vital, ensure_complete
from clinic.visits.services.queue import finish, set_priority
from clinic.visits.services.vitals import record_vitals


def finish_triage(
    scope: Scope,
    place_key: str,
    *,
    values: Mapping[Vital | DangerSign, int],
    priority: Priority,
    reasons: Mapping[Vital | DangerSign, str] | None = None,
) -> None:
    """Record what was measured, let the visit be as urgent as the nurse decides, and end its place at triage.

    A place that has ended takes more values all the same. Raises NotFound, Taken, ImpossibleValue, NotWeighed,
    SignsNotAsked.
    """
    place = get_place(scope, place_key)
    before = db.session.scalars(select(Observation.kind).where(Observation.visit_id == place.visit_id))
    person = db.session.get_one(Patient, chart_ids(scope, place.patient_id)[0])
    ensure_complete(age(person.birth, today()), {*before, *values}, priority=priority)
    record_vitals(scope, place.visit_id, values, reasons=reasons)
    set_priority(scope, place.visit_id, priority)
    if place.state in OPEN_STATES:
        finish(scope, place.id)

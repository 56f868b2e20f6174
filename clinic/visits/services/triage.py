"""The end of triage: what was measured and asked, how soon the doctor should see the person, and the place given up."""

from collections.abc import Mapping

from sqlalchemy import select

from clinic.kernel.access import Scope
from clinic.kernel.clock import today
from clinic.kernel.db import db
from clinic.patients.queries import get_patient_by_id
from clinic.patients.rules import age
from clinic.visits.models import Observation
from clinic.visits.rules import OPEN_STATES, DangerSign, Priority, Vital, ensure_complete
from clinic.visits.services.queue import hold_place, make_urgent, serve
from clinic.visits.services.vitals import write_readings


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
    visit, place, places = hold_place(scope, place_key)
    before = db.session.scalars(select(Observation.kind).where(Observation.visit_id == visit.id))
    person = get_patient_by_id(scope, visit.patient_id)
    ensure_complete(age(person.birth, today()), {*before, *values}, priority=priority)
    write_readings(scope, visit, values, reasons=reasons)
    make_urgent(places, priority)
    if place.state in OPEN_STATES:
        serve(scope, visit, place, places)
    else:
        db.session.flush()

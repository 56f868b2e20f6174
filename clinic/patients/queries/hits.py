"""People found, as lists show them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, select

from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.patients.models import Patient, PatientIdentifier
from clinic.patients.queries.candidates import Trace
from clinic.patients.queries.people import PatientCard, card_of
from clinic.patients.rules import IdentifierSystem, Reason

_MOST_TELLING = (IdentifierSystem.YKN, IdentifierSystem.YKN_OLD, IdentifierSystem.TCKN)

_NUMBER = (
    select(PatientIdentifier.value)
    .where(PatientIdentifier.patient_id == Patient.id)
    .order_by(
        case(*((PatientIdentifier.system == system, place) for place, system in enumerate(_MOST_TELLING)), else_=9),
        PatientIdentifier.id,
    )
    .limit(1)
    .scalar_subquery()
)


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A person found; `number` is the most telling of the documents' numbers, or empty."""

    card: PatientCard
    number: str
    district: str
    household_id: int | None
    reasons: tuple[Reason, ...]
    found_as: str
    score: int


def list_hits(scope: Scope, traces: Sequence[Trace]) -> list[Hit]:
    """Return those found as they stand on file now, in the order of `traces`, in one statement."""
    wanted = [trace.patient_id for trace in traces]
    # "+ 0" keeps SQLite from walking the organisation's index, which holds everybody
    ours = Patient.organisation_id + 0 == scope.organisation_id
    rows = db.session.execute(select(Patient, _NUMBER).where(Patient.id.in_(wanted), ours))
    people = {person.id: (person, number or "") for person, number in rows}
    return [
        Hit(
            card=card_of(people[trace.patient_id][0]),
            number=people[trace.patient_id][1],
            district=people[trace.patient_id][0].district,
            household_id=people[trace.patient_id][0].household_id,
            reasons=trace.reasons,
            found_as=trace.found_as,
            score=trace.score,
        )
        for trace in traces
        if trace.patient_id in people
    ]

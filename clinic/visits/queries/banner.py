"""The patient's banner: who, allergy, pregnancy, weight with its age, language; for clinical desks and the pharmacy."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from clinic.chart import queries as chart
from clinic.chart.queries import AllergyFacts, PregnancyFacts
from clinic.chart.rules import Known, asks_pregnancy
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from clinic.patients import queries as patients
from clinic.patients.models import Patient
from clinic.patients.queries import PatientCard
from clinic.patients.rules import Age, BirthDate, age
from clinic.visits.models import Visit
from clinic.visits.queries.vitals import Reading, find_weight
from clinic.visits.rules import weight_is_old


@dataclass(frozen=True, kw_only=True)
class Namesake:
    """One with the same father and family, or the same name, who is here tonight too: ask the name."""

    given_ar: str
    given_latin: str
    number: int
    birth: BirthDate


@dataclass(frozen=True, kw_only=True)
class Banner:
    """Who is treated and what every desk must know of them; no slot of it is ever left out.

    `weight` is the newest there is, in grams; `weight_days` its age in days and `is_weight_old` whether a dose may not
    be reckoned with it. `pregnancy.known` is NOT_APPLICABLE where the question is not put.
    """

    visit_id: int
    visit_key: str
    number: int
    arrived_at: datetime
    language: str
    patient: PatientCard
    chart_ids: tuple[int, ...]
    age: Age | None
    allergies: AllergyFacts
    pregnancy: PregnancyFacts
    weight: Reading | None
    weight_days: int | None
    is_weight_old: bool
    namesakes: tuple[Namesake, ...]


def banner(scope: Scope, visit_id: int) -> Banner:
    """Return the banner of a visit at the caller's site, in six statements, seven after a merge. Raises NotFound."""
    found = db.session.execute(
        select(Visit, Patient)
        .join(Patient, Patient.id == Visit.patient_id)
        .where(Visit.id == visit_id, Visit.site_id == scope.site_id)
    ).one_or_none()
    if found is None:
        raise NotFound(N_("There is no such visit here."))
    visit, person = found
    chart_ids = patients.chart_ids(scope, person.id)
    return banner_of(scope, visit, person, chart_ids, find_weight(scope, chart_ids))


def banner_of(
    scope: Scope, visit: Visit, person: Patient, chart_ids: tuple[int, ...], weight: Reading | None
) -> Banner:
    """Return the banner of a visit already loaded with its person, in three statements at most, four after a merge.

    `weight` is the newest of all records, that of tonight or of before.
    """
    if person.id != chart_ids[0]:
        person = db.session.get_one(Patient, chart_ids[0])
    card = patients.card_of(person)
    now_old = age(card.birth, clock.today())
    days = (clock.today() - clock.local(weight.measured_at).date()).days if weight else None
    return Banner(
        visit_id=visit.id,
        visit_key=visit.key,
        number=visit.number,
        arrived_at=visit.arrived_at,
        language=visit.language,
        patient=card,
        chart_ids=chart_ids,
        age=now_old,
        allergies=chart.allergy_answer(scope, chart_ids),
        pregnancy=(
            chart.pregnancy(scope, chart_ids)
            if asks_pregnancy(card.sex, now_old)
            else PregnancyFacts(known=Known.NOT_APPLICABLE)
        ),
        weight=weight,
        weight_days=days,
        is_weight_old=days is not None and weight_is_old(days, now_old),
        namesakes=_namesakes(scope, person, chart_ids),
    )


def _namesakes(scope: Scope, person: Patient, chart_ids: Collection[int]) -> tuple[Namesake, ...]:
    """Return who else is here tonight with the same family name and the same father or given name, in either script."""
    alike = [
        (getattr(Patient, f"{part}_{script}") == getattr(person, f"{part}_{script}"))
        & (getattr(Patient, f"family_{script}") == getattr(person, f"family_{script}"))
        for script in ("ar", "latin")
        for part in ("father", "given")
        if getattr(person, f"{part}_{script}") and getattr(person, f"family_{script}")
    ]
    if not alike:
        return ()
    rows = db.session.execute(
        select(Patient, Visit.number)
        .join(Visit, Visit.patient_id == Patient.id)
        .where(
            Visit.site_id == scope.site_id,
            Visit.day == clock.today(),
            Visit.closed_at.is_(None),
            Patient.id.not_in(chart_ids),
            or_(*alike),
        )
        .order_by(Visit.number)
    )
    return tuple(
        Namesake(given_ar=other.given_ar, given_latin=other.given_latin, number=number, birth=other.birth)
        for other, number in rows
    )

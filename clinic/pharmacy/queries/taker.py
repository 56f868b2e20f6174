"""What is known of the person who is to take medicines, as far as the checks ask."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from clinic.chart.queries import AllergyFacts, PregnancyFacts, allergy_answer, pregnancy
from clinic.chart.rules import Known, asks_pregnancy, gestation
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.patients.models import Patient
from clinic.patients.queries import chart_of
from clinic.patients.rules import age
from clinic.pharmacy.rules import KnownAllergy, Medicine, Taker
from clinic.visits.queries import Banner, find_weight
from clinic.visits.rules import weight_is_old


def known_allergies(facts: AllergyFacts) -> tuple[KnownAllergy, ...]:
    """Return the allergies on file as the checks compare them."""
    return tuple(KnownAllergy(row.substance, row.group) for row in facts.rows)


def pregnancy_of(facts: PregnancyFacts) -> dict[str, Any]:
    """Return what the checks ask of a pregnancy: whether it lasts, and its full weeks."""
    row = facts.row
    weeks = gestation(lmp_on=row.lmp_on, due_on=row.due_on, on=clock.today()).weeks if row else None
    return {"pregnancy": facts.known, "weeks": weeks}


def read_taker(scope: Scope, person: Patient, medicines: Collection[Medicine]) -> Taker:
    """Return what the checks of `medicines` ask of a person: one statement, one more for each of pregnancy and weight.

    A pregnancy is read where a medicine speaks of it, a weight where a child's dose goes by it.
    """
    chart = chart_of(scope, person.id)
    old = age(person.birth, clock.today())
    allergies = allergy_answer(scope, chart)
    taker = Taker(
        allergies=known_allergies(allergies),
        asked_allergies=allergies.known is Known.ABSENT,
        pregnancy=Known.NOT_APPLICABLE,
        months_at_least=old.months_at_least if old else None,
        months_at_most=old.months_at_most if old else None,
    )
    if asks_pregnancy(person.sex, old) and any(one.pregnancy_caution for one in medicines):
        taker = replace(taker, **pregnancy_of(pregnancy(scope, chart)))
    if taker.may_be_child and any(one.mg_kg_day_max for one in medicines):
        weight = find_weight(scope, chart)
        if weight:
            days = (clock.today() - clock.local(weight.measured_at).date()).days
            taker = replace(taker, weight_g=weight.value, is_weight_old=weight_is_old(days, old))
    return taker


def taker_of(banner: Banner) -> Taker:
    """Return what the checks ask of a person, as the banner knows it: no statement."""
    return Taker(
        allergies=known_allergies(banner.allergies),
        asked_allergies=banner.allergies.known is Known.ABSENT,
        months_at_least=banner.age.months_at_least if banner.age else None,
        months_at_most=banner.age.months_at_most if banner.age else None,
        weight_g=banner.weight.value if banner.weight else None,
        is_weight_old=banner.is_weight_old,
        **pregnancy_of(banner.pregnancy),
    )

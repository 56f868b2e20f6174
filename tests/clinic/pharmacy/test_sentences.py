"""Every sentence that a dose or a medicine can raise, with its figures, and the bounds at which it is raised."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from clinic.chart.rules import AllergyGroup, Known
from clinic.pharmacy.rules import (
    BadDose,
    Dose,
    DoseUnit,
    Finding,
    KnownAllergy,
    Medicine,
    Milligrams,
    Quantity,
    Taker,
    Taking,
    TimeOfDay,
    Weight,
    check,
    ensure_dose,
    milligrams,
    quantity,
    suggested_amount,
)

MORNING = (TimeOfDay.MORNING,)


def medicine(**fields: Any) -> Medicine:  # noqa: ANN401 - any field of it
    given: dict[str, Any] = {
        "item_id": 1,
        "inn": "paracetamol",
        "atc": "N02BE01",
        "form": "tablet",
        "strength": "500 mg",
        "base_unit": "tablet",
        "mg": Decimal(500),
    }
    return Medicine(**given | fields)


def dose(amount: str = "1", **fields: Any) -> Dose:  # noqa: ANN401 - any field of it
    given: dict[str, Any] = {"unit": DoseUnit.TABLET, "times": MORNING, "days": 3}
    return Dose(amount=Decimal(amount), **given | fields)


def adult(**fields: Any) -> Taker:  # noqa: ANN401 - any field of it
    given: dict[str, Any] = {"asked_allergies": True, "months_at_least": 480, "months_at_most": 480}
    return Taker(**given | fields)


def child(**fields: Any) -> Taker:  # noqa: ANN401 - any field of it
    return adult(months_at_least=100, months_at_most=100, **fields)


def said(findings: list[Finding]) -> list[tuple[Weight, str, bool]]:
    return [(one.weight, one.message % one.values, one.is_unconfirmed) for one in findings]


STOP, ASK, NOTE = Weight
BY_WEIGHT = medicine(mg_kg_day_min=Decimal(40), mg_kg_day_max=Decimal(60), doses_per_day=4)


@pytest.mark.parametrize(
    ("one", "taken", "taker", "beside", "expected"),
    [
        (
            medicine(allergy_group=AllergyGroup.NSAID),
            None,
            adult(allergies=(KnownAllergy("aspirin", AllergyGroup.NSAID),)),
            [],
            [(STOP, "Allergy on file: aspirin.", False)],
        ),
        (
            medicine(allergy_group=AllergyGroup.CEPHALOSPORIN),
            None,
            adult(allergies=(KnownAllergy("بنسلين", AllergyGroup.PENICILLIN),)),
            [],
            [(ASK, "Allergy on file: بنسلين. These may harm together.", False)],
        ),
        (
            medicine(),
            None,
            adult(allergies=(KnownAllergy("white pill", None), KnownAllergy("syrup", None))),
            [],
            [(ASK, "Not matched with any group, look yourself: white pill, syrup.", False)],
        ),
        (medicine(), None, adult(asked_allergies=False), [], [(NOTE, "Nobody has asked about allergies.", False)]),
        (
            medicine(pregnancy_caution="avoid"),
            None,
            adult(pregnancy=Known.PRESENT),
            [],
            [(ASK, "Pregnant. The formulary says: avoid.", True)],
        ),
        (
            medicine(pregnancy_caution="avoid", is_confirmed=True),
            None,
            adult(pregnancy=Known.PRESENT, weeks=34),
            [],
            [(ASK, "Pregnant, week 34. The formulary says: avoid.", False)],
        ),
        (
            medicine(pregnancy_caution="avoid"),
            None,
            adult(pregnancy=Known.NOT_ASKED),
            [],
            [(ASK, "Nobody has asked about pregnancy. The formulary says: avoid.", True)],
        ),
        (
            medicine(min_age_months=24),
            None,
            adult(months_at_least=None, months_at_most=None),
            [],
            [(ASK, "The age is not known; the formulary gives this from 24 months on.", True)],
        ),
        (
            medicine(min_age_months=24),
            None,
            adult(months_at_least=23, months_at_most=30),
            [],
            [(ASK, "Not under 24 months, the formulary says.", True)],
        ),
        (
            medicine(),
            None,
            adult(),
            [Taking("paracetamol", ""), Taking("paracetamol", "N02BE01"), Taking("acetaminophen", "N02BE01")],
            [(NOTE, "Same substance as paracetamol, acetaminophen.", False)],
        ),
        (
            medicine(),
            None,
            adult(),
            [Taking("phenacetin", "N02BE03"), Taking("propacetamol", "N02BE05"), Taking("zinc", "A12CB01")],
            [(ASK, "Same class as phenacetin, propacetamol.", False)],
        ),
        (
            medicine(max_mg_day=Decimal(400)),
            dose(),
            adult(),
            [],
            [(ASK, "500 mg a day; the most is 400 mg.", True)],
        ),
        (
            BY_WEIGHT,
            dose(),
            child(),
            [],
            [(ASK, "No weight on file: the dose by weight is not checked. Weigh first.", False)],
        ),
        (
            BY_WEIGHT,
            dose(),
            child(weight_g=10_000, is_weight_old=True),
            [],
            [(ASK, "The weight is old. Weigh again before you go by it.", False)],
        ),
        (
            BY_WEIGHT,
            dose("2"),
            child(weight_g=14_000),
            [],
            [(ASK, "71.4 mg/kg a day; usual is 40 to 60.", True)],
        ),
        (
            BY_WEIGHT,
            dose(),
            child(weight_g=14_000),
            [],
            [(ASK, "35.7 mg/kg a day is little; usual is 40 to 60.", True)],
        ),
        (
            medicine(mg_kg_day_max=Decimal(60)),
            dose(),
            child(weight_g=100_000),
            [],
            [],
        ),
    ],
)
def test_a_finding_says_what_it_found(
    one: Medicine, taken: Dose | None, taker: Taker, beside: list[Taking], expected: list[tuple[Weight, str, bool]]
) -> None:
    assert said(check(one, taken, taker, beside)) == expected


def test_a_formulary_that_was_confirmed_says_nothing_of_it() -> None:
    confirmed = medicine(min_age_months=24, is_confirmed=True)
    assert said(check(confirmed, None, adult(months_at_least=1, months_at_most=1))) == [
        (ASK, "Not under 24 months, the formulary says.", False)
    ]


@pytest.mark.parametrize(
    ("taken", "field", "sentence"),
    [
        (dose("0"), "amount", "Write how much one dose is."),
        (dose("1001"), "amount", "Write how much one dose is."),
        (dose("0.5"), "amount", "This tablet is not to be broken. Write a whole number."),
        (dose("1.5", unit=DoseUnit.CAPSULE), "amount", "Only whole ones can be given."),
        (dose("5.1", unit=DoseUnit.ML), "amount", "Write millilitres in halves, or below 5 in tenths."),
        (dose(days=0), "days", "Write for how many days, 1 to 365."),
        (dose(days=366), "days", "Write for how many days, 1 to 365."),
        (dose(times=(), is_as_needed=True), "max_per_day", "Write how often a day at most."),
        (dose(times=(), is_as_needed=True, max_per_day=0), "max_per_day", "Write how often a day at most."),
        (dose(times=(), is_as_needed=True, max_per_day=25), "max_per_day", "Write how often a day at most."),
        (dose(times=()), "times", "Choose the times of day, or when needed."),
        (dose(every_hours=8), "times", "Choose the times of day, or when needed."),
        (dose(times=(), every_hours=5), "every_hours", "Every 4, 6, 8, 12 or 24 hours."),
    ],
)
def test_a_dose_that_cannot_be_taken_is_refused_in_words(taken: Dose, field: str, sentence: str) -> None:
    with pytest.raises(BadDose) as refusal:
        ensure_dose(taken)
    assert (str(refusal.value), refusal.value.field) == (sentence, field)


@pytest.mark.parametrize(
    "taken",
    [
        dose("1000"),
        dose("4.9", unit=DoseUnit.ML),
        dose("0.1", unit=DoseUnit.ML),
        dose("5", unit=DoseUnit.ML),
        dose("5.5", unit=DoseUnit.ML),
        dose(days=1),
        dose(days=365),
        dose(times=(), is_as_needed=True, max_per_day=1),
        dose(times=(), is_as_needed=True, max_per_day=24),
        dose(times=(), every_hours=24),
        dose(times=(), every_hours=4),
    ],
)
def test_doses_at_the_bounds_can_be_taken(taken: Dose) -> None:
    ensure_dose(taken)


@pytest.mark.parametrize(
    ("fields", "taken", "expected"),
    [
        ({}, dose("2", days=7), Quantity(14)),
        ({}, dose("0.5", days=3), Quantity(2)),
        ({"base_unit": "tube 20 g"}, dose(unit=DoseUnit.APPLICATION), Quantity(1, is_whole_pack=True)),
        ({"base_unit": "inhaler 200 doses"}, dose("2", unit=DoseUnit.PUFF, days=100), Quantity(1, is_whole_pack=True)),
        ({"base_unit": "inhaler 200 doses"}, dose("2", unit=DoseUnit.PUFF, days=101), Quantity(2, is_whole_pack=True)),
        ({"base_unit": "inhaler"}, dose("2", unit=DoseUnit.PUFF, days=101), Quantity(1, is_whole_pack=True)),
        ({}, dose("5", unit=DoseUnit.ML), Quantity(1, is_whole_pack=True)),
        ({"pack_ml": Decimal(100)}, dose("10", unit=DoseUnit.ML, days=10), Quantity(1, is_whole_pack=True)),
        ({"pack_ml": Decimal(100)}, dose("10", unit=DoseUnit.ML, days=11), Quantity(2, is_whole_pack=True)),
        (
            {"pack_ml": Decimal(100), "in_use_days": 7},
            dose("5", unit=DoseUnit.ML, days=10),
            Quantity(2, is_whole_pack=True),
        ),
        (
            {"pack_ml": Decimal(100), "in_use_days": 7},
            dose("5", unit=DoseUnit.ML, days=7),
            Quantity(1, is_whole_pack=True),
        ),
    ],
)
def test_a_course_comes_to_whole_units(fields: dict[str, Any], taken: Dose, expected: Quantity) -> None:
    assert quantity(taken, medicine(**fields)) == expected


def test_milligrams_go_by_the_kilogram() -> None:
    assert milligrams(dose("2", times=tuple(TimeOfDay)), medicine(), 8_000) == Milligrams(
        Decimal(1000), Decimal(4000), Decimal(125), Decimal(500)
    )
    assert milligrams(dose("2"), medicine()) == Milligrams(Decimal(1000), Decimal(1000))


SYRUP = medicine(
    form="oral suspension",
    strength="120 mg/5 mL",
    base_unit="bottle 100 mL",
    mg=Decimal(120),
    per_ml=Decimal(5),
    mg_kg_day_min=Decimal(40),
    mg_kg_day_max=Decimal(60),
    doses_per_day=4,
    max_mg_day=Decimal(4000),
)


@pytest.mark.parametrize(
    ("one", "weight_g", "amount"),
    [
        (SYRUP, 8_000, "5"),
        (SYRUP, 7_990, "4.2"),
        (SYRUP, 6_000, "2.5"),
        (SYRUP, 6_010, "3.1"),
        (SYRUP, 10_000, "5"),
        (SYRUP, 12_000, "5"),
        (SYRUP, 13_000, "7.5"),
        (SYRUP, 100_000, "41.5"),
        (replace(SYRUP, max_mg_day=None), 100_000, "52.5"),
        (replace(SYRUP, max_mg_day=Decimal(400)), 8_000, "4.1"),
        (replace(SYRUP, max_mg_day=Decimal(1)), 8_000, None),
        (replace(SYRUP, mg_kg_day_min=Decimal(60)), 8_000, "5"),
        (replace(SYRUP, mg_kg_day_min=Decimal(60)), 30_000, "18.5"),
        (SYRUP, 50, None),
        (medicine(mg_kg_day_min=Decimal(40), mg_kg_day_max=Decimal(60), doses_per_day=4), 40_000, "1"),
        (medicine(mg_kg_day_min=Decimal(40), mg_kg_day_max=Decimal(60), doses_per_day=4), 20_000, None),
        (
            medicine(mg_kg_day_min=Decimal(40), mg_kg_day_max=Decimal(60), doses_per_day=4, is_divisible=True),
            20_000,
            "0.5",
        ),
        (
            medicine(
                form="capsule",
                base_unit="capsule",
                mg_kg_day_min=Decimal(40),
                mg_kg_day_max=Decimal(60),
                doses_per_day=4,
                is_divisible=True,
            ),
            20_000,
            None,
        ),
        (medicine(mg_kg_day_min=Decimal(40), doses_per_day=4), 20_000, None),
        (medicine(mg_kg_day_max=Decimal(60), doses_per_day=4), 20_000, None),
        (medicine(mg_kg_day_min=Decimal(40), mg_kg_day_max=Decimal(60)), 20_000, None),
        (medicine(mg=None, mg_kg_day_min=Decimal(40), mg_kg_day_max=Decimal(60), doses_per_day=4), 20_000, None),
    ],
)
def test_the_proposed_dose_lies_in_the_range_and_can_be_measured(
    one: Medicine, weight_g: int, amount: str | None
) -> None:
    found = suggested_amount(one, weight_g)
    assert found == (None if amount is None else Decimal(amount))
    assert found is None or "E" not in str(found)

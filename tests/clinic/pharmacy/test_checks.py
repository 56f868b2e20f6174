from decimal import Decimal
from typing import Any

import pytest

from clinic.chart.rules import AllergyGroup, Known
from clinic.kernel.i18n import in_language
from clinic.pharmacy.rules import (
    Check,
    Dose,
    DoseUnit,
    Finding,
    KnownAllergy,
    Medicine,
    Taker,
    Taking,
    TimeOfDay,
    Weight,
    check,
    stops,
)
from clinic.pharmacy.words import finding_words

FOUR = tuple(TimeOfDay)


def medicine(inn: str = "amoxicillin", **fields: Any) -> Medicine:  # noqa: ANN401 - any field of it
    given: dict[str, Any] = {
        "item_id": 1,
        "inn": inn,
        "atc": "J01CA04",
        "form": "tablet",
        "strength": "500 mg",
        "base_unit": "tablet",
        "mg": Decimal(500),
        "allergy_group": AllergyGroup.PENICILLIN,
        "is_confirmed": True,
    }
    return Medicine(**given | fields)


def paracetamol(**fields: Any) -> Medicine:  # noqa: ANN401 - any field of it
    given: dict[str, Any] = {
        "atc": "N02BE01",
        "allergy_group": None,
        "mg_kg_day_min": Decimal(40),
        "mg_kg_day_max": Decimal(60),
        "doses_per_day": 4,
        "max_mg_day": Decimal(4000),
        "min_age_months": 1,
    }
    return medicine("paracetamol", **given | fields)


def dose(amount: str = "1", times: int = 4, **fields: Any) -> Dose:  # noqa: ANN401 - any field of it
    given: dict[str, Any] = {"unit": DoseUnit.TABLET, "times": FOUR[:times], "days": 3}
    return Dose(amount=Decimal(amount), **given | fields)


def adult(**fields: Any) -> Taker:  # noqa: ANN401 - any field of it
    given: dict[str, Any] = {"asked_allergies": True, "months_at_least": 480, "months_at_most": 480}
    return Taker(**given | fields)


def child(weight_g: int | None, **fields: Any) -> Taker:  # noqa: ANN401 - any field of it
    return adult(months_at_least=10, months_at_most=10, weight_g=weight_g, **fields)


def found(findings: list[Finding]) -> list[tuple[Check, Weight]]:
    return [(one.check, one.weight) for one in findings]


def test_a_healthy_adult_and_a_usual_dose_leave_nothing_to_say() -> None:
    assert check(medicine(), dose(), adult()) == []
    assert not stops([])


# ---- allergy -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("allergy", "weight"),
    [
        (KnownAllergy("penicillin (class)", AllergyGroup.PENICILLIN), Weight.STOP),
        (KnownAllergy("Amoxicillin", None), Weight.STOP),
        (KnownAllergy("cefalexin", AllergyGroup.CEPHALOSPORIN), Weight.ASK),
        (KnownAllergy("white pill", None), Weight.ASK),
    ],
)
def test_an_allergy_stops_by_group_or_name_and_asks_where_it_may_be_or_cannot_be_matched(
    allergy: KnownAllergy, weight: Weight
) -> None:
    findings = check(medicine(), None, adult(allergies=(allergy,)))
    assert found(findings) == [(Check.ALLERGY, weight)]
    assert stops(findings) is (weight is Weight.STOP)
    assert allergy.substance in str(findings[0].values)


def test_an_allergy_to_another_group_says_nothing_and_one_never_asked_about_is_said() -> None:
    assert check(medicine(), None, adult(allergies=(KnownAllergy("ibuprofen", AllergyGroup.NSAID),))) == []
    assert check(medicine(allergy_group=None), None, adult(allergies=(KnownAllergy("egg", AllergyGroup.EGG),))) == []
    assert found(check(medicine(), None, adult(asked_allergies=False))) == [(Check.ALLERGY, Weight.NOTE)]


# ---- dose ----------------------------------------------------------------------------------------------------------


def test_a_grown_ups_tablet_for_an_infant_of_eight_kilograms_is_a_stop() -> None:
    findings = check(paracetamol(), dose(), child(8_000))
    assert found(findings) == [(Check.DOSE, Weight.STOP)]
    assert findings[0].values == {"mg": Decimal("250.0"), "least": Decimal(40), "most": Decimal(60)}


@pytest.mark.parametrize(
    ("weight_g", "expected"),
    [
        (40_000, []),
        (30_400, []),
        (30_200, [(Check.DOSE, Weight.ASK)]),
        (16_700, [(Check.DOSE, Weight.ASK)]),
        (16_600, [(Check.DOSE, Weight.STOP)]),
        (56_000, [(Check.DOSE, Weight.ASK)]),
        (None, [(Check.DOSE, Weight.ASK)]),
    ],
)
def test_a_childs_dose_goes_by_weight(weight_g: int | None, expected: list[tuple[Check, Weight]]) -> None:
    assert found(check(paracetamol(), dose(), child(weight_g))) == expected


def test_an_old_weight_stops_for_the_small_and_asks_for_the_bigger_and_an_adult_is_not_weighed() -> None:
    assert found(check(paracetamol(), dose(), child(40_000, is_weight_old=True))) == [(Check.DOSE, Weight.STOP)]
    for months, weight in ((59, Weight.STOP), (60, Weight.ASK), (143, Weight.ASK)):
        person = adult(months_at_least=months, months_at_most=months, weight_g=40_000, is_weight_old=True)
        assert found(check(paracetamol(), dose(), person)) == [(Check.DOSE, weight)]
    unknown = Taker(asked_allergies=True, weight_g=40_000, is_weight_old=True)
    assert (Check.DOSE, Weight.STOP) in found(check(paracetamol(), dose(), unknown))
    assert check(paracetamol(), dose(), adult(weight_g=40_000, is_weight_old=True)) == []
    assert check(paracetamol(), dose(), adult(weight_g=8_000)) == []
    assert found(check(paracetamol(), dose(), Taker(asked_allergies=True, weight_g=8_000)))[0][0] is Check.DOSE


@pytest.mark.parametrize(("amount", "weight"), [("2", None), ("3", Weight.ASK), ("4", Weight.STOP)])
def test_more_than_the_day_allows_is_asked_about_and_twice_as_much_stops_a_childs(
    amount: str, weight: Weight | None
) -> None:
    big_child = adult(months_at_least=143, months_at_most=143, weight_g=200_000)
    findings = check(paracetamol(), dose(amount), big_child)
    assert [one for one in found(findings) if one[0] is Check.MAXIMUM] == ([(Check.MAXIMUM, weight)] if weight else [])
    grown = check(paracetamol(), dose(amount), adult())
    assert found(grown) == ([(Check.MAXIMUM, Weight.ASK)] if weight else [])


def test_what_is_not_in_milligrams_has_no_dose_to_check() -> None:
    assert check(paracetamol(mg=None), dose("9"), child(8_000)) == []


# ---- age, pregnancy, duplicates ------------------------------------------------------------------------------------


def test_too_young_is_asked_about_and_so_is_an_age_that_is_not_known() -> None:
    late = medicine(min_age_months=24)
    assert found(check(late, None, adult(months_at_least=23, months_at_most=23))) == [(Check.AGE, Weight.ASK)]
    assert check(late, None, adult(months_at_least=24, months_at_most=24)) == []
    assert found(check(late, None, adult(months_at_least=None, months_at_most=None))) == [(Check.AGE, Weight.ASK)]


@pytest.mark.parametrize(
    ("caution", "pregnancy", "weight"),
    [
        ("CONTRAINDICATED", Known.PRESENT, Weight.STOP),
        ("avoid", Known.PRESENT, Weight.ASK),
        ("avoid", Known.NOT_ASKED, Weight.ASK),
        ("avoid", Known.ABSENT, None),
        ("avoid", Known.NOT_APPLICABLE, None),
        ("compatible short term", Known.PRESENT, None),
        ("", Known.PRESENT, None),
        ("", Known.NOT_ASKED, None),
        ("use if needed", Known.PRESENT, Weight.NOTE),
        ("use if needed", Known.NOT_ASKED, None),
        ("CONTRAINDICATED", Known.NOT_ASKED, Weight.ASK),
        ("recommended in ANC", Known.PRESENT, None),
    ],
)
def test_pregnancy_alerts_only_while_it_lasts_or_was_never_asked(
    caution: str, pregnancy: Known, weight: Weight | None
) -> None:
    findings = check(medicine(pregnancy_caution=caution), None, adult(pregnancy=pregnancy))
    assert found(findings) == ([(Check.PREGNANCY, weight)] if weight else [])


def test_a_pregnancy_alert_names_the_week_and_goes_by_it() -> None:
    ibuprofen = medicine("ibuprofen", pregnancy_caution="avoid from 20 weeks; contraindicated 3rd trimester")

    def at(weeks: int | None) -> list[Finding]:
        return check(ibuprofen, None, adult(pregnancy=Known.PRESENT, weeks=weeks))

    assert at(19) == []
    assert [(one.weight, one.values["weeks"]) for one in at(20)] == [(Weight.ASK, 20)]
    assert [(one.weight, one.message) for one in at(28)] == [
        (Weight.STOP, "Pregnant, week %(weeks)s. The formulary says: %(caution)s.")
    ]
    assert [(one.weight, one.message) for one in at(None)] == [
        (Weight.STOP, "Pregnant. The formulary says: %(caution)s.")
    ]


@pytest.mark.parametrize(
    ("atc", "other", "is_alike"),
    [
        ("M01AE01", "M01AB05", True),
        ("J01CA04", "J01CR02", True),
        ("J01DB01", "J01DD08", True),
        ("C09AA02", "C09CA01", True),
        ("M01AE01", "M02AA15", False),
        ("J01CA04", "J01DB01", False),
        ("A10BA02", "A10BB09", False),
        ("N02BE01", "N02BA01", False),
    ],
)
def test_some_classes_are_one_though_their_codes_part_early(atc: str, other: str, *, is_alike: bool) -> None:
    findings = check(medicine("one", atc=atc, allergy_group=None), None, adult(), [Taking("other", other)])
    assert found(findings) == ([(Check.DUPLICATE, Weight.ASK)] if is_alike else [])


def test_the_same_class_is_asked_about_and_the_same_substance_only_said() -> None:
    ibuprofen = medicine("ibuprofen", atc="M01AE01", allergy_group=AllergyGroup.NSAID)
    beside = [Taking("naproxen", "M01AE02"), Taking("metformin", "A10BA02")]
    assert found(check(ibuprofen, None, adult(), beside)) == [(Check.DUPLICATE, Weight.ASK)]
    again = check(ibuprofen, None, adult(), [Taking("ibuprofen", "M01AE01")])
    assert found(again) == [(Check.DUPLICATE, Weight.NOTE)]
    assert check(medicine("ORS", atc="A07CA"), None, adult(), [Taking("zinc", "A12CB01")]) == []


def test_the_gravest_comes_first() -> None:
    person = child(8_000, allergies=(KnownAllergy("paracetamol", None),))
    weights = [one.weight for one in check(paracetamol(min_age_months=12), dose(), person)]
    assert weights == [Weight.STOP, Weight.STOP, Weight.ASK]


# ---- words ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("context")
def test_a_finding_reads_with_its_figures_and_says_where_nobody_confirmed_them() -> None:
    finding = check(paracetamol(is_confirmed=False), dose(), child(8_000))[0]
    assert finding_words(finding) == "250 mg/kg a day; usual is 40 to 60. Figures not confirmed by the clinic."
    with in_language("tr"):
        assert finding_words(finding).startswith("Günde 250 mg/kg; olağanı 40-60.")
    known = check(medicine(), None, adult(allergies=(KnownAllergy("amoxicillin", None),)))[0]
    assert finding_words(known) == "Allergy on file: amoxicillin."

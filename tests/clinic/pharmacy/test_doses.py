from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.kernel.i18n import in_language
from clinic.pharmacy.rules import (
    BadDose,
    Dose,
    DoseUnit,
    Food,
    Medicine,
    Quantity,
    TimeOfDay,
    dose_unit,
    ensure_dose,
    milligrams,
    quantity,
    suggested_amount,
)
from clinic.pharmacy.words import amount_words, dose_words, milligram_words, times_words

THREE = (TimeOfDay.MORNING, TimeOfDay.NOON, TimeOfDay.EVENING)
TWO = (TimeOfDay.MORNING, TimeOfDay.EVENING)


def medicine(**fields: Any) -> Medicine:  # noqa: ANN401 - any field of it
    given: dict[str, Any] = {
        "item_id": 1,
        "inn": "amoxicillin",
        "atc": "J01CA04",
        "form": "capsule",
        "strength": "500 mg",
        "base_unit": "capsule",
        "mg": Decimal(500),
    }
    return Medicine(**given | fields)


SYRUP = medicine(
    inn="amoxicillin",
    form="powder for oral suspension",
    strength="250 mg/5 mL",
    base_unit="bottle 100 mL",
    mg=Decimal(250),
    per_ml=Decimal(5),
    pack_ml=Decimal(100),
    mg_kg_day_min=Decimal(40),
    mg_kg_day_max=Decimal(90),
    doses_per_day=2,
    max_mg_day=Decimal(3000),
)


def dose(amount: str = "1", **fields: Any) -> Dose:  # noqa: ANN401 - any field of it
    given: dict[str, Any] = {"unit": DoseUnit.CAPSULE, "times": THREE, "days": 7}
    return Dose(**{"amount": Decimal(amount), **given, **fields})


@pytest.mark.parametrize(
    ("form", "strength", "base_unit", "unit"),
    [
        ("tablet", "500 mg", "tablet", "TABLET"),
        ("chewable tablet", "400 mg", "tablet", "TABLET"),
        ("vaginal tablet", "500 mg", "tablet", "TABLET"),
        ("capsule", "500 mg", "capsule", "CAPSULE"),
        ("oral suspension", "120 mg/5 mL", "bottle 100 mL", "ML"),
        ("powder for oral suspension", "250 mg/5 mL", "bottle 100 mL", "ML"),
        ("oral drops", "25 mg elemental iron/mL", "bottle 30 mL", "ML"),
        ("oral drops", "400 IU/drop or per product", "bottle 10 mL", "DROP"),
        ("eye drops", "0.3 %", "bottle 5 mL", "DROP"),
        ("eye ointment", "1 %", "tube 5 g", "APPLICATION"),
        ("cream", "1 %", "tube 20 g", "APPLICATION"),
        ("lotion", "25 %", "bottle 100 mL", "APPLICATION"),
        ("solution", "10 %", "bottle 100 mL", "APPLICATION"),
        ("powder for solution", "for 1 L", "sachet", "SACHET"),
        ("inhaler", "100 micrograms/dose", "inhaler 200 doses", "PUFF"),
        ("nebuliser solution", "2.5 mg/2.5 mL", "ampoule", "AMPOULE"),
        ("injection", "8 mg/2 mL", "ampoule", "AMPOULE"),
        ("powder for injection", "1 g", "vial", "VIAL"),
        ("injection", "100 IU/mL", "vial 10 mL", "IU"),
        ("rectal tube", "5 mg/2.5 mL", "tube", "TUBE"),
        ("infusion", "0.9 %", "bag 500 mL", "BAG"),
        ("medical gas", "", "cylinder/concentrator", "PIECE"),
    ],
)
def test_what_a_dose_is_counted_in_follows_from_the_form(form: str, strength: str, base_unit: str, unit: str) -> None:
    assert dose_unit(form, strength, base_unit) == unit


# ---- what can be taken ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (dose("0"), "amount"),
        (dose("-1"), "amount"),
        (dose("1001"), "amount"),
        (dose("0.5"), "amount"),
        (dose("0.25", unit=DoseUnit.TABLET), "amount"),
        (dose("8.3", unit=DoseUnit.ML), "amount"),
        (dose("4.25", unit=DoseUnit.ML), "amount"),
        (dose(days=0), "days"),
        (dose(days=366), "days"),
        (dose(times=()), "times"),
        (dose(every_hours=6), "times"),
        (dose(times=(), every_hours=5), "every_hours"),
        (dose(times=(), is_as_needed=True), "max_per_day"),
        (dose(times=(), is_as_needed=True, max_per_day=25), "max_per_day"),
    ],
)
def test_a_dose_that_cannot_be_taken_or_counted_is_refused_at_its_part(wrong: Dose, field: str) -> None:
    with pytest.raises(BadDose) as refusal:
        ensure_dose(wrong)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    "right",
    [
        dose(),
        dose("8.5", unit=DoseUnit.ML),
        dose("4.3", unit=DoseUnit.ML),
        dose(times=(), every_hours=6),
        dose(times=(), is_as_needed=True, max_per_day=4),
    ],
)
def test_a_dose_that_can_be_taken_passes(right: Dose) -> None:
    ensure_dose(right)


def test_only_a_tablet_that_may_be_broken_is_given_in_halves() -> None:
    half = dose("0.5", unit=DoseUnit.TABLET)
    ensure_dose(half, is_divisible=True)
    with pytest.raises(BadDose):
        ensure_dose(half)
    with pytest.raises(BadDose):
        ensure_dose(dose("0.5"), is_divisible=True)


# ---- how much is handed out ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("taken", "what", "units"),
    [
        (dose(), medicine(), 21),
        (dose("2", times=TWO, days=10), medicine(), 40),
        (dose("0.5", unit=DoseUnit.TABLET, days=5), medicine(), 8),
        (dose(times=(), every_hours=6, days=2), medicine(), 8),
        (dose(times=(), is_as_needed=True, max_per_day=4, days=3), medicine(), 12),
        (dose("8.5", unit=DoseUnit.ML, times=TWO, days=5), SYRUP, 1),
        (dose("8.5", unit=DoseUnit.ML, times=TWO, days=7), SYRUP, 2),
        (dose("5", unit=DoseUnit.ML, times=TWO, days=10), medicine(pack_ml=Decimal(100), in_use_days=7), 2),
        (dose("5", unit=DoseUnit.ML, times=TWO, days=14), medicine(pack_ml=Decimal(100), in_use_days=7), 2),
        (dose("5", unit=DoseUnit.ML), medicine(pack_ml=None), 1),
        (dose("2", unit=DoseUnit.PUFF, times=TWO, days=60), medicine(base_unit="inhaler 200 doses"), 2),
        (dose("2", unit=DoseUnit.PUFF), medicine(base_unit="inhaler"), 1),
        (dose(unit=DoseUnit.APPLICATION, days=14), medicine(), 1),
        (dose(unit=DoseUnit.DROP, days=14), medicine(), 1),
    ],
)
def test_the_quantity_covers_the_course_in_whole_units(taken: Dose, what: Medicine, units: int) -> None:
    assert quantity(taken, what).units == units


def test_what_is_given_by_the_pack_says_so() -> None:
    assert quantity(dose(), medicine()) == Quantity(21)
    assert quantity(dose(unit=DoseUnit.APPLICATION), medicine()) == Quantity(1, is_whole_pack=True)


@given(
    amount=st.integers(1, 200).map(lambda tenths: Decimal(tenths) / 10),
    days=st.integers(1, 60),
    pack=st.integers(15, 250),
    in_use=st.integers(1, 30) | st.none(),
)
def test_bottles_hold_the_course_and_none_is_spare(amount: Decimal, days: int, pack: int, in_use: int | None) -> None:
    taken = dose(str(amount), unit=DoseUnit.ML, times=TWO, days=days)
    bottles = quantity(taken, medicine(pack_ml=Decimal(pack), in_use_days=in_use)).units
    needed = amount * 2 * days
    assert bottles * pack >= needed
    if in_use is None:
        assert (bottles - 1) * pack < needed


# ---- milligrams ----------------------------------------------------------------------------------------------------


def test_milligrams_come_by_dose_by_day_and_by_weight() -> None:
    amounts = milligrams(dose("8.5", unit=DoseUnit.ML, times=TWO), SYRUP, 10_200)
    assert amounts is not None
    assert (amounts.per_dose, amounts.per_day) == (Decimal(425), Decimal(850))
    assert amounts.per_kg_day is not None
    assert round(amounts.per_kg_day, 1) == Decimal("83.3")
    assert milligrams(dose(), medicine()) is not None
    assert milligrams(dose(), medicine(mg=None)) is None
    assert milligrams(dose(unit=DoseUnit.APPLICATION), medicine(form="cream", base_unit="tube 20 g")) is None
    assert milligrams(dose(), medicine(form="oral drops", base_unit="bottle 30 mL", per_ml=None)) is None


@pytest.mark.parametrize(("weight", "amount"), [(10_200, "7.5"), (3_100, "2.5"), (80_000, "30.0")])
def test_a_child_is_offered_a_spoon_near_the_middle_of_the_range(weight: int, amount: str) -> None:
    assert suggested_amount(SYRUP, weight) == Decimal(amount)


def test_nothing_is_offered_where_the_formulary_has_no_range_or_no_such_amount_can_be_given() -> None:
    assert suggested_amount(medicine(), 10_000) is None
    by_range = {"mg_kg_day_min": Decimal(40), "mg_kg_day_max": Decimal(90), "doses_per_day": 2}
    assert suggested_amount(medicine(**by_range), 5_000) is None
    assert suggested_amount(
        medicine(form="tablet", base_unit="tablet", is_divisible=True, **by_range), 10_000
    ) == Decimal("0.5")


@given(weight=st.integers(2_000, 90_000))
def test_what_is_offered_can_be_measured_and_never_exceeds_the_range_or_the_day(weight: int) -> None:
    amount = suggested_amount(SYRUP, weight)
    assert amount is not None
    taken = dose(str(amount), unit=DoseUnit.ML, times=TWO)
    ensure_dose(taken)
    amounts = milligrams(taken, SYRUP, weight)
    assert amounts is not None
    assert amounts.per_kg_day is not None
    assert amounts.per_kg_day <= 90
    assert amounts.per_day <= 3000


# ---- words ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    ("taken", "words"),
    [
        (dose(food=Food.AFTER), "1 capsule, 3 times a day, after food, for 7 days"),
        (dose("2", times=TWO, days=1), "2 capsules, 2 times a day"),
        (dose("0.5", unit=DoseUnit.TABLET, times=TWO, days=5), "half a tablet, 2 times a day, for 5 days"),
        (dose("1.5", unit=DoseUnit.TABLET, times=TWO, days=5), "1.5 tablets, 2 times a day, for 5 days"),
        (dose("8.5", unit=DoseUnit.ML, times=TWO, days=5), "8.5 mL, 2 times a day, for 5 days"),
        (dose(times=TWO[:1], days=1), "1 capsule, once"),
        (dose(times=TWO[:1], days=3), "1 capsule, once a day, for 3 days"),
        (dose(times=(), every_hours=6, days=3), "1 capsule, every 6 hours, for 3 days"),
        (
            dose("6", unit=DoseUnit.ML, times=(), is_as_needed=True, max_per_day=4, days=3),
            "6 mL, when needed, at most 4 times a day, for 3 days",
        ),
        (dose(unit=DoseUnit.APPLICATION, times=TWO, days=7), "a thin layer, 2 times a day, for 7 days"),
    ],
)
def test_a_dose_reads_in_words_and_never_as_figures_alone(taken: Dose, words: str) -> None:
    assert dose_words(taken) == words


@pytest.mark.usefixtures("context")
def test_a_dose_reads_in_the_patients_language() -> None:
    with in_language("tr"):
        assert dose_words(dose(food=Food.AFTER)) == "1 kapsül, günde 3 kez, tok karnına, 7 gün"
        assert amount_words(Decimal("8.5"), DoseUnit.ML) == "8,5 mL"
    with in_language("ar"):
        assert dose_words(dose("2", food=Food.AFTER)) == "كبسولتان، 3 مرات في اليوم، بعد الأكل، لمدة 7 أيام"
        assert times_words(dose()) == "صباحاً، ظهراً، مساءً"
        assert amount_words(Decimal("1.5"), DoseUnit.TABLET) == "1.5 حبة"
        assert amount_words(Decimal(3), DoseUnit.TABLET) == "3 حبات"


@pytest.mark.usefixtures("context")
def test_milligrams_read_with_the_range_of_the_formulary() -> None:
    taken = dose("8.5", unit=DoseUnit.ML, times=TWO)
    by_weight, plain = milligrams(taken, SYRUP, 10_200), milligrams(taken, SYRUP)
    assert by_weight is not None
    assert plain is not None
    assert milligram_words(by_weight, SYRUP) == "425 mg a dose, 83 mg/kg a day (40 to 90)"
    assert milligram_words(plain, SYRUP) == "425 mg a dose, 850 mg a day"
    assert milligram_words(by_weight, medicine()) == "425 mg a dose, 83 mg/kg a day"
    fixed = medicine(mg_kg_day_min=Decimal(10), mg_kg_day_max=Decimal(10))
    assert milligram_words(by_weight, fixed) == "425 mg a dose, 83 mg/kg a day (10)"

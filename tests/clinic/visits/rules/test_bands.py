from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.patients.rules import Age
from clinic.visits.rules import (
    BANDS,
    MEASURES,
    PLAUSIBLE,
    ArmClass,
    Band,
    Verdict,
    Vital,
    arm_class,
    bands_for,
    must_weigh,
    verdict,
    weight_is_old,
)
from clinic.visits.rules.measures import OLDEST
from tests.clinic.visits.rules.ages import months

LOW, USUAL, HIGH = Verdict
YEAR = 12


@pytest.mark.parametrize(
    ("vital", "at", "low", "high"),
    [
        (Vital.TEMPERATURE, [0, 191], 355, 374),
        (Vital.TEMPERATURE, [192, 1000], 361, 380),
        (Vital.RESPIRATION, [0, 1], 30, 59),
        (Vital.RESPIRATION, [2, 11], 30, 49),
        (Vital.RESPIRATION, [12, 47], 24, 39),
        (Vital.RESPIRATION, [48, 59], 22, 39),
        (Vital.RESPIRATION, [60, 71], 22, 34),
        (Vital.RESPIRATION, [72, 155], 18, 30),
        (Vital.RESPIRATION, [156, 1000], 12, 20),
        (Vital.PULSE, [0, 11], 110, 160),
        (Vital.PULSE, [12, 23], 100, 150),
        (Vital.PULSE, [24, 59], 95, 140),
        (Vital.PULSE, [60, 143], 80, 120),
        (Vital.PULSE, [144, 1000], 60, 100),
        (Vital.OXYGEN, [0, 191], 95, 100),
        (Vital.OXYGEN, [192, 1000], 96, 100),
        (Vital.SYSTOLIC, [0], 60, None),
        (Vital.SYSTOLIC, [1, 11], 70, None),
        (Vital.SYSTOLIC, [12, 23], 72, 97),
        (Vital.SYSTOLIC, [24, 35], 74, 99),
        (Vital.SYSTOLIC, [36, 47], 76, 100),
        (Vital.SYSTOLIC, [48, 59], 78, 101),
        (Vital.SYSTOLIC, [60, 71], 80, 102),
        (Vital.SYSTOLIC, [72, 83], 82, 104),
        (Vital.SYSTOLIC, [84, 95], 84, 105),
        (Vital.SYSTOLIC, [96, 107], 86, 106),
        (Vital.SYSTOLIC, [108, 119], 88, 106),
        (Vital.SYSTOLIC, [120, 131], 90, 107),
        (Vital.SYSTOLIC, [132, 143], 90, 109),
        (Vital.SYSTOLIC, [144, 155], 90, 112),
        (Vital.SYSTOLIC, [156, 191], 90, 119),
        (Vital.SYSTOLIC, [192, 1000], 90, 139),
        (Vital.DIASTOLIC, [12, 23], None, 51),
        (Vital.DIASTOLIC, [24, 35], None, 54),
        (Vital.DIASTOLIC, [36, 47], None, 57),
        (Vital.DIASTOLIC, [48, 59], None, 59),
        (Vital.DIASTOLIC, [60, 71], None, 62),
        (Vital.DIASTOLIC, [72, 83], None, 65),
        (Vital.DIASTOLIC, [84, 95], None, 67),
        (Vital.DIASTOLIC, [96, 107], None, 68),
        (Vital.DIASTOLIC, [108, 119], None, 69),
        (Vital.DIASTOLIC, [120, 131], None, 71),
        (Vital.DIASTOLIC, [132, 143], None, 73),
        (Vital.DIASTOLIC, [144, 155], None, 74),
        (Vital.DIASTOLIC, [156, 191], None, 79),
        (Vital.DIASTOLIC, [192, 1000], 60, 89),
        (Vital.GLUCOSE, [0, 1000], 70, 199),
    ],
)
def test_each_age_has_one_band_and_its_ends_are_usual(
    vital: Vital, at: list[int], low: int | None, high: int | None
) -> None:
    for month in at:
        (band,) = bands_for(vital, months(month))
        assert (band.low, band.high) == (low, high)
        inside = USUAL if low is not None and high is not None else None
        if low is not None:
            assert verdict(vital, low, months(month)) is inside
            assert verdict(vital, low - 1, months(month)) is LOW
        if high is not None:
            assert verdict(vital, high, months(month)) is inside
            assert verdict(vital, high + 1, months(month)) is HIGH


@pytest.mark.parametrize("table", [BANDS, PLAUSIBLE])
def test_bands_follow_each_other_without_gap_and_none_is_confirmed(table: dict[Vital, tuple[Band, ...]]) -> None:
    for vital, bands in table.items():
        assert bands[-1].until_month == OLDEST == 1560
        assert all(earlier.until_month == later.from_month for earlier, later in pairwise(bands))
        for band in bands:
            assert not band.confirmed
            assert band.source
            ends = [end for end in (band.low, band.high) if end is not None]
            assert ends == sorted(ends)
            assert all(MEASURES[vital].least <= end <= MEASURES[vital].most for end in ends)


@pytest.mark.parametrize("vital", [Vital.WEIGHT, Vital.HEIGHT, Vital.ARM, Vital.PAIN, Vital.CONSCIOUSNESS])
def test_without_a_band_nothing_is_called_usual(vital: Vital) -> None:
    assert bands_for(vital, months(400)) == ()
    assert verdict(vital, 100, months(400)) is None


def test_without_an_age_nothing_is_judged() -> None:
    assert bands_for(Vital.PULSE, None) == ()
    assert verdict(Vital.PULSE, 300, None) is None


def test_a_diastolic_pressure_of_an_infant_has_no_band() -> None:
    assert verdict(Vital.DIASTOLIC, 40, months(11)) is None
    assert verdict(Vital.DIASTOLIC, 90, months(12)) is HIGH
    assert verdict(Vital.DIASTOLIC, 90, months(11, 13)) is None


def test_an_approximate_age_is_judged_where_all_its_bands_agree() -> None:
    toddler = months(20, 30)
    assert len(bands_for(Vital.PULSE, toddler)) == 2
    assert verdict(Vital.PULSE, 151, toddler) is HIGH
    assert verdict(Vital.PULSE, 150, toddler) is None
    assert verdict(Vital.PULSE, 140, toddler) is USUAL
    assert verdict(Vital.PULSE, 97, toddler) is None
    assert verdict(Vital.PULSE, 94, toddler) is LOW


@pytest.mark.parametrize(
    ("vital", "at", "low", "high"),
    [
        (Vital.WEIGHT, 0, 500, 7_000),
        (Vital.WEIGHT, 1, 1_500, 13_000),
        (Vital.WEIGHT, 6, 3_000, 18_000),
        (Vital.WEIGHT, 12, 4_000, 27_000),
        (Vital.WEIGHT, 36, 6_000, 50_000),
        (Vital.WEIGHT, 72, 9_000, 90_000),
        (Vital.WEIGHT, 120, 14_000, 160_000),
        (Vital.WEIGHT, 192, 25_000, 250_000),
        (Vital.LENGTH, 0, 300, 650),
        (Vital.LENGTH, 1, 380, 950),
        (Vital.LENGTH, 12, 550, 1200),
        (Vital.LENGTH, 36, 700, 2300),
        (Vital.HEIGHT, 12, 550, 1200),
        (Vital.HEIGHT, 36, 700, 1450),
        (Vital.HEIGHT, 72, 850, 1750),
        (Vital.HEIGHT, 120, 1000, 2150),
        (Vital.HEIGHT, 192, 1000, 2300),
        (Vital.HEAD, 0, 220, 560),
        (Vital.HEAD, 12, 350, 680),
    ],
)
def test_what_is_likely_mistyped_depends_on_age(vital: Vital, at: int, low: int, high: int) -> None:
    (band,) = bands_for(vital, months(at), PLAUSIBLE)
    assert (band.from_month, band.low, band.high) == (at, low, high)


def test_a_newborn_meets_no_adult_limit() -> None:
    newborn = months(0)
    assert verdict(Vital.LENGTH, 490, newborn, PLAUSIBLE) is USUAL
    assert verdict(Vital.WEIGHT, 3100, newborn, PLAUSIBLE) is USUAL
    assert verdict(Vital.RESPIRATION, 64, newborn) is HIGH
    assert verdict(Vital.RESPIRATION, 59, newborn) is USUAL


@pytest.mark.parametrize(
    ("age", "weighs"),
    [(months(0), True), (months(143), True), (months(144), False), (months(143, 155), True), (None, False)],
)
def test_under_twelve_a_weight_may_not_be_left_out(age: Age | None, *, weighs: bool) -> None:
    assert must_weigh(age) is weighs


@pytest.mark.parametrize(
    ("days", "age", "old"),
    [
        (7, months(11), False),
        (8, months(11), True),
        (8, months(12), False),
        (8, months(11, 20), True),
        (30, months(12), False),
        (31, months(12), True),
        (30, None, False),
        (31, None, True),
        (0, months(0), False),
    ],
)
def test_a_weight_ages_sooner_for_an_infant(days: int, age: Age | None, *, old: bool) -> None:
    assert weight_is_old(days, age) is old


@pytest.mark.parametrize(
    ("millimetres", "expected"),
    [
        (50, ArmClass.SEVERE),
        (114, ArmClass.SEVERE),
        (115, ArmClass.MODERATE),
        (124, ArmClass.MODERATE),
        (125, ArmClass.NORMAL),
        (300, ArmClass.NORMAL),
    ],
)
def test_every_arm_circumference_has_exactly_one_class(millimetres: int, expected: ArmClass) -> None:
    assert arm_class(millimetres, months(24)) is expected


@pytest.mark.parametrize(
    ("age", "applies"),
    [
        (months(5), False),
        (months(6), True),
        (months(59), True),
        (months(60), False),
        (months(0, 6), True),
        (months(59, 70), True),
        (months(39 * YEAR), False),
        (None, False),
    ],
)
def test_an_arm_is_classed_from_6_to_59_months(age: Age | None, *, applies: bool) -> None:
    assert (arm_class(110, age) is ArmClass.SEVERE) is applies
    assert applies or arm_class(110, age) is None


@given(st.integers(50, 400), st.integers(6, 59))
def test_arm_classes_rise_with_the_arm(millimetres: int, month: int) -> None:
    order = [ArmClass.SEVERE, ArmClass.MODERATE, ArmClass.NORMAL]
    smaller, larger = arm_class(millimetres, months(month)), arm_class(millimetres + 1, months(month))
    assert smaller is not None
    assert larger is not None
    assert order.index(smaller) <= order.index(larger)


@given(st.sampled_from(sorted(BANDS)), st.integers(0, 1000), st.integers(0, 200), st.integers(0, 1559))
def test_a_vaguer_age_never_says_more_than_an_exact_one(vital: Vital, value: int, spread: int, month: int) -> None:
    vague = verdict(vital, value, months(max(0, month - spread), month + spread))
    assert vague in {None, verdict(vital, value, months(month))}

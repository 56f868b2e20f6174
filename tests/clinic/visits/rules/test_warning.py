from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.patients.rules import Age
from clinic.visits.rules import MEASURES, DangerSign, Priority, Risk, Vital
from clinic.visits.rules.warning import EarlyWarning, Suggestion, danger_signs, early_warning, suggest
from tests.clinic.visits.rules.ages import months

ADULT, CHILD = months(45 * 12), months(44)
WELL = {
    Vital.RESPIRATION: 16,
    Vital.OXYGEN: 98,
    Vital.SYSTOLIC: 120,
    Vital.PULSE: 70,
    Vital.CONSCIOUSNESS: 0,
    Vital.TEMPERATURE: 370,
}


def score(**changes: int) -> EarlyWarning:
    found = early_warning({**WELL, **{Vital[name]: value for name, value in changes.items()}}, ADULT, is_pregnant=False)
    assert found is not None
    return found


def test_the_worked_example_scores_ten() -> None:
    found = score(TEMPERATURE=394, PULSE=118, RESPIRATION=26, OXYGEN=93, SYSTOLIC=104, CONSCIOUSNESS=0)
    assert (found.total, found.risk, found.confirmed) == (10, Risk.HIGH, False)
    assert found.points == {
        Vital.RESPIRATION: 3,
        Vital.OXYGEN: 2,
        Vital.SYSTOLIC: 1,
        Vital.PULSE: 2,
        Vital.CONSCIOUSNESS: 0,
        Vital.TEMPERATURE: 2,
        Vital.OXYGEN_GIVEN: 0,
    }


@pytest.mark.parametrize(
    ("vital", "points_at"),
    [
        ("RESPIRATION", {4: 3, 8: 3, 9: 1, 11: 1, 12: 0, 20: 0, 21: 2, 24: 2, 25: 3, 150: 3}),
        ("OXYGEN", {20: 3, 91: 3, 92: 2, 93: 2, 94: 1, 95: 1, 96: 0, 100: 0}),
        ("SYSTOLIC", {20: 3, 90: 3, 91: 2, 100: 2, 101: 1, 110: 1, 111: 0, 219: 0, 220: 3, 300: 3}),
        ("PULSE", {10: 3, 40: 3, 41: 1, 50: 1, 51: 0, 90: 0, 91: 1, 110: 1, 111: 2, 130: 2, 131: 3, 350: 3}),
        ("CONSCIOUSNESS", {0: 0, 1: 3, 2: 3, 3: 3, 4: 3}),
        ("TEMPERATURE", {250: 3, 350: 3, 351: 1, 360: 1, 361: 0, 380: 0, 381: 1, 390: 1, 391: 2, 450: 2}),
        ("OXYGEN_GIVEN", {0: 0, 1: 2}),
    ],
)
def test_each_sign_scores_as_the_college_says(vital: str, points_at: dict[int, int]) -> None:
    assert {value: score(**{vital: value}).points[Vital[vital]] for value in points_at} == points_at
    assert {value: score(**{vital: value}).total for value in points_at} == points_at


@pytest.mark.parametrize(
    ("changes", "total", "risk"),
    [
        ({}, 0, Risk.LOW),
        ({"PULSE": 120, "TEMPERATURE": 395}, 4, Risk.LOW),
        ({"RESPIRATION": 25}, 3, Risk.LOW_MEDIUM),
        ({"RESPIRATION": 25, "PULSE": 95}, 4, Risk.LOW_MEDIUM),
        ({"RESPIRATION": 25, "PULSE": 115}, 5, Risk.MEDIUM),
        ({"RESPIRATION": 25, "PULSE": 131}, 6, Risk.MEDIUM),
        ({"RESPIRATION": 25, "PULSE": 131, "OXYGEN": 95}, 7, Risk.HIGH),
    ],
)
def test_the_risk_follows_the_sum_and_any_single_three(changes: dict[str, int], total: int, risk: Risk) -> None:
    assert (score(**changes).total, score(**changes).risk) == (total, risk)


@pytest.mark.parametrize(
    ("age", "pregnant", "applies"),
    [
        (months(192), False, True),
        (months(191), False, False),
        (months(191, 210), False, False),
        (None, False, False),
        (ADULT, True, False),
    ],
)
def test_the_score_is_for_adults_who_are_not_pregnant(age: Age | None, *, pregnant: bool, applies: bool) -> None:
    assert (early_warning(WELL, age, is_pregnant=pregnant) is not None) is applies


@pytest.mark.parametrize("missing", WELL)
def test_without_one_of_its_signs_there_is_no_score(missing: Vital) -> None:
    signs = {vital: value for vital, value in WELL.items() if vital is not missing}
    assert early_warning(signs, ADULT, is_pregnant=False) is None


@given(
    st.fixed_dictionaries({vital: st.integers(MEASURES[vital].least, MEASURES[vital].most) for vital in WELL}),
    st.booleans(),
)
def test_a_score_lies_between_0_and_20(signs: Mapping[Vital, int], oxygen: bool) -> None:
    found = early_warning({**signs, Vital.OXYGEN_GIVEN: int(oxygen)}, ADULT, is_pregnant=False)
    assert found is not None
    assert 0 <= found.total <= 20


@pytest.mark.parametrize(
    ("age", "asked"), [(months(0), 6), (months(59), 6), (months(59, 71), 6), (months(60), 0), (None, 0)]
)
def test_six_danger_signs_are_asked_of_those_who_may_be_under_five(age: Age | None, asked: int) -> None:
    assert len(danger_signs(age)) == asked


def said(suggestion: Suggestion) -> tuple[Priority, list[str]]:
    return suggestion.priority, [str(remark) for remark in suggestion.because]


def judged(
    signs: Mapping[Vital, int], *danger: DangerSign, age: Age | None = CHILD, pregnant: bool = False
) -> tuple[Priority, list[str]]:
    return said(suggest(signs, frozenset(danger), age, is_pregnant=pregnant))


EMERGENCY, PRIORITY, ROUTINE = Priority


@pytest.mark.parametrize("sign", [sign for sign in DangerSign if sign is not DangerSign.CHEST_INDRAWING])
def test_a_danger_sign_calls_for_a_doctor_at_once(sign: DangerSign) -> None:
    assert judged({}, sign) == (EMERGENCY, [sign.label])


def test_chest_indrawing_alone_is_seen_soon() -> None:
    assert judged({}, DangerSign.CHEST_INDRAWING) == (PRIORITY, ["Chest indrawing"])
    assert judged({}, DangerSign.CHEST_INDRAWING, DangerSign.DROWSY) == (EMERGENCY, ["Drowsy, hard to wake"])


@pytest.mark.parametrize(
    ("signs", "age", "pregnant", "expected"),
    [
        ({}, CHILD, False, (ROUTINE, [])),
        ({}, None, False, (ROUTINE, [])),
        (WELL, ADULT, False, (ROUTINE, [])),
        ({Vital.OXYGEN: 90}, CHILD, False, (ROUTINE, [])),
        ({Vital.OXYGEN: 89}, CHILD, False, (EMERGENCY, ["oxygen 89 %"])),
        ({Vital.CONSCIOUSNESS: 0}, CHILD, False, (ROUTINE, [])),
        ({Vital.CONSCIOUSNESS: 1}, None, False, (EMERGENCY, ["not alert"])),
        ({Vital.TEMPERATURE: 394}, CHILD, False, (PRIORITY, ["temperature 39.4"])),
        ({Vital.TEMPERATURE: 390}, None, False, (PRIORITY, ["temperature 39"])),
        ({Vital.TEMPERATURE: 389}, CHILD, False, (ROUTINE, [])),
        ({Vital.TEMPERATURE: 370}, months(1), False, (PRIORITY, ["under two months"])),
        ({Vital.TEMPERATURE: 355}, months(1), False, (PRIORITY, ["under two months"])),
        ({Vital.TEMPERATURE: 354}, months(1), False, (EMERGENCY, ["temperature 35.4"])),
        ({Vital.TEMPERATURE: 374}, months(1), False, (PRIORITY, ["under two months"])),
        ({Vital.TEMPERATURE: 375}, months(1), False, (EMERGENCY, ["temperature 37.5"])),
        ({Vital.TEMPERATURE: 375}, months(2), False, (ROUTINE, [])),
        ({Vital.TEMPERATURE: 354}, None, False, (ROUTINE, [])),
        ({Vital.RESPIRATION: 40}, months(59), False, (PRIORITY, ["fast breathing (40)"])),
        ({Vital.RESPIRATION: 39}, months(59), False, (ROUTINE, [])),
        ({Vital.RESPIRATION: 40}, months(60), False, (ROUTINE, [])),
        ({Vital.RESPIRATION: 10}, CHILD, False, (ROUTINE, [])),
        ({Vital.ARM: 114}, CHILD, False, (PRIORITY, ["arm 114 mm"])),
        ({Vital.ARM: 115}, CHILD, False, (ROUTINE, [])),
        ({Vital.ARM: 114}, ADULT, False, (ROUTINE, [])),
        ({Vital.SYSTOLIC: 160}, ADULT, True, (EMERGENCY, ["pressure 160/- in pregnancy"])),
        ({Vital.SYSTOLIC: 159, Vital.DIASTOLIC: 110}, ADULT, True, (EMERGENCY, ["pressure 159/110 in pregnancy"])),
        ({Vital.SYSTOLIC: 159, Vital.DIASTOLIC: 109}, ADULT, True, (PRIORITY, ["pressure 159/109 in pregnancy"])),
        ({Vital.SYSTOLIC: 140, Vital.DIASTOLIC: 89}, ADULT, True, (PRIORITY, ["pressure 140/89 in pregnancy"])),
        ({Vital.DIASTOLIC: 90}, ADULT, True, (PRIORITY, ["pressure -/90 in pregnancy"])),
        ({Vital.SYSTOLIC: 139, Vital.DIASTOLIC: 89}, ADULT, True, (ROUTINE, [])),
        ({Vital.SYSTOLIC: 180, Vital.DIASTOLIC: 100}, ADULT, False, (ROUTINE, [])),
        ({**WELL, Vital.RESPIRATION: 25}, ADULT, False, (PRIORITY, ["early-warning score 3"])),
        ({**WELL, Vital.PULSE: 120}, ADULT, False, (ROUTINE, [])),
        (
            {**WELL, Vital.RESPIRATION: 25, Vital.PULSE: 131, Vital.OXYGEN: 95},
            ADULT,
            False,
            (EMERGENCY, ["early-warning score 7"]),
        ),
        ({**WELL, Vital.RESPIRATION: 25}, ADULT, True, (ROUTINE, [])),
    ],
)
def test_signs_suggest_a_priority_and_say_why(
    signs: Mapping[Vital, int], age: Age | None, *, pregnant: bool, expected: tuple[Priority, list[str]]
) -> None:
    assert judged(signs, age=age, pregnant=pregnant) == expected


@pytest.mark.parametrize(
    ("signs", "age", "pregnant", "codes"),
    [
        ({Vital.OXYGEN: 80}, months(1), False, ["HYPOXAEMIA"]),
        ({Vital.CONSCIOUSNESS: 2}, CHILD, False, ["CONSCIOUSNESS"]),
        ({Vital.TEMPERATURE: 380}, months(1), False, ["TEMPERATURE"]),
        ({Vital.RESPIRATION: 70, Vital.TEMPERATURE: 370}, months(1), False, ["YOUNG_INFANT", "FAST_BREATHING"]),
        ({Vital.ARM: 100}, CHILD, False, ["ARM"]),
        ({Vital.SYSTOLIC: 150}, ADULT, True, ["PRESSURE"]),
        ({**WELL, Vital.PULSE: 140}, ADULT, False, ["NEWS2"]),
    ],
)
def test_remarks_carry_codes_for_the_record(
    signs: Mapping[Vital, int], age: Age | None, *, pregnant: bool, codes: list[str]
) -> None:
    assert [remark.code for remark in suggest(signs, frozenset(), age, is_pregnant=pregnant).because] == codes


def test_a_danger_sign_is_its_own_code() -> None:
    found = suggest({}, frozenset({DangerSign.DROWSY}), CHILD, is_pregnant=False)
    assert [remark.code for remark in found.because] == ["DROWSY"]

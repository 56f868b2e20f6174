from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.visits.rules import MEASURES, ImpossibleValue, Vital, ensure_pressures, to_shown, to_stored


@pytest.mark.parametrize(
    ("vital", "typed", "stored"),
    [
        (Vital.WEIGHT, "3.1", 3100),
        (Vital.WEIGHT, "0.2", 200),
        (Vital.WEIGHT, "400", 400_000),
        (Vital.WEIGHT, "3.125", 3125),
        (Vital.LENGTH, "49", 490),
        (Vital.LENGTH, "20", 200),
        (Vital.LENGTH, "230", 2300),
        (Vital.HEIGHT, "94.5", 945),
        (Vital.HEIGHT, "40", 400),
        (Vital.HEIGHT, "260", 2600),
        (Vital.HEAD, "15", 150),
        (Vital.HEAD, "90", 900),
        (Vital.ARM, "50", 50),
        (Vital.ARM, "700", 700),
        (Vital.TEMPERATURE, "38.6", 386),
        (Vital.TEMPERATURE, "25", 250),
        (Vital.TEMPERATURE, "45.0", 450),
        (Vital.PULSE, "10", 10),
        (Vital.PULSE, "350", 350),
        (Vital.RESPIRATION, "64", 64),
        (Vital.RESPIRATION, "4", 4),
        (Vital.RESPIRATION, "150", 150),
        (Vital.OXYGEN, "20", 20),
        (Vital.OXYGEN, "100", 100),
        (Vital.SYSTOLIC, "60", 60),
        (Vital.SYSTOLIC, "20", 20),
        (Vital.SYSTOLIC, "300", 300),
        (Vital.DIASTOLIC, "0", 0),
        (Vital.DIASTOLIC, "200", 200),
        (Vital.CONSCIOUSNESS, "0", 0),
        (Vital.CONSCIOUSNESS, "4", 4),
        (Vital.OXYGEN_GIVEN, "0", 0),
        (Vital.OXYGEN_GIVEN, "1", 1),
        (Vital.PAIN, "0", 0),
        (Vital.PAIN, "10", 10),
        (Vital.GLUCOSE, "10", 10),
        (Vital.GLUCOSE, "1000", 1000),
        (Vital.OEDEMA, "0", 0),
        (Vital.OEDEMA, "1", 1),
    ],
)
def test_a_possible_value_is_stored_in_whole_units_and_shown_again(vital: Vital, typed: str, stored: int) -> None:
    assert to_stored(vital, Decimal(typed)) == stored
    assert to_shown(vital, stored) == Decimal(typed)


@pytest.mark.parametrize(
    ("vital", "typed", "suggestion"),
    [
        (Vital.TEMPERATURE, "386", "38.6"),
        (Vital.TEMPERATURE, "450", "45"),
        (Vital.TEMPERATURE, "45.1", None),
        (Vital.TEMPERATURE, "24.9", None),
        (Vital.TEMPERATURE, "250", "25"),
        (Vital.ARM, "11.4", "114"),
        (Vital.ARM, "4.9", None),
        (Vital.ARM, "701", None),
        (Vital.WEIGHT, "3100", "3.1"),
        (Vital.WEIGHT, "400.001", "0.4"),
        (Vital.WEIGHT, "0.199", None),
        (Vital.LENGTH, "0.49", "49"),
        (Vital.LENGTH, "490", "49"),
        (Vital.LENGTH, "19.9", None),
        (Vital.HEIGHT, "1.65", "165"),
        (Vital.HEIGHT, "1650", "165"),
        (Vital.HEIGHT, "39.9", None),
        (Vital.HEAD, "352", "35.2"),
        (Vital.PULSE, "9", None),
        (Vital.PULSE, "351", None),
        (Vital.RESPIRATION, "3", None),
        (Vital.RESPIRATION, "151", None),
        (Vital.OXYGEN, "19", None),
        (Vital.OXYGEN, "101", None),
        (Vital.SYSTOLIC, "19", None),
        (Vital.SYSTOLIC, "301", None),
        (Vital.DIASTOLIC, "-1", None),
        (Vital.DIASTOLIC, "201", None),
        (Vital.CONSCIOUSNESS, "5", None),
        (Vital.OXYGEN_GIVEN, "2", None),
        (Vital.PAIN, "11", None),
        (Vital.GLUCOSE, "9", None),
        (Vital.GLUCOSE, "1001", None),
        (Vital.OEDEMA, "2", None),
    ],
)
def test_what_cannot_be_is_refused_with_what_may_have_been_meant(
    vital: Vital, typed: str, suggestion: str | None
) -> None:
    with pytest.raises(ImpossibleValue) as refusal:
        to_stored(vital, Decimal(typed))
    assert refusal.value.suggestion == (None if suggestion is None else Decimal(suggestion))
    assert refusal.value.field == vital.lower()
    assert ("suggestion" in refusal.value.values) is (suggestion is not None)


def test_refusals_of_values_are_sentences() -> None:
    with pytest.raises(ImpossibleValue, match=r"^386 cannot be\. Did you mean 38\.6\?$"):
        to_stored(Vital.TEMPERATURE, Decimal(386))
    with pytest.raises(ImpossibleValue, match=r"^101 cannot be\. Values go from 20 to 100\.$"):
        to_stored(Vital.OXYGEN, Decimal(101))
    with pytest.raises(
        ImpossibleValue, match=r"^38\.65 has too many digits after the point\. Write at most 1\.$"
    ) as refusal:
        to_stored(Vital.TEMPERATURE, Decimal("38.65"))
    assert (refusal.value.field, refusal.value.suggestion) == ("temperature", None)


def test_the_lower_pressure_is_below_the_upper() -> None:
    ensure_pressures(120, 119)
    with pytest.raises(ImpossibleValue, match=r"^The lower pressure must be below the upper one\.$") as refusal:
        ensure_pressures(120, 120)
    assert refusal.value.field == "diastolic"


@pytest.mark.parametrize(
    ("vital", "unit", "decimals"),
    [
        (Vital.WEIGHT, "kg", 3),
        (Vital.LENGTH, "cm", 1),
        (Vital.HEIGHT, "cm", 1),
        (Vital.HEAD, "cm", 1),
        (Vital.ARM, "mm", 0),
        (Vital.TEMPERATURE, "°C", 1),
        (Vital.PULSE, "/min", 0),
        (Vital.RESPIRATION, "/min", 0),
        (Vital.OXYGEN, "%", 0),
        (Vital.SYSTOLIC, "mmHg", 0),
        (Vital.DIASTOLIC, "mmHg", 0),
        (Vital.GLUCOSE, "mg/dL", 0),
        (Vital.PAIN, "", 0),
        (Vital.CONSCIOUSNESS, "", 0),
        (Vital.OXYGEN_GIVEN, "", 0),
        (Vital.OEDEMA, "", 0),
    ],
)
def test_every_measure_has_its_unit(vital: Vital, unit: str, decimals: int) -> None:
    assert (MEASURES[vital].unit, MEASURES[vital].decimals) == (unit, decimals)


def test_every_vital_sign_has_a_measure() -> None:
    assert set(MEASURES) == set(Vital)


@given(st.sampled_from(Vital), st.data())
def test_every_stored_value_within_limits_is_shown_and_read_back(vital: Vital, data: st.DataObject) -> None:
    stored = data.draw(st.integers(MEASURES[vital].least, MEASURES[vital].most))
    shown = to_shown(vital, stored)
    assert to_stored(vital, shown) == stored
    assert "E" not in str(shown)


@given(st.sampled_from(Vital), st.decimals(-10, 10_000, places=2))
def test_a_suggestion_is_always_possible(vital: Vital, typed: Decimal) -> None:
    try:
        to_stored(vital, typed)
    except ImpossibleValue as refusal:
        if refusal.suggestion is not None:
            to_stored(vital, refusal.suggestion)

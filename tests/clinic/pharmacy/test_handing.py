from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.pharmacy.rules import (
    LineState,
    NotWhole,
    NoUnits,
    TooMuch,
    counts_as,
    course_ends_on,
    ensure_may_give,
    line_state,
)


@pytest.mark.parametrize(
    ("prescribed", "given", "closed", "cancelled", "state"),
    [
        (30, 0, False, False, LineState.ORDERED),
        (30, 0, True, False, LineState.NOT_GIVEN),
        (30, 0, False, True, LineState.CANCELLED),
        (30, 0, True, True, LineState.CANCELLED),
        (30, 1, False, False, LineState.PARTLY),
        (30, 29, True, False, LineState.PARTLY),
        (30, 12, False, True, LineState.CANCELLED),
        (30, 30, False, False, LineState.GIVEN),
        (30, 30, True, True, LineState.GIVEN),
    ],
)
def test_a_line_is_in_one_state(
    prescribed: int, given: int, *, closed: bool, cancelled: bool, state: LineState
) -> None:
    assert line_state(prescribed=prescribed, given=given, is_closed=closed, is_cancelled=cancelled) is state
    if not closed and not cancelled:
        assert line_state(prescribed=prescribed, given=given) is state


@pytest.mark.parametrize(("given", "units", "left"), [(0, 40, 30), (30, 1, 0), (20, 20, 10), (0, 31, 30)])
def test_more_than_prescribed_is_refused_with_what_is_left(given: int, units: int, left: int) -> None:
    with pytest.raises(TooMuch) as refusal:
        ensure_may_give(prescribed=30, given=given, units=units)
    assert str(refusal.value) == f"Prescribed 30, given {given}: at most {left} can still be given."
    assert refusal.value.field == "units"


@pytest.mark.parametrize("units", [0, -1])
def test_nothing_is_not_given(units: int) -> None:
    with pytest.raises(NoUnits, match=r"^Write how many are given\.$") as refusal:
        ensure_may_give(prescribed=30, given=0, units=units)
    assert refusal.value.field == "units"


@given(st.integers(1, 1000), st.data())
def test_what_is_left_may_be_given_in_any_parts(prescribed: int, data: st.DataObject) -> None:
    given_units = 0
    while given_units < prescribed:
        units = data.draw(st.integers(1, prescribed - given_units))
        ensure_may_give(prescribed=prescribed, given=given_units, units=units)
        given_units += units
    assert line_state(prescribed=prescribed, given=given_units) is LineState.GIVEN


@pytest.mark.parametrize(
    ("units", "mg", "prescribed_mg", "stands_for"),
    [(2, "250", "500", 1), (42, "250", "500", 21), (21, "500", "500", 21), (1, "1000", "500", 2), (3, "0.5", "1.5", 1)],
)
def test_units_of_another_strength_stand_for_prescribed_ones(
    units: int, mg: str, prescribed_mg: str, stands_for: int
) -> None:
    assert counts_as(units, mg=Decimal(mg), prescribed_mg=Decimal(prescribed_mg)) == stands_for


@pytest.mark.parametrize(("units", "mg"), [(1, "250"), (3, "250"), (0, "500"), (1, "400")])
def test_what_makes_no_whole_number_is_refused(units: int, mg: str) -> None:
    with pytest.raises(NotWhole) as refusal:
        counts_as(units, mg=Decimal(mg), prescribed_mg=Decimal(500))
    assert str(refusal.value) == f"{units} of {mg} mg make no whole number of 500 mg."
    assert refusal.value.field == "units"


def test_a_course_ends_on_its_last_day() -> None:
    assert course_ends_on(date(2026, 11, 24), 1) == date(2026, 11, 24)
    assert course_ends_on(date(2026, 11, 24), 14) == date(2026, 12, 7)


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(1, 365))
def test_a_course_has_as_many_days_as_it_says(begins_on: date, days: int) -> None:
    assert (course_ends_on(begins_on, days) - begins_on) + timedelta(days=1) == timedelta(days=days)

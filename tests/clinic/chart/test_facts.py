from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.chart.rules import NoReason, asks_pregnancy, ensure_reason, gestation
from clinic.chart.rules.facts import ImpossibleDate, NotThisPerson, PostTerm, ensure_dates, ensure_may_be_pregnant
from clinic.patients.rules import Age, Sex
from tests.clinic.visits.rules.ages import months

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("sex", "age", "asks"),
    [
        (Sex.FEMALE, months(119), False),
        (Sex.FEMALE, months(120), True),
        (Sex.FEMALE, months(671), True),
        (Sex.FEMALE, months(672), False),
        (Sex.FEMALE, months(100, 120), True),
        (Sex.FEMALE, months(671, 700), True),
        (Sex.FEMALE, None, True),
        (Sex.UNKNOWN, months(300), True),
        (Sex.MALE, months(300), False),
        (Sex.MALE, None, False),
    ],
)
def test_pregnancy_is_asked_of_women_who_may_be_10_to_55(sex: Sex, age: Age | None, *, asks: bool) -> None:
    assert asks_pregnancy(sex, age) is asks
    if asks:
        ensure_may_be_pregnant(sex, age)
        return
    with pytest.raises(NotThisPerson) as refusal:
        ensure_may_be_pregnant(sex, age)
    assert str(refusal.value) == (
        "On file this person is male. If that is wrong, have the sex corrected first."
        if sex is Sex.MALE
        else "By the birth date this person is not 10 to 55 years old. If that is wrong, have it corrected first."
    )


@pytest.mark.parametrize(
    ("lmp", "due", "refusal", "sentence", "field"),
    [
        (None, None, ImpossibleDate, "Write the last period or the due date.", "lmp_on"),
        (-1, None, ImpossibleDate, "That day is still to come. Look at the date again.", "lmp_on"),
        (None, -281, ImpossibleDate, "A child due then is not begun yet. Look at the date again.", "due_on"),
        (
            302,
            None,
            PostTerm,
            "That is more than 43 weeks ago. Is the pregnancy over, or is the date another?",
            "lmp_on",
        ),
        (
            None,
            22,
            PostTerm,
            "That is more than 43 weeks ago. Is the pregnancy over, or is the date another?",
            "due_on",
        ),
        (
            10,
            22,
            PostTerm,
            "That is more than 43 weeks ago. Is the pregnancy over, or is the date another?",
            "due_on",
        ),
    ],
)
def test_dates_that_no_pregnancy_of_today_has_are_refused_or_asked_about(
    lmp: int | None, due: int | None, refusal: type[ImpossibleDate | PostTerm], sentence: str, field: str
) -> None:
    with pytest.raises(refusal) as refused:
        ensure_dates(lmp_on=_ago(lmp), due_on=_ago(due), today=TODAY)
    assert (str(refused.value), refused.value.field) == (sentence, field)


@pytest.mark.parametrize(
    ("lmp", "due", "sure"),
    [
        (0, None, False),
        (301, None, False),
        (302, None, True),
        (None, -280, False),
        (None, 21, False),
        (None, 22, True),
        (400, -10, False),
    ],
)
def test_dates_that_may_be_are_taken(lmp: int | None, due: int | None, *, sure: bool) -> None:
    ensure_dates(lmp_on=_ago(lmp), due_on=_ago(due), today=TODAY, is_sure=sure)


def _ago(days: int | None) -> date | None:
    return None if days is None else TODAY - timedelta(days=days)


@given(st.integers(0, 300), st.integers(0, 300))
def test_weeks_and_days_count_from_the_last_period(lmp_ago: int, later: int) -> None:
    lmp = TODAY - timedelta(days=lmp_ago)
    found = gestation(lmp_on=lmp, due_on=None, on=lmp + timedelta(days=later))
    assert found.weeks * 7 + found.days == later
    assert 0 <= found.days < 7
    assert gestation(lmp_on=None, due_on=found.due_on, on=lmp + timedelta(days=later)) == found


def test_an_end_needs_a_reason() -> None:
    ensure_reason("born", "ended")
    with pytest.raises(NoReason) as refusal:
        ensure_reason("", "ended")
    assert (str(refusal.value), refusal.value.field) == ("Say why in a few words.", "ended")

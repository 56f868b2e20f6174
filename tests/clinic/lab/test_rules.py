from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from clinic.lab.rules import (
    AnswerKind,
    BadResult,
    Flag,
    Range,
    Told,
    age_span,
    ensure_told,
    find_range,
    flag_of,
    surely_critical,
)

CHILD = Range(from_days=182, until_days=1826, low=Decimal(11), high=Decimal(14))
WOMAN = Range(sex="F", from_days=5479, low=Decimal(12), high=Decimal(16), critical_low=Decimal(7))
MAN = Range(sex="M", from_days=5479, low=Decimal(13), high=Decimal("17.5"))
HAEMOGLOBIN = (CHILD, WOMAN, MAN)


@pytest.mark.parametrize(
    ("sex", "days", "found"),
    [
        ("F", (182, 182), CHILD),
        ("F", (181, 181), None),
        ("F", (1825, 1825), CHILD),
        ("F", (1826, 1826), None),
        ("M", (5479, 5479), MAN),
        ("F", (12_000, 12_365), WOMAN),
        ("F", (5400, 5765), None),  # a birth year alone leaves it open on which side of the limit she is
        ("", (12_000, 12_000), None),
        ("F", None, None),
    ],
)
def test_a_range_holds_only_where_age_and_sex_surely_fit(
    sex: str, days: tuple[int, int] | None, found: Range | None
) -> None:
    assert find_range(HAEMOGLOBIN, sex, days) is found


def test_a_range_for_every_age_holds_for_one_whose_birth_nobody_knows() -> None:
    every = Range(low=Decimal(0), high=Decimal(5))
    assert find_range([every, WOMAN], "F", None) is every
    assert find_range([every, WOMAN], "F", (9000, 9000)) is WOMAN


@pytest.mark.parametrize(
    ("value", "flag"),
    [
        ("12", Flag.USUAL),
        ("16", Flag.USUAL),
        ("11.9", Flag.LOW),
        ("16.1", Flag.HIGH),
        ("7", Flag.CRITICAL_LOW),
        ("7.1", Flag.LOW),
        ("0", Flag.CRITICAL_LOW),
    ],
)
def test_a_value_on_a_limit_is_within_it_and_on_a_critical_limit_critical(value: str, flag: Flag) -> None:
    assert flag_of(Decimal(value), WOMAN) is flag


def test_without_a_range_nothing_is_flagged() -> None:
    assert flag_of(Decimal(400), None) is Flag.NONE
    assert flag_of(Decimal(400), Range(text="see the nomogram")) is Flag.NONE


def test_nought_is_a_result_and_nothing_is_none() -> None:
    ensure_told(AnswerKind.NUMBER, Told(number=Decimal(0)), field="value")
    for kind, told in ((AnswerKind.NUMBER, Told(words="0")), (AnswerKind.WORDS, Told(number=Decimal(0)))):
        with pytest.raises(BadResult):
            ensure_told(kind, told, field="value")


def test_an_age_is_as_wide_as_the_birth_date_leaves_it() -> None:
    on = date(2026, 11, 24)
    assert age_span((date(2026, 11, 4), date(2026, 11, 4)), on) == (20, 20)
    assert age_span((date(2020, 1, 1), date(2020, 12, 31)), on) == (2154, 2519)
    assert age_span((date(2026, 1, 1), date(2026, 12, 31)), on) == (0, 327)
    assert age_span(None, on) is None


SEVERE = tuple(replace(one, critical_low=Decimal(7), critical_high=Decimal(20)) for one in HAEMOGLOBIN)


@pytest.mark.parametrize(
    ("value", "sex", "days", "flag"),
    [
        ("2.5", "F", (1700, 2065), Flag.CRITICAL_LOW),  # a birth year that leaves the end of childhood open
        ("2.5", "", (12_000, 12_000), Flag.CRITICAL_LOW),
        ("7", "", None, Flag.CRITICAL_LOW),
        ("21", "", None, Flag.CRITICAL_HIGH),
        ("7.1", "", None, Flag.NONE),
        ("12.5", "", (12_000, 12_000), Flag.NONE),  # low for a man, usual for a woman: nobody knows
        ("2.5", "F", (2000, 2000), Flag.NONE),  # no range at all may hold
    ],
)
def test_what_is_critical_under_every_range_that_may_hold_is_critical(
    value: str, sex: str, days: tuple[int, int] | None, flag: Flag
) -> None:
    assert surely_critical(Decimal(value), SEVERE, sex, days) is flag


def test_what_is_critical_under_one_of_two_ranges_that_may_hold_is_not_said_to_be() -> None:
    assert surely_critical(Decimal(6), HAEMOGLOBIN, "", (12_000, 12_000)) is Flag.NONE

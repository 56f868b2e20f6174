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
)
from clinic.patients.rules import BirthDate, BirthPrecision

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
        ("?", (12_000, 12_000), None),
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
    day = BirthDate(year=2026, month=11, day=4, precision=BirthPrecision.DAY, as_on_document="")
    year = BirthDate(year=2020, month=None, day=None, precision=BirthPrecision.YEAR, as_on_document="")
    assert age_span(day, on) == (20, 20)
    assert age_span(year, on) == (2154, 2519)
    unknown = BirthDate(year=None, month=None, day=None, precision=BirthPrecision.UNKNOWN, as_on_document="")
    assert age_span(unknown, on) is None

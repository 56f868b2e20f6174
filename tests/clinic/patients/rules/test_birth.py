from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.patients.rules import (
    UNKNOWN_BIRTH,
    BeforeBirth,
    BirthDate,
    BirthPrecision,
    UnreadableBirth,
    age,
    age_days,
    parse_birth,
)

TODAY = date(2026, 11, 24)
DAY, MONTH, YEAR, ESTIMATED = (
    BirthPrecision.DAY,
    BirthPrecision.MONTH,
    BirthPrecision.YEAR,
    BirthPrecision.ESTIMATED,
)


def born(year: int, month: int | None = None, day: int | None = None) -> BirthDate:
    precision = DAY if day else MONTH if month else YEAR
    return BirthDate(year=year, month=month, day=day, precision=precision)


@pytest.mark.parametrize(
    ("typed", "parts", "precision", "on_document"),
    [
        ("04.03.1985", (1985, 3, 4), DAY, "04.03.1985"),
        ("4/3/1985", (1985, 3, 4), DAY, "04.03.1985"),
        ("4-3-1985", (1985, 3, 4), DAY, "04.03.1985"),
        ("4 3 1985", (1985, 3, 4), DAY, "04.03.1985"),
        ("٠٤/٠٣/١٩٨٥", (1985, 3, 4), DAY, "04.03.1985"),
        ("\u200f۱۹۸۵/۳/۴ ", (1985, 3, 4), DAY, "04.03.1985"),
        ("1985-03-04", (1985, 3, 4), DAY, "04.03.1985"),
        ("29.02.2024", (2024, 2, 29), DAY, "29.02.2024"),
        ("31.12.1999", (1999, 12, 31), DAY, "31.12.1999"),
        ("24.11.2026", (2026, 11, 24), DAY, "24.11.2026"),
        ("01.02.1985", (1985, 2, 1), DAY, "01.02.1985"),
        ("02.01.1985", (1985, 1, 2), DAY, "02.01.1985"),
        ("01.01.1985", (1985, None, None), YEAR, "01.01.1985"),
        ("1985-1-1", (1985, None, None), YEAR, "01.01.1985"),
        ("03.1985", (1985, 3, None), MONTH, "03.1985"),
        ("1985-03", (1985, 3, None), MONTH, "03.1985"),
        ("01.1985", (1985, 1, None), MONTH, "01.1985"),
        ("12.1985", (1985, 12, None), MONTH, "12.1985"),
        ("11.2026", (2026, 11, None), MONTH, "11.2026"),
        ("1985", (1985, None, None), YEAR, "1985"),
        ("2026", (2026, None, None), YEAR, "2026"),
        ("1906", (1906, None, None), YEAR, "1906"),
        ("~40", (1986, None, None), ESTIMATED, ""),
        ("~1986", (1986, None, None), ESTIMATED, ""),
        ("~03.2026", (2026, 3, None), ESTIMATED, ""),
        ("≈ 40", (1986, None, None), ESTIMATED, ""),
        ("about 40", (1986, None, None), ESTIMATED, ""),
        ("About ٤٠", (1986, None, None), ESTIMATED, ""),
        ("40 y", (1986, None, None), ESTIMATED, ""),
        ("40y", (1986, None, None), ESTIMATED, ""),
        ("yaklaşık 40", (1986, None, None), ESTIMATED, ""),
        ("40 yaş", (1986, None, None), ESTIMATED, ""),
        ("حوالي 40 سنة", (1986, None, None), ESTIMATED, ""),
        ("تقريباً ٤٠", (1986, None, None), ESTIMATED, ""),
        ("~0", (2026, None, None), ESTIMATED, ""),
        ("120 years", (1906, None, None), ESTIMATED, ""),
        ("8 months", (2026, 3, None), ESTIMATED, ""),
        ("11 ay", (2025, 12, None), ESTIMATED, ""),
        ("10 أشهر", (2026, 1, None), ESTIMATED, ""),
        ("~0 m", (2026, 11, None), ESTIMATED, ""),
        ("120 m", (2016, 11, None), ESTIMATED, ""),
        ("150 m", (2014, 5, None), ESTIMATED, ""),
    ],
)
def test_a_birth_is_read_as_far_as_it_is_known(
    typed: str, parts: tuple[int, int | None, int | None], precision: BirthPrecision, on_document: str
) -> None:
    birth = parse_birth(typed, TODAY)
    assert (birth.year, birth.month, birth.day) == parts
    assert (birth.precision, birth.as_on_document) == (precision, on_document)


def test_nothing_typed_is_an_unknown_birth_without_age() -> None:
    assert parse_birth("  ", TODAY) is UNKNOWN_BIRTH
    assert (UNKNOWN_BIRTH.written, UNKNOWN_BIRTH.exact, UNKNOWN_BIRTH.span) == ("", None, None)
    assert age(UNKNOWN_BIRTH, TODAY) is None
    assert age_days(UNKNOWN_BIRTH, TODAY) is None


def test_this_year_and_this_month_are_not_still_to_come() -> None:
    new_year = date(2026, 1, 1)
    assert parse_birth("2026", new_year).year == 2026
    assert parse_birth("01.2026", new_year).month == 1
    with pytest.raises(UnreadableBirth):
        parse_birth("02.2026", new_year)


def test_a_newborn_of_new_years_day_can_be_confirmed() -> None:
    assert parse_birth("01.01.2026", TODAY, new_year_is_true=True).exact == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("31.04.1992", "April has 30 days. If only the year is known, write 1992."),
        ("31.06.1992", "June has 30 days. If only the year is known, write 1992."),
        ("31.09.1992", "September has 30 days. If only the year is known, write 1992."),
        ("31.11.1992", "November has 30 days. If only the year is known, write 1992."),
        ("30.02.1992", "February 1992 has 29 days. If only the year is known, write 1992."),
        ("29.02.1993", "February 1993 has 28 days. If only the year is known, write 1993."),
        ("32.01.1992", "No month has a day 32. If only the year is known, write 1992."),
        ("32.04.1992", "No month has a day 32. If only the year is known, write 1992."),
        ("00.04.1992", "No month has a day 0. If only the year is known, write 1992."),
        ("25.13.1992", "There is no month 13. Write the day first, then the month."),
        ("04.00.1992", "There is no month 0. Write the day first, then the month."),
        ("13.1992", "There is no month 13. Write the day first, then the month."),
        ("25.11.2026", "That day is still to come. Look at the date again."),
        ("12.2026", "That day is still to come. Look at the date again."),
        ("2027", "That day is still to come. Look at the date again."),
        ("1905", "That would be an age of 121 years. Look at the year again."),
        ("0000", "That would be an age of 2026 years. Look at the year again."),
        ("~121", "That would be an age of 121 years. Look at the year again."),
        ("04.03.85", "Write the year with four digits, or an age as ~40."),
        ("40", "Write the year with four digits, or an age as ~40."),
        ("120", "Write the year with four digits, or an age as ~40."),
        ("14-X-85", "Write a date such as 04.03.1985, a year such as 1985, or an age such as ~40."),
        ("04.03.19855", "Write a date such as 04.03.1985, a year such as 1985, or an age such as ~40."),
        ("about", "Write a date such as 04.03.1985, a year such as 1985, or an age such as ~40."),
    ],
)
def test_what_is_no_birth_is_refused_in_words(typed: str, sentence: str) -> None:
    with pytest.raises(UnreadableBirth) as refusal:
        parse_birth(typed, TODAY)
    assert str(refusal.value) == sentence
    assert refusal.value.field == "birth"


@pytest.mark.parametrize(
    ("birth", "written"),
    [
        (born(1985, 3, 4), "04.03.1985"),
        (born(1985, 12, 31), "31.12.1985"),
        (born(1985, 3), "03.1985"),
        (born(1985), "1985"),
        (BirthDate(year=1986, precision=ESTIMATED), "~1986"),
        (BirthDate(year=2026, month=3, precision=ESTIMATED), "~03.2026"),
        (parse_birth("01.01.1985", TODAY), "1985"),
    ],
)
def test_only_what_is_known_of_a_birth_is_written(birth: BirthDate, written: str) -> None:
    assert birth.written == written


@pytest.mark.parametrize(
    ("birth", "first", "last"),
    [
        (born(1985, 3, 4), date(1985, 3, 4), date(1985, 3, 4)),
        (born(1984, 2), date(1984, 2, 1), date(1984, 2, 29)),
        (born(1985), date(1985, 1, 1), date(1985, 12, 31)),
        (BirthDate(year=1986, precision=ESTIMATED), date(1984, 1, 1), date(1988, 12, 31)),
        (BirthDate(year=2026, month=1, precision=ESTIMATED), date(2025, 12, 1), date(2026, 2, 28)),
        (BirthDate(year=2025, month=12, precision=ESTIMATED), date(2025, 11, 1), date(2026, 1, 31)),
    ],
)
def test_a_birth_spans_every_day_on_which_it_may_have_been(birth: BirthDate, first: date, last: date) -> None:
    assert birth.span == (first, last)


@pytest.mark.parametrize(
    ("birth", "on", "expected"),
    [
        (born(2026, 11, 24), TODAY, (0, 0, 0, False, 0, 0)),
        (born(2026, 11, 5), TODAY, (0, 0, 19, False, 0, 0)),
        (born(2024, 10, 17), TODAY, (2, 1, 7, False, 25, 25)),
        (born(2021, 11, 24), TODAY, (5, 0, 0, False, 60, 60)),
        (born(2021, 11, 25), TODAY, (4, 11, 30, False, 59, 59)),
        (born(2021, 11, 23), TODAY, (5, 0, 1, False, 60, 60)),
        (born(2024, 2, 29), date(2025, 2, 27), (0, 11, 29, False, 11, 11)),
        (born(2024, 2, 29), date(2025, 2, 28), (1, 0, 0, False, 12, 12)),
        (born(2024, 1, 31), date(2024, 2, 29), (0, 1, 0, False, 1, 1)),
        (born(2024, 1, 31), date(2024, 2, 28), (0, 0, 28, False, 0, 0)),
        (born(2024, 1, 31), date(2024, 3, 30), (0, 1, 30, False, 1, 1)),
        (born(1985, 3), date(2026, 3, 1), (41, 0, 0, True, 491, 492)),
        (born(1985, 3), date(2026, 3, 31), (41, 0, 0, True, 492, 492)),
        (born(2026, 11), TODAY, (0, 0, 0, True, 0, 0)),
        (born(1997), TODAY, (29, 0, 0, True, 346, 358)),
        (born(2025), date(2026, 1, 1), (1, 0, 0, True, 0, 12)),
        (born(2026), TODAY, (0, 0, 0, True, 0, 10)),
        (BirthDate(year=1986, precision=ESTIMATED), TODAY, (40, 0, 0, True, 454, 514)),
        (BirthDate(year=2026, month=3, precision=ESTIMATED), TODAY, (0, 8, 0, True, 6, 9)),
        (BirthDate(year=2026, month=12, precision=ESTIMATED), TODAY, (0, 0, 0, True, 0, 0)),
    ],
)
def test_an_age_is_as_exact_as_the_birth(
    birth: BirthDate, on: date, expected: tuple[int, int, int, bool, int, int]
) -> None:
    found = age(birth, on)
    assert found is not None
    assert (
        found.years,
        found.months,
        found.days,
        found.is_approximate,
        found.months_at_least,
        found.months_at_most,
    ) == expected


@pytest.mark.parametrize("birth", [born(2026, 11, 25), born(2026, 12), born(2027)])
def test_an_event_before_the_birth_is_refused(birth: BirthDate) -> None:
    with pytest.raises(BeforeBirth, match=r"^That day lies before the birth\.$"):
        age(birth, TODAY)


def test_age_in_days_needs_the_day_of_birth() -> None:
    assert age_days(born(2026, 11, 24), TODAY) == 0
    assert age_days(born(2025, 11, 24), TODAY) == 365
    assert age_days(born(2025, 11), TODAY) is None
    assert age_days(born(2025), TODAY) is None
    with pytest.raises(BeforeBirth, match=r"^That day lies before the birth\.$"):
        age_days(born(2026, 11, 25), TODAY)


@given(st.dates(date(1907, 1, 1), TODAY), st.integers(0, 400))
def test_an_exact_age_counts_back_to_the_birth(birth: date, later: int) -> None:
    on = date.fromordinal(birth.toordinal() + later * 100)
    found = age(born(birth.year, birth.month, birth.day), on)
    assert found is not None
    assert 0 <= found.months < 12
    assert 0 <= found.days < 31
    assert found.months_at_least == found.months_at_most == found.years * 12 + found.months
    assert age_days(born(birth.year, birth.month, birth.day), on) == later * 100


@given(st.dates(date(1907, 1, 1), TODAY), st.dates(date(2026, 11, 24), date(2040, 1, 1)))
def test_a_vaguer_birth_bounds_the_true_age(birth: date, on: date) -> None:
    exact = age(born(birth.year, birth.month, birth.day), on)
    assert exact is not None
    for vaguer in (born(birth.year, birth.month), born(birth.year), BirthDate(year=birth.year, precision=ESTIMATED)):
        found = age(vaguer, on)
        assert found is not None
        assert found.months_at_least <= exact.months_at_least <= found.months_at_most


@given(st.dates(date(1907, 1, 1), TODAY))
def test_a_written_birth_reads_back(birth: date) -> None:
    read = parse_birth(f"{birth:%d.%m.%Y}", TODAY)
    assert parse_birth(read.written, TODAY).span == read.span
    assert read.as_on_document == f"{birth:%d.%m.%Y}"


@given(st.text(alphabet="0123456789٠١٢.-/ ~ymabout", max_size=12))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    try:
        birth = parse_birth(text, TODAY)
    except UnreadableBirth:
        return
    assert birth.year is None or 1906 <= birth.year <= 2026

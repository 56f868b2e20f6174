"""Birth dates as far as they are known, and the ages that follow from them."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_, clean, fold, fold_digits
from clinic.patients.rules.kinds import BirthPrecision

MONTHS = 12
LONGEST_MONTH = 31
OLDEST_YEARS = 120
# How far an estimated year, or month of an infant, may be off; not a clinical figure, only how wide a search goes.
ESTIMATE_SPREAD_YEARS = 2
ESTIMATE_SPREAD_MONTHS = 1


class UnreadableBirth(DomainError):
    """What was typed is no birth date, year or age."""

    code = "unreadable_birth"


class BeforeBirth(DomainError):
    """An event is dated before the person's birth."""

    code = "before_birth"


@dataclass(frozen=True, kw_only=True)
class BirthDate:
    """A birth date to the part that is known; `as_on_document` is what the paper says and is never reckoned with.

    The day is held for precision DAY alone, the month for DAY and MONTH, and for an infant's ESTIMATED age in months.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    precision: BirthPrecision
    as_on_document: str = ""

    @property
    def exact(self) -> date | None:
        """Return the day of birth where it is known to the day."""
        if self.precision is not BirthPrecision.DAY or not (self.year and self.month and self.day):
            return None
        return date(self.year, self.month, self.day)

    @property
    def written(self) -> str:
        """Return only what is known, in digits: 04.03.1985, 03.1985, 1985, ~1986; empty where nothing is."""
        if self.precision is BirthPrecision.ESTIMATED:
            return f"~{self.month:02}.{self.year}" if self.month else f"~{self.year}"
        parts = (f"{self.day:02}" if self.day else "", f"{self.month:02}" if self.month else "", str(self.year or ""))
        return ".".join(part for part in parts if part)

    @property
    def span(self) -> tuple[date, date] | None:
        """Return the earliest and the latest day on which the person may have been born."""
        if self.year is None:
            return None
        first = self.year * MONTHS + (self.month or 1) - 1
        last = self.year * MONTHS + (self.month or MONTHS) - 1
        if self.precision is BirthPrecision.ESTIMATED:
            spread = ESTIMATE_SPREAD_MONTHS if self.month else MONTHS * ESTIMATE_SPREAD_YEARS
            first, last = first - spread, last + spread
        return self.exact or date(first // MONTHS, first % MONTHS + 1, 1), self.exact or _last_day(
            last // MONTHS, last % MONTHS + 1
        )


UNKNOWN_BIRTH = BirthDate(precision=BirthPrecision.UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class Age:
    """An age in whole years, further months and further days, with the bounds in months that the birth date allows."""

    years: int
    months: int
    days: int
    is_approximate: bool
    months_at_least: int
    months_at_most: int


def age(birth: BirthDate, on: date) -> Age | None:
    """Return how old a person is on the day of an event; None where nothing is known of the birth.

    To the day where the day is known; by year, or year and month, otherwise, and then approximate. Raises BeforeBirth.
    """
    if birth.year is None or birth.span is None:
        return None
    earliest, latest = birth.span
    if on < earliest:
        raise BeforeBirth(N_("That day lies before the birth."))
    if birth.exact is not None:
        months = _whole_months(birth.exact, on)
        days = (on - _months_after(birth.exact, months)).days
    else:
        months = (on.year - birth.year) * MONTHS + (on.month - birth.month if birth.month else 0)
        days = 0
    years, months = divmod(max(0, months), MONTHS)
    return Age(
        years=years,
        months=months,
        days=days,
        is_approximate=birth.exact is None,
        months_at_least=max(0, _whole_months(latest, on)),
        months_at_most=_whole_months(earliest, on),
    )


def age_days(birth: BirthDate, on: date) -> int | None:
    """Return the age in days, as growth curves need it; None unless known to the day. Raises BeforeBirth."""
    if birth.exact is None:
        return None
    if on < birth.exact:
        raise BeforeBirth(N_("That day lies before the birth."))
    return (on - birth.exact).days


def _whole_months(since: date, on: date) -> int:
    """Return the whole months from `since` to `on`; one that has no such day ends with its last."""
    months = (on.year - since.year) * MONTHS + on.month - since.month
    return months if _months_after(since, months) <= on else months - 1


def _months_after(since: date, months: int) -> date:
    """Return the day `months` after `since`, or the last of that month where it has no such day."""
    year, month = divmod(since.year * MONTHS + since.month - 1 + months, MONTHS)
    return min(_last_day(year, month + 1), date(year, month + 1, 1) + timedelta(since.day - 1))


def _last_day(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


_PART = "[./ -]"
_DAY_FIRST = re.compile(rf"(?P<day>\d{{1,2}}){_PART}(?P<month>\d{{1,2}}){_PART}(?P<year>\d{{4}})")
_YEAR_FIRST = re.compile(rf"(?P<year>\d{{4}}){_PART}(?P<month>\d{{1,2}}){_PART}(?P<day>\d{{1,2}})")
_MONTH_FIRST = re.compile(rf"(?P<month>\d{{1,2}}){_PART}(?P<year>\d{{4}})")
_YEAR_MONTH = re.compile(rf"(?P<year>\d{{4}}){_PART}(?P<month>\d{{1,2}})")
_YEAR = re.compile(r"(?P<year>\d{4})")
_SHORT_YEAR = re.compile(rf"\d{{1,2}}{_PART}\d{{1,2}}{_PART}\d{{2}}|\d{{1,3}}")
_AGE = re.compile(
    r"(?P<about>~|≈|about|approx\.?|around|ca\.?|yaklasik|tahminen|حوالي|تقريبا|نحو)?\s*(?P<number>\d{1,3})\s*"
    r"(?:(?P<years>y|yrs?|years?|yas|yasinda|سنه|سنوات|عاما?)|(?P<months>m|mo|months?|ay|aylik|شهرا?|اشهر|شهور))?"
)
_DATES = (_DAY_FIRST, _YEAR_FIRST, _MONTH_FIRST, _YEAR_MONTH, _YEAR)
_MONTH_LENGTHS = {
    2: N_("February %(year)s has %(days)s days. If only the year is known, write %(year)s."),
    4: N_("April has 30 days. If only the year is known, write %(year)s."),
    6: N_("June has 30 days. If only the year is known, write %(year)s."),
    9: N_("September has 30 days. If only the year is known, write %(year)s."),
    11: N_("November has 30 days. If only the year is known, write %(year)s."),
}
_NO_SUCH_DAY = N_("No month has a day %(day)s. If only the year is known, write %(year)s.")


def parse_birth(text: str, today: date, *, new_year_is_true: bool = False) -> BirthDate:
    """Read a birth date, month, year or age as people type it: 04.03.1985, 03.1985, 1985, ~40, 40 y, 8 months.

    1 January stands on many papers for "year only": it is kept as on the document and reckoned as the year, unless
    `new_year_is_true`. Nothing typed is UNKNOWN_BIRTH. Raises UnreadableBirth.
    """
    typed = fold_digits(clean(text))
    if not typed:
        return UNKNOWN_BIRTH
    for form in _DATES:
        if found := form.fullmatch(typed):
            given = {name: int(value) for name, value in found.groupdict().items()}
            return _dated(given["year"], given.get("month"), given.get("day"), today, new_year_is_true)
    if typed.startswith("~") and (about := _read_about(typed[1:].strip(), today)):
        return about
    found = _AGE.fullmatch(fold(typed))
    if found and (found["about"] or found["years"] or found["months"]):
        return _estimated(int(found["number"]), today, in_months=bool(found["months"]))
    if _SHORT_YEAR.fullmatch(typed):
        raise _unreadable(N_("Write the year with four digits, or an age as ~40."))
    raise _unreadable(N_("Write a date such as 04.03.1985, a year such as 1985, or an age such as ~40."))


def _read_about(typed: str, today: date) -> BirthDate | None:
    """Read an estimated year, or month and year, as `written` writes them: ~1986, ~03.2026."""
    for form in (_MONTH_FIRST, _YEAR):
        if found := form.fullmatch(typed):
            given = {name: int(value) for name, value in found.groupdict().items()}
            _ensure_possible(given["year"], given.get("month"), None, today)
            return BirthDate(year=given["year"], month=given.get("month"), precision=BirthPrecision.ESTIMATED)
    return None


def _dated(year: int, month: int | None, day: int | None, today: date, new_year_is_true: bool) -> BirthDate:
    """Return the date that these parts make, as far as it may be reckoned with."""
    _ensure_possible(year, month, day, today)
    written = ".".join(f"{part:02}" for part in (day, month, year) if part is not None)
    if month is None:
        return BirthDate(year=year, precision=BirthPrecision.YEAR, as_on_document=written)
    if day is None:
        return BirthDate(year=year, month=month, precision=BirthPrecision.MONTH, as_on_document=written)
    if (month, day) == (1, 1) and not new_year_is_true:
        return BirthDate(year=year, precision=BirthPrecision.YEAR, as_on_document=written)
    return BirthDate(year=year, month=month, day=day, precision=BirthPrecision.DAY, as_on_document=written)


def _ensure_possible(year: int, month: int | None, day: int | None, today: date) -> None:
    """Refuse parts that no day of the last 120 years has."""
    if today.year - year > OLDEST_YEARS:
        raise _too_old(today.year - year)
    if month is not None and not 1 <= month <= MONTHS:
        raise _unreadable(N_("There is no month %(month)s. Write the day first, then the month."), month=month)
    if month is not None and day is not None and not 1 <= day <= _last_day(year, month).day:
        message = _MONTH_LENGTHS[month] if 0 < day <= LONGEST_MONTH else _NO_SUCH_DAY
        raise _unreadable(message, year=year, day=day, days=_last_day(year, month).day)
    if (year, month or 1, day or 1) > (today.year, today.month, today.day):
        raise _unreadable(N_("That day is still to come. Look at the date again."))


def _estimated(number: int, today: date, *, in_months: bool) -> BirthDate:
    """Return the birth that an age told today gives: a year, for an infant's age in months a year and month."""
    years = number // MONTHS if in_months else number
    if years > OLDEST_YEARS:
        raise _too_old(years)
    if not in_months:
        return BirthDate(year=today.year - years, precision=BirthPrecision.ESTIMATED)
    year, month = divmod(today.year * MONTHS + today.month - 1 - number, MONTHS)
    return BirthDate(year=year, month=month + 1, precision=BirthPrecision.ESTIMATED)


def _too_old(years: int) -> UnreadableBirth:
    return _unreadable(N_("That would be an age of %(years)s years. Look at the year again."), years=years)


def _unreadable(message: str, **values: object) -> UnreadableBirth:
    return UnreadableBirth(message, field="birth", **values)

"""The last day on a box, as people write it."""

import re
from calendar import monthrange
from datetime import date

from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_, clean, fold_digits

_LATEST_YEAR = 2100
_MONTH_FIRST = re.compile("([0-9]{1,2})[./-]([0-9]{4})")
_YEAR_FIRST = re.compile("([0-9]{4})[./-]([0-9]{1,2})(?:[./-]([0-9]{1,2}))?")
_DAY_FIRST = re.compile("([0-9]{1,2})([./-])([0-9]{1,2})[./-]([0-9]{4})")
_SHORT_YEAR = re.compile("[0-9]{1,2}[./-](?:[0-9]{1,2}[./-])?[0-9]{2}")
_TWELVE = 12


class UnreadableExpiry(DomainError):
    """What was typed is no last day, or could be two."""

    code = "unreadable_expiry"
    status = 422


def read_expiry(text: str) -> date:
    """Return the last day on which a batch may be used; a month alone stands for its last day.

    Read are 01.2027, 2027-01, 31.01.2027 and 2027-01-31, with points, slashes or hyphens, in the digits of three
    scripts. Refused are years of two figures (02/03/27), and 02/03/2027, which two countries read as two days; with
    points it is the second of March.
    """
    figures = fold_digits(clean(text))
    if match := _MONTH_FIRST.fullmatch(figures):
        return _last_day(text, int(match[2]), int(match[1]), 0)
    if match := _YEAR_FIRST.fullmatch(figures):
        return _last_day(text, int(match[1]), int(match[2]), int(match[3] or 0))
    if match := _DAY_FIRST.fullmatch(figures):
        day, month = int(match[1]), int(match[3])
        if match[2] != "." and day != month and max(day, month) <= _TWELVE:
            raise UnreadableExpiry(N_("%(typed)s can be read in two ways. Write it as 02.03.2027."), typed=clean(text))
        return _last_day(text, int(match[4]), month, day)
    if _SHORT_YEAR.fullmatch(figures):
        raise UnreadableExpiry(N_("Write the year with four digits, such as 2027."))
    raise UnreadableExpiry(N_("%(typed)s is no expiry. Write it as 01.2027 or 31.01.2027."), typed=clean(text)[:40])


def _last_day(text: str, year: int, month: int, day: int) -> date:
    """Return the day, or the last of the month where no day was written."""
    try:
        found = date(year, month, day or monthrange(year, month)[1])
    except ValueError as error:
        raise UnreadableExpiry(N_("%(typed)s is in no calendar."), typed=clean(text)) from error
    if year > _LATEST_YEAR:
        raise UnreadableExpiry(N_("%(typed)s is too far off. Look at the box again."), typed=clean(text))
    return found

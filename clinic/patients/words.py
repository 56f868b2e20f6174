"""How a person is spoken of on a page: the age as far as it is known, the birth, a short name."""

from datetime import date

from clinic.kernel import i18n
from clinic.kernel.clock import today
from clinic.kernel.i18n import _
from clinic.patients.rules import BirthDate, BirthPrecision, age

YEARS_ALONE_FROM = 2


def age_words(birth: BirthDate, on: date | None = None) -> str:
    """Return the age on a day, or today, no more precise than the birth: "2 y 1 m", "~40 y", "age not known"."""
    on = on or today()
    if birth.exact is not None:
        return i18n.age(birth.exact, on)
    known = age(birth, on)
    if known is None:
        return _("age not known")
    if known.years >= YEARS_ALONE_FROM or birth.month is None:
        return f"~{i18n.years(known.years)}"
    return f"~{i18n.months(12 * known.years + known.months)}"


def birth_words(birth: BirthDate) -> str:
    """Return what is known of the birth: "04.03.1985", "03.1985", "year only, 1985", "about 1986", or nothing."""
    if birth.precision is BirthPrecision.YEAR:
        return _("year only, %(year)s", year=birth.year)
    if birth.precision is BirthPrecision.ESTIMATED:
        return _("about %(year)s", year=birth.year)
    return birth.written


def short_name(*, given_latin: str, family_latin: str, given_ar: str, family_ar: str) -> str:
    """Return a name for a narrow column, in the script of the page where it is known in it: "Yousef Q."."""
    in_latin, in_arabic = (given_latin, family_latin), (given_ar, family_ar)
    first, second = (in_arabic, in_latin) if i18n.language() == "ar" else (in_latin, in_arabic)
    given, family = first if any(first) else second
    return f"{given} {family[0]}." if given and family else given or family


def full_names(*, given_latin: str, family_latin: str, given_ar: str, family_ar: str) -> tuple[str, str]:
    """Return given and family name in the script of the page, then in the other; one that is not known is empty."""
    latin, arabic = f"{given_latin} {family_latin}".strip(), f"{given_ar} {family_ar}".strip()
    first, second = (arabic, latin) if i18n.language() == "ar" else (latin, arabic)
    return (first, second) if first else (second, "")

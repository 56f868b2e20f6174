from datetime import date

import pytest

from clinic.kernel.i18n import in_language
from clinic.patients.rules import UNKNOWN_BIRTH, BirthDate, BirthPrecision
from clinic.patients.words import age_words, birth_words, full_names, short_name

pytestmark = pytest.mark.usefixtures("context")

TONIGHT = date(2026, 11, 24)


def born(precision: BirthPrecision, year: int, month: int | None = None, day: int | None = None) -> BirthDate:
    return BirthDate(precision=precision, year=year, month=month, day=day)


@pytest.mark.parametrize(
    ("birth", "words", "written"),
    [
        (born(BirthPrecision.DAY, 2024, 10, 17), "2 y 1 m", "17.10.2024"),
        (born(BirthPrecision.DAY, 2026, 11, 5), "19 d", "05.11.2026"),
        (born(BirthPrecision.MONTH, 2026, 4), "~7 m", "04.2026"),
        (born(BirthPrecision.MONTH, 1985, 3), "~41 y", "03.1985"),
        (born(BirthPrecision.YEAR, 1985), "~41 y", "year only, 1985"),
        (born(BirthPrecision.YEAR, 2026), "~0 y", "year only, 2026"),
        (born(BirthPrecision.ESTIMATED, 1986), "~40 y", "about 1986"),
        (born(BirthPrecision.ESTIMATED, 2026, 3), "~8 m", "about 2026"),
        (UNKNOWN_BIRTH, "age not known", ""),
    ],
)
def test_age_and_birth_are_told_no_more_precisely_than_they_are_known(
    birth: BirthDate, words: str, written: str
) -> None:
    assert age_words(birth, TONIGHT) == age_words(birth) == words
    assert birth_words(birth) == written


def name(given_latin: str, family_latin: str, given_ar: str, family_ar: str) -> str:
    return short_name(given_latin=given_latin, family_latin=family_latin, given_ar=given_ar, family_ar=family_ar)


def test_a_short_name_is_in_the_script_of_the_page_where_it_is_known_in_it() -> None:
    assert name("Yousef", "Qassem", "يوسف", "قاسم") == "Yousef Q."
    assert name("", "", "يوسف", "قاسم") == "يوسف ق."
    assert name("Yousef", "", "", "") == "Yousef"
    assert name("", "Qassem", "", "") == "Qassem"
    with in_language("ar"):
        assert name("Yousef", "Qassem", "يوسف", "قاسم") == "يوسف ق."
        assert name("Yousef", "Qassem", "", "") == "Yousef Q."


def full(given_latin: str, family_latin: str, given_ar: str, family_ar: str) -> tuple[str, str]:
    return full_names(given_latin=given_latin, family_latin=family_latin, given_ar=given_ar, family_ar=family_ar)


def test_a_full_name_stands_in_the_script_of_the_page_first_and_then_in_the_other() -> None:
    assert full("Yousef", "Qassem", "يوسف", "قاسم") == ("Yousef Qassem", "يوسف قاسم")
    assert full("", "", "يوسف", "قاسم") == ("يوسف قاسم", "")
    with in_language("ar"):
        assert full("Yousef", "Qassem", "يوسف", "قاسم") == ("يوسف قاسم", "Yousef Qassem")
        assert full("Yousef", "", "", "") == ("Yousef", "")

from datetime import date

import pytest
from flask import Flask

from clinic.kernel import i18n
from clinic.patients.queries import Hit, PatientCard
from clinic.patients.rules import UNKNOWN_BIRTH, BirthDate, BirthPrecision, Reason, Sex
from clinic.registration import words
from clinic.visits.queries import LastVisit

pytestmark = pytest.mark.usefixtures("context")


def card(**fields: object) -> PatientCard:
    return PatientCard(
        **{
            "id": 1,
            "key": "key",
            "record_number": "P-001 207",
            "name_ar": "محمد الحريري",
            "name_latin": "Mohammed Al-Hariri",
            "father_ar": "خليل",
            "father_latin": "Khalil",
            "sex": Sex.MALE,
            "birth": UNKNOWN_BIRTH,
            "language": "ar",
            "label_language": "ar",
            "phone": "",
            **fields,
        }  # type: ignore[arg-type]
    )


def hit(**fields: object) -> Hit:
    told = {
        "card": card(),
        "number": "",
        "district": "",
        "household_id": None,
        "reasons": (),
        "found_as": "",
        "score": 0,
    }
    return Hit(**{**told, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "sought", "found"),
    [
        ("Mohammed Al-Hariri", "hariri mohamed", ["Mohammed", "Hariri"]),
        ("محمد الحريري", "hariri", ["الحريري"]),
        ("Mohammed Hariri", "moh", ["Mohammed"]),
        ("Mohammed", "", []),
        ("", "hariri", []),
        ("Mohammed", "99123456740", []),
    ],
)
def test_the_words_sought_are_marked_in_a_name_and_nothing_is_lost(name: str, sought: str, found: list[str]) -> None:
    pieces = words.marked(name, sought)
    assert "".join(piece for piece, _ in pieces) == name
    assert [piece for piece, is_sought in pieces if is_sought] == found


def test_the_father_is_named_in_the_script_of_the_page() -> None:
    assert words.father(card()) == "Khalil"
    assert words.father(card(father_latin="")) == "خليل"
    with i18n.in_language("ar"):
        assert words.father(card()) == "خليل"
        assert words.father(card(father_ar="")) == "Khalil"


def test_why_one_was_found_is_said_in_two_reasons_the_most_telling_first() -> None:
    reasons = (Reason.MORE_NAMES, Reason.FATHERS_NAME, Reason.BOTH_SCRIPTS)
    assert words.why(hit(reasons=reasons)) == "name in both scripts, father's name"
    assert words.why(hit(reasons=(), found_as="P-000 008")) == "was P-000 008, one person now"


def test_one_born_on_the_same_day_as_one_above_is_pointed_out() -> None:
    born = BirthDate(year=1985, month=3, day=4, precision=BirthPrecision.DAY)
    same, year = hit(card=card(birth=born)), hit(card=card(birth=BirthDate(year=1985, precision=BirthPrecision.YEAR)))
    rows = words.rows([hit(), same, year, same], {}, "")
    assert [row.is_look for row in rows] == [False, False, False, True]
    assert rows[3].why == "same birth date as no. 2"


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (None, "never seen"),
        (LastVisit(visit_key="k", day=date(2026, 11, 24), number=7, is_open=True), "here tonight, no. 7"),
        (LastVisit(visit_key="k", day=date(2026, 11, 3), number=7, is_open=False, name_en="GP"), "GP, 3 Nov"),
        (LastVisit(visit_key="k", day=date(2025, 10, 2), number=7, is_open=False, name_en="GP"), "GP, 10.2025"),
        (LastVisit(visit_key="k", day=date(2026, 11, 3), number=7, is_open=False), "3 Nov"),
    ],
)
def test_when_one_was_last_here_is_said_no_closer_than_it_matters(last: LastVisit | None, said: str) -> None:
    assert words.last_visit(last) == said


def test_what_is_still_to_be_done_is_counted(context: Flask) -> None:
    assert words.open_points(2, 1) == "2 to correct, 1 to look at"
    assert words.open_points(0, 1) == "1 to look at"
    assert words.open_points(1, 0) == "1 to correct"


@pytest.mark.parametrize(
    ("sex", "question"),
    [
        (Sex.MALE, "Is it him already?"),
        (Sex.FEMALE, "Is it her already?"),
        (None, "Is it the same person?"),
    ],
)
def test_the_question_goes_by_the_sex(sex: Sex | None, question: str) -> None:
    assert words.is_it(sex) == question

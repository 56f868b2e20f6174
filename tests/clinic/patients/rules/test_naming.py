from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.patients.rules import (
    NameMissing,
    Names,
    Particulars,
    Person,
    SameScript,
    Sex,
    initials,
    parse_birth,
    read_identifier,
    read_names,
)


def test_each_name_stands_in_the_script_in_which_it_was_written() -> None:
    assert read_names("خالد", "جمال", "الأحمد", "Halid Al Ahmed") == Names(
        given_ar="خالد", father_ar="جمال", family_ar="الأحمد", given_latin="Halid", family_latin="Al Ahmed"
    )
    assert read_names("Halid", "جمال", "Cemal") == Names(given_latin="Halid", father_ar="جمال", family_latin="Cemal")
    assert read_names("Halid", "", "Cemal", "خالد") == Names(given_latin="Halid", family_latin="Cemal", given_ar="خالد")


def test_one_name_is_enough_and_none_is_refused() -> None:
    assert read_names(" Ayşe ", "", "") == Names(given_latin="Ayşe")
    with pytest.raises(NameMissing) as refusal:
        read_names(" \u200f", "جمال", "الأحمد")
    assert refusal.value.field == "given"


def test_the_other_spelling_is_in_the_other_script() -> None:
    with pytest.raises(SameScript) as refusal:
        read_names("Halid", "", "Cemal", "Khaled Jamal")
    assert refusal.value.field == "other_spelling"


def test_a_person_is_found_by_every_spelling_and_by_the_fathers_name() -> None:
    names = read_names("خالد", "خليل", "الأحمد", "Khaled Ahmad")
    assert names.spellings == ("خالد الأحمد", "Khaled Ahmad")
    assert read_names("Halit", "", "").codes & names.codes
    assert read_names("Halil", "", "").codes & names.codes
    assert not read_names("Omar", "", "").codes & names.codes


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Mohammed Al-Hariri", "M. H."), ("محمد الحريري", "م. ح."), ("Ayşe", "A."), ("El Sayed", "E. S."), ("", "")],
)
def test_initials_say_no_more_than_the_first_letters(name: str, letters: str) -> None:
    assert initials(name) == letters


@given(*[st.text(max_size=80)] * 4)
def test_whatever_is_typed_the_names_are_sorted_or_refused(first: str, second: str, third: str, fourth: str) -> None:
    try:
        names = read_names(first, second, third, fourth)
    except (NameMissing, SameScript):
        return
    assert names.spellings


def test_what_is_wrong_with_a_name_is_said() -> None:
    with pytest.raises(NameMissing, match=r"^Write at least one name, as the person says it\.$"):
        read_names("", "", "")
    with pytest.raises(
        SameScript,
        match=r"^The name above is in these letters already\. Write the other spelling here, or leave it empty\.$",
    ):
        read_names("خالد", "", "", "خليل")


def test_the_other_spelling_leaves_a_family_name_alone_that_it_does_not_have() -> None:
    assert read_names("Halid", "", "الأحمد", "خالد") == Names(given_latin="Halid", given_ar="خالد", family_ar="الأحمد")


def test_particulars_are_compared_by_every_spelling_and_number() -> None:
    told = Particulars(
        names=read_names("خالد", "جمال", "الأحمد", "Halid Ahmed"),
        sex=Sex.MALE,
        birth=parse_birth("1985", date(2026, 11, 24)),
        language="ar",
        phone="+905410002285",
    )
    numbers = [read_identifier("99123456740"), read_identifier("98123456750")]
    assert told.likened(numbers) == Person(
        names=("خالد الأحمد", "Halid Ahmed"),
        fathers=("جمال",),
        sex=Sex.MALE,
        birth=told.birth,
        phone="+905410002285",
        numbers=frozenset({"99123456740", "98123456750"}),
    )
    assert told.likened().numbers == frozenset()

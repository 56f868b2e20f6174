from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.kernel.text import name_words
from clinic.patients.rules import BirthDate, BirthPrecision, Match, Person, Reason, Sex, parse_birth, rank, score
from clinic.patients.rules.likeness import ASK_FROM, LIST_FROM

TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def _nothing_heard_before() -> None:
    name_words.cache_clear()


def born(text: str) -> BirthDate:
    return parse_birth(text, TODAY)


KHALED = Person(
    names=("خالد جمال", "Khaled Jamal"), fathers=("عمر",), sex=Sex.MALE, birth=born("04.03.1985"), phone="+905410002285"
)
HARIRI = Person(names=("محمد الحريري", "Mohammed Al-Hariri"), fathers=("خليل", "Khalil"), sex=Sex.MALE)
NOISE = [
    Person(names=("محمود الحريري", "Mahmoud Al-Hariri"), sex=Sex.MALE),
    Person(names=("أحمد الخطيب", "Ahmad Al-Khatib"), sex=Sex.MALE),
    Person(names=("فاطمة الزعبي",), fathers=("محمد",), sex=Sex.FEMALE),
    Person(names=("Hamid Hamidi",), sex=Sex.MALE),
    Person(names=("Ayşe Yılmaz",), sex=Sex.FEMALE),
    Person(names=("خليل شاهين",), fathers=("جمال",), sex=Sex.MALE),
    Person(names=("",)),
]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("محمد الحريري", "محمد الحريري"),
        ("Mhmd Hariri", "محمد الحريري"),
        ("hariri mohamed", "محمد الحريري"),
        ("احمد", "أحمد الخطيب"),
        ("Mehmet Hariri", "محمد الحريري"),
        ("khaled jamal", "خالد جمال"),
        ("Halid Cemal", "خالد جمال"),
        ("ayse yil", "Ayşe Yılmaz"),
    ],
)
def test_a_name_in_any_spelling_and_order_finds_its_person_first(query: str, name: str) -> None:
    people = [*NOISE, HARIRI, KHALED]
    ranked = rank(Person(names=(query,)), ((person.names[0], person) for person in people))
    assert ranked[0][0] == name
    assert len(ranked) <= 5


@pytest.mark.parametrize(
    ("one", "other"),
    [("Muhammad Hariri", "Mohammed Al-Hariri"), ("Halid Cemal", "Khaled Jamal"), ("Yusuf Kasem", "Yousef Qassem")],
)
def test_pairs_that_other_systems_miss_ask_with_one_birth_date(one: str, other: str) -> None:
    on_file = Person(names=(other,), birth=born("04.03.1985"))
    assert score(on_file, Person(names=(one,), birth=born("04.03.1985"))).asks


def test_the_same_sound_father_and_year_ask_and_say_why() -> None:
    on_file = Person(
        names=("خالد احمد", "Khaled Ahmad"),
        fathers=("Jamal",),
        sex=Sex.MALE,
        birth=born("1992"),
        phone="+905410002258",
    )
    typed = Person(
        names=("خالد الأحمد", "Halid Alahmed"),
        fathers=("جمال",),
        sex=Sex.MALE,
        birth=born("04.05.1992"),
        phone="+905410002285",
    )
    match = score(on_file, typed)
    assert match == Match(85, (Reason.BOTH_SCRIPTS, Reason.SAME_FATHER, Reason.SAME_BIRTH_YEAR))
    assert match.asks


@pytest.mark.parametrize(
    ("typed", "points", "reasons"),
    [
        (Person(names=("خالد جمال",)), 60, [Reason.BOTH_SCRIPTS]),
        (Person(names=("Halid Cemal",)), 57, [Reason.BOTH_SCRIPTS]),
        (Person(names=("Khaled",)), 58, [Reason.BOTH_SCRIPTS, Reason.MORE_NAMES]),
        (Person(names=("Kha",)), 46, [Reason.SIMILAR_NAME, Reason.MORE_NAMES]),
        (Person(names=("Khaledd Jamall",)), 57, [Reason.BOTH_SCRIPTS]),
        (Person(names=("Khaleda Jamal",)), 51, [Reason.SIMILAR_NAME]),
        (Person(names=("Khaled Omar",)), 46, [Reason.BOTH_SCRIPTS, Reason.FATHERS_NAME, Reason.MORE_NAMES]),
        (Person(names=("Omar",)), 32, [Reason.FATHERS_NAME, Reason.MORE_NAMES]),
        (Person(names=("Khaled Murat",)), 28, [Reason.PART_OF_NAME, Reason.MORE_NAMES]),
        (Person(names=("Murat",)), 0, []),
        (Person(names=("",)), 0, []),
        (Person(names=()), 0, []),
        (Person(names=(), phone="+905410002285"), 15, [Reason.SAME_PHONE]),
        (Person(names=(), phone="+905410002258"), 0, []),
        (Person(names=(), fathers=("Omar",)), 15, [Reason.SAME_FATHER]),
        (Person(names=(), fathers=("Ömer",)), 15, [Reason.SAME_FATHER]),
        (Person(names=(), fathers=("Khalil",)), 0, [Reason.OTHER_FATHER]),
        (Person(names=("Khaled Jamal",), fathers=("Khalil",)), 45, [Reason.BOTH_SCRIPTS, Reason.OTHER_FATHER]),
        (Person(names=(), sex=Sex.UNKNOWN), 0, []),
        (Person(names=(), sex=Sex.MALE), 0, []),
        (Person(names=("Khaled Jamal",), sex=Sex.FEMALE), 30, [Reason.BOTH_SCRIPTS, Reason.OTHER_SEX]),
        (Person(names=(), birth=born("04.03.1985")), 15, [Reason.SAME_BIRTH_DATE]),
        (Person(names=(), birth=born("03.04.1985")), 12, [Reason.SWAPPED_BIRTH_DATE]),
        (Person(names=(), birth=born("04.04.1985")), 5, [Reason.SAME_BIRTH_YEAR]),
        (Person(names=(), birth=born("1985")), 10, [Reason.SAME_BIRTH_YEAR]),
        (Person(names=(), birth=born("01.01.1985")), 10, [Reason.SAME_BIRTH_YEAR]),
        (Person(names=(), birth=born("03.1985")), 10, [Reason.SAME_BIRTH_YEAR]),
        (Person(names=(), birth=born("1986")), 5, [Reason.NEAR_BIRTH_YEAR]),
        (Person(names=(), birth=born("1984")), 5, [Reason.NEAR_BIRTH_YEAR]),
        (Person(names=("Khaled Jamal",), birth=born("1983")), 45, [Reason.BOTH_SCRIPTS, Reason.OTHER_BIRTH_YEAR]),
        (Person(names=("Khaled Jamal",), birth=born("1987")), 45, [Reason.BOTH_SCRIPTS, Reason.OTHER_BIRTH_YEAR]),
        (Person(names=(), birth=born("~41")), 10, [Reason.SAME_BIRTH_YEAR]),
        (Person(names=(), birth=born("~44")), 5, [Reason.NEAR_BIRTH_YEAR]),
        (Person(names=("Khaled Jamal",), birth=born("~45")), 45, [Reason.BOTH_SCRIPTS, Reason.OTHER_BIRTH_YEAR]),
        (Person(names=(), birth=born("~38")), 5, [Reason.NEAR_BIRTH_YEAR]),
        (Person(names=("Khaled Jamal",), birth=born("~37")), 45, [Reason.BOTH_SCRIPTS, Reason.OTHER_BIRTH_YEAR]),
    ],
)
def test_points_come_with_their_reasons(typed: Person, points: int, reasons: list[Reason]) -> None:
    assert score(KHALED, typed) == Match(points, tuple(reasons))


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("Khaled Jamal", Reason.SAME_NAME),
        ("Halid Cemal", Reason.SAME_SOUND),
        ("Khaled Cemal", Reason.SAME_SOUND),
        ("Khaleda Jamal", Reason.SIMILAR_NAME),
        ("Khaled Murat", Reason.PART_OF_NAME),
    ],
)
def test_one_spelling_on_file_is_the_same_the_same_sound_similar_or_a_part(typed: str, reason: Reason) -> None:
    assert score(Person(names=("Khaled Jamal",)), Person(names=(typed,))).reasons[0] is reason


def test_words_after_a_fathers_name_count_and_two_fathers_names_count_twice() -> None:
    on_file = Person(names=("Khaled",), fathers=("Omar Adnan",))
    assert score(on_file, Person(names=("Omar Khaled",))).score == 48
    assert score(on_file, Person(names=("Omar Adnan Khaled",))).score == 44


@pytest.mark.parametrize(
    ("birth", "reason"),
    [
        ("1989", Reason.NEAR_BIRTH_YEAR),
        ("1990", Reason.OTHER_BIRTH_YEAR),
        ("1983", Reason.NEAR_BIRTH_YEAR),
        ("1982", Reason.OTHER_BIRTH_YEAR),
        ("1986", Reason.SAME_BIRTH_YEAR),
    ],
)
def test_an_estimate_on_file_is_as_wide_as_an_estimate_told(birth: str, reason: Reason) -> None:
    one, other = Person(names=(), birth=born("~40")), Person(names=(), birth=born(birth))
    assert score(one, other).reasons == score(other, one).reasons == (reason,)


def test_three_extra_names_weigh_no_less_than_six() -> None:
    three = Person(names=("Ali Bakr Cafer Deniz",))
    six = Person(names=("Ali Bakr Cafer Deniz Emre Fuat Galip",))
    assert score(three, Person(names=("Ali",))).score == score(six, Person(names=("Ali",))).score == 54


def test_one_same_number_is_certain_whatever_else_differs() -> None:
    on_file = replace(KHALED, numbers=frozenset({"99123456740", "98123456750"}))
    typed = Person(names=("Murat",), sex=Sex.FEMALE, birth=born("1960"), numbers=frozenset({"99123456740", "N012345"}))
    assert score(on_file, typed) == Match(100, (Reason.SAME_NUMBER, Reason.OTHER_BIRTH_YEAR, Reason.OTHER_SEX))
    assert score(on_file, replace(typed, numbers=frozenset({"99876543292"}))).score == 0


def test_a_name_alone_never_asks_and_the_same_name_and_year_do() -> None:
    assert not score(KHALED, Person(names=KHALED.names)).asks
    assert score(KHALED, Person(names=("Halid Cemal",), birth=born("01.01.1985"))).asks
    assert Match(ASK_FROM, ()).asks
    assert not Match(ASK_FROM - 1, ()).asks


def test_two_people_of_one_name_father_and_new_years_day_ask_and_are_not_taken_for_one() -> None:
    one = Person(names=("محمد الأحمد",), fathers=("علي",), sex=Sex.MALE, birth=born("01.01.1985"))
    assert score(one, one) == Match(85, (Reason.SAME_NAME, Reason.SAME_FATHER, Reason.SAME_BIRTH_YEAR))


def test_everything_the_same_scores_no_more_than_a_hundred() -> None:
    assert score(KHALED, KHALED).score == 100


def test_ranking_keeps_the_order_of_equals_and_leaves_out_the_unlike() -> None:
    people = [(1, HARIRI), (2, KHALED), (3, replace(KHALED, phone="")), (4, KHALED)]
    ranked = rank(replace(KHALED, fathers=()), people)
    assert [key for key, _ in ranked] == [2, 4, 3]
    assert [key for key, _ in rank(KHALED, people, least=0)] == [2, 4, 3, 1]


def test_the_list_takes_who_reaches_its_least_score() -> None:
    wanted = Person(names=("Khaled Murat",))
    match = score(KHALED, wanted)
    assert match.score >= LIST_FROM
    assert rank(wanted, [(1, KHALED)], least=match.score) == [(1, match)]
    assert rank(wanted, [(1, KHALED)], least=match.score + 1) == []


NAMES = st.lists(
    st.sampled_from(["خالد", "Khaled", "Halit", "جمال", "Cemal", "عبد الرحمن", "Ayşe", "Hariri", "x", ""]), max_size=4
).map(" ".join)
BIRTHS = st.sampled_from(["", "04.03.1985", "03.04.1985", "1985", "~40", "01.01.1985", "8 months"]).map(born)
PEOPLE = st.builds(
    Person,
    names=st.lists(NAMES, max_size=2).map(tuple),
    fathers=st.lists(NAMES, max_size=2).map(tuple),
    sex=st.sampled_from(Sex),
    birth=BIRTHS,
    phone=st.sampled_from(["", "+905410002285"]),
)


@given(PEOPLE, PEOPLE)
def test_a_score_is_from_0_to_100_and_says_why(one: Person, other: Person) -> None:
    match = score(one, other)
    assert 0 <= match.score <= 100
    assert match.reasons or not match.score


@given(PEOPLE, st.lists(PEOPLE, max_size=6))
def test_a_ranking_falls(wanted: Person, people: Iterable[Person]) -> None:
    scores = [match.score for _, match in rank(wanted, enumerate(people))]
    assert scores == sorted(scores, reverse=True)


def test_an_estimated_birth_carries_no_false_day() -> None:
    birth = born("about 40")
    assert (birth.precision, birth.day, birth.month, birth.written) == (BirthPrecision.ESTIMATED, None, None, "~1986")

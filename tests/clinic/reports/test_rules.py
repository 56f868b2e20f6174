from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.reports.rules import (
    Band,
    Beside,
    Case,
    Check,
    Counted,
    Group,
    Month,
    NoSuchMonth,
    Tally,
    band_of,
    check,
    chosen,
    group_of,
    month_of,
    read_month,
)

NOTHING = Beside(
    counted_again={}, still_open=0, abandoned=0, left_unseen=0, stays=0, visits=0, persons=0, new_persons=0, nursing={}
)


def counted(number: int = 1, **told: object) -> Counted:
    usual: dict[str, object] = {
        "id": number,
        "day": date(2026, 11, 3),
        "number": number,
        "specialty": "GP",
        "sex": "MALE",
        "band": Band.UNDER_60,
        "case": Case.NEW,
        "group": Group.SYRIAN,
        "person": number,
        "visit": number,
        "clinician": 1,
        "is_in_hours": True,
    }
    return Counted(**{**usual, **told})  # type: ignore[arg-type]  # the usual words, and those told


@pytest.mark.parametrize(
    ("years", "band"),
    [
        (0, Band.UNDER_5),
        (4, Band.UNDER_5),
        (5, Band.UNDER_12),
        (11, Band.UNDER_12),
        (12, Band.UNDER_18),
        (17, Band.UNDER_18),
        (18, Band.UNDER_60),
        (59, Band.UNDER_60),
        (60, Band.OLDER),
        (101, Band.OLDER),
        (None, Band.UNKNOWN),
    ],
)
def test_every_age_has_one_band(years: int | None, band: Band) -> None:
    assert band_of(years) is band


@pytest.mark.parametrize(
    ("nationality", "is_citizen", "is_protected", "group"),
    [
        ("SY", False, True, Group.SYRIAN),
        ("SY", True, False, Group.SYRIAN),
        ("", False, True, Group.SYRIAN),
        ("TR", False, False, Group.HOST),
        ("", True, False, Group.HOST),
        ("IQ", False, True, Group.OTHER),
        ("IQ", True, False, Group.OTHER),
        ("", False, False, Group.UNKNOWN),
    ],
)
def test_a_told_nationality_goes_before_the_papers(
    nationality: str, is_citizen: bool, is_protected: bool, group: Group
) -> None:
    assert group_of(nationality, is_citizen=is_citizen, is_protected=is_protected) is group


def test_a_month_knows_its_days_and_its_neighbours() -> None:
    month = read_month("2026-12")
    assert (month.first, month.last) == (date(2026, 12, 1), date(2026, 12, 31))
    assert (month.next, month.previous) == (Month(2027, 1), Month(2026, 11))
    assert month_of(date(2028, 2, 29)).last == date(2028, 2, 29)
    assert (month.code, Month(2026, 1).previous.code) == ("2026-12", "2025-12")


@pytest.mark.parametrize(
    "code", ["", "2026", "2026-13", "2026-00", "2026-1", "٢٠٢٦-١١", "abcd-ef", "2026-11-01", "0001-01"]
)
def test_what_is_no_month_is_refused(code: str) -> None:
    with pytest.raises(NoSuchMonth):
        read_month(code)


def test_a_person_who_saw_two_specialties_is_one_person_on_one_visit_with_two_consultations() -> None:
    tally = Tally([counted(1), counted(2, specialty="INT", person=1, visit=1, clinician=2)])
    assert (tally.total, tally.persons(), tally.visits) == (2, 1, 1)
    assert (tally.persons(specialty="GP"), tally.persons(specialty="INT")) == (1, 1)
    assert (tally.clinician_days(), tally.clinician_days(specialty="GP")) == (2, 1)


def test_fifty_by_one_clinician_on_one_day_is_a_day_too_full() -> None:
    forty_nine = [counted(number) for number in range(49)]
    assert Tally(forty_nine).overloaded_days(50) == 0
    assert Tally([*forty_nine, counted(49)]).overloaded_days(50) == 1
    assert Tally([*forty_nine, counted(49, clinician=2)]).overloaded_days(50) == 0


def test_a_count_that_the_database_disagrees_with_fails_its_check() -> None:
    tally = Tally([counted(1), counted(2, specialty="PED")])
    good = Beside(
        **{**vars(NOTHING), "counted_again": {("GP", "MALE"): 1, ("PED", "MALE"): 1}, "visits": 2, "persons": 2}
    )
    assert all(one.holds for one in check(tally, good))
    moved = Beside(**{**vars(good), "counted_again": {("GP", "MALE"): 2}})
    assert [one.words for one in check(tally, moved) if not one.holds] == [
        "Specialties that the two counts disagree on = none"
    ]
    short = Beside(**{**vars(good), "counted_again": {("GP", "MALE"): 1}})
    assert len([one for one in check(tally, short) if not one.holds]) == 3
    few = Beside(**{**vars(good), "visits": 1})
    assert [one.words for one in check(tally, few) if not one.holds] == ["Visits with a consultation ≤ visits"]
    lost = Beside(**{**vars(good), "persons": 1})
    assert [one.words for one in check(tally, lost) if not one.holds] == [
        "Persons with a consultation ≤ persons served"
    ]


def test_the_identities_are_these_with_both_figures() -> None:
    tally = Tally([counted(1, case=Case.NEW), counted(2, case=Case.NOT_STATED, group=Group.HOST, person=1, visit=1)])
    beside = Beside(
        **{**vars(NOTHING), "counted_again": {("GP", "MALE"): 2}, "visits": 7, "persons": 3, "new_persons": 2}
    )
    assert [(one.words, one.left, one.relation, one.right) for one in check(tally, beside)] == [
        ("Counted row by row = counted by the database", 2, "=", 2),
        ("Specialties that the two counts disagree on = none", 0, "=", 0),
        ("Sex by age = all consultations", 2, "=", 2),
        ("New + follow-up + not stated = all consultations", 2, "=", 2),
        ("Syrian + host + other + not known = all consultations", 2, "=", 2),
        ("Unique persons ≤ visits with a consultation", 1, "≤", 1),
        ("Visits with a consultation ≤ consultations", 1, "≤", 2),
        ("Visits with a consultation ≤ visits", 1, "≤", 7),
        ("Persons with a consultation ≤ persons served", 1, "≤", 3),
        ("Persons served for the first time ≤ persons served", 2, "≤", 3),
    ]
    assert not Check("", 2, "=", 3).holds
    assert not Check("", 3, "≤", 2).holds


def test_a_month_without_anybody_is_zero_and_proves_itself() -> None:
    assert all(one.holds for one in check(Tally([]), NOTHING))


_facts = st.builds(
    counted,
    number=st.integers(1, 40),
    specialty=st.sampled_from(["GP", "PED"]),
    sex=st.sampled_from(["FEMALE", "MALE", "UNKNOWN"]),
    band=st.sampled_from(list(Band)),
    case=st.sampled_from(list(Case)),
    group=st.sampled_from(list(Group)),
    person=st.integers(1, 5),
    is_in_hours=st.booleans(),
)


@given(st.lists(_facts, max_size=30))
def test_every_facet_parts_a_month_without_rest(found: list[Counted]) -> None:
    tally = Tally(found)
    for facet in ("specialty", "sex", "band", "case", "group", "hours"):
        assert sum(tally.by(facet).values()) == tally.total
        assert all(count == len(chosen(found, {facet: value})) for (value,), count in tally.by(facet).items())
    assert sum(tally.cells.values()) == tally.total
    assert tally.persons() <= tally.total

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.consultations.rules import CaseType, PartKind
from clinic.consultations.rules.drafts import NOTHING, Content, DraftDiagnosis, DraftLine, differing_parts, joined

COMPLAINT, HISTORY, FINDINGS = PartKind.COMPLAINT, PartKind.HISTORY, PartKind.FINDINGS
NEW, FOLLOW_UP = CaseType
COUGH = Content(parts={COMPLAINT: "cough"}, diagnoses=(DraftDiagnosis(code="J18.9", case_type=NEW),))


def line(line_id: str, **typed: Any) -> DraftLine:  # noqa: ANN401 - any field of it
    given_fields: dict[str, Any] = {"id": line_id, "item_id": None, "inn": "honey", "unit": "PIECE", **typed}
    known = {field.name for field in fields(DraftLine)}
    return DraftLine(**{name: value for name, value in given_fields.items() if name in known})


SYRUP, HONEY = line("a", item_id=1, amount="8,5", times=("MORNING", "EVENING"), days="5"), line("b")


def test_a_draft_is_empty_until_something_is_typed_or_chosen() -> None:
    assert NOTHING.is_empty
    assert Content(parts={COMPLAINT: ""}, seeking={"icd": "cough"}).is_empty
    assert not Content(parts={COMPLAINT: "cough"}).is_empty
    assert not replace(NOTHING, diagnoses=COUGH.diagnoses).is_empty
    assert not NOTHING.with_line(HONEY).is_empty
    assert (COUGH.part(COMPLAINT), COUGH.part(HISTORY)) == ("cough", "")


def test_a_diagnosis_stands_once_and_turns_from_new_to_follow_up_and_back() -> None:
    two = COUGH.with_diagnosis("D50.9", FOLLOW_UP)
    assert two.with_diagnosis("J18.9", FOLLOW_UP) is two
    turned = two.with_case_turned("J18.9")
    assert [(one.code, one.case_type) for one in turned.diagnoses] == [("J18.9", FOLLOW_UP), ("D50.9", FOLLOW_UP)]
    assert turned.with_case_turned("J18.9") == two
    assert [one.code for one in two.without_diagnosis("J18.9").diagnoses] == ["D50.9"]


def test_medicines_stand_in_the_order_of_the_basket() -> None:
    basket = COUGH.with_line(SYRUP).with_line(HONEY)
    assert basket.lines == (SYRUP, HONEY)
    assert basket.without_line("a").lines == (HONEY,)
    assert basket.without_line("z") == basket


WORDS = st.text(max_size=20)
CONTENTS = st.builds(
    Content,
    parts=st.dictionaries(st.sampled_from(PartKind), WORDS),
    diagnoses=st.lists(
        st.builds(DraftDiagnosis, code=st.sampled_from(["J18.9", "D50.9", "A09"]), case_type=st.sampled_from(CaseType)),
        unique_by=lambda one: one.code,
    ).map(tuple),
    lines=st.lists(
        st.builds(
            line,
            st.sampled_from(["a", "b", "c"]),
            item_id=st.none() | st.integers(1, 9),
            inn=WORDS,
            times=st.lists(WORDS).map(tuple),
            is_as_needed=st.booleans(),
        ),
        unique_by=lambda one: one.id,
    ).map(tuple),
    seeking=st.dictionaries(st.sampled_from(["icd", "medicine"]), WORDS),
)


@given(CONTENTS)
def test_a_draft_is_read_back_as_it_was_kept(content: Content) -> None:
    read = Content.from_json(content.as_json())
    assert (read.diagnoses, read.lines) == (content.diagnoses, content.lines)
    assert read.parts == {kind: text for kind, text in content.parts.items() if text}
    assert read.seeking == {name: words for name, words in content.seeking.items() if words}
    assert read.is_empty is content.is_empty


def test_an_empty_body_is_an_empty_draft() -> None:
    assert Content.from_json({}) == NOTHING
    assert NOTHING.as_json() == {"parts": {}, "diagnoses": [], "lines": [], "seeking": {}}


@given(CONTENTS, CONTENTS)
def test_two_versions_joined_lose_nothing(kept: Content, typed: Content) -> None:
    both = joined(kept, typed)
    for kind in PartKind:
        assert kept.part(kind) in both.part(kind)
        assert typed.part(kind) in both.part(kind)
    assert {one.code for one in both.diagnoses} == {one.code for one in (*kept.diagnoses, *typed.diagnoses)}
    assert {line.id for line in both.lines} == {line.id for line in (*kept.lines, *typed.lines)}
    assert both.lines[len(both.lines) - len(typed.lines) :] == typed.lines
    assert both.seeking == typed.seeking


@pytest.mark.parametrize(
    ("kept", "typed", "both"),
    [
        ("", "cough", "cough"),
        ("cough", "", "cough"),
        ("cough", "cough 4 days", "cough 4 days"),
        ("cough 4 days", "cough", "cough 4 days"),
        ("cough", "fever", "cough\nfever"),
        ("", "", ""),
    ],
)
def test_two_texts_of_one_part_stand_one_after_the_other(kept: str, typed: str, both: str) -> None:
    found = joined(Content(parts={COMPLAINT: kept}), Content(parts={COMPLAINT: typed}))
    assert found.part(COMPLAINT) == both


@pytest.mark.parametrize(
    ("begun", "typed", "both"),
    [
        ("fever", "", "fever"),
        ("fever", "no fever", "fever\nno fever"),
        ("fever", "fever 4 days", "fever 4 days"),
        ("fever", "cough\nfever\nrash", "cough\nfever\nrash"),
        ("fever\ncough", "rash\nfever\ncough", "rash\nfever\ncough"),
        ("fever", "cough", "fever\ncough"),
    ],
)
def test_what_a_nurse_began_stands_before_what_was_typed_and_once(begun: str, typed: str, both: str) -> None:
    content = Content(parts={COMPLAINT: typed, FINDINGS: "clear"}).with_begun(COMPLAINT, begun)
    assert (content.part(COMPLAINT), content.part(FINDINGS)) == (both, "clear")


def test_the_parts_that_differ_are_shown_side_by_side() -> None:
    kept = Content(parts={COMPLAINT: "cough", HISTORY: "asthma", FINDINGS: "clear"})
    typed = Content(parts={COMPLAINT: "fever", HISTORY: "asthma"})
    assert [(one.kind, one.kept, one.typed) for one in differing_parts(kept, typed)] == [
        (COMPLAINT, "cough", "fever"),
        (FINDINGS, "clear", ""),
    ]

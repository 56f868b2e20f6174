from dataclasses import replace
from datetime import UTC, datetime

import pytest

from clinic.consultations.rules import CaseType, PartKind, State
from clinic.consultations.rules.drafts import NOTHING, Content, DraftDiagnosis
from clinic.consultations.rules.signing import (
    DraftMoved,
    NotCalled,
    NoteClosed,
    Unsigned,
    ensure_called,
    ensure_may_sign,
    ensure_not_closed,
    ensure_reason,
)

COMPLAINT, HISTORY, FINDINGS = PartKind.COMPLAINT, PartKind.HISTORY, PartKind.FINDINGS
COUGH = Content(parts={COMPLAINT: "cough"}, diagnoses=(DraftDiagnosis(code="J18.9", case_type=CaseType.NEW),))


@pytest.mark.parametrize("kind", [COMPLAINT, FINDINGS])
def test_a_note_with_a_complaint_or_a_finding_and_a_diagnosis_may_be_signed(kind: PartKind) -> None:
    ensure_may_sign(replace(COUGH, parts={kind: "cough"}))


@pytest.mark.parametrize(
    ("content", "field", "sentence"),
    [
        (NOTHING, "complaint", "Write what the person complains of, or what you found."),
        (
            replace(COUGH, parts={HISTORY: "long"}),
            "complaint",
            "Write what the person complains of, or what you found.",
        ),
        (replace(COUGH, diagnoses=()), "diagnosis", "Choose at least one diagnosis; a symptom has a code too."),
    ],
)
def test_what_every_signed_note_has_may_not_be_missing(content: Content, field: str, sentence: str) -> None:
    with pytest.raises(Unsigned) as refusal:
        ensure_may_sign(content)
    assert (str(refusal.value), refusal.value.field) == (sentence, field)


def test_a_note_is_written_for_who_was_called() -> None:
    ensure_called(may_write=True, number=97)
    with pytest.raises(NotCalled) as refusal:
        ensure_called(may_write=False, number=97)
    assert str(refusal.value) == "Call no. 97 to your desk first; then the note is yours to write."


@pytest.mark.parametrize("state", [State.OPEN, None])
def test_an_open_note_changes(state: State | None) -> None:
    ensure_not_closed(state, 97)


@pytest.mark.parametrize("state", [State.SIGNED, State.ABANDONED])
def test_a_closed_note_does_not_change(state: State) -> None:
    with pytest.raises(NoteClosed) as refusal:
        ensure_not_closed(state, 97)
    assert str(refusal.value) == "The note for no. 97 is closed. Add to it by an amendment."


def test_a_reason_has_3_to_200_characters() -> None:
    ensure_reason("abc")
    ensure_reason("x" * 200)
    for reason in ("", "ab", "x" * 201):
        with pytest.raises(Unsigned) as refusal:
            ensure_reason(reason)
        assert str(refusal.value) == "Give the reason in 3 to 200 characters."
        assert refusal.value.field == "reason"


def test_a_draft_that_moved_carries_what_is_kept() -> None:
    at = datetime(2026, 11, 24, 16, tzinfo=UTC)
    moved = DraftMoved(COUGH, version=3, saved_at=at)
    assert (moved.kept, moved.version, moved.saved_at) == (COUGH, 3, at)
    assert str(moved) == (f"Not kept: this draft was changed in another window at {at}. Both texts stand side by side.")

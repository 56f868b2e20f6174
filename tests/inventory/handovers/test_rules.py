from datetime import date
from itertools import product

import pytest

from inventory.handovers.rules import (
    STEPS,
    Act,
    AnotherPerson,
    Answer,
    NoSuchStep,
    NotReady,
    State,
    ensure_answer,
    ensure_other,
    ensure_within,
    next_state,
    outcome,
)

WAY = (
    (State.DRAFT, Act.SUBMIT),
    (State.SUBMITTED, Act.APPROVE),
    (State.APPROVED, Act.INSPECT),
    (State.INSPECTED, Act.SEAL),
    (State.SEALING, Act.PRINT),
    (State.SEALED, Act.SIGN),
    (State.SIGNED, Act.ANSWER),
)


def test_a_batch_goes_from_the_draft_to_the_answer() -> None:
    state = State.DRAFT
    for before, act in WAY:
        assert state is before
        state = next_state(state, act)
    assert state is State.ACCEPTED


@pytest.mark.parametrize(("state", "act"), [pair for pair in product(State, Act) if pair not in STEPS])
def test_every_other_step_is_refused(state: State, act: Act) -> None:
    with pytest.raises(NoSuchStep):
        next_state(state, act)


def test_nothing_leads_out_of_an_end_and_nothing_stops_a_seal_that_has_begun() -> None:
    assert not [pair for pair in STEPS if pair[0].is_over]
    assert [act for state, act in STEPS if state is State.SEALING] == [Act.PRINT]


@pytest.mark.parametrize(
    ("answers", "became"),
    [
        ([Answer(accepted=1), Answer(accepted=3)], State.ACCEPTED),
        ([Answer(accepted=1, remark="a scratch")], State.PARTLY),
        ([Answer(accepted=0, rejected=1, remark="broken"), Answer(accepted=1)], State.PARTLY),
        ([Answer(accepted=22, rejected=1, missing=1, remark="one is damaged")], State.PARTLY),
        ([Answer(accepted=0, rejected=1, remark="broken")], State.REJECTED),
    ],
)
def test_the_answers_to_the_lines_are_the_answer_to_the_batch(answers: list[Answer], became: State) -> None:
    assert outcome(answers) is became


@pytest.mark.parametrize(
    "answer",
    [
        Answer(accepted=22, rejected=1, missing=0, remark="x"),
        Answer(accepted=25, remark="x"),
        Answer(accepted=25, rejected=-1, remark="x"),
        Answer(accepted=23, rejected=1),
    ],
)
def test_figures_that_do_not_make_up_the_line_or_a_no_without_a_reason_are_refused(answer: Answer) -> None:
    with pytest.raises(NotReady):
        ensure_answer(answer, 24, field="x")


def test_the_day_lies_within_the_time_that_the_agreement_leaves() -> None:
    first, last = date(2026, 1, 1), date(2027, 3, 31)
    for day in (first, last):
        ensure_within(day, starts_on=first, until=last)
    for day in (date(2025, 12, 31), date(2027, 4, 1)):
        with pytest.raises(NotReady):
            ensure_within(day, starts_on=first, until=last)
    with pytest.raises(NotReady):
        ensure_within(first, starts_on=None, until=last)


def test_nobody_follows_up_their_own_act() -> None:
    ensure_other(3, 1, 2, None)
    with pytest.raises(AnotherPerson):
        ensure_other(2, 1, 2, None)

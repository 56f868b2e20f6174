from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.visits.rules import (
    CALLS_BEFORE_LEFT,
    OPEN_STATES,
    NotYetLeft,
    PlaceOver,
    PlaceState,
    Priority,
    Taken,
    ensure_may_leave,
    ensure_open,
    ensure_takes,
    most_urgent,
    queue_order,
)

WAITING, CALLED, IN_ROOM, AWAY, DONE, LEFT, CANCELLED = PlaceState
SEVEN = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


def test_an_open_place_is_one_at_which_somebody_waits_or_is_seen() -> None:
    assert set(OPEN_STATES) == {WAITING, CALLED, IN_ROOM}


@pytest.mark.parametrize("state", PlaceState)
def test_only_an_open_place_goes_on(state: PlaceState) -> None:
    if state in OPEN_STATES:
        ensure_open(state, 98)
        return
    with pytest.raises(PlaceOver, match=r"^No\. 98 does not wait here any more\.$"):
        ensure_open(state, 98)


@pytest.mark.parametrize(
    ("state", "is_mine", "is_taken"),
    [
        (WAITING, False, False),
        (WAITING, True, False),
        (CALLED, True, False),
        (CALLED, False, True),
        (IN_ROOM, True, False),
        (IN_ROOM, False, True),
    ],
)
def test_whom_a_colleague_called_first_is_theirs(state: PlaceState, *, is_mine: bool, is_taken: bool) -> None:
    def take() -> None:
        ensure_takes(state, is_mine=is_mine, number=98, name="Rana", at=SEVEN)

    if not is_taken:
        take()
        return
    with pytest.raises(Taken, match=r"^No\. 98 went to Rana at 2026-11-24 16:00:00\+00:00\.$"):
        take()


def test_who_is_gone_is_not_taken() -> None:
    with pytest.raises(PlaceOver):
        ensure_takes(LEFT, is_mine=False, number=98, name="Rana", at=SEVEN)


def test_a_person_has_left_only_after_three_calls() -> None:
    assert CALLS_BEFORE_LEFT == 3
    ensure_may_leave(3, 98)
    with pytest.raises(NotYetLeft) as refusal:
        ensure_may_leave(2, 98)
    assert str(refusal.value) == "Calls for no. 98 so far: 2. After 3 you can note that the person left."


@pytest.mark.parametrize(
    ("priorities", "most"),
    [
        ([], Priority.ROUTINE),
        ([Priority.ROUTINE], Priority.ROUTINE),
        ([Priority.ROUTINE, Priority.PRIORITY], Priority.PRIORITY),
        ([Priority.PRIORITY, Priority.EMERGENCY, Priority.ROUTINE], Priority.EMERGENCY),
    ],
)
def test_the_most_urgent_of_several_counts(priorities: list[Priority], most: Priority) -> None:
    assert most_urgent(priorities) is most


def test_emergencies_go_first_then_priority_then_those_back_from_the_laboratory_then_by_arrival() -> None:
    rows = [
        (Priority.EMERGENCY, False, 9, 7),
        (Priority.PRIORITY, False, 8, 6),
        (Priority.ROUTINE, True, 7, 5),
        (Priority.ROUTINE, False, 1, 4),
        (Priority.ROUTINE, False, 2, 1),
        (Priority.ROUTINE, False, 2, 2),
    ]

    def key(row: tuple[Priority, bool, int, int]) -> tuple[object, ...]:
        priority, is_returning, minutes, number = row
        queued_at = SEVEN + timedelta(minutes=minutes)
        return queue_order(priority, is_returning=is_returning, queued_at=queued_at, number=number)

    for order in permutations(rows):
        assert sorted(order, key=key) == rows


@given(st.integers(0, 240), st.integers(0, 240), st.integers(1, 400), st.integers(1, 400))
def test_among_equals_who_came_first_goes_first(one: int, other: int, number: int, another: int) -> None:
    def place(minutes: int, number: int) -> tuple[object, ...]:
        return queue_order(
            Priority.ROUTINE,
            is_returning=False,
            queued_at=SEVEN + timedelta(minutes=minutes),
            number=number,
        )

    assert (place(one, number) < place(other, another)) is ((one, number) < (other, another))

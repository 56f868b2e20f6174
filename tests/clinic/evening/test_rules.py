from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.evening.rules import (
    Forecast,
    Outlook,
    Stay,
    forecast,
    outlook,
    pace,
    queue_steps,
    wait_counts,
    waits,
)
from tests.factories import EVENING


def _at(minutes: float) -> datetime:
    return EVENING + timedelta(minutes=minutes)


def _seen(queued: float, called: float, ended: float) -> Stay:
    return Stay(queued_at=_at(queued), called_at=_at(called), ended_at=_at(ended), was_seen=True)


WAITING = Stay(queued_at=EVENING)
INSIDE = Stay(queued_at=EVENING, called_at=EVENING + timedelta(minutes=4))
LEFT = Stay(queued_at=EVENING, ended_at=EVENING + timedelta(minutes=30), has_left=True)


def test_the_pace_is_that_of_the_last_eight_people_seen() -> None:
    stays = [_seen(0, minute * 10, minute * 10 + minute) for minute in range(1, 11)]
    assert pace([*stays, WAITING, INSIDE, LEFT]) == [3, 4, 5, 6, 7, 8, 9, 10]


@pytest.mark.parametrize(
    ("minutes", "left", "expected"),
    [
        ([], 120, Forecast(pace_min=None, can_finish=None, at_least=None, at_most=None)),
        ([5, 5], 120, Forecast(pace_min=None, can_finish=None, at_least=None, at_most=None)),
        ([5, 6, 7], 120, Forecast(pace_min=6, can_finish=20, at_least=20, at_most=20)),
        ([4, 5, 7, 8], 120, Forecast(pace_min=6, can_finish=20, at_least=15, at_most=28)),
        ([6, 6, 6], 0, Forecast(pace_min=6, can_finish=0, at_least=0, at_most=0)),
        ([6, 6, 6], 5.9, Forecast(pace_min=6, can_finish=0, at_least=0, at_most=0)),
        ([0, 0, 0], 60, Forecast(pace_min=0, can_finish=0, at_least=0, at_most=0)),
    ],
)
def test_the_forecast_rests_on_tonights_pace_alone(minutes: list[float], left: float, expected: Forecast) -> None:
    stays = [_seen(0, place * 20, place * 20 + took) for place, took in enumerate(minutes)]
    assert forecast(stays, timedelta(minutes=left)) == expected


@pytest.mark.parametrize(
    ("waiting", "can", "expected"),
    [
        (0, 0, Outlook.IDLE),
        (0, None, Outlook.IDLE),
        (3, None, Outlook.UNKNOWN),
        (16, 20, Outlook.IN_TIME),
        (17, 20, Outlook.NEARLY_FULL),
        (20, 20, Outlook.NEARLY_FULL),
        (21, 20, Outlook.OVER),
        (1, 0, Outlook.OVER),
    ],
)
def test_a_service_is_nearly_full_from_85_per_cent_and_over_beyond_what_it_can(
    waiting: int, can: int | None, expected: Outlook
) -> None:
    assert outlook(waiting, can) is expected


def test_the_queue_grows_with_arrivals_and_shrinks_with_calls_and_leavings() -> None:
    steps = queue_steps([_seen(0, 5, 9), _seen(2, 9, 15), LEFT, WAITING])
    assert [(int((at - EVENING).total_seconds() // 60), length) for at, length in steps] == [
        (0, 3),
        (2, 4),
        (5, 3),
        (9, 2),
        (30, 1),
    ]
    assert queue_steps([]) == []


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 60), st.integers(0, 30)), max_size=40))
def test_the_queue_is_never_shorter_than_nobody_and_ends_with_those_who_wait(
    told: list[tuple[int, int, int]],
) -> None:
    steps = queue_steps([*(_seen(at, at + wait, at + wait + took) for at, wait, took in told), WAITING])
    assert all(length >= 0 for _, length in steps)
    assert steps[-1][1] == 1


def test_waits_fall_into_tens_of_minutes_and_the_longest_into_the_last() -> None:
    assert wait_counts([0, 9.9, 10, 59.9, 60, 400]) == [2, 1, 0, 0, 0, 3]
    assert wait_counts([]) == [0] * 6
    assert waits([_seen(0, 12, 20), WAITING, LEFT, INSIDE]) == [12, 4]

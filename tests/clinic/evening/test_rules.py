from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.evening.rules import (
    ABSENT_AFTER,
    Forecast,
    Outlook,
    Span,
    Stay,
    Where,
    arrivals_to_come,
    at_work,
    count_until,
    expected_loads,
    forecast,
    longest_wait,
    moments,
    outlook,
    pace,
    queue_lengths,
    shares,
    together,
    wait_counts,
    waits,
    where_each,
)
from clinic.kernel import clock
from tests.factories import EVENING

OPENS = clock.at(EVENING.date(), 17)
CLOSES = clock.at(EVENING.date(), 21)
TEKIN, FARAH = 7, 9

_visits = count(1)


def _at(minutes: float) -> datetime:
    return OPENS + timedelta(minutes=minutes)


def _seen(queued: float, called: float, ended: float, doctor: int = TEKIN) -> Stay:
    return Stay(
        visit_id=next(_visits),
        queued_at=_at(queued),
        called_at=_at(called),
        ended_at=_at(ended),
        was_seen=True,
        server_id=doctor,
    )


def _waiting(queued: float, **fields: object) -> Stay:
    return Stay(**{"visit_id": next(_visits), "queued_at": _at(queued), **fields})  # type: ignore[arg-type]  # by name


def _inside(queued: float, called: float, doctor: int = TEKIN) -> Stay:
    return _waiting(queued, called_at=_at(called), server_id=doctor)


def _evening(minutes: Iterable[float], now: float) -> list[Stay]:
    """People seen one after another, each so many minutes, the last one just now; all came long ago."""
    stays, ends = [], now
    for took in reversed(list(minutes)):
        stays.append(_seen(-90, ends - took, ends))
        ends -= took
    return stays


WAITING, LEFT = _waiting(0), _waiting(0, ended_at=_at(30), has_left=True)
AWAY = _waiting(0, is_away=True, called_at=None)


def _forecast(stays: list[Stay], now: float) -> Forecast:
    return forecast(stays, opens=OPENS, now=_at(now), closes=CLOSES)


def test_the_pace_is_that_of_the_last_eight_people_seen() -> None:
    stays = [_seen(0, minute * 10, minute * 10 + minute) for minute in range(1, 11)]
    assert pace([*stays, WAITING, _inside(0, 4), LEFT, AWAY]) == [3, 4, 5, 6, 7, 8, 9, 10]


@pytest.mark.parametrize(
    ("minutes", "now", "usual", "low", "high"),
    [
        ([5, 6, 7], 120, 20, 20, 20),
        ([4, 5, 7, 8], 120, 20, 15, 28),
        ([6, 6, 6], 234, 1, 1, 1),
        ([6, 6, 6], 234.1, 0, 0, 0),
        ([6, 6, 6], 240, 0, 0, 0),
        ([6, 6, 6], 300, 0, 0, 0),
        ([1, 1, 1], 120, 120, 120, 120),
        ([1, 1, 0, 8, 8], 120, 120, 15, 120),
    ],
)
def test_what_can_finish_rests_on_tonights_pace_alone(
    minutes: list[float], now: float, usual: int, low: int, high: int
) -> None:
    assert _forecast([*_evening(minutes, now), WAITING], now).can_finish == Span(usual=usual, low=low, high=high)


@pytest.mark.parametrize("minutes", [[], [5], [5, 5], [0, 0, 0], [0.9, 0.9, 0.9]])
def test_no_pace_is_told_before_three_were_seen_nor_where_nobody_took_a_minute(minutes: list[float]) -> None:
    told = _forecast([*_evening(minutes, 60), WAITING], 60)
    assert (told.pace_min, told.can_finish, told.to_come, told.outlook) == (None, None, None, Outlook.UNKNOWN)


def test_before_anybody_came_nothing_is_told_and_nothing_waits() -> None:
    assert _forecast([], 10).outlook is Outlook.IDLE
    assert _forecast([], 10).to_come is None


@pytest.mark.parametrize("now", [240, 300])
def test_past_closing_nobody_is_seen_any_more_whether_there_is_a_pace_or_not(now: float) -> None:
    assert _forecast([WAITING], now).outlook is Outlook.OVER
    assert _forecast([*_evening([5, 5, 5], now), WAITING], now).outlook is Outlook.OVER
    assert _forecast(_evening([5, 5, 5], now), now).to_come == Span(usual=0, low=0, high=0)


def test_a_closed_day_closes_as_it_opens_and_promises_nothing() -> None:
    told = forecast([*_evening([5, 5, 5], 60), WAITING], opens=OPENS, now=_at(60), closes=_at(60))
    assert told.can_finish == Span(usual=0, low=0, high=0)


def test_before_opening_only_the_open_hours_are_promised() -> None:
    assert _forecast([*_evening([10, 10, 10], -30), WAITING], -30).can_finish == Span(usual=24, low=24, high=24)


def test_whoever_is_inside_takes_the_rest_of_the_pace_and_no_less_than_nothing() -> None:
    seen = _evening([6, 6, 6], 120)
    assert _forecast([*seen, _inside(0, 120), WAITING], 120).can_finish == Span(usual=19, low=19, high=19)
    assert _forecast([*seen, _inside(0, 60), WAITING], 120).can_finish == Span(usual=20, low=20, high=20)


def test_two_doctors_finish_twice_as_many() -> None:
    stays = [*_evening([6, 6, 6], 120), _seen(-90, 114, 120, FARAH), WAITING]
    told = _forecast(stays, 120)
    assert told.doctors == {TEKIN, FARAH}
    assert told.can_finish == Span(usual=40, low=40, high=40)


@pytest.mark.parametrize(
    ("stays", "now", "doctors"),
    [
        ([], 60, set()),
        ([WAITING], 60, set()),
        ([_inside(0, 5)], 200, {TEKIN}),
        ([_seen(0, 5, 30)], 60, {TEKIN}),
        ([_seen(0, 5, 30), _waiting(31)], 61, {TEKIN}),
        ([_seen(0, 5, 30), _waiting(31)], 62, set()),
        ([_seen(0, 5, 30), _waiting(29)], 60, {TEKIN}),
        ([_seen(0, 5, 30), _waiting(29)], 60.1, set()),
        ([_seen(0, 5, 30), _seen(0, 5, 50, FARAH)], 70, {TEKIN, FARAH} - {TEKIN}),
        ([_seen(0, 5, 30), _seen(0, 5, 40, FARAH)], 200, {FARAH}),
        ([_waiting(0, server_id=TEKIN, ended_at=_at(9), has_left=True)], 10, set()),
    ],
)
def test_a_doctor_is_absent_once_nobody_was_called_for_half_an_hour_while_somebody_waits(
    stays: list[Stay], now: float, doctors: set[int]
) -> None:
    assert at_work(stays, _at(now)) == doctors


def test_a_service_whose_doctor_is_absent_says_so_and_promises_nothing() -> None:
    told = _forecast([*_evening([5, 5, 5], 60), _waiting(50)], 120)
    assert (told.pace_min, told.can_finish, told.outlook) == (5, None, Outlook.DESERTED)


@pytest.mark.parametrize(
    ("came", "now", "expected"),
    [
        ([], 60, 0),
        ([1, 2, 3], 14.9, 0),
        ([1, 2, 3], 15, 45),
        ([0, 10, 30, 60, 70], 60, 9),
        ([40, 41, 50, 70, 100], 100, 9),
        ([230], 240, 0),
        ([230], 260, 0),
        ([-50, -10], -5, 0),
    ],
)
def test_those_to_come_follow_the_last_hour(came: list[float], now: float, expected: int) -> None:
    arrived = [_at(minute) for minute in came]
    assert arrivals_to_come(arrived, opens=OPENS, now=_at(now), closes=CLOSES) == expected


def test_those_to_come_are_never_more_than_can_be_finished() -> None:
    seen = _evening([30, 30, 30], 120)
    told = _forecast([*seen, *(_waiting(61 + place) for place in range(20))], 120)
    assert told.to_come == told.can_finish == Span(usual=4, low=4, high=4)
    few = _forecast([*_evening([5, 5, 5], 120), *(_waiting(61 + place) for place in range(4))], 120)
    assert few.to_come == Span(usual=12, low=9, high=15)


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


_TIMES = st.tuples(st.integers(-30, 260), st.integers(0, 90), st.integers(0, 40), st.sampled_from([TEKIN, FARAH]))


@given(st.lists(_TIMES, max_size=30), st.lists(st.integers(-30, 260), max_size=30), st.integers(-60, 400))
def test_a_band_always_holds_its_figure_and_no_figure_is_below_nothing(
    told: list[tuple[int, int, int, int]], waiting: list[int], now: int
) -> None:
    stays = [
        _seen(at, at + wait, at + wait + took, doctor) for at, wait, took, doctor in told if at + wait + took <= now
    ]
    foreseen = _forecast([*stays, *(_waiting(at) for at in waiting if at <= now)], now)
    for span in (foreseen.can_finish, foreseen.to_come):
        assert span is None or 0 <= span.low <= span.usual <= span.high
    assert (foreseen.can_finish is None) == (foreseen.to_come is None)
    assert foreseen.can_finish is None or foreseen.pace_min


def test_all_services_together_add_to_those_already_seen_and_those_unknown_add_nothing() -> None:
    assert together([Span(usual=5, low=4, high=7), None, Span(usual=1, low=0, high=2)], already=10) == Span(
        usual=16, low=14, high=19
    )
    assert together([None], already=3) is None
    assert together([], already=3) is None


def test_doctors_of_one_service_share_its_people_and_one_of_two_services_sees_both() -> None:
    def coming(people: int | None, *doctors: int) -> Forecast:
        span = None if people is None else Span(usual=people, low=people, high=people)
        return Forecast(pace_min=5, doctors=frozenset(doctors), can_finish=span, to_come=span, outlook=Outlook.IN_TIME)

    assert shares([coming(5, TEKIN, FARAH), coming(2, FARAH)]) == {TEKIN: 3, FARAH: 4}
    assert shares([coming(5, TEKIN), coming(None, TEKIN), coming(1, TEKIN)]) == {TEKIN: None}
    assert shares([coming(None)]) == {}


def test_a_doctor_signs_by_closing_what_is_signed_and_what_is_to_come() -> None:
    assert expected_loads({1: 4, 2: 5, 3: 6}, {1: 2, 2: None, 4: 3}) == {1: 6, 2: None, 3: 6, 4: 3}


def test_an_evening_is_drawn_every_ten_minutes_and_now() -> None:
    assert moments(OPENS, _at(-1)) == []
    assert moments(OPENS, OPENS) == [OPENS]
    assert moments(OPENS, _at(20)) == [OPENS, _at(10), _at(20)]
    assert moments(OPENS, _at(20.5)) == [OPENS, _at(10), _at(20.5)]
    assert moments(OPENS, _at(21)) == [OPENS, _at(10), _at(20), _at(21)]
    assert moments(OPENS, _at(25)) == [OPENS, _at(10), _at(20), _at(25)]


def test_the_queue_grows_with_arrivals_and_shrinks_with_calls_and_leavings() -> None:
    stays = [_seen(0, 5, 9), _seen(2, 9, 15), LEFT, WAITING, AWAY]
    assert queue_lengths(stays, [_at(minute) for minute in (-1, 0, 2, 5, 9, 29, 30)]) == [0, 3, 4, 3, 2, 2, 1]


@given(st.lists(_TIMES, max_size=40))
def test_the_queue_is_never_shorter_than_nobody_and_ends_with_those_who_wait(
    told: list[tuple[int, int, int, int]],
) -> None:
    lengths = queue_lengths(
        [*(_seen(at, at + wait, at + wait + took) for at, wait, took, _ in told), WAITING],
        moments(OPENS, _at(600)),
    )
    assert min(lengths) >= 0
    assert lengths[-1] == 1


def test_what_has_happened_is_counted_up_to_each_moment() -> None:
    assert count_until([_at(1), _at(5), _at(5)], [_at(0), _at(1), _at(5)]) == [0, 1, 3]


def test_each_visit_is_counted_once_and_the_parts_add_up() -> None:
    visits = list(range(1, 8))
    stays = [
        _waiting(0, visit_id=1),
        Stay(visit_id=1, queued_at=OPENS, called_at=OPENS, ended_at=OPENS, was_seen=True),
        _waiting(0, visit_id=2, called_at=_at(3)),
        _waiting(0, visit_id=2),
        _waiting(0, visit_id=3, ended_at=_at(4), has_left=True),
        _waiting(0, visit_id=4, is_away=True),
        Stay(visit_id=5, queued_at=OPENS, called_at=OPENS, ended_at=OPENS, was_seen=True),
        Stay(visit_id=5, queued_at=OPENS, ended_at=_at(1), has_left=True),
    ]
    assert where_each(visits, stays) == {
        Where.WAITING: 1,
        Where.INSIDE: 1,
        Where.LEFT: 1,
        Where.AWAY: 1,
        Where.SEEN: 1,
        Where.NOT_FOR_DOCTORS: 2,
    }


def test_waits_fall_into_tens_of_minutes_and_the_longest_into_the_last() -> None:
    assert wait_counts([0, 9.9, 10, 59.9, 60, 400]) == [2, 1, 0, 0, 0, 3]
    assert wait_counts([]) == [0] * 6
    assert waits([_seen(0, 12, 20), WAITING, LEFT, _inside(0, 4)]) == [12, 4]


def test_one_who_is_back_from_the_laboratory_has_waited_twice_and_come_once() -> None:
    back = _waiting(60, first_wait=(_at(0), _at(12)))
    assert (back.came_at, _waiting(3).came_at) == (_at(0), _at(3))
    assert longest_wait([back], _at(70)) == 10
    assert waits([back]) == [12]
    assert waits([replace(back, called_at=_at(65))]) == [5, 12]
    assert queue_lengths([back], [_at(0), _at(11), _at(12), _at(59), _at(60)]) == [1, 1, 0, 0, 1]


def test_the_longest_wait_is_of_those_who_still_wait() -> None:
    assert longest_wait([_seen(0, 90, 99), LEFT, AWAY, _waiting(10), _waiting(20)], _at(100)) == 90
    assert longest_wait([LEFT], _at(100)) == 0
    assert timedelta(minutes=30) == ABSENT_AFTER

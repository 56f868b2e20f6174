from datetime import time

import pytest

from clinic.sites.rules import EVENING, SATURDAY, BadHours, Hours, read_hours


def test_the_minutes_to_closing_fall_below_zero_once_it_is_past() -> None:
    assert Hours(1020, 1260).minutes_left(1000) == 260
    assert EVENING.minutes_left(21 * 60) == 0
    assert SATURDAY.minutes_left(18 * 60 + 1) == -1


def test_hours_are_told_by_both_times_or_by_neither() -> None:
    assert read_hours(None, None, field="x") is None
    assert read_hours(time(17), time(21, 30), field="x") == Hours(1020, 1290)
    assert read_hours(time(0), time(0, 1), field="x") == Hours(0, 1)


@pytest.mark.parametrize(
    ("opens", "closes", "words"),
    [
        (time(17), None, "Write when it opens and when it closes, or neither."),
        (None, time(17), "Write when it opens and when it closes, or neither."),
        (time(17), time(17), "It must close later than it opens."),
        (time(17), time(16, 59), "It must close later than it opens."),
    ],
)
def test_hours_that_cannot_be_are_refused_at_their_field(opens: time | None, closes: time | None, words: str) -> None:
    with pytest.raises(BadHours) as refused:
        read_hours(opens, closes, field="closes_3")
    assert (str(refused.value), refused.value.field) == (words, "closes_3")

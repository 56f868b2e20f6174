from clinic.sites.rules import EVENING, SATURDAY, Hours


def test_the_minutes_to_closing_fall_below_zero_once_it_is_past() -> None:
    assert Hours(1020, 1260).minutes_left(1000) == 260
    assert EVENING.minutes_left(21 * 60) == 0
    assert SATURDAY.minutes_left(18 * 60 + 1) == -1

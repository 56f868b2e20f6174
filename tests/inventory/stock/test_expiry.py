from datetime import date

import pytest

from inventory.stock.rules import UnreadableExpiry, read_expiry


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("02/03/2027", "02/03/2027 can be read in two ways. Write it as 02.03.2027."),
        (" 12/11/2027", "12/11/2027 can be read in two ways. Write it as 02.03.2027."),
        ("11-12-2027", "11-12-2027 can be read in two ways. Write it as 02.03.2027."),
        ("02/03/27", "Write the year with four digits, such as 2027."),
        ("soon", "soon is no expiry. Write it as 01.2027 or 31.01.2027."),
        ("x" * 41, f"{'x' * 40} is no expiry. Write it as 01.2027 or 31.01.2027."),
        ("31.04.2027", "31.04.2027 is in no calendar."),
        ("13.2027", "13.2027 is in no calendar."),
        ("01.2101", "01.2101 is too far off. Look at the box again."),
    ],
)
def test_a_refused_expiry_says_what_is_wrong_with_it(typed: str, sentence: str) -> None:
    with pytest.raises(UnreadableExpiry) as refusal:
        read_expiry(typed)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("typed", "day"),
    [("12.2100", date(2100, 12, 31)), ("12/12/2027", date(2027, 12, 12)), ("13/12/2027", date(2027, 12, 13))],
)
def test_an_expiry_at_its_bounds_is_read(typed: str, day: date) -> None:
    assert read_expiry(typed) == day

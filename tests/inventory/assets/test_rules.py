from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.kernel.errors import DomainError
from inventory.assets.rules import (
    NoSuchChange,
    Operability,
    Strip,
    Title,
    asked_words,
    ensure_change,
    expand,
    next_states,
    read_month,
    search_words,
    serial_key,
    to_cents,
    unit_price,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("demo-ecg12-002 ", "DEMO-ECG12-002"),
        ("ＤＥＭＯ-1", "demo-1"),
        ("AB 12", "ab12"),
        ("٤٢", "٤٢"),
    ],
)
def test_two_writings_of_one_serial_number_have_one_key(one: str, other: str) -> None:
    assert serial_key(one) == serial_key(other) != ""


@pytest.mark.parametrize("none", ["", " ", "N/A", "n/a", "-", "0", "yok", "unknown"])
def test_what_stands_for_no_serial_number_is_none(none: str) -> None:
    assert serial_key(none) == ""


def test_a_place_holder_counts_from_one_with_three_digits() -> None:
    assert list(expand("A-{NNN}", 3)) == ["A-001", "A-002", "A-003"]
    assert list(expand("A-7", 1)) == ["A-7"]


@pytest.mark.parametrize(
    ("original", "rate", "price"),
    [("10400.00", "3.2", "3250.00"), ("0.016", "3.2", "0.01"), ("1", "3", "0.33"), ("2", "3", "0.67")],
)
def test_a_price_at_a_rate_is_rounded_half_up_to_the_cent(original: str, rate: str, price: str) -> None:
    assert unit_price(Decimal(original), Decimal(rate)) == Decimal(price)


@given(st.decimals(min_value="0.01", max_value="99999999", places=2))
def test_cents_lose_nothing(amount: Decimal) -> None:
    assert Decimal(to_cents(amount)) / 100 == amount


def test_months_are_read_as_they_are_written_in_lists() -> None:
    assert read_month(" 2016-05 ").isoformat() == "2016-05-01"
    for wrong in ("2016", "05-2016", "2016-13", "٢٠١٦-٠٥", "2016-5"):
        with pytest.raises(DomainError):
            read_month(wrong)


def test_what_is_condemned_stays_condemned() -> None:
    assert next_states(Operability.CONDEMNED) == []
    assert Operability.CONDEMNED in next_states(Operability.NEW)
    assert Operability.NEW not in [each for state in Operability for each in next_states(state)]
    ensure_change(Operability.FAULT, Operability.IN_REPAIR)
    with pytest.raises(NoSuchChange, match="It is not possible to go from this state to that one") as refused:
        ensure_change(Operability.IN_SERVICE, Operability.IN_REPAIR)
    assert refused.value.field == "becomes"


def test_a_strip_says_by_how_much_its_parts_differ() -> None:
    parts = dict.fromkeys(Title, 0) | {Title.PROJECT: 100, Title.RESERVED: 50}
    assert Strip(parts, 150, 140, 160).difference == 0
    strip = Strip(parts, 151, 140, 150)
    assert (strip.difference, strip.beyond_estimate, strip.beyond_budget) == (1, 11, 1)


def test_words_are_found_without_case_accent_or_article() -> None:
    found = search_words("Ultrason cihazı, renkli", "جهاز الأمواج", "Sono-7")
    assert found >= {"ultrason", "cihazi", "renkli", "امواج", "sono", "7"}
    assert max(map(len, search_words("x" * 90))) == 40
    assert asked_words("  Ultra SON ") == ["ultra", "son"]
    assert asked_words("y" * 90) == ["y" * 40]
    assert asked_words("--") == []

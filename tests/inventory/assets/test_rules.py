from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.kernel.errors import DomainError
from inventory.assets.rules import (
    EvidenceKind,
    KeptElsewhere,
    NoSuchChange,
    Obstacle,
    Operability,
    Strip,
    Title,
    Whereabouts,
    WrongEvidence,
    asked_words,
    calibrated_until,
    ensure_change,
    ensure_evidence,
    ensure_ours,
    expand,
    next_states,
    obstacles,
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


# ---- what is on file, and what keeps a record from being handed over ------------------------------------------------

READY: dict[str, Any] = {
    "title": Title.PROJECT,
    "custodian": "",
    "whereabouts": Whereabouts.IN_PLACE,
    "operability": Operability.IN_SERVICE,
    "bought_in": date(2016, 9, 1),
    "evidence": {EvidenceKind.PHOTO, EvidenceKind.NAMEPLATE},
    "calibrated_until": date(2026, 11, 24),
    "on": date(2026, 11, 24),
}


@pytest.mark.parametrize(
    ("facts", "stands_in_the_way"),
    [
        ({}, []),
        ({"calibrated_until": None}, []),
        ({"title": Title.RESERVED}, [Obstacle.NOT_OURS]),
        ({"custodian": "The Ministry"}, [Obstacle.KEPT_ELSEWHERE]),
        ({"whereabouts": Whereabouts.MISSING}, [Obstacle.MISSING]),
        ({"operability": Operability.FAULT}, []),
        ({"operability": Operability.CONDEMNED}, [Obstacle.CONDEMNED]),
        ({"evidence": {EvidenceKind.PHOTO}}, [Obstacle.NO_NAMEPLATE]),
        ({"evidence": {EvidenceKind.NAMEPLATE, EvidenceKind.PROOF}}, [Obstacle.NO_PHOTO]),
        ({"evidence": ()}, [Obstacle.NO_PHOTO, Obstacle.NO_NAMEPLATE]),
        ({"on": date(2026, 11, 25)}, [Obstacle.NOT_CALIBRATED]),
        ({"bought_in": date(2026, 11, 24)}, []),
        ({"bought_in": date(2026, 12, 1)}, [Obstacle.NOT_BOUGHT]),
    ],
)
def test_a_record_is_handed_over_once_nothing_stands_in_the_way(
    facts: dict[str, Any], stands_in_the_way: list[Obstacle]
) -> None:
    assert obstacles(**READY | facts) == stands_in_the_way


@pytest.mark.parametrize(
    ("months", "last_on", "until"),
    [
        (None, None, None),
        (12, None, date(2017, 9, 1)),
        (12, date(2026, 2, 28), date(2027, 2, 28)),
        (1, date(2026, 12, 31), date(2027, 1, 31)),
        (6, date(2026, 8, 31), date(2027, 2, 28)),
        (24, date(2024, 2, 29), date(2026, 2, 28)),
    ],
)
def test_a_calibration_holds_for_its_months(months: int | None, last_on: date | None, until: date | None) -> None:
    assert calibrated_until(months, last_on=last_on, bought_in=date(2016, 9, 1)) == until


@pytest.mark.parametrize(
    ("kind", "is_picture", "dated_on", "field"),
    [
        (EvidenceKind.PHOTO, True, None, None),
        (EvidenceKind.PHOTO, False, None, "file"),
        (EvidenceKind.NAMEPLATE, False, None, "file"),
        (EvidenceKind.PROOF, False, None, None),
        (EvidenceKind.CALIBRATION, False, None, "dated_on"),
        (EvidenceKind.CALIBRATION, True, date(2026, 11, 24), None),
        (EvidenceKind.CALIBRATION, True, date(2026, 11, 25), "dated_on"),
    ],
)
def test_evidence_shows_what_it_is_put_on_file_for(
    kind: EvidenceKind, is_picture: bool, dated_on: date | None, field: str | None
) -> None:
    told: dict[str, Any] = {"is_picture": is_picture, "dated_on": dated_on, "today": date(2026, 11, 24)}
    if field is None:
        ensure_evidence(kind, **told)
        return
    with pytest.raises(WrongEvidence) as refusal:
        ensure_evidence(kind, **told)
    assert refusal.value.field == field


def test_nothing_is_said_of_what_another_body_keeps() -> None:
    ensure_ours("")
    with pytest.raises(KeptElsewhere, match="the Ministry"):
        ensure_ours("the Ministry")

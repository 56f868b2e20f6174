from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.stock.rules import Shelved, UnreadableExpiry, plan_first_to_expire, read_expiry

TODAY = date(2026, 11, 24)


def lot(number: int, quantity: int, expires_on: date | None, place: int = 1) -> Shelved:
    return Shelved(lot_id=number, place_id=place, quantity=quantity, expires_on=expires_on)


A, B = lot(1, 10, date(2027, 1, 31)), lot(2, 50, date(2027, 6, 30))


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("01.2027", date(2027, 1, 31)),
        ("1/2027", date(2027, 1, 31)),
        ("2028-02", date(2028, 2, 29)),
        ("2027-02", date(2027, 2, 28)),
        ("31.01.2027", date(2027, 1, 31)),
        ("2027-01-31", date(2027, 1, 31)),
        ("02.03.2027", date(2027, 3, 2)),
        ("31/01/2027", date(2027, 1, 31)),
        ("03/03/2027", date(2027, 3, 3)),
        ("٠١.٢٠٢٧", date(2027, 1, 31)),
        ("۰۱/۲۰۲۷", date(2027, 1, 31)),
    ],
)
def test_an_expiry_is_read_and_a_month_ends_on_its_last_day(typed: str, day: date) -> None:
    assert read_expiry(typed) == day


@pytest.mark.parametrize(
    "typed",
    [
        "02/03/27",
        "01.27",
        "31.12.27",
        "02/03/2027",
        "2-3-2027",
        "13.2027",
        "31.04.2027",
        "00.2027",
        "0000-01",
        "2199-01",
        "2027",
        "soon",
        "1e4",
        "01.2027.",
        "-1.2027",
        "01.20271",
    ],
)
def test_what_is_no_expiry_or_could_be_two_is_refused(typed: str) -> None:
    with pytest.raises(UnreadableExpiry):
        read_expiry(typed)


@given(st.text(max_size=20))
def test_whatever_is_typed_is_read_or_refused(typed: str) -> None:
    try:
        assert isinstance(read_expiry(typed), date)
    except UnreadableExpiry:
        return


def test_the_first_to_expire_goes_first_and_the_next_lot_fills_up() -> None:
    plan = plan_first_to_expire([B, A], 30)
    assert [(pick.lot_id, pick.quantity) for pick in plan.picks] == [(1, 10), (2, 20)]
    assert (plan.missing, plan.too_short) == (0, ())


def test_a_lot_that_ends_before_the_course_is_passed_over_and_named() -> None:
    plan = plan_first_to_expire([A, B], 5, needed_through=date(2027, 2, 1))
    assert [(pick.lot_id, pick.quantity) for pick in plan.picks] == [(2, 5)]
    assert plan.too_short == (1,)
    on_its_last_day = plan_first_to_expire([A, B], 5, needed_through=date(2027, 1, 31))
    assert [pick.lot_id for pick in on_its_last_day.picks] == [1]


def test_a_lot_that_the_pharmacist_skips_is_not_taken_and_what_is_missing_is_said() -> None:
    plan = plan_first_to_expire([A, B], 60, skipped={2})
    assert [(pick.lot_id, pick.quantity) for pick in plan.picks] == [(1, 10)]
    assert plan.missing == 50


def test_what_never_expires_goes_last() -> None:
    plan = plan_first_to_expire([lot(1, 5, None), lot(2, 5, date(2099, 1, 1))], 8)
    assert [(pick.lot_id, pick.quantity) for pick in plan.picks] == [(2, 5), (1, 3)]


shelves = st.lists(
    st.builds(
        Shelved,
        lot_id=st.integers(1, 30),
        place_id=st.integers(1, 2),
        quantity=st.integers(0, 50),
        expires_on=st.none() | st.dates(TODAY, TODAY + timedelta(days=400)),
    ),
    max_size=8,
    unique_by=lambda lot: (lot.lot_id, lot.place_id),
)


@given(shelves, st.integers(1, 200), st.none() | st.dates(TODAY, TODAY + timedelta(days=400)))
def test_a_plan_takes_what_is_there_in_order_and_never_more(
    shelved: list[Shelved], quantity: int, needed_through: date | None
) -> None:
    plan = plan_first_to_expire(shelved, quantity, needed_through=needed_through)
    by_key = {(lot.lot_id, lot.place_id): lot for lot in shelved}
    picked = [by_key[pick.lot_id, pick.place_id] for pick in plan.picks]
    assert sum(pick.quantity for pick in plan.picks) + plan.missing == quantity
    assert all(0 < pick.quantity <= lot.quantity for pick, lot in zip(plan.picks, picked, strict=True))
    assert all(lot.expires_on is None or needed_through is None or lot.expires_on >= needed_through for lot in picked)
    ends = [lot.expires_on or date.max for lot in picked]
    assert ends == sorted(ends)
    assert all(pick.quantity == lot.quantity for pick, lot in list(zip(plan.picks, picked, strict=True))[:-1])
    if plan.missing:
        usable = [
            lot for lot in shelved if not needed_through or not lot.expires_on or lot.expires_on >= needed_through
        ]
        assert sum(lot.quantity for lot in usable) < quantity

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.pharmacy.rules import CannotFast, Dose, DoseUnit, TimeOfDay, for_fasting, slot_figure, slots

MORNING, NOON, EVENING, NIGHT = TimeOfDay


def dose(*times: TimeOfDay, every: int | None = None, amount: str = "1", needed: bool = False) -> Dose:
    return Dose(
        amount=Decimal(amount), unit=DoseUnit.TABLET, times=times, every_hours=every, is_as_needed=needed, days=7
    )


@pytest.mark.parametrize(
    ("taken", "filled"),
    [
        (dose(MORNING, NOON, NIGHT), [MORNING, NOON, NIGHT]),
        (dose(EVENING), [EVENING]),
        (dose(every=24), [MORNING]),
        (dose(every=12), [MORNING, EVENING]),
        (dose(every=8), [MORNING, NOON, NIGHT]),
        (dose(every=6), [MORNING, NOON, EVENING, NIGHT]),
        (dose(every=4), []),
        (dose(every=1), []),
        (dose(MORNING, needed=True), []),
        (dose(every=8, needed=True), []),
    ],
)
def test_a_label_has_four_slots_in_the_days_order(taken: Dose, filled: list[TimeOfDay]) -> None:
    found = slots(taken)
    assert [slot.time for slot in found] == [MORNING, NOON, EVENING, NIGHT]
    assert [slot.time for slot in found if slot.amount == 1] == filled
    assert all(slot.amount is None for slot in found if slot.time not in filled)


@pytest.mark.parametrize(
    ("amount", "figure"),
    [
        ("1", "1"),
        ("1.0", "1"),
        ("0.5", "½"),
        ("1.5", "1½"),
        ("9.5", "9½"),
        ("10.5", "10.5"),
        ("10", "10"),
        ("100", "100"),
        ("2.40", "2.4"),
        ("0.25", "0.25"),
    ],
)
def test_a_slot_shows_no_trailing_zero_and_a_half_as_one_sign(amount: str, figure: str) -> None:
    assert slot_figure(Decimal(amount)) == figure


@pytest.mark.parametrize(
    ("taken", "times"),
    [
        (dose(MORNING), (EVENING,)),
        (dose(NIGHT), (EVENING,)),
        (dose(MORNING, EVENING), (EVENING, NIGHT)),
        (dose(every=24), (EVENING,)),
        (dose(every=12), (EVENING, NIGHT)),
    ],
)
@pytest.mark.parametrize("route", ["oral", "sublingual"])
def test_one_or_two_doses_a_day_move_between_sunset_and_dawn(
    taken: Dose, times: tuple[TimeOfDay, ...], route: str
) -> None:
    assert for_fasting(taken, route=route) == replace(taken, times=times, every_hours=None)


@pytest.mark.parametrize(
    ("taken", "times"), [(dose(MORNING, NOON, EVENING), 3), (dose(*TimeOfDay), 4), (dose(every=8), 3)]
)
def test_three_doses_a_day_go_back_to_the_prescriber(taken: Dose, times: int) -> None:
    with pytest.raises(CannotFast) as refusal:
        for_fasting(taken, route="oral")
    sentence = f"{times} times a day do not fit between sunset and dawn. Ask the prescriber."
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("taken", "route"),
    [(dose(MORNING, NOON, EVENING), "topical"), (dose(every=8), "inhaled"), (dose(needed=True), "oral")],
)
def test_what_is_not_swallowed_or_taken_when_needed_keeps_its_times(taken: Dose, route: str) -> None:
    assert for_fasting(taken, route=route) is taken


@given(st.sets(st.sampled_from(TimeOfDay), min_size=1), st.integers(1, 20))
def test_the_slots_add_up_to_the_days_doses(times: set[TimeOfDay], halves: int) -> None:
    taken = dose(*sorted(times, key=list(TimeOfDay).index), amount=str(Decimal(halves) / 2))
    assert sum(slot.amount or 0 for slot in slots(taken)) == taken.amount * taken.per_day

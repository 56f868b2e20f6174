import pytest

from clinic.patients.rules import Age
from clinic.visits.rules import MEASURES, Vital
from clinic.visits.rules.asks import Ask, Last, asks
from tests.clinic.visits.rules.ages import months

CHILD, INFANT, NEWBORN, ADULT = months(44), months(5), months(0), months(540)


def codes(found: tuple[Ask, ...]) -> list[str]:
    return [ask.remark.code for ask in found]


def test_ten_times_the_last_weight_asks_for_the_point() -> None:
    (ask,) = asks(Vital.WEIGHT, 142_000, CHILD, Last(14_200, 71))
    assert (ask.remark.code, str(ask.remark), ask.suggestion) == ("TENFOLD", "10 times the last value.", 14_200)


def test_a_tenth_of_the_last_weight_asks_for_the_point() -> None:
    (ask,) = asks(Vital.WEIGHT, 7_100, ADULT, Last(70_000, 400))
    assert (ask.remark.code, str(ask.remark), ask.suggestion) == ("TENTH", "A tenth of the last value.", 71_000)


@pytest.mark.parametrize(
    ("stored", "last", "expected"),
    [
        (7_000, 1_000, ["TENFOLD"]),
        (6_999, 1_000, []),
        (14_000, 1_000, ["TENFOLD"]),
        (14_001, 1_000, []),
        (1_000, 7_000, ["TENTH"]),
        (1_000, 6_999, []),
        (1_000, 14_000, ["TENTH"]),
        (1_000, 14_001, []),
    ],
)
def test_a_slip_of_ten_lies_between_7_and_14_times(stored: int, last: int, expected: list[str]) -> None:
    assert codes(asks(Vital.WEIGHT, stored, None, Last(last, 400))) == expected


@pytest.mark.parametrize(
    ("vital", "last"),
    [(Vital.LENGTH, 200), (Vital.HEIGHT, 200), (Vital.HEAD, 80), (Vital.ARM, 60), (Vital.WEIGHT, 900)],
)
def test_every_size_slips_by_ten(vital: Vital, last: int) -> None:
    # a height of 20 cm cannot be, so it is not suggested
    expected = [] if last < MEASURES[vital].least else ["TENFOLD"]
    assert codes(asks(vital, last * 10, None, Last(last, 400))) == expected


def test_a_suggestion_that_cannot_be_is_not_made() -> None:
    assert asks(Vital.ARM, 490, None, Last(49, 400)) == ()
    assert asks(Vital.ARM, 71, None, Last(710, 400)) == ()
    assert asks(Vital.ARM, 70, None, Last(700, 400))[0].suggestion == 700
    assert asks(Vital.ARM, 500, None, Last(50, 400))[0].suggestion == 50


@pytest.mark.parametrize("vital", [Vital.PULSE, Vital.TEMPERATURE, Vital.GLUCOSE])
def test_what_is_no_size_may_change_tenfold(vital: Vital) -> None:
    assert asks(vital, 300, ADULT, Last(30, 1)) == ()


def test_a_value_that_no_one_of_that_age_has_is_asked_about() -> None:
    (ask,) = asks(Vital.WEIGHT, 142_000, CHILD, None)
    assert (ask.remark.code, ask.suggestion) == ("UNLIKELY", None)
    assert str(ask.remark) == "Unlikely at this age. Look at the person and the scale again."
    assert codes(asks(Vital.WEIGHT, 5_999, CHILD, None)) == ["UNLIKELY"]
    assert asks(Vital.WEIGHT, 6_000, CHILD, None) == ()
    assert asks(Vital.WEIGHT, 50_000, CHILD, None) == ()
    assert asks(Vital.PULSE, 300, CHILD, None) == ()


@pytest.mark.parametrize(
    ("age", "last", "lost", "kept"),
    [
        (NEWBORN, 3_000, 2_699, 2_700),
        (months(1), 4_000, 3_799, 3_800),
        (CHILD, 14_000, 13_299, 13_300),
        (months(191), 50_000, 47_499, 47_500),
        (months(192), 50_000, 44_999, 45_000),
        (None, 50_000, 44_999, 45_000),
    ],
)
def test_a_loss_of_weight_is_asked_about_by_age(age: Age | None, last: int, lost: int, kept: int) -> None:
    assert codes(asks(Vital.WEIGHT, lost, age, Last(last, 180))) == ["LOST"]
    assert asks(Vital.WEIGHT, lost, age, Last(last, 181)) == ()
    assert asks(Vital.WEIGHT, kept, age, Last(last, 180)) == ()


@pytest.mark.parametrize(
    ("age", "last", "gained", "kept"),
    [
        (NEWBORN, 3_000, 4_801, 4_800),
        (INFANT, 4_000, 6_401, 6_400),
        (months(11), 5_000, 8_001, 8_000),
        (months(12), 8_000, 9_201, 9_200),
        (CHILD, 14_000, 16_101, 16_100),
        (months(191), 50_000, 57_501, 57_500),
        (months(192), 50_000, 55_001, 55_000),
        (None, 50_000, 55_001, 55_000),
    ],
)
def test_a_gain_within_a_month_is_asked_about_by_age(age: Age | None, last: int, gained: int, kept: int) -> None:
    assert codes(asks(Vital.WEIGHT, gained, age, Last(last, 31))) == ["GAINED"]
    assert asks(Vital.WEIGHT, gained, age, Last(last, 32)) == ()
    assert asks(Vital.WEIGHT, kept, age, Last(last, 31)) == ()


def test_changes_say_from_what_and_when() -> None:
    (lost,) = asks(Vital.WEIGHT, 10_000, CHILD, Last(14_200, 71))
    assert str(lost.remark) == "Much less than 71 days ago (14.2 kg). Weigh again."
    (gained,) = asks(Vital.WEIGHT, 20_000, CHILD, Last(14_200, 7))
    assert str(gained.remark) == "Much more than 7 days ago (14.2 kg). Weigh again."
    (shorter,) = asks(Vital.HEIGHT, 900, CHILD, Last(930, 71))
    assert str(shorter.remark) == "Shorter than 71 days ago (93 cm). Measure again."


def test_a_child_two_centimetres_shorter_is_measured_again() -> None:
    assert asks(Vital.HEIGHT, 910, CHILD, Last(930, 71)) == ()
    assert codes(asks(Vital.HEIGHT, 909, CHILD, Last(930, 71))) == ["SHORTER"]
    assert codes(asks(Vital.LENGTH, 909, CHILD, Last(930, 71))) == ["SHORTER"]
    assert asks(Vital.ARM, 120, CHILD, Last(160, 71)) == ()


def test_an_unlikely_weight_and_a_loss_are_two_questions() -> None:
    assert codes(asks(Vital.WEIGHT, 5_000, CHILD, Last(14_000, 71))) == ["UNLIKELY", "LOST"]

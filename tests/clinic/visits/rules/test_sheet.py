import pytest

from clinic.patients.rules import Age
from clinic.visits.rules import DangerSign, Priority, Vital, sheet_for
from clinic.visits.rules.sheet import NothingMeasured, NotWeighed, SignsNotAsked, ensure_complete
from tests.clinic.visits.rules.ages import months

BREATH = (Vital.TEMPERATURE, Vital.RESPIRATION, Vital.PULSE, Vital.OXYGEN)
PRESSURE = (Vital.SYSTOLIC, Vital.DIASTOLIC)
AWAKE = (Vital.OXYGEN_GIVEN, Vital.CONSCIOUSNESS)


@pytest.mark.parametrize(
    ("age", "vitals", "more", "signs"),
    [
        (None, (*BREATH, *PRESSURE, *AWAKE, Vital.WEIGHT), (Vital.HEIGHT, Vital.PAIN, Vital.GLUCOSE), 0),
        (months(192), (*BREATH, *PRESSURE, *AWAKE, Vital.WEIGHT), (Vital.HEIGHT, Vital.PAIN, Vital.GLUCOSE), 0),
        (months(191), (*BREATH, *PRESSURE, Vital.WEIGHT), (Vital.HEIGHT, Vital.PAIN, Vital.GLUCOSE), 0),
        (months(144), (*BREATH, *PRESSURE, Vital.WEIGHT), (Vital.HEIGHT, Vital.PAIN, Vital.GLUCOSE), 0),
        (months(143), (Vital.WEIGHT, *BREATH, *PRESSURE, Vital.HEIGHT), (Vital.PAIN, Vital.GLUCOSE), 0),
        (months(60), (Vital.WEIGHT, *BREATH, *PRESSURE, Vital.HEIGHT), (Vital.PAIN, Vital.GLUCOSE), 0),
        (
            months(59),
            (Vital.WEIGHT, *BREATH, Vital.ARM, Vital.HEIGHT),
            (Vital.OEDEMA, *PRESSURE, Vital.GLUCOSE),
            6,
        ),
        (
            months(24),
            (Vital.WEIGHT, *BREATH, Vital.ARM, Vital.HEIGHT),
            (Vital.OEDEMA, *PRESSURE, Vital.GLUCOSE),
            6,
        ),
        (
            months(23),
            (Vital.WEIGHT, *BREATH, Vital.ARM, Vital.LENGTH),
            (Vital.HEAD, Vital.OEDEMA, *PRESSURE, Vital.GLUCOSE),
            6,
        ),
        (
            months(5),
            (Vital.WEIGHT, *BREATH, Vital.LENGTH),
            (Vital.HEAD, Vital.OEDEMA, *PRESSURE, Vital.GLUCOSE),
            6,
        ),
    ],
)
def test_the_sheet_follows_the_age(
    age: Age | None, vitals: tuple[Vital, ...], more: tuple[Vital, ...], signs: int
) -> None:
    sheet = sheet_for(age)
    assert (sheet.vitals, sheet.more, len(sheet.signs)) == (vitals, more, signs)


def test_an_emergency_goes_with_nothing_measured_and_others_do_not() -> None:
    ensure_complete(months(3), [], priority=Priority.EMERGENCY)
    with pytest.raises(NothingMeasured, match=r"^Nothing is measured yet\. An emergency may go without\.$"):
        ensure_complete(months(300), [], priority=Priority.ROUTINE)


def test_a_child_is_weighed_and_its_carer_asked() -> None:
    signs = list(DangerSign)
    ensure_complete(months(59), [Vital.WEIGHT, *signs], priority=Priority.PRIORITY)
    ensure_complete(months(143), [Vital.WEIGHT], priority=Priority.ROUTINE)
    ensure_complete(months(144), [Vital.PULSE], priority=Priority.ROUTINE)
    with pytest.raises(NotWeighed) as unweighed:
        ensure_complete(months(143), [Vital.PULSE], priority=Priority.ROUTINE)
    assert str(unweighed.value) == "Under 12 years a weight is needed. An emergency may go without."
    assert unweighed.value.field == "weight"
    with pytest.raises(SignsNotAsked) as unasked:
        ensure_complete(months(59), [Vital.WEIGHT, *signs[:1], *signs[2:5]], priority=Priority.ROUTINE)
    assert str(unasked.value) == "Danger signs not asked yet: 2. An emergency may go without."
    assert unasked.value.field == "vomits_all"

import pytest

from clinic.visits.rules import DangerSign, ImpossibleValue, Vital
from clinic.visits.rules.readings import AlreadyCorrected, ensure_not_corrected, ensure_recordable


def test_values_that_can_be_are_recorded_with_the_answers_to_danger_signs() -> None:
    ensure_recordable({})
    ensure_recordable({Vital.WEIGHT: 3_100, DangerSign.DROWSY: 1})
    ensure_recordable({Vital.SYSTOLIC: 120, Vital.DIASTOLIC: 80})
    ensure_recordable({Vital.SYSTOLIC: 20})
    ensure_recordable({Vital.DIASTOLIC: 200})


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({Vital.WEIGHT: 199}, "weight"),
        ({DangerSign.DROWSY: 1, Vital.TEMPERATURE: 451}, "temperature"),
        ({Vital.SYSTOLIC: 80, Vital.DIASTOLIC: 80}, "diastolic"),
    ],
)
def test_one_value_that_cannot_be_keeps_all_from_being_recorded(
    values: dict[Vital | DangerSign, int], field: str
) -> None:
    with pytest.raises(ImpossibleValue) as refusal:
        ensure_recordable(values)
    assert refusal.value.field == field


def test_a_value_is_corrected_once() -> None:
    ensure_not_corrected(is_corrected=False)
    with pytest.raises(AlreadyCorrected) as refusal:
        ensure_not_corrected(is_corrected=True)
    assert str(refusal.value) == "This value was corrected already. Look at the newer one."

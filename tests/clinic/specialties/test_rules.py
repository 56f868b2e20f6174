import pytest

from clinic.specialties.rules import NotPractised, usual_of


def test_the_only_specialty_is_the_usual_one() -> None:
    assert usual_of(["PED"], None) == "PED"
    assert usual_of([], None) is None


def test_of_several_one_is_named_and_is_among_them() -> None:
    assert usual_of(["GP", "PED"], "PED") == "PED"
    for usual in (None, "SUR"):
        with pytest.raises(NotPractised):
            usual_of(["GP", "PED"], usual)

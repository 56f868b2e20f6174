import pytest

from clinic.specialties.rules import BadCode, NotPractised, read_code, usual_of


def test_the_only_specialty_is_the_usual_one() -> None:
    assert usual_of(["PED"], None) == "PED"
    assert usual_of([], None) is None


def test_of_several_one_is_named_and_is_among_them() -> None:
    assert usual_of(["GP", "PED"], "PED") == "PED"
    for usual in (None, "SUR"):
        with pytest.raises(NotPractised):
            usual_of(["GP", "PED"], usual)


@pytest.mark.parametrize(
    ("usual", "sentence"),
    [
        ("SUR", "Choose one of those ticked above."),
        (None, "Several are ticked. Say whose queue opens first."),
        ("", "Several are ticked. Say whose queue opens first."),
    ],
)
def test_what_is_wrong_with_the_usual_specialty_is_said(usual: str | None, sentence: str) -> None:
    with pytest.raises(NotPractised) as refusal:
        usual_of(["GP", "PED"], usual)
    assert (str(refusal.value), refusal.value.field) == (sentence, "usual")


def test_one_named_among_none_is_refused_and_the_only_one_may_be_named() -> None:
    with pytest.raises(NotPractised):
        usual_of([], "GP")
    assert usual_of(["GP"], "GP") == "GP"
    assert usual_of(["GP"], "") == "GP"


@pytest.mark.parametrize(("typed", "code"), [("gp", "GP"), ("Derm2", "DERM2"), ("A123456789", "A123456789")])
def test_a_short_name_stands_in_capitals(typed: str, code: str) -> None:
    assert read_code(typed) == code


@pytest.mark.parametrize("typed", ["", "G", "1A", "A1234567890", "ج1", "G P", "İÇ"])
def test_what_is_no_short_name_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(BadCode, match="Write 2 to 10 Latin letters or digits, a letter first, such as GP") as refused:
        read_code(typed)
    assert refused.value.field == "code"

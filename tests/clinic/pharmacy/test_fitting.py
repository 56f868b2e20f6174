import pytest

from clinic.pharmacy.rules import Letters, choose_letters


def words(**changed: object) -> dict[str, object]:
    return {
        "name": "amoxicillin 500 mg",
        "figures": ["1", "1", "–", "1"],
        "words": "1 capsule, 3 times a day, after food, for 7 days.",
        "second": "1 kapsül, günde 3 kez, tok karnına, 7 gün.",
        "lots": ["26A114 · 01.2027 ×10"],
        "warnings": "",
        "is_arabic": False,
    } | changed


@pytest.mark.parametrize(
    ("changed", "letters"),
    [
        ({}, Letters.LARGE),
        ({"figures": []}, Letters.LARGEST),
        ({"name": "amoxicillin and something of a longer name 500 mg"}, Letters.SMALLER),
        ({"figures": ["7.5 mL", "–", "–", "–"], "lots": ["26A114 · 01.2027 ×10"] * 3}, Letters.SMALLER),
        ({"name": "a name of many words " * 6}, Letters.SMALLEST),
    ],
)
def test_letters_are_as_large_as_they_may_be(changed: dict[str, object], letters: Letters) -> None:
    assert choose_letters(**words(**changed)) is letters  # type: ignore[arg-type]  # of the types above

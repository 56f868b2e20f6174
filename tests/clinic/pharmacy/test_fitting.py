import pytest

from clinic.pharmacy.rules import Letters, Paper, choose_letters


def words(**changed: object) -> dict[str, object]:
    return {
        "name": "amoxicillin 500 mg",
        "figures": [("1", ""), ("1", ""), ("–", ""), ("1", "")],
        "words": "1 capsule, 3 times a day, after food, for 7 days.",
        "second": "1 kapsül, günde 3 kez, tok karnına, 7 gün.",
        "lots": ["26A114 · 01.2027 ×10"],
        "warnings": "",
        "is_arabic": False,
    } | changed


LONGER = "amoxicillin and a name that is longer 500 mg"


@pytest.mark.parametrize(
    ("changed", "letters"),
    [
        ({}, Letters.LARGEST),
        ({"name": LONGER}, Letters.LARGE),
        ({"name": LONGER, "lots": ["26A114 · 01.2027 ×10"] * 3}, Letters.MIDDLE),
        ({"name": LONGER, "figures": [("12.5", "mL"), *[("–", "")] * 3]}, Letters.SMALLER),
        ({"name": "a name of many words " * 6}, Letters.SMALLEST),
        ({"is_arabic": True, "words": "كبسولة واحدة، 3 مرات في اليوم، بعد الأكل، لمدة 7 أيام."}, Letters.LARGE),
    ],
)
def test_letters_are_as_large_as_they_may_be(changed: dict[str, object], letters: Letters) -> None:
    assert choose_letters(Paper.TALL, **words(**changed)) is letters  # type: ignore[arg-type]  # of the types above


@pytest.mark.parametrize(("figures", "letters"), [([], Letters.LARGEST), ([("1", "")] * 4, Letters.SMALLEST)])
def test_on_the_lower_label_letters_are_smaller(figures: list[tuple[str, str]], letters: Letters) -> None:
    assert choose_letters(Paper.LONG, **words(figures=figures)) is letters  # type: ignore[arg-type]  # as above

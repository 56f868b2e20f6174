import pytest

from clinic.registration.rules import LooksAlike, ensure_told_apart, label_language, meant_for

OFFERED = ["GP", "PED", "GYN"]


@pytest.mark.parametrize(
    ("last", "years", "meant"),
    [
        ("GYN", 34, "GYN"),
        ("GP", 8, "GP"),
        ("SUR", 34, ""),
        ("SUR", 8, "PED"),
        ("", 14, "PED"),
        ("", 0, "PED"),
        ("", 15, ""),
        ("", None, ""),
    ],
)
def test_the_last_visit_says_where_or_else_the_age_of_a_child(last: str, years: int | None, meant: str) -> None:
    assert meant_for(last, years, OFFERED) == meant


def test_a_child_is_meant_for_nobody_where_there_is_no_children_s_doctor() -> None:
    assert meant_for("", 8, ["GP"]) == ""


@pytest.mark.parametrize(("spoken", "printed"), [("ar", "ar"), ("tr", "tr"), ("en", "en"), ("ku", "ar"), ("und", "ar")])
def test_labels_are_in_the_language_spoken_where_we_print_it(spoken: str, printed: str) -> None:
    assert label_language(spoken) == printed


@pytest.mark.parametrize(
    ("alike", "told_apart", "because", "field"),
    [
        (["a"], [], "because", None),
        (["a", "b"], ["a"], "because", None),
        (["a"], ["a"], "", "because"),
    ],
)
def test_whoever_looks_alike_is_told_apart_with_a_reason(
    alike: list[str], told_apart: list[str], because: str, field: str | None
) -> None:
    with pytest.raises(LooksAlike) as refusal:
        ensure_told_apart(alike, told_apart, because)
    assert refusal.value.field == field


def test_told_apart_with_a_reason_or_alike_to_nobody_is_let_pass() -> None:
    ensure_told_apart(["a", "b"], ["b", "a", "c"], "another father")
    ensure_told_apart([], [], "")

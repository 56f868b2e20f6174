from datetime import timedelta

import pytest

from clinic.auth import rules
from clinic.auth.roles import PERMISSIONS, Permission, Role, permissions_of
from tests.factories import EVENING


@pytest.mark.parametrize(
    ("password", "is_fine"),
    [
        ("elevenchars", False),
        ("twelve chars", True),
        ("x" * 6 + "yz" * 61 + "w", False),
        ("correct horse battery", True),
        ("كلمات دافئة أربع هنا", True),
        ("password1234", False),
        ("Istanbul 1453", False),
        ("aaaaaaaaaaaabb", False),
        ("derya.yalin rocks", False),
        ("sifa clinic fatih", False),
        ("a" * 129, False),
        ("ab cd ef gh ij kl " * 7, True),
    ],
)
def test_a_password_is_long_and_not_to_be_guessed(password: str, is_fine: bool) -> None:
    if is_fine:
        rules.check_password(password, "derya.yalin")
    else:
        with pytest.raises(rules.WeakPassword):
            rules.check_password(password, "derya.yalin")


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (8, 8), (10, 32), (11, 60), (40, 60)]
)
def test_the_wait_doubles_from_the_fifth_wrong_try_and_stays_under_a_minute(failures: int, seconds: int) -> None:
    assert rules.wait_before_next([EVENING] * failures, EVENING) == timedelta(seconds=seconds)


def test_old_failures_cost_nothing_and_a_wait_runs_out() -> None:
    old = [EVENING - rules.BACK_OFF_WINDOW] * 20
    assert rules.wait_before_next(old, EVENING) == timedelta(0)
    assert rules.wait_before_next([EVENING - timedelta(seconds=61)] * 11, EVENING) == timedelta(0)
    with pytest.raises(rules.TooManyTries) as refused:
        rules.refuse_too_soon([EVENING - timedelta(milliseconds=500)] * 5, EVENING)
    assert refused.value.values == {"seconds": 1}


def test_a_session_is_idle_after_five_minutes_and_over_after_twelve_hours() -> None:
    assert not rules.is_idle(EVENING, EVENING + timedelta(minutes=4, seconds=59))
    assert rules.is_idle(EVENING, EVENING + timedelta(minutes=5))
    assert not rules.is_over(EVENING, EVENING + timedelta(hours=11, minutes=59))
    assert rules.is_over(EVENING, EVENING + timedelta(hours=12))


def test_every_role_has_its_permissions_and_the_administrator_reads_nothing_clinical() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert permissions_of(frozenset({Role.ADMINISTRATOR})) == {Permission.USERS}
    assert (
        permissions_of(frozenset({Role.NURSE, Role.REGISTRAR})) == PERMISSIONS[Role.NURSE] | PERMISSIONS[Role.REGISTRAR]
    )
    assert set().union(*PERMISSIONS.values()) == set(Permission)


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("elevenchars", "Use 12 characters or more; a few words do well."),
        ("ab cd ef gh " * 10 + "abcdefghi", "Use 128 characters or fewer."),
        ("Password 1234", "This one is easy to guess. Choose words that have nothing to do with you."),
        ("abcabcabcabcabc", "This one is easy to guess. Choose words that have nothing to do with you."),
        ("my DERYA.YALIN", "This one is easy to guess. Choose words that have nothing to do with you."),
        ("sifa clinic fatih", "This one is easy to guess. Choose words that have nothing to do with the clinic."),
        ("hastane klinik abc", "This one is easy to guess. Choose words that have nothing to do with the clinic."),
    ],
)
def test_a_weak_password_is_refused_in_words(password: str, sentence: str) -> None:
    with pytest.raises(rules.WeakPassword) as refusal:
        rules.check_password(password, "derya.yalin")
    assert (str(refusal.value), refusal.value.field) == (sentence, "new")


@pytest.mark.parametrize(
    "password", ["twelvechars.", "ab cd ef gh " * 10 + "abcdefgh", "abcdabcdabcd", "clinic qwerty"]
)
def test_a_password_at_the_bounds_is_fine(password: str) -> None:
    rules.check_password(password, "derya.yalin")


def test_the_wait_is_told_in_whole_seconds() -> None:
    with pytest.raises(rules.TooManyTries) as refusal:
        rules.refuse_too_soon([EVENING] * 6, EVENING + timedelta(milliseconds=100))
    assert str(refusal.value) == "Too many tries. The next one counts in 2 seconds."
    rules.refuse_too_soon([EVENING] * 6, EVENING + timedelta(seconds=2))


@pytest.mark.parametrize(
    ("typed", "name"),
    [("Derya  Yalın", "derya.yalin"), ("DERYA.YALIN", "derya.yalin"), ("İnci", "inci"), ("x" * 61, "x" * 60)],
)
def test_an_account_name_does_not_mind_case_dots_and_blanks(typed: str, name: str) -> None:
    assert rules.as_username(typed) == name


@pytest.mark.parametrize(
    ("typed", "pin"), [("402957", "402957"), ("٤٠٢٩٥٧", "402957"), ("۷۳۰۴۱۸۰۲۹۵۱۶", "730418029516")]
)
def test_a_pin_is_digits_of_any_script(typed: str, pin: str) -> None:
    assert rules.check_pin(typed) == pin


@pytest.mark.parametrize("typed", ["", "40295", "4029571234567", "4029a7", "40 295", "402٫57", "-402957", "¹²³⁴⁵⁶"])
def test_what_is_no_pin_is_refused_at_its_field(typed: str) -> None:
    with pytest.raises(rules.WeakPin, match="6 to 12 digits") as refusal:
        rules.check_pin(typed)
    assert refusal.value.field == "pin"


@pytest.mark.parametrize(
    "typed", ["000000", "123456", "654321", "890123", "246802", "121212", "123123", "1231231", "112211", "7777771"]
)
def test_a_pin_with_a_pattern_is_refused(typed: str) -> None:
    with pytest.raises(rules.WeakPin, match="easy to guess"):
        rules.check_pin(typed)


def test_a_badge_is_its_digits_whatever_stands_around_them() -> None:
    assert rules.as_badge(" ١٢3-4\r\n") == "1234"
    assert rules.as_badge("²") == ""

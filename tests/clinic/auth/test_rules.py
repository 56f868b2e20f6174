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

"""Passwords, back-off and the limits of a session."""

from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil

from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_, fold, fold_digits

IDLE = timedelta(minutes=5)
ABSOLUTE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
PASSWORD_MIN = 12
PASSWORD_MAX = 128
PERSON_COLOURS = 9

FREE_TRIES = 5
BACK_OFF_WINDOW = timedelta(minutes=15)
BACK_OFF_MOST = timedelta(minutes=1)

PIN_MIN = 6
PIN_MAX = 12
BADGE_DIGITS = 39  # 129 bits, in digits alone: a scanner types as a keyboard, and digits are where all layouts agree
COMPUTER_KEPT = timedelta(days=400)  # the longest that a browser keeps a cookie

SIGN_IN_REFUSED = N_("Name and password do not go together.")
SWITCH_REFUSED = N_("Badge and PIN do not go together.")

COMMON = frozenset(
    [
        "123456789012",
        "1234567890123",
        "password1234",
        "passwordpassword",
        "qwertyuiopas",
        "qwerty123456",
        "adminadmin12",
        "111111111111",
        "000000000000",
        "abcdefghijkl",
        "letmeinletmein",
        "welcome12345",
        "iloveyou1234",
        "sifasifasifa",
        "clinicclinic",
        "hastanehastane",
        "istanbul1453",
        "fenerbahce1907",
        "galatasaray1905",
        "besiktas1903",
        "trabzonspor61",
    ]
)
CONTEXT_WORDS = ("sifa", "clinic", "klinik", "hastane", "fatih")


class WeakPassword(DomainError):
    """The new password would be guessed."""

    code = "weak_password"
    status = 422


class SignInRefused(DomainError):
    """Name and password do not go together, or the account is closed: which, is not told."""

    code = "sign_in_refused"
    status = 422


class WeakPin(DomainError):
    """The new PIN would be guessed."""

    code = "weak_pin"
    status = 422


class SwitchRefused(DomainError):
    """Badge and PIN do not open an account here."""

    code = "switch_refused"
    status = 422


class CountersignRefused(DomainError):
    """A second person's consent was not given."""

    code = "countersign_refused"
    status = 422


class TooManyTries(DomainError):
    """Wrong passwords came too fast; the wait grows, and never beyond a minute."""

    code = "too_many_tries"
    status = 429


def check_password(password: str, username: str) -> None:
    """Refuse a password that is short, common, or made of the user's own or the clinic's words.

    Source: OWASP ASVS 5.0, 6.2: length over composition, no rules on characters.
    """
    if len(password) < PASSWORD_MIN:
        raise WeakPassword(
            N_("Use %(least)s characters or more; a few words do well."), field="new", least=PASSWORD_MIN
        )
    if len(password) > PASSWORD_MAX:
        raise WeakPassword(N_("Use %(most)s characters or fewer."), field="new", most=PASSWORD_MAX)
    folded = fold(password).replace(" ", "")
    if folded in COMMON or len(set(folded)) < PASSWORD_MIN // 3 or fold(username) in folded:
        raise WeakPassword(N_("This one is easy to guess. Choose words that have nothing to do with you."), field="new")
    rest = folded
    for word in CONTEXT_WORDS:
        rest = rest.replace(word, "")
    if len(rest) < PASSWORD_MIN // 2:
        raise WeakPassword(
            N_("This one is easy to guess. Choose words that have nothing to do with the clinic."), field="new"
        )


def check_pin(pin: str) -> str:
    """Return a new PIN in 0-9; refuse one that is short, no number, or what a stranger would try first."""
    digits = fold_digits(pin)
    if not (digits.isascii() and digits.isdigit() and PIN_MIN <= len(digits) <= PIN_MAX):
        raise WeakPin(N_("Use %(least)s to %(most)s digits."), field="pin", least=PIN_MIN, most=PIN_MAX)
    steps = {(int(right) - int(left)) % 10 for left, right in pairwise(digits)}
    is_repeated = any(digits == (digits[:length] * len(digits))[: len(digits)] for length in (1, 2, 3))
    if len(steps) == 1 or is_repeated or len(set(digits)) < PIN_MIN // 2:
        raise WeakPin(N_("This one is easy to guess. Choose digits without a pattern."), field="pin")
    return digits


def as_badge(typed: str) -> str:
    """Return the number of a badge as a scanner means it: its digits, in 0-9, whatever came before or after."""
    return "".join(digit for digit in fold_digits(typed) if digit.isascii() and digit.isdigit())


def as_username(typed: str) -> str:
    """Return the account name meant by `typed`: folded, so that İ, I and a second blank do not matter."""
    return fold(typed).replace(" ", ".")[:60]


def refuse_too_soon(failures: list[datetime], now: datetime, *, field: str | None = None) -> None:
    """Refuse a try that comes before its wait is over."""
    wait = wait_before_next(failures, now)
    if wait:
        seconds = ceil(wait.total_seconds())
        raise TooManyTries(
            N_("Too many tries. The next one counts in %(seconds)s seconds."), field=field, seconds=seconds
        )


def wait_before_next(failures: list[datetime], now: datetime) -> timedelta:
    """Return how long the next try must wait, given the recent wrong ones (newest first) of one name from one place.

    The first five cost nothing; then 1, 2, 4 ... seconds after the newest, at most a minute: a colleague who mistypes
    a doctor's name can delay the doctor, not lock the doctor out.
    """
    recent = [at for at in failures if now - at < BACK_OFF_WINDOW]
    if len(recent) < FREE_TRIES:
        return timedelta(0)
    doublings = min(len(recent) - FREE_TRIES, 6)
    wait = min(timedelta(seconds=2**doublings), BACK_OFF_MOST)
    return max(timedelta(0), recent[0] + wait - now)


def is_over(started_at: datetime, now: datetime) -> bool:
    """Whether a session has reached its absolute end."""
    return now - started_at >= ABSOLUTE


def is_idle(seen_at: datetime, now: datetime) -> bool:
    """Whether a session was left alone for so long that its screen must lock."""
    return now - seen_at >= IDLE

"""Numbers that find a person: of documents, of phones, and the clinic's own."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import phonenumbers
from stdnum.tr import tckimlik

from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_, clean, fold, fold_digits
from clinic.patients.rules.kinds import IdentifierSystem

NATIONAL_DIGITS = 11
HOME = "TR"
HOME_DIGITS = 10
_NATIONAL = frozenset({IdentifierSystem.YKN, IdentifierSystem.YKN_OLD, IdentifierSystem.TCKN})
_SEPARATORS = re.compile(r"[\s./-]")
_DOCUMENT_NUMBER = re.compile("[A-Z0-9-]{4,20}")
LONGEST_OTHER = 40
SHORTEST_SHOWN = 8
_HIDDEN = "•••"
_RECORD_NUMBER = re.compile(r"p(\d{1,6})")
_SYSTEM_BY_START = {"99": IdentifierSystem.YKN, "98": IdentifierSystem.YKN_OLD}


class UnusableNumber(DomainError):
    """A number cannot be what its kind says, and is not saved."""

    code = "unusable_number"


class DoubtfulNumber(DomainError):
    """A number is doubted, and nobody has said why it is right all the same."""

    code = "doubtful_number"
    status = 422


@dataclass(frozen=True)
class Doubt:
    """Something odd that a person must look at, and may confirm with a reason; it never blocks."""

    code: str
    message: str


CHECK_DIGIT = Doubt("CHECK_DIGIT", N_("The last two digits do not fit the others. Look at the card again."))
OLD_NUMBER = Doubt("OLD_NUMBER", N_("This is an old number. Ask whether there is a new one that begins with 99."))
UNUSUAL_PHONE = Doubt("UNUSUAL_PHONE", N_("No such number is in use. Read it out once more."))


@dataclass(frozen=True)
class Identifier:
    """A document's number in the form in which it is stored and compared."""

    system: IdentifierSystem
    value: str
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True)
class Phone:
    """A phone number in international form (E.164)."""

    value: str
    doubts: tuple[Doubt, ...] = ()


def read_identifier(text: str, system: IdentifierSystem | None = None) -> Identifier:
    """Return the number as stored; without a system, or with a national one, its first digits say which it is.

    Raises UnusableNumber for another count of digits or for letters; a check digit that does not fit is only doubted.
    """
    typed = clean(fold_digits(text))
    if system is None or system in _NATIONAL:
        return _national(_SEPARATORS.sub("", typed))
    if system is IdentifierSystem.OTHER:
        if not 0 < len(typed) <= LONGEST_OTHER:
            raise _unusable(N_("Write the number in at most %(most)s letters and digits."), most=LONGEST_OTHER)
        return Identifier(system, typed)
    value = re.sub(r"[\s./]", "", typed).upper()
    if not _DOCUMENT_NUMBER.fullmatch(value):
        raise _unusable(N_("Write the number as printed: 4 to 20 letters A to Z and digits."))
    return Identifier(system, value)


def _national(digits: str) -> Identifier:
    if not digits:
        raise _unusable(N_("Write the number, or leave it empty and add it later."))
    if not digits.isdecimal():
        raise _unusable(N_("This number has digits only. If it is a passport, choose passport."))
    if len(digits) == NATIONAL_DIGITS - 1:
        raise _unusable(
            N_("10 digits. The number on the card has 11. Add the missing one, or leave it empty and add it later.")
        )
    if len(digits) != NATIONAL_DIGITS:
        raise _unusable(
            N_("%(count)s digits. The number on the card has 11. Look again, or leave it empty and add it later."),
            count=len(digits),
        )
    if digits.startswith("0"):
        raise _unusable(N_("No identity number begins with 0. Look at the card again."))
    system = _SYSTEM_BY_START.get(digits[:2], IdentifierSystem.TCKN)
    doubts = () if tckimlik.is_valid(digits) else (CHECK_DIGIT,)
    return Identifier(system, digits, (*doubts, OLD_NUMBER) if system is IdentifierSystem.YKN_OLD else doubts)


def ensure_explained(number: Identifier, because: str) -> None:
    """Refuse a number whose check digit does not fit until someone says why it is right. Raises DoubtfulNumber."""
    if CHECK_DIGIT in number.doubts and not because:
        raise DoubtfulNumber(CHECK_DIGIT.message, field="identifier")


def asks_for_new_number(held: Iterable[IdentifierSystem]) -> bool:
    """Tell whether a person carries an old 98 number and no 99 number yet."""
    systems = set(held)
    return IdentifierSystem.YKN_OLD in systems and IdentifierSystem.YKN not in systems


def masked(value: str) -> str:
    """Return a document's number as lists show it: 99••• 6740."""
    return f"{value[:2]}{_HIDDEN} {value[-4:]}" if len(value) >= SHORTEST_SHOWN else _HIDDEN


def read_phone(text: str) -> Phone:
    """Return a phone number in international form, a number without a country being Turkish.

    Raises UnusableNumber for what cannot be dialled; a number that is not in use is only doubted.
    """
    try:
        number = phonenumbers.parse(clean(fold_digits(text)), HOME)
    except phonenumbers.NumberParseException as trouble:
        raise _no_phone() from trouble
    in_use = phonenumbers.is_valid_number(number)
    if not in_use and (_is_short(number) or not phonenumbers.is_possible_number(number)):
        raise _no_phone()
    value = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Phone(value, () if in_use else (UNUSUAL_PHONE,))


def _is_short(number: phonenumbers.PhoneNumber) -> bool:
    """Tell whether a number of this country has fewer digits than a line here has, as a number cut short would."""
    return _is_at_home(number) and len(str(number.national_number)) < HOME_DIGITS


def _is_at_home(number: phonenumbers.PhoneNumber) -> bool:
    return phonenumbers.region_code_for_country_code(number.country_code or 0) == HOME


def shown_phone(value: str) -> str:
    """Return a stored phone number as people here dial it: 0541 000 22 85, or +963 944 123 456 from abroad."""
    number = phonenumbers.parse(value)
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, form.NATIONAL if _is_at_home(number) else form.INTERNATIONAL)


def masked_phone(value: str) -> str:
    """Return a stored phone number as lists show it: 0541 ••• 22 85."""
    first, _, *last = shown_phone(value).split(" ")
    return " ".join((first, _HIDDEN, *last))


def reversed_phone(phone: str) -> str:
    """Return the digits of a stored phone, or of its end, from the last to the first, as the search has them."""
    return phone.removeprefix("+")[::-1]


def written_record_number(number: int) -> str:
    """Return the clinic's own number for a person as it is printed: P-001 207."""
    return f"P-{number // 1000:03} {number % 1000:03}"


def read_record_number(text: str) -> int | None:
    """Return the number in P-001 207, however spaced; None for anything else."""
    found = _RECORD_NUMBER.fullmatch(fold(text).replace(" ", ""))
    return int(found[1]) if found else None


def _no_phone() -> UnusableNumber:
    return UnusableNumber(
        N_("That cannot be dialled. Write it as 0541 000 22 85, or with + and the country."), field="phone"
    )


def _unusable(message: str, **values: object) -> UnusableNumber:
    return UnusableNumber(message, field="identifier", **values)

"""What was typed into the one search box: a number, a phone, a record number, or a name."""

import re
from dataclasses import dataclass
from enum import StrEnum

from clinic.kernel.text import clean, fold_digits
from clinic.patients.rules.kinds import IdentifierSystem
from clinic.patients.rules.numbers import read_identifier, read_phone, read_record_number

LONGEST_RECORD_DIGITS = 6
_SEPARATORS = re.compile(r"[\s./()-]")
_DOCUMENT = re.compile("[A-Za-z]{1,3}[0-9-]{4,}[A-Za-z]?[0-9]*")
_PHONE = re.compile(r"[+0]\d+|5\d{9}")


class SoughtBy(StrEnum):
    """By what a person is looked up."""

    NUMBER = "NUMBER"
    PHONE = "PHONE"
    RECORD = "RECORD"
    NAME = "NAME"


@dataclass(frozen=True)
class Sought:
    """What to look up, in the form in which it is stored."""

    by: SoughtBy
    value: str


def read_search(text: str) -> Sought:
    """Tell what kind of thing was typed and return it as stored. Raises UnusableNumber for a number cut short."""
    typed = clean(fold_digits(text))
    record = read_record_number(typed)
    if record is not None:
        return Sought(SoughtBy.RECORD, str(record))
    digits = _SEPARATORS.sub("", typed)
    if not digits.lstrip("+").isdecimal():
        document = _DOCUMENT.fullmatch(typed.replace(" ", ""))
        return Sought(SoughtBy.NUMBER, _document(document[0])) if document else Sought(SoughtBy.NAME, typed)
    if len(digits) <= LONGEST_RECORD_DIGITS:
        return Sought(SoughtBy.RECORD, digits.lstrip("0") or "0")
    if _PHONE.fullmatch(digits):
        return Sought(SoughtBy.PHONE, read_phone(digits).value)
    return Sought(SoughtBy.NUMBER, read_identifier(digits).value)


def _document(number: str) -> str:
    return read_identifier(number, IdentifierSystem.PASSPORT).value

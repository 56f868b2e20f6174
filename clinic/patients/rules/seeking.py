"""What was typed into the one search box: a document's number, a phone, a record number, or a name."""

import re
from dataclasses import dataclass
from enum import StrEnum

from clinic.kernel.text import clean, fold_digits
from clinic.patients.rules.numbers import read_record_number

LONGEST_RECORD_DIGITS = 6
FEWEST_PHONE_DIGITS = 4
_SEPARATORS = re.compile(r"[\s./()-]")
_WORD_OF_NAME = re.compile(r"(?<![^\W_])[^\W\d_]{2,}(?![^\W_])")
# What is dialled before the number itself: 0, +90 or 0090 at home, + or 00 before another country's.
_DIALLED_FIRST = re.compile(r"^(?:\+90|0090|0)(?=\d{10}$)|^(?:\+|00)(?=[1-9])")


class SoughtBy(StrEnum):
    """By what a person is looked up."""

    NUMBER = "NUMBER"
    PHONE = "PHONE"
    RECORD = "RECORD"
    NAME = "NAME"


@dataclass(frozen=True)
class Sought:
    """What to look up, in the form in which it is stored; of a phone its last digits, four or more."""

    by: SoughtBy
    value: str


def read_search(text: str) -> tuple[Sought, ...]:
    """Return all that was perhaps meant, to be looked up side by side: 1207 is a record number or a phone's end."""
    typed = clean(fold_digits(text))
    record = read_record_number(typed)
    if record is not None:
        return (Sought(SoughtBy.RECORD, str(record)),)
    digits = _SEPARATORS.sub("", typed)
    if digits.removeprefix("+").isdecimal():
        return (*_documents(typed), *_clinic_numbers(digits)) or (Sought(SoughtBy.NAME, typed),)
    is_name = _WORD_OF_NAME.search(typed) or not re.search(r"\d", typed)
    return (*_documents(typed), *([Sought(SoughtBy.NAME, typed)] if is_name else []))


def _documents(typed: str) -> list[Sought]:
    """Return the forms in which a document's number is stored, if this may be one."""
    if typed.startswith("+") or not re.search(r"\d", typed):
        return []
    upper = typed.upper()
    forms = (_SEPARATORS.sub("", upper), re.sub(r"[\s./]", "", upper), typed)
    return [Sought(SoughtBy.NUMBER, form) for form in dict.fromkeys(forms)]


def _clinic_numbers(digits: str) -> list[Sought]:
    """Return what a row of digits may be besides a document's number."""
    end = _DIALLED_FIRST.sub("", digits)
    found = [Sought(SoughtBy.PHONE, end)] if len(end) >= FEWEST_PHONE_DIGITS and end.isdecimal() else []
    if len(digits) <= LONGEST_RECORD_DIGITS and digits.isdecimal():
        found.append(Sought(SoughtBy.RECORD, digits.lstrip("0") or "0"))
    return found

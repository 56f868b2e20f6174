"""What a person tells of themselves at the registrar's desk."""

from collections.abc import Iterable
from dataclasses import dataclass

from clinic.patients.rules.birth import UNKNOWN_BIRTH, BirthDate
from clinic.patients.rules.kinds import LegalStatus, Sex
from clinic.patients.rules.likeness import Person
from clinic.patients.rules.naming import Names
from clinic.patients.rules.numbers import Identifier


@dataclass(frozen=True, kw_only=True)
class Particulars:
    """Who someone is and how to reach them; `phone` in international form, languages by their codes."""

    names: Names
    sex: Sex
    birth: BirthDate = UNKNOWN_BIRTH
    language: str
    label_language: str = "ar"
    legal_status: LegalStatus = LegalStatus.NOT_ASKED
    nationality: str = ""
    phone: str = ""
    district: str = ""
    mother: str = ""

    def likened(self, numbers: Iterable[Identifier] = ()) -> Person:
        """Return what is compared with those on file."""
        return Person(
            names=self.names.spellings,
            fathers=self.names.fathers,
            sex=self.sex,
            birth=self.birth,
            phone=self.phone,
            numbers=frozenset(number.value for number in numbers),
        )


@dataclass(frozen=True)
class Paper:
    """A document's number as it was handed over, with what was said where it is doubted."""

    number: Identifier
    because: str = ""

"""Invented patients: names in both scripts from short lists, ages by specialty, and not one real person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from random import Random

from clinic.patients.rules import (
    BirthDate,
    BirthPrecision,
    Identifier,
    IdentifierSystem,
    LegalStatus,
    Names,
    Paper,
    Particulars,
    Sex,
)

MEN = (
    ("محمد", "Mohammed"),
    ("خالد", "Khaled"),
    ("يوسف", "Yousef"),
    ("أحمد", "Ahmad"),
    ("علي", "Ali"),
    ("زياد", "Ziad"),
    ("كريم", "Karim"),
    ("عمر", "Omar"),
    ("محمود", "Mahmoud"),
    ("عبد الرحمن", "Abdulrahman"),
    ("سامر", "Samer"),
    ("حسن", "Hassan"),
    ("إبراهيم", "Ibrahim"),
    ("مصطفى", "Mustafa"),
)
WOMEN = (
    ("فاطمة", "Fatima"),
    ("عائشة", "Aisha"),
    ("حنان", "Hanan"),
    ("ليان", "Layan"),
    ("ريما", "Rima"),
    ("نور", "Nour"),
    ("سدرة", "Sidra"),
    ("أمل", "Amal"),
    ("رقية", "Rukaya"),
    ("زينب", "Zainab"),
    ("مريم", "Maryam"),
    ("هدى", "Huda"),
    ("سلمى", "Salma"),
    ("رنا", "Rana"),
)
FAMILIES = (
    ("الحريري", "Al-Hariri"),
    ("قاسم", "Qassem"),
    ("درويش", "Darwish"),
    ("الأحمد", "Al-Ahmad"),
    ("حداد", "Haddad"),
    ("نجار", "Najjar"),
    ("الخطيب", "Al-Khatib"),
    ("زعبي", "Zoubi"),
    ("عمران", "Omran"),
    ("صباغ", "Sabbagh"),
    ("جمال", "Jamal"),
    ("الشامي", "Al-Shami"),
    ("برازي", "Barazi"),
    ("كيالي", "Kayali"),
)
DISTRICTS = ("Fatih, Akşemsettin", "Fatih, Balat", "Esenyurt", "Zeytinburnu", "Bağcılar")
AGES = {"PED": (0, 15), "GYN": (17, 45), "INT": (35, 75), "GP": (16, 70), "SUR": (18, 65)}


@dataclass(frozen=True)
class Invented:
    """Someone who might walk in, and the papers in their hand."""

    told: Particulars
    papers: tuple[Paper, ...]
    years: int


def invent(chance: Random, specialty: str, day: date, serial: Iterator[int]) -> Invented:
    """Return a person of an age and sex that fit a specialty."""
    is_woman = specialty == "GYN" or chance.random() < 0.52
    given = chance.choice(WOMEN if is_woman else MEN)
    father, family = chance.choice(MEN), chance.choice(FAMILIES)
    youngest, oldest = AGES[specialty]
    years = chance.randint(youngest, oldest)
    born = day - timedelta(days=years * 365 + chance.randint(20, 340))
    told = Particulars(
        names=Names(
            given_ar=given[0],
            father_ar=father[0],
            family_ar=family[0],
            given_latin=given[1],
            father_latin=father[1],
            family_latin=family[1],
        ),
        sex=Sex.FEMALE if is_woman else Sex.MALE,
        birth=_birth(chance, born),
        language=chance.choices(["ar", "tr", "ku"], [88, 4, 8])[0],
        label_language="ar",
        legal_status=chance.choices(
            [LegalStatus.TEMPORARY_PROTECTION, LegalStatus.UNREGISTERED, LegalStatus.NOT_ASKED], [82, 10, 8]
        )[0],
        nationality="SY",
        phone=f"+90541000{next(serial):04}",
        district=chance.choice(DISTRICTS),
    )
    papers = (_paper(next(serial)),) if chance.random() < 0.8 else ()
    return Invented(told, papers, years)


def serials() -> Iterator[int]:
    """Return the row of numbers from which phones and papers are invented."""
    return count(1000)


def _birth(chance: Random, born: date) -> BirthDate:
    if chance.random() < 0.2:
        return BirthDate(year=born.year, precision=BirthPrecision.YEAR, as_on_document=f"01.01.{born.year}")
    return BirthDate(year=born.year, month=born.month, day=born.day, precision=BirthPrecision.DAY)


def _paper(serial: int) -> Paper:
    return Paper(Identifier(IdentifierSystem.YKN, _with_check_digits(f"99000{serial:04}")))


def _with_check_digits(nine: str) -> str:
    """Return an eleven-digit number whose two check digits fit; the nine before them belong to nobody."""
    digits = [int(digit) for digit in nine]
    tenth = (7 * sum(digits[::2]) - sum(digits[1::2])) % 10
    return f"{nine}{tenth}{(sum(digits) + tenth) % 10}"

"""How consultations are told apart and counted, and the identities that hold between the counts."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_, Worded

FEMALE, MALE, UNKNOWN = "FEMALE", "MALE", "UNKNOWN"
SEXES = (FEMALE, MALE, UNKNOWN)


class NoSuchMonth(DomainError):
    """An address names no month."""

    code = "no_such_month"
    status = 404


class Band(Worded):
    """An age band by whole years at the visit. Source: UNHCR iRHIS bands."""

    UNDER_5 = "0-4", "0–4"
    UNDER_12 = "5-11", "5–11"
    UNDER_18 = "12-17", "12–17"
    UNDER_60 = "18-59", "18–59"
    OLDER = "60", N_("60 and over")
    UNKNOWN = "UNKNOWN", N_("age not known")


class Case(Worded):
    """What a consultation is by its first diagnosis."""

    NEW = "NEW", N_("new case")
    FOLLOW_UP = "FOLLOW_UP", N_("follow-up")
    NOT_STATED = "NOT_STATED", N_("not stated")


class Group(Worded):
    """Whom the programme served, as a donor asks for it."""

    SYRIAN = "SYRIAN", N_("Syrian")
    HOST = "HOST", N_("host community")
    OTHER = "OTHER", N_("other nationality")
    UNKNOWN = "UNKNOWN", N_("nationality not known")


_CEILINGS = ((5, Band.UNDER_5), (12, Band.UNDER_12), (18, Band.UNDER_18), (60, Band.UNDER_60))


def band_of(years: int | None) -> Band:
    """Return the band of an age in whole years; an age nobody knows is shown, never dropped."""
    if years is None:
        return Band.UNKNOWN
    return next((band for ceiling, band in _CEILINGS if years < ceiling), Band.OLDER)


def group_of(nationality: str, *, is_citizen: bool, is_protected: bool) -> Group:
    """Return the group of a person; `nationality` is an ISO 3166 code or empty.

    `is_protected` is temporary protection, which in Türkiye is given to those who came from Syria (Temporary Protection
    Regulation 2014/6883, provisional article 1); it decides only where no nationality is told.
    """
    if nationality == "TR" or (is_citizen and not nationality):
        return Group.HOST
    if nationality == "SY" or (is_protected and not nationality):
        return Group.SYRIAN
    return Group.OTHER if nationality else Group.UNKNOWN


@dataclass(frozen=True)
class Month:
    """A calendar month."""

    year: int
    number: int

    @property
    def first(self) -> date:
        """Return its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Return its last day."""
        return self.next.first - timedelta(days=1)

    @property
    def next(self) -> "Month":
        """Return the month after it."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def previous(self) -> "Month":
        """Return the month before it."""
        return month_of(self.first - timedelta(days=1))

    @property
    def code(self) -> str:
        """Return it as addresses and files name it: 2026-11."""
        return f"{self.year:04}-{self.number:02}"


def month_of(day: date) -> Month:
    """Return the month that holds a day."""
    return Month(day.year, day.month)


def read_month(code: str) -> Month:
    """Return the month that a code such as 2026-11 names. Raises NoSuchMonth."""
    year, _, number = code.partition("-")
    if not (code.isascii() and len(code) == len("2026-11") and year.isdigit() and number.isdigit()):
        raise NoSuchMonth(N_("No month is called that."))
    if not (1 <= int(number) <= 12 and 2000 <= int(year) < 9999):  # noqa: PLR2004 - a calendar
        raise NoSuchMonth(N_("No month is called that."))
    return Month(int(year), int(number))


@dataclass(frozen=True, kw_only=True)
class Counted:
    """One signed note as a report counts it; `day` is that of arrival, `person` the survivor of a merged record."""

    id: int
    day: date
    number: int
    specialty: str
    sex: str
    band: Band
    case: Case
    group: Group
    person: int
    visit: int
    clinician: int
    is_in_hours: bool


# The ways in which a consultation is told apart, by the word that an address uses.
FACETS: Mapping[str, Callable[[Counted], str]] = {
    "specialty": lambda one: one.specialty,
    "sex": lambda one: one.sex,
    "band": lambda one: one.band,
    "case": lambda one: one.case,
    "group": lambda one: one.group,
    "hours": lambda one: "in" if one.is_in_hours else "outside",
}

# The facets that make a cell of the report, in their order.
CELL = ("specialty", "sex", "band", "case", "group")


def chosen(consultations: Iterable[Counted], wanted: Mapping[str, str]) -> list[Counted]:
    """Return those that are all that is `wanted`, by the words of FACETS."""
    return [one for one in consultations if all(FACETS[facet](one) == value for facet, value in wanted.items())]


@dataclass(frozen=True)
class Tally:
    """What a month's consultations add up to."""

    consultations: Sequence[Counted]

    @property
    def total(self) -> int:
        """Return how many there are."""
        return len(self.consultations)

    @cached_property
    def cells(self) -> Counter[tuple[str, ...]]:
        """Return the count of every combination there is: specialty, sex, band, case, group."""
        facets = [FACETS[name] for name in CELL]
        return Counter(tuple(facet(one) for facet in facets) for one in self.consultations)

    def by(self, *facets: str) -> Counter[tuple[str, ...]]:
        """Return the counts by some of FACETS."""
        return Counter(tuple(FACETS[name](one) for name in facets) for one in self.consultations)

    def count(self, **wanted: str) -> int:
        """Return how many are all that is wanted, by the words of FACETS."""
        return len(chosen(self.consultations, wanted))

    def persons(self, **wanted: str) -> int:
        """Return the unique persons among them; never the sum of parts: who saw two specialties is one person."""
        return len({one.person for one in chosen(self.consultations, wanted)})

    @cached_property
    def visits(self) -> int:
        """Return the arrivals in which they took place."""
        return len({one.visit for one in self.consultations})

    def clinician_days(self, **wanted: str) -> int:
        """Return the days on which each clinician signed at least one, added up."""
        return len({(one.clinician, one.day) for one in chosen(self.consultations, wanted)})

    @cached_property
    def evenings(self) -> Counter[date]:
        """Return the consultations of each evening that had one."""
        return Counter(one.day for one in self.consultations)

    def overloaded_days(self, ceiling: int) -> int:
        """Return on how many clinician-days so many consultations were reached."""
        loads = Counter((one.clinician, one.day) for one in self.consultations)
        return sum(load >= ceiling for load in loads.values())


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What stands beside the consultations and is never counted among them.

    `persons` had a consultation or a nursing contact, `new_persons` of them their first ever at the site.
    """

    counted_again: Mapping[tuple[str, str], int]
    still_open: int
    abandoned: int
    left_unseen: int
    stays: int
    visits: int
    persons: int
    new_persons: int
    nursing: Mapping[str, int]


@dataclass(frozen=True)
class Check:
    """An identity between two figures that were counted apart."""

    words: str
    left: int
    relation: str
    right: int

    @property
    def holds(self) -> bool:
        """Whether it is so."""
        return self.left == self.right if self.relation == "=" else self.left <= self.right


def check(tally: Tally, beside: Beside) -> list[Check]:
    """Return the identities of a month; `beside.counted_again` is the database's own count by specialty and sex."""
    again = beside.counted_again
    by_specialty = tally.by("specialty")
    differing = sum(by_specialty[specialty,] != sum(_of(again, specialty)) for specialty in _specialties(tally, again))
    return [
        Check(N_("Counted row by row = counted by the database"), tally.total, "=", sum(again.values())),
        Check(N_("Specialties that the two counts disagree on = none"), differing, "=", 0),
        Check(N_("Sex by age = all consultations"), sum(tally.by("sex", "band").values()), "=", sum(again.values())),
        Check(N_("New + follow-up + not stated = all consultations"), _sum(tally, "case", Case), "=", tally.total),
        Check(
            N_("Syrian + host + other + not known = all consultations"), _sum(tally, "group", Group), "=", tally.total
        ),
        Check(N_("Unique persons ≤ visits with a consultation"), tally.persons(), "≤", tally.visits),
        Check(N_("Visits with a consultation ≤ consultations"), tally.visits, "≤", tally.total),
        Check(N_("Visits with a consultation ≤ visits"), tally.visits, "≤", beside.visits),
        Check(N_("Persons with a consultation ≤ persons served"), tally.persons(), "≤", beside.persons),
        Check(N_("Persons served for the first time ≤ persons served"), beside.new_persons, "≤", beside.persons),
    ]


def _sum(tally: Tally, facet: str, values: Iterable[str]) -> int:
    return sum(tally.count(**{facet: value}) for value in values)


def _of(again: Mapping[tuple[str, str], int], specialty: str) -> list[int]:
    return [count for (code, _), count in again.items() if code == specialty]


def _specialties(tally: Tally, again: Mapping[tuple[str, str], int]) -> set[str]:
    return {one.specialty for one in tally.consultations} | {code for code, _ in again}

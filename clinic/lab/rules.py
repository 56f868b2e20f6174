"""What a result means for a person of this age and sex, and what may be done when.

Ranges and critical limits are the laboratory's own; those of the demo nobody has confirmed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from operator import ge, gt, le, lt

from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_, Worded

# A critical value is told to the doctor within this time (agreed with the clinic).
CALL_WITHIN = timedelta(minutes=30)
# three where two were meant: 1.250 is one and a quarter, or a thousand two hundred and fifty
_USUAL_DECIMALS = 2


class AnswerKind(Worded):
    """What an answer looks like."""

    NUMBER = "NUMBER", N_("number")
    SCALE = "SCALE", N_("step of a scale")
    WORDS = "WORDS", N_("words")


# as the list of tests names them
KINDS = {
    "quant": AnswerKind.NUMBER,
    "calc": AnswerKind.NUMBER,
    "ordinal": AnswerKind.SCALE,
    "nominal": AnswerKind.WORDS,
}


class SpecimenKind(Worded):
    """What a test is made from, and in which tube."""

    EDTA = "EDTA", N_("Blood (EDTA)")
    BLOOD = "BLOOD", N_("Blood")
    SERUM = "SERUM", N_("Serum")
    SERUM_PLASMA = "SERUM_PLASMA", N_("Serum/plasma")
    URINE = "URINE", N_("Urine")
    STOOL = "STOOL", N_("Stool")
    THROAT = "THROAT", N_("Throat swab")


class Step(Worded):
    """A step of the scale of a test strip or a rapid test."""

    NEGATIVE = "NEGATIVE", N_("negative")
    TRACE = "TRACE", N_("trace")
    ONE = "ONE", N_("1+")
    TWO = "TWO", N_("2+")
    THREE = "THREE", N_("3+")
    FOUR = "FOUR", N_("4+")
    POSITIVE = "POSITIVE", N_("positive")
    UNCLEAR = "UNCLEAR", N_("unclear, repeat")


class Flag(Worded):
    """A value against the range that holds for the person; NONE where no range does."""

    CRITICAL_LOW = "CRITICAL_LOW", N_("critically low")
    LOW = "LOW", N_("low")
    USUAL = "USUAL", N_("within the range")
    HIGH = "HIGH", N_("high")
    CRITICAL_HIGH = "CRITICAL_HIGH", N_("critically high")
    NONE = "NONE", N_("no range for this age and sex")

    @property
    def is_critical(self) -> bool:
        """Whether the doctor must hear of it at once."""
        return self in {Flag.CRITICAL_LOW, Flag.CRITICAL_HIGH}


class RequestState(Worded):
    """How far one test of an order has come."""

    ORDERED = "ORDERED", N_("to be taken")
    COLLECTED = "COLLECTED", N_("taken")
    ENTERED = "ENTERED", N_("to be verified")
    VERIFIED = "VERIFIED", N_("verified")
    CANCELLED = "CANCELLED", N_("not done")


# nothing more is to come of these
OVER = (RequestState.VERIFIED, RequestState.CANCELLED)


class CancelReason(Worded):
    """Why a test that was ordered is not done."""

    DID_NOT_COME = "DID_NOT_COME", N_("did not come")
    DECLINED = "DECLINED", N_("the person declines it")
    NOT_NEEDED = "NOT_NEEDED", N_("not needed any more")
    IMPOSSIBLE = "IMPOSSIBLE", N_("cannot be examined here")


class Condition(Worded):
    """What is wrong with a specimen that cannot be examined."""

    HAEMOLYSED = "HAEMOLYSED", N_("haemolysed")
    CLOTTED = "CLOTTED", N_("clotted")
    TOO_LITTLE = "TOO_LITTLE", N_("too little")
    LEAKED = "LEAKED", N_("leaked")
    UNLABELLED = "UNLABELLED", N_("label missing or wrong")


class NothingOrdered(DomainError):
    """An order without a test."""

    code = "nothing_ordered"
    status = 422


class OrderedAlready(DomainError):
    """A test stands on an open order of this visit."""

    code = "ordered_already"


class NotReady(DomainError):
    """The step before is not done yet, or is done already; a colleague may have been faster."""

    code = "not_ready"


class BadResult(DomainError):
    """A result is missing, or a correction comes without its reason."""

    code = "bad_result"
    status = 422


@dataclass(frozen=True, kw_only=True)
class Range:
    """Limits for one sex ("F", "M", or "" for any) from one age in days to below another; None is unbounded."""

    sex: str = ""
    from_days: int = 0
    until_days: int | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    critical_low: Decimal | None = None
    critical_high: Decimal | None = None
    text: str = ""

    def holds_for(self, sex: str, days: tuple[int, int] | None) -> bool:
        """Whether it holds for a person; `days` is the least and the greatest age, None where nothing is known."""
        if self.sex not in ("", sex):
            return False
        least, most = days if days is not None else (0, None)
        starts = self.from_days <= least
        return starts and (self.until_days is None or (most is not None and most < self.until_days))

    def may_hold_for(self, sex: str, days: tuple[int, int] | None) -> bool:
        """Whether it holds for a person at some age they may have; any sex that is not known may be either."""
        if {self.sex, sex} == {"F", "M"}:
            return False
        if days is None:
            return True
        least, most = days
        return self.from_days <= most and (self.until_days is None or least < self.until_days)


def age_span(born: tuple[date, date] | None, on: date) -> tuple[int, int] | None:
    """Return the least and the greatest age in days of one born between two days; None where nothing is known."""
    if born is None:
        return None
    earliest, latest = born
    return max(0, (on - latest).days), max(0, (on - earliest).days)


def find_range(ranges: Iterable[Range], sex: str, days: tuple[int, int] | None) -> Range | None:
    """Return the range that holds for a person, one for the sex before one for all; None where none surely does."""
    fitting = [one for one in ranges if one.holds_for(sex, days)]
    return max(fitting, key=lambda one: (one.sex != "", one.from_days), default=None)


def flag_of(value: Decimal, limits: Range | None) -> Flag:
    """Return how a value stands against its range; a value on a limit is within it, on a critical limit critical."""
    if limits is None:
        return Flag.NONE
    for limit, is_beyond, flag in (
        (limits.critical_low, le, Flag.CRITICAL_LOW),
        (limits.critical_high, ge, Flag.CRITICAL_HIGH),
        (limits.low, lt, Flag.LOW),
        (limits.high, gt, Flag.HIGH),
    ):
        if limit is not None and is_beyond(value, limit):
            return flag
    return Flag.USUAL if limits.low is not None or limits.high is not None else Flag.NONE


def decimals_of(limits: Iterable[Decimal]) -> int:
    """Return how many decimals a number has at most whose limits these are: two, or as many as a limit has."""
    return max([_USUAL_DECIMALS, *(-int(one.as_tuple().exponent) for one in limits)])


def surely_critical(value: Decimal, ranges: Iterable[Range], sex: str, days: tuple[int, int] | None) -> Flag:
    """Return the critical flag on which every range agrees that may hold for a person; NONE where they do not."""
    flags = {flag_of(value, one) for one in ranges if one.may_hold_for(sex, days)}
    agreed = flags.pop() if len(flags) == 1 else Flag.NONE
    return agreed if agreed.is_critical else Flag.NONE


@dataclass(frozen=True, kw_only=True)
class Told:
    """A result as somebody tells it: a number or words; `is_critical` where the person at the bench says so."""

    number: Decimal | None = None
    words: str = ""
    is_critical: bool = False


def is_awaited(state: RequestState, ready_at: datetime, closes: datetime | None) -> bool:
    """Whether a person stays for a test: it is to be taken, or is answered before the evening closes."""
    if state in OVER:
        return False
    return state is RequestState.ORDERED or closes is None or ready_at <= closes


def stamp_of(version: int, entered_at: datetime) -> str:
    """Return what tells one version of a result, as it was written at an instant, from every other."""
    return f"{version}-{entered_at:%Y%m%d%H%M%S%f}"


def mark_of(stamp: str, told: Told | None) -> str:
    """Return how a result stands on a page: its stamp, empty where there is none, and in short what it says."""
    return f"{stamp}_{_in_short(told)}"


def is_stamped(mark: str, stamp: str) -> bool:
    """Whether a page that carries a mark showed the result of that stamp."""
    return mark.rpartition("_")[0] == stamp


def says_the_same(mark: str, told: Told | None) -> bool:
    """Whether an answer is the one that a page showed."""
    return mark.rpartition("_")[2] == _in_short(told)


def marks_of(stamps: Mapping[str, str]) -> str:
    """Return how several results stand on a page, in short, by the stamps of each test's."""
    return sha256("|".join(f"{key} {stamps[key]}" for key in sorted(stamps)).encode()).hexdigest()[:32]


def _in_short(told: Told | None) -> str:
    if told is None:
        return "none"
    number = "" if told.number is None else f"{told.number.normalize():f}"
    return sha256(f"{number}|{told.words}|{told.is_critical}".encode()).hexdigest()[:16]


def ensure_told(kind: AnswerKind, told: Told, *, field: str) -> None:
    """Refuse a result that is not of its test's kind; 0 is a result. Raises BadResult."""
    if (told.number is None) if kind is AnswerKind.NUMBER else not told.words:
        raise BadResult(N_("An answer is needed here."), field=field)


def ensure_reason(because: str) -> None:
    """Refuse a correction without its reason. Raises BadResult."""
    if not because:
        raise BadResult(N_("Write why the result is corrected."), field="because")

"""What a register of equipment holds to: three axes, exact cents, serial numbers that are told apart."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_, Worded, fold

_CENT = Decimal("0.01")
_NO_SERIALS = frozenset({"", "N/A", "NA", "-", "--", "0", "NONE", "YOK", "UNKNOWN"})
_MONTH = re.compile("([0-9]{4})-(0[1-9]|1[0-2])")
PLACEHOLDER = "{NNN}"
MOST_UNITS = 999
REJECTED = "REJECTED"  # a receiver's answer, as the history of a record keeps it


class Title(Worded):
    """Whose it is; transferred only by a certificate that was accepted."""

    PROJECT = "PROJECT", N_("held by the project")
    RESERVED = "RESERVED", N_("reserved for a handover")
    TRANSFERRED = "TRANSFERRED", N_("transferred")
    RETAINED = "RETAINED", N_("retained")
    DISPOSED = "DISPOSED", N_("disposed of")


class Operability(Worded):
    """Whether it works."""

    NEW = "NEW", N_("new")
    IN_SERVICE = "IN_SERVICE", N_("in service")
    FAULT = "FAULT", N_("faulty")
    IN_REPAIR = "IN_REPAIR", N_("in repair")
    CONDEMNED = "CONDEMNED", N_("condemned")


class Whereabouts(Worded):
    """Whether it stands where it should."""

    IN_PLACE = "IN_PLACE", N_("in its place")
    MISSING = "MISSING", N_("missing")


class Tracking(Worded):
    """Whether each unit is one record, or a lot of them is."""

    SERIAL = "serial", N_("by serial number")
    BULK = "bulk", N_("as a lot")


class EvidenceKind(Worded):
    """What a file shows of a record."""

    PHOTO = "PHOTO", N_("Photo")
    NAMEPLATE = "NAMEPLATE", N_("Nameplate")
    PROOF = "PROOF", N_("Proof of purchase")
    CALIBRATION = "CALIBRATION", N_("Calibration")

    @property
    def is_picture(self) -> bool:
        """Whether only a photograph will do."""
        return self in {EvidenceKind.PHOTO, EvidenceKind.NAMEPLATE}


class Obstacle(Worded):
    """Why a record cannot be handed over yet, as a whole sentence."""

    NOT_OURS = "NOT_OURS", N_("%(tag)s is not the project’s any more.")
    KEPT_ELSEWHERE = "KEPT_ELSEWHERE", N_("%(tag)s is kept by another body already.")
    MISSING = "MISSING", N_("%(tag)s is missing.")
    CONDEMNED = "CONDEMNED", N_("%(tag)s is condemned.")
    NOT_BOUGHT = "NOT_BOUGHT", N_("%(tag)s was bought after that day.")
    NO_PHOTO = "NO_PHOTO", N_("%(tag)s has no photo on the register.")
    NO_NAMEPLATE = "NO_NAMEPLATE", N_("%(tag)s has no photo of its nameplate on the register.")
    NOT_CALIBRATED = "NOT_CALIBRATED", N_("%(tag)s is due for calibration.")


class KeptElsewhere(DomainError):
    """Another body keeps the thing under a certificate."""

    code = "kept_elsewhere"


class WrongEvidence(DomainError):
    """A file of this kind does not show what it is put on file for."""

    code = "wrong_evidence"
    status = 422


class NoSuchChange(DomainError):
    """A thing does not go from this state into that one."""

    code = "no_such_change"


# NEW to IN_SERVICE and back and forth through a fault and its repair; from anywhere to CONDEMNED, and no further.
_CHANGES: dict[Operability, frozenset[Operability]] = {
    Operability.NEW: frozenset({Operability.IN_SERVICE, Operability.FAULT, Operability.CONDEMNED}),
    Operability.IN_SERVICE: frozenset({Operability.FAULT, Operability.CONDEMNED}),
    Operability.FAULT: frozenset({Operability.IN_SERVICE, Operability.IN_REPAIR, Operability.CONDEMNED}),
    Operability.IN_REPAIR: frozenset({Operability.IN_SERVICE, Operability.FAULT, Operability.CONDEMNED}),
    Operability.CONDEMNED: frozenset(),
}


def ensure_ours(custodian: str) -> None:
    """Refuse to say anything of what another body keeps: nothing moves without a certificate. Raises KeptElsewhere.

    Source: design of the handover, I10.
    """
    if custodian:
        raise KeptElsewhere(
            N_("It is kept by %(who)s under a certificate. Only a return brings it back."), who=custodian
        )


def next_states(state: Operability) -> list[Operability]:
    """Return the states into which a thing may go from `state`, in their order."""
    return [each for each in Operability if each in _CHANGES[state]]


def ensure_change(was: Operability, becomes: Operability) -> None:
    """Refuse a change that does not occur. Raises NoSuchChange."""
    if becomes not in _CHANGES[was]:
        raise NoSuchChange(N_("It is not possible to go from this state to that one."), field="becomes")


# ---- what is shown of a record, and what keeps it from being handed over --------------------------------------------


def ensure_evidence(kind: EvidenceKind, *, is_picture: bool, dated_on: date | None, today: date) -> None:
    """Refuse a document where a photo is needed, a calibration without its day, and a day to come.

    Raises WrongEvidence.
    """
    if kind.is_picture and not is_picture:
        raise WrongEvidence(N_("A photo is needed here, no document."), field="file")
    if kind is EvidenceKind.CALIBRATION and dated_on is None:
        raise WrongEvidence(N_("Write the day of the calibration."), field="dated_on")
    if dated_on is not None and dated_on > today:
        raise WrongEvidence(N_("This day has not been yet."), field="dated_on")


def calibrated_until(months: int | None, *, last_on: date | None, bought_in: date) -> date | None:
    """Return until when a thing counts as calibrated, by its last calibration or its purchase; None: it needs none.

    Source: design of the handover, section 4.1: overdue is derived from its date.
    """
    if months is None:
        return None
    since = last_on or bought_in
    year, month = divmod(since.month - 1 + months, 12)
    year, month = since.year + year, month + 1
    return date(year, month, min(since.day, monthrange(year, month)[1]))


def obstacles(
    *,
    title: Title,
    custodian: str,
    whereabouts: Whereabouts,
    operability: Operability,
    bought_in: date,
    evidence: Collection[EvidenceKind],
    calibrated_until: date | None,
    on: date,
) -> list[Obstacle]:
    """Return all that keeps a record from being handed over on a day; none where it is ready."""
    found = {
        Obstacle.NOT_OURS: title is not Title.PROJECT,
        Obstacle.KEPT_ELSEWHERE: bool(custodian),
        Obstacle.MISSING: whereabouts is Whereabouts.MISSING,
        Obstacle.CONDEMNED: operability is Operability.CONDEMNED,
        Obstacle.NOT_BOUGHT: bought_in > on,
        Obstacle.NO_PHOTO: EvidenceKind.PHOTO not in evidence,
        Obstacle.NO_NAMEPLATE: EvidenceKind.NAMEPLATE not in evidence,
        Obstacle.NOT_CALIBRATED: calibrated_until is not None and calibrated_until < on,
    }
    return [obstacle for obstacle, stands in found.items() if stands]


# ---- money ---------------------------------------------------------------------------------------------------------


def to_cents(amount: Decimal) -> int:
    """Return an amount in whole cents; halves go up, as the agreement's rules round."""
    return int(amount.quantize(_CENT, ROUND_HALF_UP).scaleb(2))


def unit_price(original: Decimal, rate: Decimal) -> Decimal:
    """Return the price in EUR of what cost `original`, at `rate` units of its currency for 1 EUR."""
    return (original / rate).quantize(_CENT, ROUND_HALF_UP)


# ---- serial numbers ------------------------------------------------------------------------------------------------


def serial_key(serial: str) -> str:
    """Return what two writings of one serial number share: NFKC, capitals, no blanks; empty for what is none."""
    key = re.sub(r"\s+", "", unicodedata.normalize("NFKC", serial)).upper()
    return "" if key in _NO_SERIALS else key


def expand(pattern: str, quantity: int) -> Iterator[str]:
    """Yield the serial number of each unit: the place holder {NNN} counts from 001; without one there is one unit."""
    if PLACEHOLDER not in pattern:
        yield pattern
        return
    for number in range(1, quantity + 1):
        yield pattern.replace(PLACEHOLDER, f"{number:03}")


_WORD = re.compile(r"\w+")
_ARTICLE = re.compile("^(?:ال)(?=..)")
LONGEST_WORD = 40


def search_words(*texts: str) -> frozenset[str]:
    """Return the folded words by which a record is found, an Arabic one also without its article."""
    found = frozenset(word[:LONGEST_WORD] for text in texts for word in _WORD.findall(fold(text)))
    return found | {_ARTICLE.sub("", word) for word in found}


def asked_words(typed: str) -> list[str]:
    """Return the beginnings of words that a record must have all of."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(fold(typed))]


def read_month(text: str) -> date:
    """Return the first day of a month written as 2016-05. Raises DomainError."""
    match = _MONTH.fullmatch(text.strip())
    if match is None:
        raise DomainError(N_("%(typed)s is no month; write it as 2016-05."), typed=text)
    return date(int(match.group(1)), int(match.group(2)), 1)


# ---- the strip -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Strip:
    """The register by title, in cents: held, reserved, transferred, retained, disposed; and what it is held against."""

    parts: dict[Title, int]
    total: int
    estimate: int
    budget: int

    @property
    def difference(self) -> int:
        """Return by how much the parts do not add up to the register; 0 where they do."""
        return self.total - sum(self.parts.values())

    @property
    def beyond_estimate(self) -> int:
        """Return by how much the register is above (or, below zero, under) the estimate of the source."""
        return self.total - self.estimate

    @property
    def beyond_budget(self) -> int:
        """Return by how much the register is above the budget line."""
        return self.total - self.budget

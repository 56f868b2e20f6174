"""What a label says: in the patient's language from codes, never from free text, a Turkish line beneath."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from clinic.kernel import i18n
from clinic.kernel.i18n import _, in_language
from clinic.patients.queries import PatientCard
from clinic.patients.rules import initials
from clinic.pharmacy.queries.handouts import GivenLot
from clinic.pharmacy.queries.lines import LineRow
from clinic.pharmacy.rules import DoseUnit, TimeOfDay, slot_figure, slots
from clinic.pharmacy.words import dose_words
from clinic.sites.models import Site
from inventory.stock.words import expiry_words

LANGUAGES = ("ar", "tr", "en")
SECOND = "tr"
UNUSED = "–"

_PICTOGRAMS = {
    TimeOfDay.MORNING: "sunrise",
    TimeOfDay.NOON: "sun",
    TimeOfDay.EVENING: "sunset",
    TimeOfDay.NIGHT: "moon-stars",
}
_MEASURED = {DoseUnit.ML, DoseUnit.IU}
_LONG_NAME, _LONG_WORDS, _MANY_LOTS = 26, 64, 2


@dataclass(frozen=True)
class LabelSlot:
    """One time of day: its drawing, how many then, and the word beneath."""

    symbol: str
    figure: str
    word: str

    @property
    def is_used(self) -> bool:
        """Whether anything is taken then."""
        return self.figure != UNUSED


@dataclass(frozen=True, kw_only=True)
class Label:
    """One label, every word of it in place; `second` is the dose in Turkish where the first language is another.

    `is_tight` where so much stands on it that smaller letters are needed.
    """

    language: str
    initials: str
    number: int
    day: str
    phone: str
    medicine: str
    slots: tuple[LabelSlot, ...]
    words: str
    second: str
    lots: tuple[str, ...]
    part: int
    of: int
    warnings: tuple[str, ...]
    is_tight: bool

    @property
    def direction(self) -> str:
        """The direction in which it is read."""
        return i18n.direction(self.language)


@dataclass(frozen=True, kw_only=True)
class Bag:
    """What all labels of one handing out share."""

    person: PatientCard
    site: Site
    number: int
    on: date
    is_demo: bool


def write_label(line: LineRow, lots: Sequence[GivenLot], bag: Bag, *, part: int, of: int, language: str) -> Label:
    """Return the label of one medicine, in one of LANGUAGES."""
    with in_language(language):
        words = _sentence(line)
        told = tuple(
            LabelSlot(
                _PICTOGRAMS[slot.time],
                _figure(slot.amount, line.dose.unit),
                _(slot.time.label),
            )
            for slot in slots(line.dose)
        )
        warnings = tuple(_warnings(line, is_demo=bag.is_demo))
    second = ""
    if language != SECOND:
        with in_language(SECOND):
            second = _sentence(line)
    medicine = f"{line.inn} {line.strength}".strip()
    return Label(
        language=language,
        initials=initials(bag.person.name_ar if language == "ar" else bag.person.name_latin) or bag.person.initials,
        number=bag.number,
        day=i18n.day(bag.on),
        phone=bag.site.phone,
        medicine=medicine,
        slots=told if any(slot.is_used for slot in told) else (),
        words=words,
        second=second,
        lots=tuple(f"{lot.batch_no} · {expiry_words(lot.expires_on)} ×{lot.units}" for lot in lots),
        part=part,
        of=of,
        warnings=warnings,
        is_tight=len(medicine) > _LONG_NAME or len(words) > _LONG_WORDS or len(lots) > _MANY_LOTS,
    )


def _figure(amount: Decimal | None, unit: DoseUnit) -> str:
    """Return what stands in a slot: pieces as a bare figure, what is measured with its unit."""
    if amount is None:
        return UNUSED
    return f"{slot_figure(amount)} {_(unit.label)}" if unit in _MEASURED else slot_figure(amount)


def _sentence(line: LineRow) -> str:
    return f"{dose_words(line.dose)}."


def _warnings(line: LineRow, *, is_demo: bool) -> list[str]:
    """Return what must be known of the label itself: it is of a demo, its figures nobody confirmed."""
    told = [_("DEMO")] if is_demo else []
    if line.medicine is None or not line.medicine.is_confirmed:
        told.append(_("Dose not confirmed by the clinic"))
    return told

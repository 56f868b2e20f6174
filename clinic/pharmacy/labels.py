"""What a label says: in the patient's language from codes, never from free text, a Turkish line beneath."""

import re
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
from clinic.pharmacy.rules import DoseUnit, Letters, Paper, TimeOfDay, choose_letters, slot_figure, slots
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
_LONG_STRENGTH = 16  # a longer one may stand on two lines
_LONG_MEDICINE = 90  # a longer one is not said again on a second label
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=[^\W\d])")
_MOST_LOTS = 3  # more of one medicine is on the page of what was handed out


@dataclass(frozen=True)
class LabelSlot:
    """One time of day: its drawing, how much then (pieces bare, millilitres with their unit), the word beneath."""

    symbol: str
    figure: str
    unit: str
    word: str

    @property
    def is_used(self) -> bool:
        """Whether anything is taken then."""
        return self.figure != UNUSED


@dataclass(frozen=True, kw_only=True)
class Label:
    """One label, every word of it in place; `second` is the dose in Turkish where the first language is another."""

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
    paper: Paper
    letters: Letters

    @property
    def pieces(self) -> list[str]:
        """The medicine in pieces that no line breaks."""
        return self.medicine.split(" ")

    @property
    def says_again(self) -> bool:
        """Whether a second label, where one is needed, names the medicine again."""
        return len(self.medicine) <= _LONG_MEDICINE

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
    paper: Paper = Paper.TALL


def write_label(line: LineRow, lots: Sequence[GivenLot], bag: Bag, *, part: int, of: int, language: str) -> Label:
    """Return the label of one medicine, in one of LANGUAGES."""
    with in_language(language):
        words = _sentence(line)
        told = tuple(
            LabelSlot(_PICTOGRAMS[slot.time], *_figure(slot.amount, line.dose.unit), _(slot.time.label))
            for slot in slots(line.dose)
        )
        warnings = tuple(_warnings(line, is_demo=bag.is_demo))
    second = ""
    if language != SECOND:
        with in_language(SECOND):
            second = _sentence(line)
    is_long = len(line.strength) > _LONG_STRENGTH
    strength = _together(line.strength) if is_long else line.strength.replace(" ", "\N{NO-BREAK SPACE}")
    medicine = f"{line.inn} {strength}".strip()
    times = told if any(slot.is_used for slot in told) else ()
    named = [f"{lot.batch_no} · {expiry_words(lot.expires_on)} ×{lot.units}" for lot in lots[:_MOST_LOTS]]
    if len(lots) > _MOST_LOTS:
        named.append(f"+{len(lots) - _MOST_LOTS}")
    return Label(
        language=language,
        initials=initials(bag.person.name_ar if language == "ar" else bag.person.name_latin) or bag.person.initials,
        number=bag.number,
        day=i18n.day(bag.on),
        phone=bag.site.phone,
        medicine=medicine,
        slots=times,
        words=words,
        second=second,
        lots=tuple(named),
        part=part,
        of=of,
        warnings=warnings,
        paper=bag.paper,
        letters=choose_letters(
            bag.paper,
            name=medicine,
            figures=[(slot.figure, slot.unit) for slot in times],
            words=words,
            second=second,
            lots=named,
            warnings=" · ".join(warnings),
            is_arabic=language == "ar",
        ),
    )


def _figure(amount: Decimal | None, unit: DoseUnit) -> tuple[str, str]:
    """Return what stands in a slot: a bare figure for pieces, for millilitres the figure of the sentence, its unit."""
    if amount is None:
        return UNUSED, ""
    return (i18n.number(amount), _(unit.label)) if unit is DoseUnit.ML else (slot_figure(amount), "")


def _sentence(line: LineRow) -> str:
    return _together(f"{dose_words(line.dose)}.")


def _together(text: str) -> str:
    """Return a text in which no figure stands at the end of a line without what it counts."""
    return _BEFORE_UNIT.sub("\N{NO-BREAK SPACE}", text)


def _warnings(line: LineRow, *, is_demo: bool) -> list[str]:
    """Return what must be known of the label itself: it is of a demo, its figures nobody confirmed."""
    told = [_("DEMO")] if is_demo else []
    if line.medicine is None or not line.medicine.is_confirmed:
        told.append(_("Dose not confirmed by the clinic"))
    return told

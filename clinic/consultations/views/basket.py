"""The basket of orders: each medicine with its dose in words, what it comes to, and what speaks against it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from clinic.consultations.forms import LineForm, NoteForm
from clinic.consultations.rules import Content, DraftLine
from clinic.kernel.errors import DomainError
from clinic.kernel.i18n import _, explain
from clinic.pharmacy import words
from clinic.pharmacy.queries import get_medicines
from clinic.pharmacy.rules import (
    Dose,
    Finding,
    Medicine,
    Taker,
    Taking,
    Weight,
    check,
    ensure_dose,
    milligrams,
    quantity,
    stops,
)
from clinic.pharmacy.services import NewLine
from clinic.visits.rules import Vital
from clinic.visits.words import measured
from inventory.stock.words import units

_CLASS = {Weight.STOP: "stop", Weight.ASK: "look", Weight.NOTE: "quiet"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One medicine of the basket in words; `lacks` says what keeps its dose from being reckoned."""

    draft: DraftLine
    form: LineForm
    medicine: Medicine | None
    dose: Dose | None = None
    lacks: str = ""
    amounts: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def id(self) -> str:
        """The name of the line on its page."""
        return self.draft.id

    @property
    def name(self) -> str:
        """The medicine by substance and strength."""
        return self.medicine.name if self.medicine else self.draft.inn

    @property
    def dose_words(self) -> str:
        """The dose as one reads it out, empty where it is not whole yet."""
        return words.dose_words(self.dose) if self.dose else ""

    @property
    def times_words(self) -> str:
        """The times of day, empty where none are fixed."""
        return words.times_words(self.dose) if self.dose else ""

    @property
    def quantity_words(self) -> str:
        """How much is handed out: "21 capsules"."""
        if self.dose is None or self.medicine is None:
            return ""
        return units(quantity(self.dose, self.medicine).units, self.medicine.base_unit)

    @property
    def looks(self) -> tuple[tuple[str, str], ...]:
        """What was found, in words, each with the class of its weight."""
        return tuple((words.finding_words(one), _CLASS[one.weight]) for one in self.findings)

    @property
    def unit_words(self) -> str:
        """What one dose is counted in."""
        return _(self.medicine.dose_unit.label) if self.medicine else ""

    @property
    def is_stopped(self) -> bool:
        """Whether a check stops it until a reason is written."""
        return stops(self.findings)

    @property
    def needs_reason(self) -> bool:
        """Whether the reason is still to be written."""
        return self.is_stopped and not self.draft.override


@dataclass(frozen=True)
class Basket:
    """All orders that are not sent yet."""

    lines: tuple[Line, ...] = ()
    by_weight: str = ""
    is_weight_old: bool = False

    def show_problems(self, form: NoteForm) -> None:
        """Put at each field what was refused of it."""
        for line in self.lines:
            for field in line.form:
                field.errors = form.errors_at(field.id)

    @property
    def is_unconfirmed(self) -> bool:
        """Whether a figure was used that nobody of the clinic has confirmed."""
        return any(line.medicine and not line.medicine.is_confirmed for line in self.lines)

    @property
    def stopped(self) -> int:
        """How many medicines are stopped and have no reason yet."""
        return sum(line.needs_reason for line in self.lines)

    @property
    def lacking(self) -> int:
        """How many doses are not whole yet."""
        return sum(line.dose is None for line in self.lines)


def read_lines(content: Content) -> list[Line]:
    """Return the lines of what was typed with their doses, unchecked; one statement."""
    medicines = get_medicines([line.item_id for line in content.lines if line.item_id is not None])
    return [_line(draft, medicines.get(draft.item_id or 0)) for draft in content.lines]


def checked(lines: Sequence[Line], taker: Taker, lasting: Sequence[Taking]) -> Basket:
    """Return the basket with each medicine checked against the person, the others, and those that last from before."""
    weight = measured(Vital.WEIGHT, taker.weight_g) if taker.may_be_child and taker.weight_g else ""
    return Basket(
        tuple(_checked(line, lines, taker, lasting) for line in lines),
        by_weight=weight,
        is_weight_old=taker.is_weight_old,
    )


def read_orders(form: NoteForm, content: Content) -> list[NewLine]:
    """Return the medicines as they are sent; what cannot be read of their doses is shown on `form` instead."""
    orders = []
    for draft in content.lines:
        line = LineForm.of(draft)
        dose = line.dose(draft.unit)
        if dose is None:
            form.refuse_line(line, draft.inn)
        else:
            orders.append(
                NewLine(name=draft.id, item_id=draft.item_id, inn=draft.inn, dose=dose, override=draft.override)
            )
    return orders


def _line(draft: DraftLine, medicine: Medicine | None) -> Line:
    form, dose = LineForm.of(draft), LineForm.of(draft).dose(draft.unit)
    if medicine is None:
        return Line(draft=draft, form=form, medicine=None, lacks=_("This medicine is not on the formulary any more."))
    if dose is None:
        return Line(draft=draft, form=form, medicine=medicine, lacks=_("The dose is not whole yet."))
    try:
        ensure_dose(dose, is_divisible=medicine.is_divisible)
    except DomainError as refusal:
        return Line(draft=draft, form=form, medicine=medicine, lacks=explain(refusal))
    return Line(draft=draft, form=form, medicine=medicine, dose=dose)


def _checked(line: Line, lines: Sequence[Line], taker: Taker, lasting: Sequence[Taking]) -> Line:
    if line.medicine is None:
        return line
    beside = [Taking(one.medicine.inn, one.medicine.atc) for one in lines if one.medicine and one is not line]
    found = check(line.medicine, line.dose, taker, [*beside, *lasting])
    weight = taker.weight_g if taker.may_be_child else None
    come_to = milligrams(line.dose, line.medicine, weight) if line.dose else None
    amounts = words.milligram_words(come_to, line.medicine) if come_to else ""
    return replace(line, findings=tuple(found), amounts=amounts)

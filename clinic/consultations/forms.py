"""What a doctor types and chooses: the note with its basket in one form, a call, an amendment."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Form

from clinic.consultations.rules import (
    LONGEST_REASON,
    LONGEST_TEXT,
    MOST_DIAGNOSES,
    MOST_LINES,
    CaseType,
    Content,
    DraftDiagnosis,
    DraftLine,
    PartKind,
)
from clinic.kernel.errors import DomainError
from clinic.kernel.fields import (
    ChoiceField,
    DeskForm,
    KeyField,
    LongField,
    ManyField,
    NumberField,
    Problem,
    TickField,
    VersionField,
    WholeField,
    WordField,
)
from clinic.kernel.i18n import _, _l, explain
from clinic.kernel.text import clean
from clinic.lab.models import LabTest
from clinic.lab.queries import OrderRow
from clinic.pharmacy.rules import Dose, DoseUnit, Food, TimeOfDay

_CODE = re.compile(r"[A-Z][A-Z0-9.]{1,9}")
_LINE = re.compile(r"[A-Za-z0-9_-]{1,22}")


class NoteForm(DeskForm):
    """The parts of a note and the words in its two search boxes; the chosen diagnoses and medicines go beside it."""

    version = VersionField(default=0)
    complaint = LongField(_l("Complaint"), most=LONGEST_TEXT)
    history = LongField(_l("History"), most=LONGEST_TEXT)
    findings = LongField(_l("Findings"), most=LONGEST_TEXT)
    intervention = LongField(_l("Intervention"), most=LONGEST_TEXT)
    plan = LongField(_l("Plan and advice"), most=LONGEST_TEXT)
    diagnosis = WordField(_l("Diagnoses"), most=LONGEST_REASON)
    medicine = WordField(_l("Medicines"), most=LONGEST_REASON)
    reason = WordField(_l("Why the note is closed unsigned"), most=LONGEST_REASON)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - its parent's own
        super().__init__(**kwargs)
        self.line_problems: list[Problem] = []

    @classmethod
    def showing(cls, content: Content, version: int) -> "NoteForm":
        """Return the form as it stands before anybody sends it."""
        texts = {kind.value.lower(): text for kind, text in content.parts.items()}
        return cls(formdata=None, data={**texts, **content.seeking, "version": version})

    def content(self, sent: MultiDict[str, str]) -> Content:
        """Return all that was typed and chosen, also what cannot be read; `sent` is what the browser sent."""
        return Content(
            parts={kind: text for kind in PartKind if (text := self[kind.value.lower()].data)},
            diagnoses=tuple(_diagnoses(sent)),
            lines=tuple(_lines(sent)),
            seeking={name: words for name in ("diagnosis", "medicine") if (words := self[name].data)},
        )

    @property
    def seen(self) -> int:
        """The version of the draft that the page was filled from."""
        return self.version.data or 0

    @property
    def problems(self) -> list[Problem]:
        """What is to be looked at again: the note's first, then the medicines'."""
        return [*super().problems, *self.line_problems]

    def refuse(self, refusal: DomainError) -> None:
        """Show a refusal at the field that it names; one of a medicine is named `<line>-<part>`."""
        if refusal.field and refusal.field not in self:
            self.line_problems.append(Problem(refusal.field, _("Medicines"), explain(refusal)))
        else:
            super().refuse(refusal)

    def refuse_line(self, line: "LineForm", name: str) -> None:
        """Show what keeps a medicine's dose from being read."""
        self.line_problems += [Problem(field.id, name, str(error)) for field in line for error in field.errors]

    def errors_at(self, field_id: str) -> list[str]:
        """Return what is wrong with one part of a medicine's dose."""
        return [problem.message for problem in self.line_problems if problem.field_id == field_id]


class LineForm(Form):
    """The dose of one medicine in the basket; the name of its line begins the names of its fields."""

    amount = NumberField(_l("One dose"), places=2, required=True)
    times = ManyField(_l("Times of day"), of=TimeOfDay)
    as_needed = TickField(_l("When needed"))
    max_per_day = WholeField(_l("At most a day"), least=1)
    food = ChoiceField(_l("Food"), of=Food, required=True)
    days = WholeField(_l("Days"), required=True, least=1)
    override = WordField(_l("Why you go on"), most=LONGEST_REASON)

    @classmethod
    def of(cls, line: DraftLine) -> "LineForm":
        """Return the form of a line as it was typed."""
        typed = MultiDict(
            [
                (f"{line.id}-amount", line.amount),
                *((f"{line.id}-times", time) for time in line.times),
                *([(f"{line.id}-as_needed", "y")] if line.is_as_needed else []),
                (f"{line.id}-max_per_day", line.max_per_day),
                (f"{line.id}-food", line.food),
                (f"{line.id}-days", line.days),
                (f"{line.id}-override", line.override),
            ]
        )
        return cls(typed, prefix=f"{line.id}-")

    def dose(self, unit: str) -> Dose | None:
        """Return the dose, or None where a part cannot be read or is missing."""
        is_whole = self.validate() and unit in DoseUnit.__members__
        if not is_whole or self.amount.data is None or self.days.data is None:
            return None
        is_as_needed = self.as_needed.data
        return Dose(
            amount=self.amount.data,
            unit=DoseUnit(unit),
            times=() if is_as_needed else tuple(self.times.data),
            is_as_needed=is_as_needed,
            max_per_day=self.max_per_day.data if is_as_needed else None,
            food=self.food.data,
            days=self.days.data,
        )


class CallForm(DeskForm):
    """Whom to call: `at` is the service point whose queue is open."""

    at = KeyField(required=False)


class TestsForm(DeskForm):
    """Tests for the laboratory; whoever shows it offers them."""

    tests = ManyField(_l("Tests"))

    def offer(self, tests: Iterable[LabTest]) -> None:
        """Let these be ticked."""
        self.tests.choices = [(test.code, test.code) for test in tests]


class ReadForm(DeskForm):
    """That results were read: up to the one that the page showed last."""

    last = KeyField()


class AmendForm(DeskForm):
    """What is added to a signed note."""

    text = LongField(_l("What is added"), most=LONGEST_TEXT)
    reason = WordField(_l("Reason"), most=LONGEST_REASON)


def reading_forms(orders: Iterable[OrderRow], reader_id: int) -> dict[str, ReadForm]:
    """Return the forms that say that results were read, by the orders of the reader that have any."""
    return {
        one.key: ReadForm(formdata=None, data={"last": one.last_verified.key})
        for one in orders
        if one.is_unread and one.last_verified and one.ordered_by_id == reader_id
    }


def _diagnoses(sent: MultiDict[str, str]) -> Iterator[DraftDiagnosis]:
    codes = [code for code in dict.fromkeys(sent.getlist("chosen")) if _CODE.fullmatch(code)]
    for code in codes[:MOST_DIAGNOSES]:
        is_follow_up = sent.get(f"case-{code}") == CaseType.FOLLOW_UP
        yield DraftDiagnosis(code=code, case_type=CaseType.FOLLOW_UP if is_follow_up else CaseType.NEW)


def _lines(sent: MultiDict[str, str]) -> Iterator[DraftLine]:
    names = [name for name in dict.fromkeys(sent.getlist("line")) if _LINE.fullmatch(name)]
    for name in names[:MOST_LINES]:
        yield _line(name, sent)


def _line(name: str, sent: MultiDict[str, str]) -> DraftLine:
    def typed(part: str) -> str:
        return clean(sent.get(f"{name}-{part}", ""))[:LONGEST_REASON]

    return DraftLine(
        id=name,
        item_id=sent.get(f"{name}-item", type=int),
        unit=typed("unit"),
        inn=typed("inn"),
        amount=typed("amount"),
        times=tuple(time.value for time in TimeOfDay if time in sent.getlist(f"{name}-times")),
        is_as_needed=bool(typed("as_needed")),
        max_per_day=typed("max_per_day"),
        food=typed("food") or Food.ANY,
        days=typed("days"),
        override=typed("override"),
    )

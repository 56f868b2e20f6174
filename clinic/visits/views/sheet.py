"""The nurse's sheet as it is shown: each value on the band of the age, the word for it, and what is asked about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic.chart.rules import Known
from clinic.kernel import clock, i18n, plots
from clinic.kernel.i18n import _
from clinic.kernel.plots import VitalScale
from clinic.kernel.text import Remark
from clinic.patients.words import age_words
from clinic.visits.forms.triage import DOUBTED, TriageForm, name_of
from clinic.visits.queries import Banner, Vitals
from clinic.visits.rules import (
    ARM_NORMAL_FROM,
    MEASURES,
    ArmClass,
    Ask,
    Band,
    DangerSign,
    EarlyWarning,
    ImpossibleValue,
    Last,
    Priority,
    Suggestion,
    Verdict,
    Vital,
    arm_class,
    asks,
    bands_for,
    early_warning,
    most_urgent,
    sheet_for,
    suggest,
    verdict,
)
from clinic.visits.words import figure, listed, measured, unit

_CHOSEN = frozenset({Vital.OXYGEN_GIVEN, Vital.OEDEMA, Vital.CONSCIOUSNESS})


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of an unlikely or impossible value; `meant` is another value as it is read out, if there is one."""

    title: str
    why: str
    meant: str = ""
    stored: int | None = None
    typed: str = ""
    is_refused: bool = False
    is_answered: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """One value of the sheet: its field, what stands below its name, and what is said of it ("stop", "look" or "")."""

    vital: Vital
    field: Any
    below: str
    unit: str
    word: str = ""
    state: str = ""
    symbol: str = ""
    second: Any = None
    scale: VitalScale | None = None
    question: Question | None = None
    why: Any = None

    @property
    def is_chosen(self) -> bool:
        """Whether the answer is chosen, not written."""
        return self.vital in _CHOSEN


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The whole sheet with what was typed into it, and what follows from it."""

    rows: tuple[Row, ...]
    more: tuple[Row, ...]
    signs: tuple[Any, ...]
    signs_asked: int
    values: dict[Vital | DangerSign, int]
    impossible: tuple[ImpossibleValue, ...]
    suggestion: Suggestion | None
    score: EarlyWarning | None
    offered: Priority | None
    priority: Priority | None
    is_priority_seen: bool

    @property
    def is_more_open(self) -> bool:
        """Whether something stands among the values that may follow."""
        return any(row.field.data is not None or row.field.errors for row in self.more)

    @property
    def suggested_words(self) -> str:
        """What is suggested, and why; empty where nothing was measured."""
        if self.suggestion is None:
            return ""
        label = _(self.suggestion.priority.label)
        if not self.suggestion.because:
            return _("Suggested: %(priority)s.", priority=label)
        why = listed(say(remark) for remark in self.suggestion.because)
        return _("Suggested: %(priority)s (%(why)s).", priority=label, why=why)

    @property
    def open_questions(self) -> list[str]:
        """The names of the values that wait for an answer."""
        return [
            str(row.field.label.text)
            for row in (*self.rows, *self.more)
            if row.question and not row.question.is_answered and not row.question.is_refused
        ]

    @property
    def question_names(self) -> str:
        """The same names as a sentence lists them."""
        return listed(self.open_questions)

    @property
    def reasons(self) -> dict[Vital | DangerSign, str]:
        """Why each unlikely value is right, as the nurse said."""
        return {
            row.vital: row.why.data or ""
            for row in (*self.rows, *self.more)
            if row.question is not None and row.question.is_answered
        }


def show(form: TriageForm, banner: Banner, vitals: Vitals, *, held: Priority | None, suggested: str = "") -> Shown:
    """Return the sheet of a person with what `form` holds.

    `held` is how urgent the visit is by an earlier decision. `suggested` is the priority that the page has shown as
    chosen: the nurse's own choice is one that differs from it.
    """
    sheet = sheet_for(banner.age)
    values, impossible = form.read()
    rows = {
        vital: _row(vital, form, banner, vitals, values, impossible.get(vital))
        for vital in (*sheet.vitals, *sheet.more)
    }
    signs = [form[name_of(sign)] for sign in sheet.signs]
    known = {one.kind: one.value for one in vitals.tonight if not one.is_corrected} | values
    found = {vital: known[vital] for vital in Vital if vital in known}
    present = frozenset(sign for sign in DangerSign if known.get(sign))
    is_pregnant = _is_pregnant(form, banner)
    suggestion = suggest(found, present, banner.age, is_pregnant=is_pregnant) if known else None
    offered = held if suggestion is None else most_urgent((suggestion.priority, held or Priority.ROUTINE))
    chosen = form.priority.data
    is_own = chosen is not None and chosen != suggested
    return Shown(
        rows=_paired([rows[vital] for vital in sheet.vitals]),
        more=_paired([rows[vital] for vital in sheet.more]),
        impossible=tuple(impossible.values()),
        signs=tuple(signs),
        signs_asked=sum(sign in known for sign in sheet.signs),
        values=values,
        suggestion=suggestion,
        score=early_warning(found, banner.age, is_pregnant=is_pregnant),
        offered=offered,
        priority=chosen if is_own else offered,
        is_priority_seen=not form.is_submitted() or is_own or offered in {None, Priority.ROUTINE, suggested},
    )


def put_what_was_meant(form: TriageForm, shown: Shown, name: str) -> None:
    """Put the value that was suggested into the field called `name`; an unknown name changes nothing."""
    for row in (*shown.rows, *shown.more):
        if row.field.name == name and row.question is not None and row.question.stored is not None:
            form.put(row.vital, row.question.stored)


def _paired(rows: list[Row]) -> tuple[Row, ...]:
    """Return the rows with the two pressures in one: the band is the upper one's, the word that of whichever is off."""
    by_vital = {row.vital: row for row in rows}
    upper, lower = by_vital.get(Vital.SYSTOLIC), by_vital.pop(Vital.DIASTOLIC, None)
    if upper is not None and lower is not None:
        off = lower if lower.state and not upper.state else upper
        upper = _with(
            upper,
            second=lower.field,
            word=off.word or upper.word,
            state=off.state,
            symbol=off.symbol,
            scale=upper.scale,
        )
        by_vital[Vital.SYSTOLIC] = upper
    return tuple(by_vital.values())


def _is_pregnant(form: TriageForm, banner: Banner) -> bool:
    if banner.pregnancy.known is Known.PRESENT:
        return True
    return "pregnancy" in form and form.pregnancy.data is Known.PRESENT


def _row(
    vital: Vital,
    form: TriageForm,
    banner: Banner,
    vitals: Vitals,
    values: dict[Vital | DangerSign, int],
    impossible: ImpossibleValue | None,
) -> Row:
    field = form[name_of(vital)]
    stored = values.get(vital)
    band = _band(vital, banner)
    bare = Row(
        vital=vital,
        field=field,
        below=_below(vital, banner, vitals, band),
        unit=unit(vital),
        why=form[f"why_{name_of(vital)}"] if vital in DOUBTED else None,
        scale=_scale(vital, band, stored),
    )
    if impossible is not None:
        return _refused(bare, impossible)
    if field.errors:
        return _with(bare, word=" ".join(field.errors), state="stop", scale=None)
    if stored is None:
        return bare
    if asked := asks(vital, stored, banner.age, _last(vital, vitals)):
        return _doubted(bare, asked[0], stored, form.reason(vital))
    return _judged(bare, stored, banner)


def _with(row: Row, **changes: Any) -> Row:  # noqa: ANN401 - the fields of a row
    return Row(**{name: changes.get(name, getattr(row, name)) for name in row.__dataclass_fields__})


def _refused(row: Row, refusal: ImpossibleValue) -> Row:
    question = None
    if refusal.suggestion is not None:
        stored = round(refusal.suggestion * MEASURES[row.vital].scale)
        meant = measured(row.vital, stored)
        question = Question(title=_meant(meant), why="", meant=meant, stored=stored, is_refused=True)
    return _with(row, word=i18n.explain(refusal), state="stop", scale=None, question=question)


def _doubted(row: Row, ask: Ask, stored: int, reason: str) -> Row:
    typed = measured(row.vital, stored)
    meant = "" if ask.suggestion is None else measured(row.vital, ask.suggestion)
    question = Question(
        title=_meant(meant) if meant else _("Is %(value)s right?", value=typed),
        why=say(ask.remark),
        meant=meant,
        stored=ask.suggestion,
        typed=typed,
        is_answered=bool(reason),
    )
    return _with(row, word=say(ask.remark), state="look", scale=None, question=question)


def _meant(value: str) -> str:
    return _("Did you mean %(value)s?", value=value)


def _judged(row: Row, stored: int, banner: Banner) -> Row:
    if row.vital is Vital.ARM:
        found = arm_class(stored, banner.age)
        states = {ArmClass.SEVERE: "stop", ArmClass.MODERATE: "look"}
        return _with(row, word=_(found.label), state=states.get(found, "")) if found else row
    said = verdict(row.vital, stored, banner.age)
    if said is None:
        return row
    symbols = {Verdict.HIGH: "high", Verdict.LOW: "low", Verdict.USUAL: ""}
    return _with(row, word=_(said.label), state="stop" if symbols[said] else "", symbol=symbols[said])


def say(remark: Remark) -> str:
    """Return a remark in the language of the page."""
    return i18n.explain(remark)


def _last(vital: Vital, vitals: Vitals) -> Last | None:
    reading = vitals.last(vital)
    if reading is None:
        return None
    return Last(reading.value, (clock.today() - clock.local(reading.measured_at).date()).days)


# ---- bands and what stands below a name ----------------------------------------------------------------------------


def _band(vital: Vital, banner: Banner) -> tuple[int | None, int | None] | None:
    """Return the ends of the one band that holds for the person; None where none does, or several may."""
    if vital is Vital.ARM:
        return (ARM_NORMAL_FROM, None) if arm_class(ARM_NORMAL_FROM, banner.age) else None
    bands: tuple[Band, ...] = bands_for(vital, banner.age)
    return (bands[0].low, bands[0].high) if len(bands) == 1 else None


def _below(vital: Vital, banner: Banner, vitals: Vitals, band: tuple[int | None, int | None] | None) -> str:
    if tonight := vitals.now(vital):
        return f"{i18n.clock_time(tonight.measured_at)}: {measured(vital, tonight.value)}"
    if band is not None:
        return f"{age_words(banner.patient.birth)}: {_range(vital, *band)}"
    if before := vitals.before.get(vital):
        days = (clock.today() - clock.local(before.measured_at).date()).days
        return f"{_short_day(before.measured_at)}: {measured(vital, before.value)} ({i18n.days(days)})"
    return _("first measurement") if vital in DOUBTED else ""


def _short_day(at: datetime) -> str:
    """Return a day without its year where that is this one; Turkish keeps the point after the month."""
    written = i18n.day(at).removesuffix(str(clock.today().year))
    return written if i18n.language() == "tr" else written.removesuffix(".")


def _range(vital: Vital, low: int | None, high: int | None) -> str:
    if low is None and high is not None:
        return _("up to %(most)s", most=figure(vital, high))
    if low is not None and (high is None or high == MEASURES[vital].most):
        return _("%(least)s and above", least=figure(vital, low))
    return i18n.isolated(f"{figure(vital, low or 0)}–{figure(vital, high or 0)}")


# How much of the thin scale lies beyond the band, in widths of the band; one end alone takes a share of its value.
_BEYOND = 1.2
_SHARE = 0.2


def _scale(vital: Vital, band: tuple[int | None, int | None] | None, stored: int | None) -> VitalScale | None:
    if band is None:
        return None
    low, high = band
    known = [end for end in band if end is not None]
    width = high - low if low is not None and high is not None else known[0] * _SHARE
    least = max((low if low is not None else known[0] - 2 * width) - _BEYOND * width, MEASURES[vital].least)
    most = min((high if high is not None else known[0] + 2 * width) + _BEYOND * width, MEASURES[vital].most)
    return plots.vital_scale(stored, normal_low=low, normal_high=high, least=least, most=most)

"""Tonight's vital signs as the history begins with them: figures side by side, a mark where one is not usual."""

from dataclasses import dataclass

from clinic.kernel import i18n
from clinic.kernel.i18n import _
from clinic.kernel.text import N_
from clinic.patients.rules import Age
from clinic.visits.queries import Reading, Vitals
from clinic.visits.rules import MEASURES, Consciousness, DangerSign, Verdict, Vital, verdict
from clinic.visits.words import figure

_SHORT = {
    Vital.TEMPERATURE: N_("Temp"),
    Vital.RESPIRATION: N_("Resp"),
    Vital.OXYGEN: N_("SpO₂"),
    Vital.PULSE: N_("Pulse"),
    Vital.GLUCOSE: N_("Glucose"),
    Vital.ARM: N_("MUAC"),
}


@dataclass(frozen=True)
class Sign:
    """One figure: its short label, the unit, and the word and symbol of what is not usual, empty where it is."""

    label: str
    value: str
    unit: str
    word: str = ""
    symbol: str = ""


@dataclass(frozen=True)
class Tonight:
    """What was measured on this visit, when and by whom; `dangers` are the warning signs that were found."""

    signs: tuple[Sign, ...]
    dangers: tuple[str, ...]
    taken: str


def tonight(vitals: Vitals, age: Age | None) -> Tonight:
    """Return the vital signs that hold on this visit, each judged by the age."""
    signs = []
    for vital, label in _SHORT.items():
        if reading := vitals.now(vital):
            signs.append(_sign(_(label), vital, reading, age))
        if vital is Vital.PULSE and (pressure := _pressure(vitals, age)):
            signs.append(pressure)
    if (awake := vitals.now(Vital.CONSCIOUSNESS)) and awake.value:
        signs.append(Sign(_("Awake"), _(list(Consciousness)[awake.value].label), "", _("not alert"), "high"))
    dangers = tuple(_(sign.label) for sign in DangerSign if (found := vitals.now(sign)) and found.value)
    return Tonight(tuple(signs), dangers, _taken(vitals))


def _sign(label: str, vital: Vital, reading: Reading, age: Age | None) -> Sign:
    unit = MEASURES[vital].unit
    return Sign(
        label,
        figure(vital, reading.value),
        _(unit) if unit.strip("%") else unit,
        *_mark(verdict(vital, reading.value, age)),
    )


def _pressure(vitals: Vitals, age: Age | None) -> Sign | None:
    upper, lower = vitals.now(Vital.SYSTOLIC), vitals.now(Vital.DIASTOLIC)
    if upper is None:
        return None
    words = [figure(Vital.SYSTOLIC, upper.value), *([figure(Vital.DIASTOLIC, lower.value)] if lower else [])]
    marks = [_mark(verdict(Vital.SYSTOLIC, upper.value, age))]
    if lower:
        marks.append(_mark(verdict(Vital.DIASTOLIC, lower.value, age)))
    return Sign(_("Pressure"), "/".join(words), _("mmHg"), *max(marks))


def _mark(found: Verdict | None) -> tuple[str, str]:
    if found in {Verdict.HIGH, Verdict.LOW}:
        return _(found.label), found.value.lower()
    return "", ""


def _taken(vitals: Vitals) -> str:
    if not vitals.tonight:
        return ""
    last = vitals.tonight[-1]
    return _("Tonight %(time)s, %(name)s", time=i18n.clock_time(last.measured_at), name=i18n.isolated(last.recorded_by))

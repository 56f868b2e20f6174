"""How results are said: the answer, its range, and its flag."""

from decimal import Decimal

from clinic.kernel import i18n
from clinic.kernel.i18n import _
from clinic.lab.queries import RequestRow, ResultRow
from clinic.lab.rules import AnswerKind, Flag, Step
from clinic.patients.models import Patient
from clinic.patients.rules import written_record_number
from clinic.patients.words import age_words

# state of the look, and the symbol that says it without colour
_LOOKS = {
    Flag.CRITICAL_LOW: ("stop", "exclamation-triangle"),
    Flag.CRITICAL_HIGH: ("stop", "exclamation-triangle"),
    Flag.LOW: ("look", "low"),
    Flag.HIGH: ("look", "high"),
}


def who(patient: Patient) -> str:
    """Return sex, age and record number, as the line below a name says them."""
    number = i18n.isolated(written_record_number(patient.record_number))
    return f"{_(patient.sex.label)} · {age_words(patient.birth)} · {number}"


def name_of(row: object) -> str:
    """Return the name of a test in the page's language."""
    return str(getattr(row, f"name_{i18n.language()}"))


def answer_words(request: RequestRow, result: ResultRow) -> str:
    """Return what was found, without its unit."""
    if request.kind is AnswerKind.NUMBER and result.number is not None:
        return _plain(result.number)
    return _(Step(result.words).label) if request.kind is AnswerKind.SCALE else result.words


def range_words(result: ResultRow) -> str:
    """Return the range that held, as a laboratory writes it; empty where there is none."""
    if result.low is not None and result.high is not None:
        return f"{_plain(result.low)}–{_plain(result.high)}"
    if result.low is not None:
        return f"≥ {_plain(result.low)}"
    if result.high is not None:
        return f"≤ {_plain(result.high)}"
    return result.reference


def flag_words(result: ResultRow) -> tuple[str, str, str] | None:
    """Return the words, look and symbol of what stands out; None for what does not."""
    if result.flag in _LOOKS:
        return (_(result.flag.label), *_LOOKS[result.flag])
    if result.is_critical:
        return _("critical"), "stop", "exclamation-triangle"
    return None


def _plain(value: Decimal) -> str:
    return i18n.number(value, grouped=False)

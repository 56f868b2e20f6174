"""What is typed at the bench: a field for each test of an order, and the few words beside it."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, cast

from wtforms import Field

from clinic.kernel.fields import ChoiceField, DeskForm, NumberField, TickField, WordField
from clinic.kernel.i18n import _l, language
from clinic.lab.queries import RequestRow, ResultRow
from clinic.lab.rules import AnswerKind, Condition, Step, Told

_PLACES = 4


class ResultsForm(DeskForm):
    """The results of an order: of each test what was found, and whether the doctor must hear of it at once."""

    requests: tuple[RequestRow, ...] = ()

    def value(self, request: RequestRow) -> Field:
        """Return the field of what was found."""
        return cast("Field", self[f"value-{request.key}"])

    def critical(self, request: RequestRow) -> Field:
        """Return the tick that makes a result critical, whatever its range says."""
        return cast("Field", self[f"critical-{request.key}"])

    def told(self) -> dict[str, Told]:
        """Return the results that were given, by the keys of their tests; a field left empty is no result."""
        return {
            one.key: _told(one.kind, self.value(one).data, is_critical=self.critical(one).data)
            for one in self.requests
            if self.value(one).data is not None
        }


class CorrectionForm(ResultsForm):
    """A newer version of one verified result."""

    because = WordField(_l("Why it is corrected"), most=200)


class RejectForm(DeskForm):
    """What is wrong with a specimen."""

    condition = ChoiceField(_l("Condition"), of=Condition)
    because = WordField(_l("Why it cannot be examined"), most=200)


class CallForm(DeskForm):
    """Who was told of a critical result."""

    told = WordField(_l("Who was told"), most=80)


def results_form(requests: Iterable[RequestRow]) -> ResultsForm:
    """Return the form of these tests, each with what is written down and not verified yet."""
    return _form(ResultsForm, tuple(requests))


def correction_form(request: RequestRow) -> CorrectionForm:
    """Return the form that corrects one result, its field empty."""
    form = _form(CorrectionForm, (request,))
    assert isinstance(form, CorrectionForm)  # noqa: S101 - made of it
    return form


def _form(kind: type[ResultsForm], requests: tuple[RequestRow, ...]) -> ResultsForm:
    fields: dict[str, Any] = {"requests": requests}
    data: dict[str, Any] = {}
    for one in requests:
        fields[f"value-{one.key}"] = _field(one)
        fields[f"critical-{one.key}"] = TickField(_l("Critical"))
        if kind is ResultsForm and one.newest is not None:
            data[f"value-{one.key}"] = _kept(one.kind, one.newest)
            data[f"critical-{one.key}"] = one.newest.is_critical and not one.newest.flag.is_critical
    form: ResultsForm = type(kind.__name__, (kind,), fields)(data=data)
    return form


def _kept(kind: AnswerKind, result: ResultRow) -> Decimal | Step | str | None:
    if kind is AnswerKind.NUMBER:
        return result.number
    return Step(result.words) if kind is AnswerKind.SCALE else result.words


def _field(request: RequestRow) -> Field:
    label = getattr(request, f"name_{language()}")
    if request.kind is AnswerKind.NUMBER:
        return NumberField(label, places=_PLACES, unit=request.unit, least=0, most=10**7)
    if request.kind is AnswerKind.SCALE:
        return ChoiceField(label, of=Step)
    return WordField(label, most=200)


def _told(kind: AnswerKind, answer: Any, *, is_critical: bool) -> Told:  # noqa: ANN401 - of the field's own kind
    if kind is AnswerKind.NUMBER:
        return Told(number=answer, is_critical=is_critical)
    return Told(words=str(answer), is_critical=is_critical)

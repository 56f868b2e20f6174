"""What is typed at the bench: a field for each test of an order, and the few words beside it."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, cast

from wtforms import Field

from clinic.kernel.fields import ChoiceField, DeskForm, KeyField, ManyField, NumberField, TickField, WordField
from clinic.kernel.i18n import _l, language
from clinic.lab.queries import OrderRow, RequestRow
from clinic.lab.rules import AnswerKind, CancelReason, Condition, RequestState, Step, Told, says_the_same


class MarkField(KeyField):
    """How a result stood when the page was drawn, unseen."""

    def show(self, mark: str) -> None:
        """Let the form go out anew: the next save is made in sight of what stands there."""
        self.raw_data, self.data = None, mark


class ResultsForm(DeskForm):
    """The results of an order: of each test what was found, and whether the doctor must hear of it at once."""

    requests: tuple[RequestRow, ...] = ()

    def value(self, request: RequestRow) -> Field:
        """Return the field of what was found."""
        return cast("Field", self[f"value-{request.key}"])

    def critical(self, request: RequestRow) -> Field:
        """Return the tick that makes a result critical, whatever its range says."""
        return cast("Field", self[f"critical-{request.key}"])

    def seen(self, request: RequestRow) -> MarkField:
        """Return the field that carries how the result stood."""
        return cast("MarkField", self[f"seen-{request.key}"])

    def answer(self, request: RequestRow) -> Told | None:
        """Return what is given for one test; a field left empty is no result."""
        found, is_critical = self.value(request).data, bool(self.critical(request).data)
        if found is None:
            return None
        if request.kind is AnswerKind.NUMBER:
            return Told(number=found, is_critical=is_critical)
        return Told(words=str(found), is_critical=is_critical)

    def is_changed(self, request: RequestRow) -> bool:
        """Whether something else is given for a test than the page showed."""
        return not says_the_same(self.seen(request).data or "", self.answer(request))

    @property
    def told(self) -> dict[str, Told | None]:
        """What was changed on the page, by the keys of the tests; None where a result was emptied."""
        return {one.key: self.answer(one) for one in self.requests if self.is_changed(one)}

    @property
    def marks(self) -> dict[str, str]:
        """How the results stood when the page was drawn, by the keys of their tests."""
        return {one.key: self.seen(one).data or "" for one in self.requests}

    def renew(self, requests: Iterable[RequestRow]) -> None:
        """Go out anew beside what stands there now: what was typed stays, what was not touched follows."""
        now = {one.key: one for one in requests}
        for one in self.requests:
            standing = now[one.key]
            if not self.is_changed(one) and not self.value(one).errors:
                for field, answer in ((self.value(one), _kept(standing)), (self.critical(one), _is_ticked(standing))):
                    field.raw_data = None
                    field.process_data(answer)
            self.seen(one).show(standing.mark)
        self.requests = tuple(now[one.key] for one in self.requests)


class CorrectionForm(ResultsForm):
    """A newer version of one verified result."""

    because = WordField(_l("Why it is corrected"), most=200)


class VerifyForm(DeskForm):
    """What is verified: the results as the page showed them."""

    seen = MarkField()


class RejectForm(DeskForm):
    """What is wrong with a specimen."""

    condition = ChoiceField(_l("Condition"), of=Condition)
    because = WordField(_l("Why it cannot be examined"), most=200)


class CancelForm(DeskForm):
    """Which tests are not done, and why."""

    tests = ManyField(_l("Tests"))
    reason = ChoiceField(_l("Why it is not done"), of=CancelReason)


class CallForm(DeskForm):
    """Who was told of a critical result."""

    told = WordField(_l("Who was told"), most=80)


def results_form(requests: Iterable[RequestRow], *, is_sent: bool = False) -> ResultsForm:
    """Return the form of these tests, as it was sent, or each with what is written down and not verified yet."""
    return _form(ResultsForm, tuple(requests), is_sent=is_sent)


def correction_form(request: RequestRow, *, is_sent: bool = False) -> CorrectionForm:
    """Return the form that corrects one result, as it was sent, or its field empty."""
    form = _form(CorrectionForm, (request,), is_sent=is_sent)
    assert isinstance(form, CorrectionForm)  # noqa: S101 - made of it
    return form


def cancel_form(order: OrderRow, *, is_sent: bool = False) -> CancelForm:
    """Return the form that ends tests of an order, as it was sent, or those still to be taken ticked."""
    ticked = {"tests": [one.key for one in order.of(RequestState.ORDERED)]}
    form = CancelForm(data=ticked, **_formdata(is_sent=is_sent))
    form.tests.choices = [
        (one.key, getattr(one, f"name_{language()}")) for one in order.of(RequestState.ORDERED, RequestState.COLLECTED)
    ]
    return form


def _formdata(*, is_sent: bool) -> dict[str, None]:
    """Return what lets a form be drawn afresh, also where another form of the page was sent."""
    return {} if is_sent else {"formdata": None}


def _form(kind: type[ResultsForm], requests: tuple[RequestRow, ...], *, is_sent: bool) -> ResultsForm:
    fields: dict[str, Any] = {"requests": requests}
    data: dict[str, Any] = {}
    for one in requests:
        fields[f"value-{one.key}"] = _field(one)
        fields[f"critical-{one.key}"] = TickField(_l("Critical"))
        fields[f"seen-{one.key}"] = MarkField()
        data[f"seen-{one.key}"] = one.mark
        if kind is ResultsForm:
            data[f"value-{one.key}"] = _kept(one)
            data[f"critical-{one.key}"] = _is_ticked(one)
    form: ResultsForm = type(kind.__name__, (kind,), fields)(data=data, **_formdata(is_sent=is_sent))
    return form


def _kept(request: RequestRow) -> Decimal | Step | str | None:
    if request.newest is None:
        return None
    if request.kind is AnswerKind.NUMBER:
        return request.newest.number
    return Step(request.newest.words) if request.kind is AnswerKind.SCALE else request.newest.words


def _is_ticked(request: RequestRow) -> bool:
    return request.newest is not None and request.newest.answer.is_critical


def _field(request: RequestRow) -> Field:
    label = getattr(request, f"name_{language()}")
    if request.kind is AnswerKind.NUMBER:
        return NumberField(label, places=request.places, unit=request.unit, least=0, most=10**7)
    if request.kind is AnswerKind.SCALE:
        return ChoiceField(label, of=Step)
    return WordField(label, most=200)

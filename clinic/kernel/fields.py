"""What people type: fields that read three scripts, say in our words what is wrong, and keep what was typed.

An answer is `None` where nothing was typed; a field missing from what was sent is empty, never its old value.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any, ClassVar

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict
from wtforms import BooleanField, Field, ValidationError
from wtforms.fields.choices import Choice, SelectFieldBase  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import StopValidation
from wtforms.widgets import (
    CheckboxInput,
    HiddenInput,
    ListWidget,
    PasswordInput,
    RadioInput,
    Select,
    TextArea,
    TextInput,
)

from clinic.kernel import i18n
from clinic.kernel.db import new_key
from clinic.kernel.errors import DomainError
from clinic.kernel.i18n import _, _l
from clinic.kernel.text import N_, Worded, clean, clean_lines, fold_digits

WORD = 120
LONG = 4000
SECRET = 256
WHOLE = 2**31 - 1
UNPROCESSABLE = 422

_ECHO = 40
_YEAR_DIGITS = 4
_AMBIGUOUS_DECIMALS = 3
_WHOLE = re.compile(r"[-−]?[0-9]{1,18}")
_NUMBER = re.compile(r"([-−]?[0-9]{1,15})(?:[.,٫،]([0-9]{1,15}))?")
_DAY_FIRST = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{1,4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})([./-])([0-9]{1,2})\2([0-9]{1,2})")
_TIME = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})")
_OUT_OF_DATE = N_("This page is out of date. Open it again.")


# ---- what a text means ---------------------------------------------------------------------------------------------


def parse_whole(text: str) -> int:
    """Return the whole number that `text` is in Western, Arabic-Indic or Persian digits.

    Raises ValidationError for anything else, a thousands sign and an underscore among it.
    """
    figures = fold_digits(clean(text))
    if not _WHOLE.fullmatch(figures):
        raise ValidationError(_("%(typed)s is not a whole number. Write digits alone.", typed=_echo(text)))
    return int(figures.replace("−", "-"))


def parse_number(text: str, places: int) -> Decimal:
    """Return the number that `text` is, its decimals after a point, a comma, or an Arabic comma of either kind.

    Raises ValidationError for thousands signs, for more decimals than `places`, and for exactly three where three were
    not asked for: 220.000 is read in two ways.
    """
    match = _NUMBER.fullmatch(fold_digits(clean(text)))
    if match is None:
        example = i18n.number(Decimal("14.2"))
        raise ValidationError(
            _("%(typed)s is not a number. Write it as %(example)s.", typed=_echo(text), example=example)
        )
    whole, decimals = match.group(1).replace("−", "-"), match.group(2) or ""
    if len(decimals) > places:
        message = (
            N_("%(typed)s can be read in two ways. Write no thousands sign, and at most %(places)s decimals.")
            if len(decimals) == _AMBIGUOUS_DECIMALS
            else N_("%(typed)s has more decimals than %(places)s.")
        )
        raise ValidationError(_(message, typed=_echo(text), places=places))
    return Decimal(f"{whole}.{decimals}" if decimals else whole)


def parse_day(text: str) -> date:
    """Return the day that `text` is: 3.4.1992, 03/04/1992, 03-04-1992 or 1992-04-03, in any of the digits.

    Raises ValidationError for other shapes, days that are in no calendar, and years of fewer than four digits.
    """
    figures = fold_digits(clean(text))
    if match := _DAY_FIRST.fullmatch(figures):
        in_month, _sign, in_year, year = match.groups()
    elif match := _YEAR_FIRST.fullmatch(figures):
        year, _sign, in_year, in_month = match.groups()
    else:
        raise ValidationError(_("%(typed)s is not a day. Write it as 31.12.1992.", typed=_echo(text)))
    if len(year) < _YEAR_DIGITS:
        raise ValidationError(_("Write the year with four digits, such as 1992."))
    try:
        return date(int(year), int(in_year), int(in_month))
    except ValueError as error:
        raise ValidationError(_("%(typed)s is in no calendar.", typed=_echo(text))) from error


def parse_time(text: str) -> time:
    """Return the time of day that `text` is: 18:40 or 18.40, in any of the digits; raises ValidationError."""
    match = _TIME.fullmatch(fold_digits(clean(text)))
    try:
        if match:
            return time(int(match.group(1)), int(match.group(2)))
    except ValueError:
        pass
    raise ValidationError(_("%(typed)s is not a time of day. Write it as 18:40.", typed=_echo(text)))


def _echo(text: str) -> str:
    """Return what was typed, short enough for a sentence and never turning it round."""
    seen = clean(text)
    return i18n.isolated(seen if len(seen) <= _ECHO else seen[:_ECHO] + "…")


# ---- fields of one text --------------------------------------------------------------------------------------------


class _TypedField(Field):
    """A field of one text; `hint` stands at the label's end, `unit` inside the field at its end."""

    widget: Any = TextInput()
    attributes: ClassVar[dict[str, object]] = {}

    def __init__(self, label: str, *, required: bool = False, hint: str = "", unit: str = "", **kwargs: Any) -> None:
        kwargs["render_kw"] = {**self.attributes, **(kwargs.get("render_kw") or {})}
        super().__init__(label, description=hint, **kwargs)
        self.flags.required = required
        self.unit = unit
        self.typed = ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was sent: nothing is no answer, whatever stood there before."""
        self.data = None
        self.typed = valuelist[0] if valuelist and isinstance(valuelist[0], str) else ""
        text = self.cleaned(self.typed)
        if text:
            self.data = self.meaning(text)

    def pre_validate(self, form: Any) -> None:
        """Stop at what could not be read, at a missing answer, and beyond the bounds."""
        if self.process_errors:
            raise StopValidation
        if self.data is not None:
            self.check(self.data)
        elif self.flags.required:
            raise StopValidation(_("An answer is needed here."))

    def cleaned(self, text: str) -> str:
        """Return the text without what cannot be seen."""
        return clean(text)

    def meaning(self, text: str) -> Any:
        """Return what a text that is not empty says; raises ValidationError."""
        return text

    def check(self, answer: Any) -> None:
        """Raise ValidationError where an answer that can be read may not be given."""

    def written(self, answer: Any) -> str:
        """Return an answer as a person would type it."""
        return str(answer)

    def _value(self) -> str:
        if self.raw_data is not None:
            return self.typed.replace("\0", "")
        return "" if self.data is None else self.written(self.data)


class WordField(_TypedField):
    """One line of text, at most `most` characters and, with any at all, at least `least`."""

    data: str | None

    def __init__(self, label: str, *, most: int = WORD, least: int = 0, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.most, self.least = most, least

    def check(self, answer: str) -> None:
        """Hold the bounds of length."""
        if len(answer) > self.most:
            raise ValidationError(
                _("%(length)s characters stand here, and %(most)s fit.", length=len(answer), most=self.most)
            )
        if len(answer) < self.least:
            raise ValidationError(_("At least %(least)s characters are needed.", least=self.least))


class LongField(WordField):
    """Text of several lines."""

    widget: Any = TextArea()

    def __init__(self, label: str, *, most: int = LONG, **kwargs: Any) -> None:
        super().__init__(label, most=most, **kwargs)

    def cleaned(self, text: str) -> str:
        """Return the text without what cannot be seen, its lines kept."""
        return clean_lines(text)


class SecretField(WordField):
    """A password or code: kept letter for letter, composed alike on every keyboard, never shown again."""

    widget = PasswordInput()

    def __init__(self, label: str, *, most: int = SECRET, **kwargs: Any) -> None:
        super().__init__(label, most=most, **kwargs)

    def cleaned(self, text: str) -> str:
        """Return the secret composed, and nothing taken away."""
        return unicodedata.normalize("NFC", text)


class _BoundedField(_TypedField):
    """A field whose answers have an order; `least` and `most` are answers, or give one when called.

    `below` and `above` are own msgids for the two refusals, with %(typed)s, %(least)s and %(most)s.
    """

    attributes: ClassVar[dict[str, object]] = {"dir": "ltr", "autocomplete": "off"}
    below = N_("%(typed)s is below %(least)s.")
    above = N_("%(typed)s is above %(most)s.")

    def __init__(
        self, label: str, *, least: Any = None, most: Any = None, below: str = "", above: str = "", **kwargs: Any
    ) -> None:
        super().__init__(label, **kwargs)
        self._least, self._most = least, most
        self.below, self.above = below or self.below, above or self.above

    @property
    def least(self) -> Any:
        """The smallest answer, if there is one."""
        return self._least() if callable(self._least) else self._least

    @property
    def most(self) -> Any:
        """The greatest answer, if there is one."""
        return self._most() if callable(self._most) else self._most

    def check(self, answer: Any) -> None:
        """Hold the bounds."""
        for wrong, message in (
            (self.least is not None and answer < self.least, self.below),
            (self.most is not None and answer > self.most, self.above),
        ):
            if wrong:
                bounds = {
                    name: self.written(bound)
                    for name, bound in (("least", self.least), ("most", self.most))
                    if bound is not None
                }
                raise ValidationError(_(message, typed=_echo(self.typed), **bounds))


class WholeField(_BoundedField):
    """A whole number."""

    data: int | None
    attributes: ClassVar[dict[str, object]] = {**_BoundedField.attributes, "inputmode": "numeric"}

    def __init__(self, label: str, *, most: int | Callable[[], int] = WHOLE, **kwargs: Any) -> None:
        super().__init__(label, most=most, **kwargs)

    def meaning(self, text: str) -> int:
        """Return the number."""
        return parse_whole(text)

    def written(self, answer: int) -> str:
        """Return the number without a thousands sign."""
        return i18n.number(answer, grouped=False)


class NumberField(_BoundedField):
    """A number with at most `places` decimals."""

    data: Decimal | None
    attributes: ClassVar[dict[str, object]] = {**_BoundedField.attributes, "inputmode": "decimal"}

    def __init__(self, label: str, *, places: int = 2, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.places = places

    def meaning(self, text: str) -> Decimal:
        """Return the number."""
        return parse_number(text, self.places)

    def written(self, answer: Decimal) -> str:
        """Return the number without a thousands sign, its decimals as this language writes them."""
        return i18n.number(answer, grouped=False)


class DayField(_BoundedField):
    """A day of the calendar."""

    data: date | None
    below = N_("%(typed)s is before %(least)s.")
    above = N_("%(typed)s is after %(most)s.")

    def meaning(self, text: str) -> date:
        """Return the day."""
        return parse_day(text)

    def written(self, answer: date) -> str:
        """Return the day as 31.12.1992."""
        return i18n.day(answer)


class TimeField(_BoundedField):
    """A time of day."""

    data: time | None
    below = N_("%(typed)s is before %(least)s.")
    above = N_("%(typed)s is after %(most)s.")

    def meaning(self, text: str) -> time:
        """Return the time."""
        return parse_time(text)

    def written(self, answer: time) -> str:
        """Return the time as 18:40."""
        return i18n.clock_time(answer)


class KeyField(_TypedField):
    """An opaque key that the page carries unseen; what is wrong with it is said of the whole form."""

    widget = HiddenInput()
    data: str | None
    shape: ClassVar[re.Pattern[str]] = re.compile(r"[A-Za-z0-9_-]{1,64}")

    def __init__(self, label: str = "", *, required: bool = True, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.is_required = required

    def pre_validate(self, form: Any) -> None:
        """Refuse a page that lost its key."""
        super().pre_validate(form)
        if self.is_required and self.data is None:
            raise StopValidation(_(_OUT_OF_DATE))

    def meaning(self, text: str) -> Any:
        """Return the key."""
        if not self.shape.fullmatch(text):
            raise ValidationError(_(_OUT_OF_DATE))
        return text

    def show(self, key: Any) -> None:
        """Let the form go out with a newer key: the next answer is given in sight of what stands there."""
        self.data, self.raw_data = key, None


class VersionField(KeyField):
    """The version of the record that the page showed, unseen."""

    data: int | None  # type: ignore[assignment]  # a key that is counted
    shape = re.compile(r"[0-9]{1,18}")

    def meaning(self, text: str) -> int:
        """Return the version."""
        return int(super().meaning(text))


class OperationField(KeyField):
    """The key under which a form acts once: new with each page, the same until the form has acted."""

    def __init__(self, label: str = "", **kwargs: Any) -> None:
        super().__init__(label, default=new_key, **kwargs)

    def _value(self) -> str:
        return self.data or new_key()


# ---- fields of offered answers -------------------------------------------------------------------------------------


class _OfferedField(SelectFieldBase):
    """A field whose answers are offered: the members of an enum with words, or pairs of an answer and its words.

    `choices` may be set after the form is made; what was sent is then read anew.
    """

    def __init__(
        self,
        label: str,
        *,
        of: type[Worded] | None = None,
        choices: Iterable[tuple[Any, str]] = (),
        required: bool = False,
        hint: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(label, description=hint, **kwargs)
        self.flags.required = required
        self._choices = [(member, _l(member.label)) for member in of] if of else list(choices)

    @property
    def choices(self) -> Sequence[tuple[Any, str]]:
        """The answers offered, each with its words."""
        return self._choices

    @choices.setter
    def choices(self, choices: Iterable[tuple[Any, str]]) -> None:
        self._choices = list(choices)
        if self.raw_data is not None:
            self.process_formdata(self.raw_data)

    def iter_choices(self) -> Iterator[Any]:
        """Yield each answer as WTForms' widgets want it."""
        for answer, words in self._choices:
            yield Choice(value=_code(answer), label=str(words), selected=self.is_chosen(answer), render_kw={})

    def is_chosen(self, answer: Any) -> bool:
        """Whether the page shows `answer` as given."""
        if self.raw_data is None:
            return bool(self.data == answer)
        return _code(answer) in self.raw_data

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was sent: nothing is no answer, whatever stood there before."""
        self.data = self.meaning([text for text in valuelist if text])

    def pre_validate(self, form: Any) -> None:
        """Refuse what was not offered, and a missing answer."""
        sent = [text for text in self.raw_data or () if text]
        if not {_code(answer) for answer, _words in self._choices}.issuperset(sent):
            raise StopValidation(_("Choose among the answers that are offered."))
        if self.flags.required and not sent:
            raise StopValidation(_("An answer is needed here."))

    def meaning(self, sent: list[Any]) -> Any:
        """Return the answer that the first code in `sent` names, or None."""
        return next((answer for answer, _words in self._choices if sent[:1] == [_code(answer)]), None)


class ChoiceField(_OfferedField):
    """One answer of those offered; `segments` shows them all at once, fit for two to four.

    A list starts with the words of `blank`, chosen until another is.
    """

    def __init__(self, label: str, *, segments: bool = False, blank: str = "", **kwargs: Any) -> None:
        if segments:
            kwargs = {"widget": ListWidget(prefix_label=False), "option_widget": RadioInput(), **kwargs}
        super().__init__(label, widget=kwargs.pop("widget", Select()), **kwargs)
        self.segments, self.blank = segments, blank

    def iter_choices(self) -> Iterator[Any]:
        """Yield each answer, in a list the blank one first."""
        if not self.segments:
            words = self.blank or (_("Choose") if self.flags.required else _("Not given"))
            yield Choice(value="", label=str(words), selected=self.data is None, render_kw={})
        yield from super().iter_choices()


class YesNoField(ChoiceField):
    """Yes, no, or not answered: True, False or None. It never starts as no."""

    data: bool | None

    def __init__(self, label: str, *, yes: str = _l("Yes"), no: str = _l("No"), **kwargs: Any) -> None:
        super().__init__(label, choices=[(True, yes), (False, no)], segments=True, **kwargs)


class ManyField(_OfferedField):
    """Any number of the answers offered: a list in the order of the offer, empty where none is ticked."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()
    data: list[Any]

    def process_data(self, value: Iterable[Any] | None) -> None:
        """Take the answers given before."""
        self.data = list(value or ())

    def is_chosen(self, answer: Any) -> bool:
        """Whether the page shows `answer` as ticked."""
        return answer in self.data

    def meaning(self, sent: list[Any]) -> list[Any]:
        """Return the answers."""
        return [answer for answer, _words in self._choices if _code(answer) in sent]


class TickField(BooleanField):
    """One box: True or False; `required` must be ticked to go on."""

    data: bool

    def __init__(self, label: str, *, required: bool = False, hint: str = "", **kwargs: Any) -> None:
        super().__init__(label, description=hint, **kwargs)
        self.flags.required = required

    def pre_validate(self, form: Any) -> None:
        """Refuse an empty box that must be ticked."""
        if self.flags.required and not self.data:
            raise StopValidation(_("Tick this to go on."))


def _code(answer: Any) -> str:
    """Return the text by which a page names an answer."""
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return str(answer)


# ---- forms ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Problem:
    """One thing to look at again: the id of its field, or none where it is said of the whole form."""

    field_id: str
    label: str
    message: str


_OF_THE_PAGE = frozenset({"op", "csrf_token"})


class DeskForm(FlaskForm):
    """A form of one desk's act: what was typed stays, what is wrong is named, and it acts once under its key."""

    op = OperationField()

    def __init__(self, **kwargs: Any) -> None:
        if "formdata" not in kwargs:
            # all that was sent, also where that is nothing: a missing field is empty, never its old value
            kwargs["formdata"] = CombinedMultiDict([request.files, request.form]) if self.is_submitted() else None
        super().__init__(**kwargs)

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether every answer can be taken; what is wrong with an unseen field is said of the form."""
        super().validate(extra_validators)
        for field in self:
            if isinstance(field.widget, HiddenInput):
                self.form_errors.extend(field.errors)
                field.errors = ()
        return not self.errors

    def refuse(self, refusal: DomainError) -> None:
        """Show a refusal at the field that it names, or on the form."""
        message = i18n.explain(refusal)
        field = self._fields.get(refusal.field or "")
        if field is None or isinstance(field.widget, HiddenInput):
            self.form_errors.append(message)
        else:
            field.errors = [*field.errors, message]

    @property
    def sent(self) -> dict[str, object]:
        """Return what is answered, by the names of the fields, but for the page's own keys and what is secret."""
        return {
            name: field.data
            for name, field in self._fields.items()
            if name not in _OF_THE_PAGE and not isinstance(field, SecretField)
        }

    @property
    def problems(self) -> list[Problem]:
        """What is to be looked at again, in the order of the page."""
        return [
            *(Problem("", "", str(message)) for message in self.form_errors),
            *(Problem(field.id, str(field.label.text), str(message)) for field in self for message in field.errors),
        ]

    @property
    def status(self) -> int:
        """The status of the page that shows this form: 422 where something is to be looked at again."""
        return UNPROCESSABLE if self.errors else 200

"""What is typed of a delivery, and why a batch is held back."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict
from wtforms import Form, ValidationError

from clinic.kernel import i18n
from clinic.kernel.errors import DomainError
from clinic.kernel.fields import (
    ChoiceField,
    DayField,
    DeskForm,
    KeyField,
    NumberField,
    Problem,
    WholeField,
    WordField,
)
from clinic.kernel.i18n import _, _l
from inventory.stock.rules import BatchStatus, read_expiry

MOST_LINES = 40

_LINE = re.compile("lines-([0-9]{1,3})-item")


class SearchForm(DeskForm):
    """Words by which a medicine is looked for."""

    words = WordField(_l("Medicine"), required=True)


class ExpiryField(DayField):
    """The last day on a box; a month alone stands for its last day."""

    def meaning(self, text: str) -> date:
        """Return the day."""
        try:
            return read_expiry(text)
        except DomainError as refusal:
            raise ValidationError(i18n.explain(refusal)) from refusal


class DeliveryLine(Form):
    """One batch of a delivery."""

    item = WordField(_l("Medicine"), required=True, hint=_l("name or code"), most=200)
    batch_no = WordField(_l("Batch number"), required=True, most=40)
    expires_on = ExpiryField(_l("Expiry date"), hint="01.2027")
    quantity = WholeField(_l("How many"), required=True, least=1, most=1_000_000)
    factor = WholeField(_l("Units in a box"), least=1, most=100_000, hint=_l("empty: loose"))
    cost = NumberField(_l("Cost of one unit"), places=4, least=0, most=100_000, unit="EUR")

    def __init__(self, number: int, sent: MultiDict[str, str] | None = None) -> None:
        super().__init__(sent, prefix=f"lines-{number}-")
        self.number = number


class DeliveryForm(DeskForm):
    """A delivery from one donor, one line for each batch."""

    donor = WordField(_l("From whom"), required=True)
    note = WordField(_l("Note"), hint=_l("delivery note, vehicle"), most=200)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - WTForms' own
        self.lines: list[DeliveryLine] = []
        super().__init__(**kwargs)
        for number in self._numbers():
            self.add_line(number)

    def _numbers(self) -> Sequence[int]:
        sent = {int(match[1]) for name in request.form if (match := _LINE.fullmatch(name))}
        return sorted(sent)[:MOST_LINES] or [0]

    def add_line(self, number: int | None = None) -> None:
        """Add one more line, empty unless it was sent under that number."""
        if number is None:
            number = 1 + max(line.number for line in self.lines)
        self.lines.append(DeliveryLine(number, request.form if self.is_submitted() else None))

    def remove_line(self, number: str) -> None:
        """Take a line out, unless it is the only one."""
        self.lines = [line for line in self.lines if str(line.number) != number] or self.lines

    def validate(self, extra_validators: Any = None) -> bool:  # noqa: ANN401 - WTForms' own
        """Whether the delivery and every line of it can be taken."""
        are_fine = [line.validate() for line in self.lines]
        return super().validate(extra_validators) and all(are_fine)

    def refuse(self, refusal: DomainError) -> None:
        """Show a refusal at the line and field that it names, or on the form."""
        match = re.fullmatch(r"lines-(\d+)-(\w+)", refusal.field or "")
        if match is None:
            super().refuse(refusal)
        else:
            field = self.lines[int(match[1])][match[2]]
            field.errors = [*field.errors, i18n.explain(refusal)]

    @property
    def errors(self) -> dict[str | None, Any]:
        """What is wrong, of the lines too."""
        return {**super().errors, **{f"lines-{line.number}": line.errors for line in self.lines if line.errors}}

    @property
    def problems(self) -> list[Problem]:
        """What is to be looked at again, each line's by its number."""
        return [
            *super().problems,
            *(
                Problem(field.id, _("Line %(number)s, %(field)s", number=number, field=field.label.text), str(message))
                for number, line in enumerate(self.lines, 1)
                for field in line
                for message in field.errors
            ),
        ]


class BlockForm(DeskForm):
    """Why a batch is held back."""

    verdict = ChoiceField(
        _l("What is so"),
        choices=[(BatchStatus.BLOCKED, _l("blocked, to be looked into")), (BatchStatus.RECALLED, _l("recalled"))],
        segments=True,
        required=True,
    )
    because = WordField(_l("Why"), required=True, least=3, most=200)


class UnblockForm(DeskForm):
    """Why a batch may go out again."""

    because = WordField(_l("Why"), required=True, least=3, most=200)


class CheckForm(DeskForm):
    """Shelf and ledger are to be held against one another."""

    seen = KeyField(required=False)

"""What is typed about a batch, at the logistician's, the inspector's and the receiver's desk."""

import re
from collections.abc import Iterable
from typing import Any, cast

from wtforms import Field

from clinic.kernel.fields import (
    ChoiceField,
    DayField,
    DeskForm,
    KeyField,
    SecretField,
    VersionField,
    WholeField,
    WordField,
)
from clinic.kernel.i18n import _l
from clinic.kernel.uploads import PhotoField
from inventory.handovers.queries import Line
from inventory.handovers.rules import Answer, Erasure, Grade


class HashField(KeyField):
    """The hash of what the page showed, unseen: what is signed is what was seen."""

    shape = re.compile("[0-9a-f]{64}")


class BatchForm(DeskForm):
    """To whom equipment goes, where it will stand, and what for; whoever shows it sets the receivers."""

    receiver = ChoiceField(_l("Receiver"), required=True)
    unit = WordField(_l("Unit of the receiver"), required=True, most=160)
    place = WordField(_l("Place where it will stand"), required=True, most=80)
    purpose = WordField(_l("Purpose and use"), required=True, most=300)
    on = DayField(_l("Day of the handover"), required=True)


class NewBatchForm(BatchForm):
    """A new batch, under one of the agreements; whoever shows it sets them."""

    agreement = ChoiceField(_l("Agreement"), required=True)


class ChangeForm(BatchForm):
    """A draft written anew, as the page showed it."""

    version = VersionField()


class ActForm(DeskForm):
    """An act on a batch as the page showed it."""

    version = VersionField()


class TagForm(DeskForm):
    """A tag of the register."""

    tag = WordField(_l("Tag"), required=True, most=40, hint=_l("scan it, or type it: AS-000001"))


class ReasonForm(DeskForm):
    """Why something is undone."""

    because = WordField(_l("Reason"), required=True, least=3, most=200)


class InspectForm(DeskForm):
    """How one thing was found."""

    tag = WordField(_l("Tag"), required=True, most=40, hint=_l("scan it, or type it: AS-000001"))
    grade = ChoiceField(_l("Condition"), of=Grade, required=True)
    note = WordField(_l("Remark"), most=200)
    photo = PhotoField(_l("Photo"), hint=_l("needed for C and D"))
    erasure = ChoiceField(_l("Patient data on it"), of=Erasure, required=True)
    erasure_note = WordField(_l("How they were erased, and by whom"), most=200)


class SignForm(DeskForm):
    """One's own signature under what the page showed."""

    sha256 = HashField()


class BesideForm(SignForm):
    """The signature of somebody else, at this PC, by their own password."""

    username = WordField(_l("Account name"), required=True, most=60)
    secret = SecretField(_l("Password"), required=True)


class AnswerForm(BesideForm):
    """What the receiver says of each line, and the second receiver's password."""

    lines: tuple[Line, ...] = ()

    def part(self, name: str, line: Line) -> Field:
        """Return the field of one figure, or of the remark, of one line."""
        return cast("Field", self[f"{name}-{line.line.key}"])

    def answers(self) -> dict[str, Answer]:
        """Return what is said of each line, by its key."""
        return {
            one.line.key: Answer(
                accepted=self.part("accepted", one).data or 0,
                rejected=self.part("rejected", one).data or 0,
                missing=self.part("missing", one).data or 0,
                remark=self.part("remark", one).data or "",
            )
            for one in self.lines
        }


def answer_form(lines: Iterable[Line], sha256: str) -> AnswerForm:
    """Return the form of the receiver's answer, each line accepted as a whole until something else is typed."""
    kept = tuple(lines)
    fields: dict[str, Any] = {"lines": kept}
    data: dict[str, Any] = {"sha256": sha256}
    for one in kept:
        key = one.line.key
        fields[f"accepted-{key}"] = WholeField(_l("accepted"), least=0)
        fields[f"rejected-{key}"] = WholeField(_l("rejected"), least=0)
        fields[f"missing-{key}"] = WholeField(_l("missing"), least=0)
        fields[f"remark-{key}"] = WordField(_l("Remark"), most=200)
        data |= {f"accepted-{key}": one.line.quantity, f"rejected-{key}": 0, f"missing-{key}": 0}
    form: AnswerForm = type("AnswerForm", (AnswerForm,), fields)(data=data)
    return form

"""What a button of the desk asks for: one verb and its object, carried out on what was typed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from clinic.consultations import queries
from clinic.consultations.queries import Desk
from clinic.consultations.rules import CaseType, Content, DraftLine, PartKind, joined
from clinic.consultations.views.offers import line_again, offered_line
from clinic.kernel.access import Scope
from clinic.kernel.clock import now
from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_

SAME_ILLNESS = timedelta(days=30)
SECTIONS = {
    **dict.fromkeys(("diagnose", "drop", "turn", "seek-diagnosis"), "diagnoses"),
    **dict.fromkeys(("prescribe", "again", "strike", "seek-medicine"), "orders"),
}

_Act: TypeAlias = Callable[[Scope, Desk, Content, str], Content]


class UnknownAct(DomainError):
    """A button that no page of this product has."""

    code = "unknown_act"
    status = 400


@dataclass(frozen=True)
class Asked:
    """A verb of the desk and what it is about; by itself "keep" asks for nothing but to keep what was typed."""

    verb: str
    about: str = ""

    @classmethod
    def read(cls, text: str) -> "Asked":
        """Return what a button's value says."""
        verb, _, about = text.partition(" ")
        return cls(verb or "keep", about)

    @property
    def section(self) -> str:
        """The id of the part of the page that changes, empty where only the text is kept."""
        return SECTIONS.get(self.verb, "")

    @property
    def version(self) -> int:
        """The version of the draft whose text was shown beside the one typed here."""
        return _number(self.about)

    @property
    def settles(self) -> bool:
        """Whether it settles two texts of one draft."""
        return self.verb in {"mine", "both"}

    @property
    def rewrites(self) -> bool:
        """Whether it changes the texts themselves, so that the whole page must be read anew."""
        return self.settles or self.verb == "take"


def carry_out(scope: Scope, desk: Desk, content: Content, asked: Asked) -> Content:
    """Return what stands on the desk after a button was pressed. Raises NotFound, UnknownAct."""
    act = _ACTS.get(asked.verb)
    if act is None:
        raise _unknown()
    return act(scope, desk, content, asked.about)


def _as_typed(_scope: Scope, _desk: Desk, content: Content, _about: str) -> Content:
    return content


def _both(_scope: Scope, desk: Desk, content: Content, _about: str) -> Content:
    return joined(desk.content, content)


def _take(_scope: Scope, desk: Desk, content: Content, _about: str) -> Content:
    """Put what nurses began before the doctor's own texts."""
    for one in desk.begun:
        for kind, text in one.parts.items():
            content = content.with_begun(PartKind(kind), text)
    return content


def _diagnose(scope: Scope, desk: Desk, content: Content, code: str) -> Content:
    """Choose a diagnosis; one seen in the last 30 days is offered as a follow-up, and the doctor decides."""
    queries.get_title(code)
    is_known = queries.was_diagnosed(scope, desk.person.id, code, since=now() - SAME_ILLNESS)
    return content.with_diagnosis(code, CaseType.FOLLOW_UP if is_known else CaseType.NEW).looking_for(diagnosis="")


def _drop(_scope: Scope, _desk: Desk, content: Content, code: str) -> Content:
    return content.without_diagnosis(code)


def _turn(_scope: Scope, _desk: Desk, content: Content, code: str) -> Content:
    return content.with_case_turned(code)


def _prescribe(scope: Scope, desk: Desk, content: Content, item: str) -> Content:
    return _with(content, offered_line(scope, desk, _number(item)))


def _again(scope: Scope, desk: Desk, content: Content, line: str) -> Content:
    return _with(content, line_again(scope, desk, _number(line)))


def _strike(_scope: Scope, _desk: Desk, content: Content, line: str) -> Content:
    return content.without_line(line)


_ACTS: Mapping[str, _Act] = {
    **dict.fromkeys(("keep", "mine", "seek-diagnosis", "seek-medicine"), _as_typed),
    "both": _both,
    "take": _take,
    "diagnose": _diagnose,
    "drop": _drop,
    "turn": _turn,
    "prescribe": _prescribe,
    "again": _again,
    "strike": _strike,
}


def _with(content: Content, line: DraftLine) -> Content:
    return content.with_line(line).looking_for(medicine="")


def _number(text: str) -> int:
    if not text.isdecimal():
        raise _unknown()
    return int(text)


def _unknown() -> UnknownAct:
    return UnknownAct(N_("This button does nothing here."))

"""What stands on a desk before it is signed, as typed: the one body of a draft, and how two versions differ."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from clinic.consultations.rules.kinds import CaseType, PartKind

LONGEST_TEXT = 8000
MOST_DIAGNOSES = 12
MOST_LINES = 20


@dataclass(frozen=True, kw_only=True)
class DraftDiagnosis:
    """A diagnosis chosen and not yet signed."""

    code: str
    case_type: CaseType


@dataclass(frozen=True, kw_only=True)
class DraftLine:
    """A medicine in the basket; figures stand as typed, also those that cannot be read.

    `id` names the line on its page; `unit` is what a dose of the medicine is counted in.
    """

    id: str
    item_id: int | None
    unit: str
    inn: str = ""
    amount: str = ""
    times: tuple[str, ...] = ()
    is_as_needed: bool = False
    max_per_day: str = ""
    food: str = "ANY"
    days: str = ""
    override: str = ""


@dataclass(frozen=True, kw_only=True)
class Content:
    """All that a doctor has typed and chosen on one visit; `seeking` are words in the search boxes."""

    parts: Mapping[PartKind, str] = field(default_factory=dict)
    diagnoses: tuple[DraftDiagnosis, ...] = ()
    lines: tuple[DraftLine, ...] = ()
    seeking: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was typed or chosen."""
        return not (any(self.parts.values()) or self.diagnoses or self.lines)

    def part(self, kind: PartKind) -> str:
        """Return the text of a part, empty where there is none."""
        return self.parts.get(kind, "")

    def with_begun(self, kind: PartKind, begun: str) -> "Content":
        """Return this with a text before that of a part; one whose lines stand there already is not put there twice."""
        typed = self.part(kind)
        if f"\n{begun}\n" in f"\n{typed}\n":
            return self
        return replace(self, parts={**self.parts, kind: _both(begun, typed)})

    def with_diagnosis(self, code: str, case_type: CaseType) -> "Content":
        """Return this with one more diagnosis; one that stands already stays as it is."""
        if any(chosen.code == code for chosen in self.diagnoses):
            return self
        return replace(self, diagnoses=(*self.diagnoses, DraftDiagnosis(code=code, case_type=case_type)))

    def without_diagnosis(self, code: str) -> "Content":
        """Return this without a diagnosis."""
        return replace(self, diagnoses=tuple(chosen for chosen in self.diagnoses if chosen.code != code))

    def with_case_turned(self, code: str) -> "Content":
        """Return this with a new case as a follow-up, or the other way round."""
        return replace(
            self,
            diagnoses=tuple(
                replace(chosen, case_type=_other(chosen.case_type)) if chosen.code == code else chosen
                for chosen in self.diagnoses
            ),
        )

    def with_line(self, line: DraftLine) -> "Content":
        """Return this with one more medicine at the end of the basket."""
        return replace(self, lines=(*self.lines, line))

    def line(self, line_id: str) -> DraftLine | None:
        """Return a medicine by the name of its line."""
        return next((line for line in self.lines if line.id == line_id), None)

    def without_line(self, line_id: str) -> "Content":
        """Return this without a medicine."""
        return replace(self, lines=tuple(line for line in self.lines if line.id != line_id))

    def looking_for(self, **words: str) -> "Content":
        """Return this with other words in the search boxes that are named."""
        return replace(self, seeking={**self.seeking, **words})

    def as_json(self) -> dict[str, Any]:
        """Return this as a draft keeps it."""
        return {
            "parts": {kind.value: text for kind, text in self.parts.items() if text},
            "diagnoses": [{"code": chosen.code, "case_type": chosen.case_type.value} for chosen in self.diagnoses],
            "lines": [{**vars(line), "times": list(line.times)} for line in self.lines],
            "seeking": {name: words for name, words in self.seeking.items() if words},
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Content":
        """Return what a draft keeps."""
        return cls(
            parts={PartKind(kind): text for kind, text in body.get("parts", {}).items()},
            diagnoses=tuple(
                DraftDiagnosis(code=chosen["code"], case_type=CaseType(chosen["case_type"]))
                for chosen in body.get("diagnoses", ())
            ),
            lines=tuple(DraftLine(**{**line, "times": tuple(line["times"])}) for line in body.get("lines", ())),
            seeking=dict(body.get("seeking", {})),
        )


NOTHING = Content()


@dataclass(frozen=True, kw_only=True)
class PartDifference:
    """One part of a note that reads otherwise in two versions of a draft."""

    kind: PartKind
    kept: str
    typed: str


def differing_parts(kept: Content, typed: Content) -> list[PartDifference]:
    """Return the parts whose texts differ between the draft on the server and the one on a page."""
    return [
        PartDifference(kind=kind, kept=kept.part(kind), typed=typed.part(kind))
        for kind in PartKind
        if kept.part(kind) != typed.part(kind)
    ]


def joined(kept: Content, typed: Content) -> Content:
    """Return both versions in one: texts one after the other, every diagnosis and medicine of either.

    Where both hold one diagnosis or medicine, it stands as typed last.
    """
    codes = {chosen.code for chosen in typed.diagnoses}
    lines = {line.id for line in typed.lines}
    return Content(
        parts={kind: _both(kept.part(kind), typed.part(kind)) for kind in PartKind},
        diagnoses=(*(one for one in kept.diagnoses if one.code not in codes), *typed.diagnoses),
        lines=(*(line for line in kept.lines if line.id not in lines), *typed.lines),
        seeking=typed.seeking,
    )


def _both(kept: str, typed: str) -> str:
    if not kept or typed.startswith(kept):
        return typed
    if not typed or kept.startswith(typed):
        return kept
    return f"{kept}\n{typed}"


def _other(case_type: CaseType) -> CaseType:
    return CaseType.FOLLOW_UP if case_type is CaseType.NEW else CaseType.NEW

"""Reads of closed notes: one with all that stands beside it, and a person's earlier ones, newest first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, String, cast, func, literal, null, select, union_all

from clinic.auth.models import User
from clinic.consultations.models import Amendment, Consultation, Diagnosis, IcdCode, NotePart
from clinic.consultations.rules import CaseType, PartKind, State
from clinic.kernel.access import Scope
from clinic.kernel.db import Instant, db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from clinic.patients.models import Patient
from clinic.visits.models import Visit

EARLIER = 12

_Column: TypeAlias = ColumnElement[Any]


@dataclass(frozen=True, kw_only=True)
class Made:
    """A diagnosis of a closed note: the title as it read when signed, and in the reader's language today."""

    code: str
    title: str
    title_here: str
    case_type: CaseType


@dataclass(frozen=True, kw_only=True)
class Added:
    """What was added to a note after it was signed."""

    text: str
    reason: str
    author: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Note:
    """A closed note with its parts, diagnoses and amendments."""

    id: int
    key: str
    state: State
    specialty_code: str
    clinician_id: int
    clinician: str
    at: datetime
    abandoned_because: str
    visit_key: str
    visit_number: int
    patient_id: int
    patient_key: str
    parts: dict[PartKind, str] = field(default_factory=dict)
    diagnoses: list[Made] = field(default_factory=list)
    amendments: list[Added] = field(default_factory=list)

    @property
    def is_signed(self) -> bool:
        """Whether the note was signed; else the patient left."""
        return self.state is State.SIGNED


def get_note(scope: Scope, key: str, language: str = "en") -> Note:
    """Return a closed note of the organisation with all that stands beside it, in two statements. Raises NotFound."""
    notes = _notes(language, Patient.organisation_id == scope.organisation_id, Consultation.key == key)
    if not notes:
        raise NotFound(N_("There is no such note here."))
    _fill(notes, language, with_parts=True)
    return notes[0]


def list_earlier(chart: Collection[int], language: str, *, but: int | None = None) -> Sequence[Note]:
    """Return a person's latest closed notes, newest first, without their parts, in two statements.

    `chart` holds all the person's records; `but` is the consultation that is open on the desk.
    """
    notes = _notes(language, Consultation.patient_id.in_(chart), Consultation.id != (but or 0))
    _fill(notes, language, with_parts=False)
    return notes


def _notes(language: str, *which: ColumnElement[bool]) -> list[Note]:
    at = func.coalesce(Consultation.signed_at, Consultation.opened_at, type_=Instant)
    rows = db.session.execute(
        select(
            Consultation.id,
            Consultation.key,
            Consultation.state,
            Consultation.specialty_code,
            Consultation.clinician_id,
            _name(language).label("clinician"),
            at.label("at"),
            Consultation.abandoned_because,
            Visit.key.label("visit_key"),
            Visit.number.label("visit_number"),
            Consultation.patient_id,
            Patient.key.label("patient_key"),
        )
        .join(User, User.id == Consultation.clinician_id)
        .join(Visit, Visit.id == Consultation.visit_id)
        .join(Patient, Patient.id == Consultation.patient_id)
        .where(Consultation.state != State.OPEN, *which)
        .order_by(at.desc(), Consultation.id.desc())
        .limit(EARLIER)
    ).mappings()
    return [Note(**row) for row in rows]


def _fill(notes: Sequence[Note], language: str, *, with_parts: bool) -> None:
    """Put beside each note what belongs to it, read in one statement."""
    by_id = {note.id: note for note in notes}
    if not by_id:
        return
    pieces = [_diagnoses(by_id, language), _amendments(by_id, language)] + ([_parts(by_id)] if with_parts else [])
    everything = union_all(*pieces).subquery()
    for row in db.session.execute(select(everything).order_by(everything.c.note_id, everything.c.position)):
        note = by_id[row.note_id]
        if row.piece == "D":
            note.diagnoses.append(Made(code=row.a, title=row.b, title_here=row.c or row.b, case_type=CaseType(row.d)))
        elif row.piece == "A":
            note.amendments.append(Added(text=row.a, reason=row.b, author=row.c, at=row.at))
        else:
            note.parts[PartKind(row.a)] = row.b


def _piece(
    kind: str,
    note_id: _Column,
    position: _Column,
    *words: _Column,
    at: ColumnElement[datetime] | None = None,
) -> Select[*tuple[Any, ...]]:
    """Return one kind of what belongs to notes, in the columns that all kinds share."""
    texts = [*words, *([null()] * (4 - len(words)))]
    return select(
        literal(kind).label("piece"),
        note_id.label("note_id"),
        position.label("position"),
        *(cast(text, String).label(name) for name, text in zip("abcd", texts, strict=True)),
        (cast(null(), Instant) if at is None else at).label("at"),
    )


def _diagnoses(ids: Collection[int], language: str) -> Select[*tuple[Any, ...]]:
    one, here = Diagnosis.__table__.c, IcdCode.__table__.c[f"title_{language}"]
    return (
        _piece("D", one.consultation_id, one.position, one.code, one.title, here, one.case_type)
        .join(IcdCode, IcdCode.code == one.code)
        .where(one.consultation_id.in_(ids))
    )


def _amendments(ids: Collection[int], language: str) -> Select[*tuple[Any, ...]]:
    one = Amendment.__table__.c
    return (
        _piece("A", one.consultation_id, one.id, one.text, one.reason, _name(language), at=one.amended_at)
        .join(User, User.id == one.author_id)
        .where(one.consultation_id.in_(ids))
    )


def _parts(ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    one = NotePart.__table__.c
    return _piece("P", one.consultation_id, one.id, one.kind, one.text).where(one.consultation_id.in_(ids))


def _name(language: str) -> ColumnElement[str]:
    """Return a user's name in the script of the reader's language, where it is known in it."""
    if language != "ar":
        return User.__table__.c.name_latin
    return func.coalesce(func.nullif(User.name_ar, ""), User.name_latin)

"""Reads of closed notes: one with all that stands beside it, and a person's earlier ones, newest first."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from sqlalchemy import (
    CTE,
    Boolean,
    ColumnElement,
    Integer,
    RowMapping,
    Select,
    String,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)

from clinic.auth.models import User
from clinic.auth.queries import name_in
from clinic.consultations.models import Amendment, Consultation, ConsultationOrder, Diagnosis, IcdCode, NotePart
from clinic.consultations.rules import CaseType, PartKind, State
from clinic.kernel.access import Scope
from clinic.kernel.db import Instant, db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from clinic.patients.models import Patient
from clinic.patients.queries import Chart
from clinic.pharmacy.models import PrescriptionLine
from clinic.pharmacy.queries import read_times
from clinic.pharmacy.rules import Dose, DoseUnit, Food
from clinic.visits.models import Visit
from inventory.stock.models import Item

EARLIER = 12
_TEXTS, _NUMBERS = "abcdef", "uvwxyz"

_Column: TypeAlias = ColumnElement[Any]


@dataclass(frozen=True, kw_only=True)
class Made:
    """A diagnosis of a closed note: the title as it read when signed, and in the reader's language today."""

    code: str
    title: str
    title_here: str
    case_type: CaseType


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """A medicine that was ordered with a note; it can be ordered again where it is an item of the stock."""

    line_id: int
    item_id: int | None
    name: str
    dose: Dose
    quantity: int
    override: str


@dataclass(frozen=True, kw_only=True)
class Added:
    """What was added to a note after it was signed."""

    text: str
    reason: str
    author: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Note:
    """A closed note with its parts, diagnoses, medicines and amendments."""

    id: int
    key: str
    state: State
    specialty_code: str
    clinician_id: int
    clinician: str
    at: datetime
    abandoned_because: str
    visit_id: int
    visit_key: str
    visit_number: int
    site_id: int
    patient_id: int
    patient_key: str
    parts: dict[PartKind, str] = field(default_factory=dict)
    diagnoses: list[Made] = field(default_factory=list)
    medicines: list[Ordered] = field(default_factory=list)
    amendments: list[Added] = field(default_factory=list)

    @property
    def is_signed(self) -> bool:
        """Whether the note was signed; else the patient left."""
        return self.state is State.SIGNED


def get_note(scope: Scope, key: str, language: str = "en") -> Note:
    """Return a closed note of the organisation with all that stands beside it, in one statement. Raises NotFound."""
    notes = _read(
        [Patient.organisation_id == scope.organisation_id, Consultation.key == key], language, with_parts=True
    )
    if not notes:
        raise NotFound(N_("There is no such note here."))
    return notes[0]


def list_earlier(chart: Chart, language: str, *, but: Consultation | None = None) -> list[Note]:
    """Return a person's latest closed notes, newest first, without their parts, in one statement.

    `chart` are all the person's records; `but` is the consultation that is open on the desk.
    """
    others = [Consultation.id != but.id] if but is not None else []
    return _read([Consultation.patient_id.in_(chart), *others], language, with_parts=False)


def _read(which: Iterable[ColumnElement[bool]], language: str, *, with_parts: bool) -> list[Note]:
    """Return notes with what belongs to each: one row a piece, the note's own columns beside it."""
    notes = _notes(which, language)
    kinds = [_diagnoses(notes, language), _medicines(notes), _amendments(notes, language)]
    pieces = union_all(*kinds, *([_parts(notes)] if with_parts else [])).subquery()
    found: dict[int, Note] = {}
    rows = db.session.execute(
        select(notes, *(column for column in pieces.c if column.name != "note_id"))
        .outerjoin(pieces, pieces.c.note_id == notes.c.id)
        .order_by(notes.c.at.desc(), notes.c.id.desc(), pieces.c.position)
    ).mappings()
    for row in rows:
        note = found.setdefault(row["id"], Note(**{column.name: row[column.name] for column in notes.c}))
        if row["piece"] is not None:
            _put(note, row)
    return list(found.values())


def _put(note: Note, row: RowMapping) -> None:
    match row["piece"]:
        case "D":
            here = row["c"] or row["b"]
            note.diagnoses.append(Made(code=row["a"], title=row["b"], title_here=here, case_type=CaseType(row["d"])))
        case "M":
            note.medicines.append(_ordered(row))
        case "A":
            note.amendments.append(Added(text=row["a"], reason=row["b"], author=row["c"], at=row["written_at"]))
        case _:
            note.parts[PartKind(row["a"])] = row["b"]


def _ordered(row: RowMapping) -> Ordered:
    return Ordered(
        line_id=row["position"],
        item_id=row["u"],
        name=row["a"],
        dose=Dose(
            amount=Decimal(row["b"]).normalize() + 0,
            unit=DoseUnit(row["c"]),
            times=read_times(row["d"]),
            every_hours=row["v"],
            is_as_needed=row["is_as_needed"],
            max_per_day=row["w"],
            food=Food(row["e"]),
            days=row["x"],
        ),
        quantity=row["y"],
        override=row["f"],
    )


def _notes(which: Iterable[ColumnElement[bool]], language: str) -> CTE:
    at = func.coalesce(Consultation.signed_at, Consultation.opened_at, type_=Instant)
    return (
        select(
            Consultation.id,
            Consultation.key,
            Consultation.state,
            Consultation.specialty_code,
            Consultation.clinician_id,
            name_in(language).label("clinician"),
            at.label("at"),
            Consultation.abandoned_because,
            Visit.id.label("visit_id"),
            Visit.key.label("visit_key"),
            Visit.number.label("visit_number"),
            Visit.site_id,
            Consultation.patient_id,
            Patient.key.label("patient_key"),
        )
        .join(User, User.id == Consultation.clinician_id)
        .join(Visit, Visit.id == Consultation.visit_id)
        .join(Patient, Patient.id == Consultation.patient_id)
        .where(Consultation.state != State.OPEN, *which)
        .order_by(at.desc(), Consultation.id.desc())
        .limit(EARLIER)
        .cte("notes")
    )


def _piece(
    kind: str,
    note_id: _Column,
    position: _Column,
    texts: Iterable[_Column],
    numbers: Iterable[_Column] = (),
    *,
    as_needed: _Column | None = None,
    written_at: _Column | None = None,
) -> Select[*tuple[Any, ...]]:
    """Return one kind of what belongs to notes, in the columns that all kinds share."""
    words = [*texts, *([null()] * len(_TEXTS))][: len(_TEXTS)]
    figures = [*numbers, *([null()] * len(_NUMBERS))][: len(_NUMBERS)]
    return select(
        literal(kind).label("piece"),
        note_id.label("note_id"),
        position.label("position"),
        *(cast(word, String).label(name) for name, word in zip(_TEXTS, words, strict=True)),
        *(cast(figure, Integer).label(name) for name, figure in zip(_NUMBERS, figures, strict=True)),
        (cast(null(), Boolean) if as_needed is None else as_needed).label("is_as_needed"),
        (cast(null(), Instant) if written_at is None else written_at).label("written_at"),
    )


def _diagnoses(notes: CTE, language: str) -> Select[*tuple[Any, ...]]:
    one, here = Diagnosis.__table__.c, IcdCode.__table__.c[f"title_{language}"]
    return (
        _piece("D", one.consultation_id, one.position, [one.code, one.title, here, one.case_type])
        .join(IcdCode, IcdCode.code == one.code)
        .join(notes, notes.c.id == one.consultation_id)
    )


def _medicines(notes: CTE) -> Select[*tuple[Any, ...]]:
    order, one, item = ConsultationOrder.__table__.c, PrescriptionLine.__table__.c, Item.__table__.c
    name = func.trim(one.inn + " " + func.coalesce(item.strength, ""))
    return (
        _piece(
            "M",
            order.consultation_id,
            one.id,
            [name, one.dose_amount, one.dose_unit, one.dose_times, one.food, one.override_reason],
            [one.item_id, one.every_hours, one.max_per_day, one.days, one.quantity],
            as_needed=one.is_as_needed,
        )
        .select_from(ConsultationOrder)
        .join(PrescriptionLine, one.prescription_id == order.prescription_id)
        .outerjoin(Item, item.id == one.item_id)
        .join(notes, notes.c.id == order.consultation_id)
    )


def _amendments(notes: CTE, language: str) -> Select[*tuple[Any, ...]]:
    one = Amendment.__table__.c
    return (
        _piece("A", one.consultation_id, one.id, [one.text, one.reason, name_in(language)], written_at=one.amended_at)
        .join(User, User.id == one.author_id)
        .join(notes, notes.c.id == one.consultation_id)
    )


def _parts(notes: CTE) -> Select[*tuple[Any, ...]]:
    one = NotePart.__table__.c
    return _piece("P", one.consultation_id, one.id, [one.kind, one.text]).join(notes, notes.c.id == one.consultation_id)

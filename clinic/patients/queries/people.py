"""Reads of people: who a key names, and which records are one person's."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import CTE, ColumnElement, Select, Subquery, bindparam, select

from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from clinic.patients.models import Patient, PatientIdentifier
from clinic.patients.rules import BirthDate, Identifier, Sex, initials, written_record_number

Chart: TypeAlias = Collection[int] | Select[int]
"""All records of one person: their numbers, or the question for them inside another statement."""

_patient = Patient.__table__.c


@dataclass(frozen=True, kw_only=True)
class PatientCard:
    """Who a person is, as a screen or a label shows it: nothing of their care.

    Each name is given and family name in one script, empty where it was never told; `phone` is as stored (E.164).
    """

    id: int
    key: str
    record_number: str
    name_ar: str
    name_latin: str
    father_ar: str
    father_latin: str
    sex: Sex
    birth: BirthDate
    language: str
    label_language: str
    phone: str

    @property
    def name(self) -> str:
        """The name in Arabic script, as most people here write theirs, or else in Latin."""
        return self.name_ar or self.name_latin

    @property
    def other_name(self) -> str:
        """The name in the other script, empty where it is known in one."""
        return self.name_latin if self.name_ar else ""

    @property
    def initials(self) -> str:
        """The first letters of the name, all that a slip or a label says of it."""
        return initials(self.name)


def card(scope: Scope, key: str) -> PatientCard:
    """Return the card of the person whom `key` names, of the survivor for a merged record. Raises NotFound."""
    return card_of(get_patient(scope, key))


def card_of(person: Patient) -> PatientCard:
    """Return the card of a person already loaded."""
    names = person.names
    return PatientCard(
        id=person.id,
        key=person.key,
        record_number=written_record_number(person.record_number),
        name_ar=names.ar,
        name_latin=names.latin,
        father_ar=person.father_ar,
        father_latin=person.father_latin,
        sex=person.sex,
        birth=person.birth,
        language=person.language,
        label_language=person.label_language,
        phone=person.phone,
    )


def get_patient(scope: Scope, key: str) -> Patient:
    """Return the person of that key within the organisation; a merged record leads to its survivor. Raises NotFound."""
    return _one(_BY_KEY, scope, key)


def get_patient_by_id(scope: Scope, patient_id: int) -> Patient:
    """Return the person of that row within the organisation; a merged record leads to its survivor. Raises NotFound."""
    return _one(_BY_ID, scope, patient_id)


def get_by_record_number(scope: Scope, number: int) -> Patient:
    """Return the person of that record number, the survivor of a merge. Raises NotFound."""
    found = select(Patient.id).where(Patient.organisation_id == scope.organisation_id, Patient.record_number == number)
    return get_patient_by_id(scope, db.session.scalar(found) or 0)


def get_holder(scope: Scope, number: Identifier) -> Patient:
    """Return the person whose document bears `number`, the survivor of a merge. Raises NotFound."""
    holder_id = db.session.scalar(
        select(PatientIdentifier.patient_id).where(
            PatientIdentifier.organisation_id == scope.organisation_id,
            PatientIdentifier.system == number.system,
            PatientIdentifier.value == number.value,
        )
    )
    return get_patient_by_id(scope, holder_id or 0)


def list_identifiers(scope: Scope, patient_id: int) -> Sequence[PatientIdentifier]:
    """Return the numbers of a person's documents, of all the person's records, in the order they were given."""
    return db.session.scalars(
        select(PatientIdentifier)
        .where(PatientIdentifier.patient_id.in_(chart_ids(scope, patient_id)))
        .order_by(PatientIdentifier.id)
    ).all()


def list_household(scope: Scope, household_id: int | None) -> list[PatientCard]:
    """Return those who live together, the youngest last; nobody for someone of no household."""
    if household_id is None:
        return []
    # "+ 0" keeps SQLite from walking the organisation's index, which holds everybody
    ours = Patient.organisation_id + 0 == scope.organisation_id
    people = select(Patient).where(Patient.household_id == household_id, ours, Patient.survivor_id.is_(None))
    return [card_of(person) for person in db.session.scalars(people.order_by(Patient.birth_year, Patient.id))]


def chart_ids(scope: Scope, patient_id: int) -> tuple[int, ...]:
    """Return every record of one person, of which any may be named; the survivor's comes first. Raises NotFound.

    Whatever is read of a person's care is asked for with all of them: merging moves nothing.
    """
    records = db.session.scalars(_RECORDS, _asked(scope, patient_id)).all()
    if not records:
        raise _no_such_person()
    return tuple(records)


def chart_of(scope: Scope, patient_id: int) -> Select[int]:
    """Return the same records as `chart_ids` to be asked for inside another statement; nothing for no such person."""
    return _RECORDS.params(_asked(scope, patient_id))


def charts_of(scope: Scope, patient_ids: Collection[int]) -> Select[int, int]:
    """Return every record of each of these survivors, as (survivor_id, record_id), to be asked inside a statement."""
    down = (
        select(_patient.id.label("survivor_id"), _patient.id.label("record_id"))
        # "+ 0" keeps SQLite from walking the organisation's index, which holds everybody
        .where(_patient.organisation_id + 0 == scope.organisation_id, _patient.id.in_(list(patient_ids)))
        .cte("charts", recursive=True)
    )
    down = down.union(select(down.c.survivor_id, _patient.id).where(_patient.survivor_id == down.c.record_id))
    return select(down.c.survivor_id, down.c.record_id)


def survivors(scope: Scope) -> Subquery:
    """Return every merged record of the organisation as (record_id, survivor_id), however many steps the way has.

    To be joined: a record that is not among them is its own.
    """
    way = (
        # "+ 0" keeps SQLite from walking the organisation's index, which holds everybody
        select(_patient.id.label("record_id"), _patient.id, _patient.survivor_id)
        .where(_patient.organisation_id + 0 == scope.organisation_id, _patient.survivor_id.is_not(None))
        .cte("way", recursive=True)
    )
    way = way.union(select(way.c.record_id, _patient.id, _patient.survivor_id).where(_patient.id == way.c.survivor_id))
    return select(way.c.record_id, way.c.id.label("survivor_id")).where(way.c.survivor_id.is_(None)).subquery()


def _one(statement: Select[Patient], scope: Scope, wanted: object) -> Patient:
    person = db.session.scalar(statement, _asked(scope, wanted))
    if person is None:
        raise _no_such_person()
    return person


def _asked(scope: Scope, wanted: object) -> dict[str, object]:
    return {"organisation": scope.organisation_id, "wanted": wanted}


def _no_such_person() -> NotFound:
    return NotFound(N_("There is no such person on file here."))


def _up_from(column: ColumnElement[Any]) -> CTE:
    """Return the record whose `column` is wanted and those that it leads to; a ring of pointers ends as well."""
    here = (
        select(_patient.id, _patient.survivor_id)
        .where(_patient.organisation_id == bindparam("organisation"), column == bindparam("wanted"))
        .cte("upward", recursive=True)
    )
    return here.union(select(_patient.id, _patient.survivor_id).where(_patient.id == here.c.survivor_id))


def _survivor(column: ColumnElement[Any]) -> Select[Patient]:
    up = _up_from(column)
    return select(Patient).join(up, _patient.id == up.c.id).where(up.c.survivor_id.is_(None))


def _all_records() -> Select[int]:
    up = _up_from(_patient.id)
    down = select(up.c.id, up.c.survivor_id).where(up.c.survivor_id.is_(None)).cte("downward", recursive=True)
    down = down.union(select(_patient.id, _patient.survivor_id).where(_patient.survivor_id == down.c.id))
    return select(down.c.id).order_by(down.c.survivor_id.is_not(None), down.c.id)


_BY_KEY = _survivor(_patient.key)
_BY_ID = _survivor(_patient.id)
_RECORDS = _all_records()

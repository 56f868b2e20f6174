"""Records that may be meant, in the form in which they are compared; none beyond what indexes lead to.

At most 500 are read, the last registered first, and only these are ranked (`rules.rank`): no statement scans the people
on file, however many there are.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import CompoundSelect, Select, exists, literal, select, union

from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.patients.models import Patient, PatientIdentifier
from clinic.patients.rules import (
    BirthDate,
    IdentifierSystem,
    Match,
    Names,
    Person,
    Reason,
    written_record_number,
)

MOST = 500
Ids: TypeAlias = Select[int] | CompoundSelect[int]

_NAMES = ("given_ar", "father_ar", "family_ar", "given_latin", "father_latin", "family_latin")
_BIRTH = ("year", "month", "day", "precision")
_COMPARED = [
    Patient.__table__.c[name]
    for name in (
        *("id", "record_number", "survivor_id", "sex", "phone", "phone_reversed"),
        *_NAMES,
        *(f"birth_{part}" for part in _BIRTH),
    )
]


@dataclass(frozen=True)
class Candidate:
    """What is compared of one record; `has_number` tells whether one of its documents bears a number asked for."""

    id: int
    record_number: int
    survivor_id: int | None
    person: Person
    phone_reversed: str
    has_number: bool


@dataclass(frozen=True)
class Trace:
    """One person found: the survivor's id, why, and the number of the merged record that led there, if one did."""

    patient_id: int
    reasons: tuple[Reason, ...]
    found_as: str = ""
    score: int = 0


def people(scope: Scope) -> Select[int]:
    """Select the ids of the organisation's records."""
    return select(Patient.id).where(Patient.organisation_id == scope.organisation_id)


def holders(scope: Scope, numbers: Collection[str]) -> Select[int]:
    """Select the ids of those whose documents bear one of the numbers."""
    return select(PatientIdentifier.patient_id).where(
        PatientIdentifier.organisation_id == scope.organisation_id,
        PatientIdentifier.system.in_(list(IdentifierSystem)),
        PatientIdentifier.value.in_(sorted(numbers)),
    )


def either(parts: Sequence[Select[int]]) -> Ids:
    """Select the ids that any of the parts selects, each within its own limit."""
    return union(*(select(part.subquery()) for part in parts)) if len(parts) > 1 else parts[0]


def candidates(scope: Scope, chosen: Ids, numbers: Collection[str] = ()) -> list[Candidate]:
    """Return the records whose ids `chosen` selects, the last registered first, in one statement."""
    ids = chosen.subquery()
    bears = exists().where(PatientIdentifier.patient_id == Patient.id, PatientIdentifier.value.in_(sorted(numbers)))
    rows = db.session.execute(
        select(*_COMPARED, (bears if numbers else literal(value=False)).label("has_number"))
        .select_from(ids.join(Patient, Patient.id == ids.c[0]))
        .where(Patient.organisation_id == scope.organisation_id)
    ).mappings()
    return sorted((_candidate(row) for row in rows), key=lambda one: -one.id)


def of_survivors(scope: Scope, found: Sequence[tuple[Candidate, Match]]) -> list[Trace]:
    """Return one trace a person, in the order found: a merged record leads to its survivor."""
    merged = [one.id for one, _ in found if one.survivor_id is not None]
    survivors = _survivors(scope, merged) if merged else {}
    traces: dict[int, Trace] = {}
    for one, match in found:
        patient_id = survivors.get(one.id, one.id)
        found_as = "" if patient_id == one.id else written_record_number(one.record_number)
        traces.setdefault(patient_id, Trace(patient_id, match.reasons, found_as, match.score))
    return list(traces.values())


def _candidate(row: Mapping[Any, Any]) -> Candidate:
    names = Names(**{name: row[name] for name in _NAMES})
    return Candidate(
        id=row["id"],
        record_number=row["record_number"],
        survivor_id=row["survivor_id"],
        person=Person(
            names=names.spellings,
            fathers=names.fathers,
            sex=row["sex"],
            birth=BirthDate(**{part: row[f"birth_{part}"] for part in _BIRTH}),
            phone=row["phone"],
        ),
        phone_reversed=row["phone_reversed"],
        has_number=bool(row["has_number"]),
    )


def _survivors(scope: Scope, merged: Sequence[int]) -> dict[int, int]:
    """Return the survivor of each merged record, in one statement."""
    patient = Patient.__table__.c
    way = (
        select(patient.id.label("first"), patient.id, patient.survivor_id)
        .where(patient.organisation_id == scope.organisation_id, patient.id.in_(merged))
        .cte("way", recursive=True)
    )
    way = way.union(select(way.c.first, patient.id, patient.survivor_id).where(patient.id == way.c.survivor_id))
    survivors = select(way.c.first, way.c.id).where(way.c.survivor_id.is_(None))
    return dict(db.session.execute(survivors).all())

"""What is done to a person's record: it is opened, given papers, corrected. Care is written elsewhere."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import delete, insert
from sqlalchemy.dialects import postgresql, sqlite

from clinic.kernel import audit
from clinic.kernel.access import Scope
from clinic.kernel.clock import now
from clinic.kernel.db import db, ensure_version
from clinic.kernel.errors import DomainError
from clinic.kernel.numbering import next_number
from clinic.kernel.text import N_
from clinic.patients.models import Household, NameCode, Patient, PatientIdentifier
from clinic.patients.queries import get_holder, get_patient
from clinic.patients.rules import CHECK_DIGIT, Names, Paper, Particulars, ensure_explained, written_record_number

_HOLD = {
    dialect.__name__.rpartition(".")[2]: dialect.insert(PatientIdentifier.__table__)
    .on_conflict_do_nothing()
    .returning(PatientIdentifier.id)
    for dialect in (sqlite, postgresql)
}


class HeldByAnother(DomainError):
    """A number is on file for someone else; `owner_key` names that person."""

    code = "held_by_another"

    def __init__(self, message: str, *, owner_key: str, **values: object) -> None:
        super().__init__(message, field="identifier", **values)
        self.owner_key = owner_key


def register(
    scope: Scope,
    told: Particulars,
    *,
    papers: Sequence[Paper] = (),
    relative_key: str | None = None,
    unlike: Sequence[str] = (),
    because: str = "",
) -> int:
    """Open a record for a person whom the clinic has never seen, under its next number, and return its id.

    `relative_key` names one of the household; `unlike` the people on file who looked like this one and are not, with
    the reason, which is recorded. Raises HeldByAnother, DoubtfulNumber, NotFound.
    """
    patient = Patient(
        organisation_id=scope.organisation_id,
        site_id=scope.site_id,
        record_number=next_number(f"record:{scope.organisation_id}"),
        household_id=_household(scope, relative_key) if relative_key else None,
        registered_at=now(),
        registered_by_id=scope.user_id,
        **columns_of(told),
    )
    db.session.add(patient)
    db.session.flush()
    _write_codes(patient, told.names)
    for paper in papers:
        _hold(scope, patient, paper)
    if unlike:
        audit.record("DIFFERENT_PERSON", "patient", patient.key, {"unlike": list(unlike), "because": because})
    return patient.id


def add_identifier(scope: Scope, patient_key: str, paper: Paper) -> int:
    """Add a document's number to a person and return the person's id; one that is held already stays as it is.

    Raises HeldByAnother, DoubtfulNumber, NotFound.
    """
    patient = get_patient(scope, patient_key)
    _hold(scope, patient, paper)
    return patient.id


def change(scope: Scope, patient_key: str, told: Particulars, *, seen: int) -> int:
    """Correct what is on file of a person, as of version `seen`, and return the person's id.

    Raises Stale where someone else was faster, NotFound.
    """
    patient = get_patient(scope, patient_key)
    ensure_version(patient, seen)
    before = patient.names
    for column, value in columns_of(told).items():
        setattr(patient, column, value)
    if told.names != before:
        db.session.connection().execute(delete(NameCode.__table__).where(NameCode.patient_id == patient.id))
        _write_codes(patient, told.names)
    db.session.flush()
    return patient.id


def join_household(scope: Scope, patient_key: str, relative_key: str) -> int:
    """Note that a person lives with another on file, and return the person's id; those left behind stay together.

    Raises NotFound.
    """
    patient = get_patient(scope, patient_key)
    patient.household_id = _household(scope, relative_key)
    db.session.flush()
    return patient.id


def columns_of(told: Particulars) -> dict[str, object]:
    """Return what is told of a person by the columns that keep it."""
    return {
        **asdict(told.names),
        "mother": told.mother,
        "sex": told.sex,
        "birth_year": told.birth.year,
        "birth_month": told.birth.month,
        "birth_day": told.birth.day,
        "birth_precision": told.birth.precision,
        "birth_as_on_document": told.birth.as_on_document,
        "language": told.language,
        "label_language": told.label_language,
        "legal_status": told.legal_status,
        "nationality": told.nationality,
        "phone": told.phone,
        "district": told.district,
    }


def _household(scope: Scope, relative_key: str) -> int:
    """Return the household of a person on file, made where there was none."""
    relative = get_patient(scope, relative_key)
    if relative.household_id is None:
        household = Household(organisation_id=scope.organisation_id)
        db.session.add(household)
        db.session.flush()
        relative.household_id = household.id
    return relative.household_id


def _write_codes(patient: Patient, names: Names) -> None:
    rows = [
        {"organisation_id": patient.organisation_id, "code": code, "patient_id": patient.id}
        for code in sorted(names.codes)
    ]
    if rows:
        db.session.connection().execute(insert(NameCode.__table__), rows)


def _hold(scope: Scope, patient: Patient, paper: Paper) -> None:
    """Write a number down as this person's, or refuse: of two desks at once the database admits one.

    By a statement of its own, since a broken constraint would end the transaction on PostgreSQL.
    """
    ensure_explained(paper.number, paper.because)
    connection = db.session.connection()
    row = {
        "organisation_id": scope.organisation_id,
        "patient_id": patient.id,
        "system": paper.number.system,
        "value": paper.number.value,
        "doubt": paper.because if CHECK_DIGIT in paper.number.doubts else "",
    }
    held = connection.execute(
        _HOLD[connection.dialect.name], row, execution_options={audit.BY_HAND: True}
    ).scalar_one_or_none()
    if held is not None:
        audit.record("CREATE", "patient_identifier", held)
        return
    owner = get_holder(scope, paper.number)
    if owner.id == patient.id:
        return
    raise HeldByAnother(
        N_("This number is on file for %(name)s, %(record)s. Two people never share one."),
        owner_key=owner.key,
        name=owner.names.spellings[0],
        record=written_record_number(owner.record_number),
    )

"""What is learned of a person and stays true after the visit: allergies, pregnancy, and who was asked."""

from datetime import date

from sqlalchemy import select

from clinic.chart import queries
from clinic.chart.models import Allergy, AllergyAnswer, Pregnancy, PregnancyAnswer
from clinic.chart.rules import (
    AllergyGroup,
    AlreadyOnFile,
    Contradiction,
    Known,
    PregnancySource,
    Severity,
    ToldBy,
    ensure_dates,
    ensure_may_be_pregnant,
    ensure_reason,
    group_of,
)
from clinic.kernel.access import Scope
from clinic.kernel.clock import now, today
from clinic.kernel.db import db
from clinic.kernel.text import N_, clean, fold
from clinic.patients.models import Patient
from clinic.patients.queries import chart_ids
from clinic.patients.rules import age


def record_allergy(
    scope: Scope,
    patient_id: int,
    *,
    substance: str,
    severity: Severity,
    group: AllergyGroup | None = None,
    reaction: str = "",
    told_by: ToldBy | None = None,
) -> int:
    """Put an allergy on file, with the group that the substance belongs to, and return its id.

    Raises NotFound, AlreadyOnFile.
    """
    records = chart_ids(scope, patient_id)
    substance = clean(substance)
    if any(fold(row.substance) == fold(substance) for row in queries.list_allergies(scope, records)):
        raise AlreadyOnFile(
            N_("An allergy to %(substance)s is on file already."), field="substance", substance=substance
        )
    allergy = Allergy(
        patient_id=records[0],
        substance=substance,
        group=group or group_of(substance),
        reaction=clean(reaction),
        severity=severity,
        told_by=told_by,
        recorded_at=now(),
        recorded_by_id=scope.user_id,
    )
    db.session.add(allergy)
    db.session.flush()
    return allergy.id


def record_no_known_allergy(scope: Scope, patient_id: int) -> None:
    """Note that the person was asked now and knows of no allergy. Raises NotFound, Contradiction."""
    records = chart_ids(scope, patient_id)
    if rows := queries.list_allergies(scope, records):
        raise Contradiction(
            N_("An allergy to %(substance)s is on file. If it is wrong, end it with a reason first."),
            field="allergy",
            substance=rows[0].substance,
        )
    db.session.add(AllergyAnswer(patient_id=records[0], asked_at=now(), asked_by_id=scope.user_id))
    db.session.flush()


def end_allergy(scope: Scope, key: str, *, because: str) -> None:
    """End an allergy that proved wrong; it stays on file with the reason. Raises NotFound, NoReason, AlreadyOnFile."""
    allergy = queries.get_allergy(scope, key)
    because = clean(because)
    ensure_reason(because, "because")
    if allergy.ended_at is not None:
        raise AlreadyOnFile(N_("This allergy was ended already."))
    allergy.ended_at, allergy.ended_because = now(), because
    db.session.flush()


def record_pregnancy(
    scope: Scope,
    patient_id: int,
    *,
    source: PregnancySource,
    lmp_on: date | None = None,
    due_on: date | None = None,
    reason: str = "",
    is_sure: bool = False,
) -> int:
    """Put a pregnancy on file by last period or due date, or newer dates of the one that lasts; return the row's id.

    Newer dates need a reason, and the older ones stay in sight; dates that should be over need `is_sure`.
    Raises NotFound, NotThisPerson, ImpossibleDate, PostTerm, NoReason, AlreadyOnFile.
    """
    records = chart_ids(scope, patient_id)
    person = db.session.get_one(Patient, records[0])
    ensure_may_be_pregnant(person.sex, age(person.birth, today()))
    ensure_dates(lmp_on=lmp_on, due_on=due_on, today=today(), is_sure=is_sure)
    current = queries.pregnancy(scope, records).row
    if current is not None:
        if (current.lmp_on, current.due_on) == (lmp_on, due_on):
            raise AlreadyOnFile(N_("This pregnancy is on file already, with these dates."), field="lmp_on")
        ensure_reason(clean(reason), "reason")
    row = Pregnancy(
        patient_id=records[0],
        lmp_on=lmp_on,
        due_on=due_on,
        source=source,
        reason=clean(reason),
        recorded_at=now(),
        recorded_by_id=scope.user_id,
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def end_pregnancy(scope: Scope, patient_id: int, *, ended_on: date) -> None:
    """Note on which day the pregnancy ended, by birth or otherwise. Raises NotFound, Contradiction."""
    records = chart_ids(scope, patient_id)
    rows = db.session.scalars(
        select(Pregnancy).where(Pregnancy.patient_id.in_(records), Pregnancy.ended_on.is_(None))
    ).all()
    if not rows:
        raise Contradiction(N_("No pregnancy that lasts is on file."))
    if ended_on > today():
        raise Contradiction(N_("That day is still to come. Look at the date again."), field="ended_on")
    for row in rows:
        row.ended_on = ended_on
    db.session.flush()


def record_not_pregnant(scope: Scope, patient_id: int) -> None:
    """Note that the person was asked now and is not pregnant. Raises NotFound, Contradiction."""
    records = chart_ids(scope, patient_id)
    if queries.pregnancy(scope, records).known is Known.PRESENT:
        raise Contradiction(
            N_("A pregnancy is on file. If it is over, note the day on which it ended."), field="pregnancy"
        )
    db.session.add(PregnancyAnswer(patient_id=records[0], asked_at=now(), asked_by_id=scope.user_id))
    db.session.flush()

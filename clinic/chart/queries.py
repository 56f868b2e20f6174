"""Reads of what is true of a person between visits; every read asks for all records of the person."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, Subquery, func, select

from clinic.auth.models import User
from clinic.chart.models import Allergy, AllergyAnswer, Pregnancy, PregnancyAnswer
from clinic.chart.rules import AllergyGroup, Known, PregnancySource, Severity, ToldBy
from clinic.kernel.access import Scope
from clinic.kernel.clock import local
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from clinic.patients.models import Patient
from clinic.patients.queries import Chart


@dataclass(frozen=True, kw_only=True)
class AllergyRow:
    """A substance or group that harmed the person, as the banner and the safety checks read it."""

    key: str
    substance: str
    group: AllergyGroup | None
    reaction: str
    severity: Severity
    told_by: ToldBy | None
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, kw_only=True)
class AllergyFacts:
    """What is known of allergies: those on file, the worst first, or that the person was asked and knows of none."""

    known: Known
    rows: tuple[AllergyRow, ...]
    asked_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PregnancyRow:
    """A pregnancy that lasts, by its newest dates."""

    key: str
    lmp_on: date | None
    due_on: date | None
    source: PregnancySource
    reason: str
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, kw_only=True)
class PregnancyFacts:
    """What is known of a pregnancy: `row` where it lasts, `earlier` what its dates were thought to be before.

    `ended_on` is when the last one ended, `asked_at` when the person last said that she is not pregnant.
    """

    known: Known
    row: PregnancyRow | None = None
    earlier: tuple[PregnancyRow, ...] = ()
    ended_on: date | None = None
    asked_at: datetime | None = None


_WORST = (Severity.LIFE_THREATENING, Severity.SEVERE, Severity.UNKNOWN, Severity.MODERATE, Severity.MILD)


def list_allergies(scope: Scope, chart_ids: Chart) -> list[AllergyRow]:
    """Return the allergies on file that have not been ended, the worst first."""
    return list(allergy_answer(scope, chart_ids).rows)


def allergy_answer(scope: Scope, chart_ids: Chart) -> AllergyFacts:
    """Return what is known of a person's allergies, in one statement.

    "None known" holds only as the newest word: once an allergy was recorded or ended after it, the question is open.
    """
    asked = _asked(scope, AllergyAnswer, chart_ids)
    found = db.session.execute(
        select(asked.c.asked_at, Allergy, User.name_latin)
        .select_from(asked)
        .outerjoin(Allergy, Allergy.patient_id.in_(_own(scope, chart_ids)))
        .outerjoin(User, User.id == Allergy.recorded_by_id)
        .order_by(Allergy.id)
    ).all()
    asked_at = found[0].asked_at
    told = [(allergy, name) for _, allergy, name in found if allergy is not None]
    rows = [_allergy_row(allergy, name) for allergy, name in told if allergy.ended_at is None]
    changed = [instant for allergy, _ in told for instant in (allergy.recorded_at, allergy.ended_at) if instant]
    if rows:
        known = Known.PRESENT
    elif asked_at is not None and all(asked_at >= instant for instant in changed):
        known = Known.ABSENT
    else:
        known = Known.NOT_ASKED
    return AllergyFacts(
        known=known,
        rows=tuple(sorted(rows, key=lambda row: _WORST.index(row.severity))),
        asked_at=asked_at if known is Known.ABSENT else None,
    )


def get_allergy(scope: Scope, key: str) -> Allergy:
    """Return the allergy of that key within the organisation."""
    allergy = db.session.scalar(
        select(Allergy)
        .join(Patient, Patient.id == Allergy.patient_id)
        .where(Allergy.key == key, Patient.organisation_id == scope.organisation_id)
    )
    if allergy is None:
        raise NotFound(N_("There is no such allergy on file here."))
    return allergy


def pregnancy(scope: Scope, chart_ids: Chart) -> PregnancyFacts:
    """Return what is known of a woman's pregnancy, in one statement.

    "Not pregnant" holds only as the newest word. Whether the question applies at all is the caller's to know.
    """
    asked = _asked(scope, PregnancyAnswer, chart_ids)
    found = db.session.execute(
        select(asked.c.asked_at, Pregnancy, User.name_latin)
        .select_from(asked)
        .outerjoin(Pregnancy, Pregnancy.patient_id.in_(_own(scope, chart_ids)))
        .outerjoin(User, User.id == Pregnancy.recorded_by_id)
        .order_by(Pregnancy.id.desc())
    ).all()
    asked_at = found[0].asked_at
    told = [(one, name) for _, one, name in found if one is not None]
    if rows := [_pregnancy_row(one, name) for one, name in told if one.ended_on is None]:
        return PregnancyFacts(known=Known.PRESENT, row=rows[0], earlier=tuple(rows[1:]))
    ended_on = max((one.ended_on for one, _ in told if one.ended_on), default=None)
    if ended_on and (asked_at is None or local(asked_at).date() < ended_on):
        return PregnancyFacts(known=Known.ABSENT, ended_on=ended_on)
    return PregnancyFacts(known=Known.ABSENT if asked_at else Known.NOT_ASKED, ended_on=ended_on, asked_at=asked_at)


def _own(scope: Scope, chart_ids: Chart) -> Select[int]:
    """Return those of the records that the organisation keeps."""
    return select(Patient.id).where(Patient.id.in_(chart_ids), Patient.organisation_id == scope.organisation_id)


def _asked(scope: Scope, answers: type[AllergyAnswer | PregnancyAnswer], chart_ids: Chart) -> Subquery:
    """Return the one row of when a question was last answered with no; nothing in it where it never was."""
    newest = select(func.max(answers.asked_at).label("asked_at"))
    return newest.where(answers.patient_id.in_(_own(scope, chart_ids))).subquery()


def _allergy_row(allergy: Allergy, recorded_by: str) -> AllergyRow:
    return AllergyRow(
        key=allergy.key,
        substance=allergy.substance,
        group=allergy.group,
        reaction=allergy.reaction,
        severity=allergy.severity,
        told_by=allergy.told_by,
        recorded_at=allergy.recorded_at,
        recorded_by=recorded_by,
    )


def _pregnancy_row(one: Pregnancy, recorded_by: str) -> PregnancyRow:
    return PregnancyRow(
        key=one.key,
        lmp_on=one.lmp_on,
        due_on=one.due_on,
        source=one.source,
        reason=one.reason,
        recorded_at=one.recorded_at,
        recorded_by=recorded_by,
    )

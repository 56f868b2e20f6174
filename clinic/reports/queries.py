"""What a month holds at one site: facts of notes without a name, and the counts that stand beside them."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, select, union_all

from clinic.consultations.models import Consultation, Diagnosis
from clinic.consultations.rules import State
from clinic.evening.queries import was_written_about
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.nursing.models import NursingContact
from clinic.nursing.rules import ContactKind
from clinic.patients.models import Patient
from clinic.patients.queries import survivors
from clinic.patients.rules import BeforeBirth, BirthDate, LegalStatus, age
from clinic.reports.rules import Beside, Case, Counted, Month, band_of, group_of, month_of
from clinic.sites.models import OpeningHours
from clinic.specialties.models import SpecialtyPoint
from clinic.visits.models import QueuePlace, Visit
from clinic.visits.rules import PlaceState

_FIRST = 1  # the position of the diagnosis by which a consultation is new or follow-up


def list_consultations(scope: Scope, month: Month) -> list[Counted]:
    """Return every consultation signed on a visit of the month, in the order of arrival. Two statements.

    A visit belongs to the day of its arrival, also where the note was signed after midnight.
    """
    hours = _hours(scope)
    merged = survivors(scope)
    rows = db.session.execute(
        select(
            Consultation.id,
            Visit.id,
            Visit.day,
            Visit.number,
            Visit.arrived_at,
            Consultation.specialty_code,
            Consultation.clinician_id,
            func.coalesce(merged.c.survivor_id, Patient.id),
            Patient.sex,
            Patient.birth_year,
            Patient.birth_month,
            Patient.birth_day,
            Patient.birth_precision,
            Patient.nationality,
            Patient.legal_status,
            Diagnosis.case_type,
        )
        .join(Visit, Visit.id == Consultation.visit_id)
        .join(Patient, Patient.id == Consultation.patient_id)
        .outerjoin(merged, merged.c.record_id == Patient.id)
        .outerjoin(Diagnosis, and_(Diagnosis.consultation_id == Consultation.id, Diagnosis.position == _FIRST))
        .where(*_of_month(scope, month), Consultation.state == State.SIGNED)
        .order_by(Visit.day, Visit.number, Consultation.id)
    )
    return [
        Counted(
            id=consultation_id,
            visit=visit_id,
            day=day,
            number=number,
            specialty=specialty,
            clinician=clinician,
            person=person,
            sex=sex,
            band=band_of(_years(BirthDate(year=year, month=birth_month, day=birth_day, precision=precision), day)),
            group=group_of(
                nationality,
                is_citizen=status is LegalStatus.CITIZEN,
                is_protected=status is LegalStatus.TEMPORARY_PROTECTION,
            ),
            case=Case.NOT_STATED if case_type is None else Case(case_type),
            is_in_hours=_is_in_hours(hours, arrived_at),
        )
        for (
            consultation_id,
            visit_id,
            day,
            number,
            arrived_at,
            specialty,
            clinician,
            person,
            sex,
            year,
            birth_month,
            birth_day,
            precision,
            nationality,
            status,
            case_type,
        ) in rows
    ]


def get_beside(scope: Scope, month: Month) -> Beside:
    """Return what stands beside a month's consultations. Two statements."""
    of_month = _of_month(scope, month)
    notes = db.session.execute(
        select(Consultation.state, Consultation.specialty_code, Patient.sex, func.count())
        .join(Visit, Visit.id == Consultation.visit_id)
        .join(Patient, Patient.id == Consultation.patient_id)
        .where(*of_month)
        .group_by(Consultation.state, Consultation.specialty_code, Patient.sex)
    ).all()
    places = (
        select(func.count())
        .select_from(QueuePlace)
        .join(Visit, Visit.id == QueuePlace.visit_id)
        .join(SpecialtyPoint, SpecialtyPoint.service_point_id == QueuePlace.service_point_id)
        .where(*of_month, QueuePlace.state != PlaceState.CANCELLED)
    )
    left = places.where(QueuePlace.state == PlaceState.LEFT, ~was_written_about())
    visits = select(func.count()).select_from(Visit).where(*of_month)
    contacted = _contacted(scope, month)
    served = select(func.count()).select_from(contacted)
    newcomers = served.where(contacted.c.first >= month.first)
    contacts = (
        select(func.count())
        .select_from(NursingContact)
        .join(Visit, Visit.id == NursingContact.visit_id)
        .where(*of_month)
    )
    by_kind = [contacts.where(NursingContact.kind == kind) for kind in ContactKind]
    counts = (visits, served, newcomers, places, left, *by_kind)
    came, persons, new_persons, stays, left_unseen, *nursed = db.session.execute(
        select(*(one.scalar_subquery() for one in counts))
    ).one()
    return Beside(
        counted_again={(specialty, sex): count for state, specialty, sex, count in notes if state is State.SIGNED},
        still_open=sum(count for state, _, _, count in notes if state is State.OPEN),
        abandoned=sum(count for state, _, _, count in notes if state is State.ABANDONED),
        left_unseen=left_unseen,
        stays=stays,
        visits=came,
        persons=persons,
        new_persons=new_persons,
        nursing={kind.value: count for kind, count in zip(ContactKind, nursed, strict=True) if count},
    )


def list_months(scope: Scope) -> list[Month]:
    """Return the months from the site's first visit to today, the newest first; this one where nobody came yet."""
    first = db.session.scalar(select(func.min(Visit.day)).where(Visit.site_id == scope.site_id))
    months = [month_of(clock.today())]
    while first is not None and months[-1].first > first:
        months.append(months[-1].previous)
    return months


def _of_month(scope: Scope, month: Month) -> tuple[ColumnElement[bool], ...]:
    return (Visit.site_id == scope.site_id, Visit.day >= month.first, Visit.day <= month.last)


def _contacted(scope: Scope, month: Month) -> Subquery:
    """Return the unique persons with a signed note or a nursing contact in the month, each with the day of their first.

    That first is the first ever at the site, of all the records that were merged into the person's.
    """
    notes = _contacts_until(scope, month, Consultation).where(Consultation.state == State.SIGNED)
    ever = union_all(notes, _contacts_until(scope, month, NursingContact)).subquery()
    merged = survivors(scope)
    person = func.coalesce(merged.c.survivor_id, ever.c.patient_id)
    return (
        select(person.label("person"), func.min(ever.c.day).label("first"))
        .select_from(ever)
        .outerjoin(merged, merged.c.record_id == ever.c.patient_id)
        .group_by(person)
        .having(func.max(ever.c.day) >= month.first)
        .subquery()
    )


def _contacts_until(scope: Scope, month: Month, kind: type[Consultation | NursingContact]) -> Select[int, date]:
    """Return the records and days of one kind of contact at the site up to the end of a month."""
    return (
        select(kind.patient_id, Visit.day)
        .join(Visit, Visit.id == kind.visit_id)
        .where(Visit.site_id == scope.site_id, Visit.day <= month.last)
    )


def _hours(scope: Scope) -> Mapping[int, tuple[int, int]]:
    rows = db.session.execute(
        select(OpeningHours.weekday, OpeningHours.opens, OpeningHours.closes).where(
            OpeningHours.site_id == scope.site_id
        )
    )
    return {weekday: (opens, closes) for weekday, opens, closes in rows}


def _is_in_hours(hours: Mapping[int, tuple[int, int]], arrived_at: datetime) -> bool:
    local = clock.local(arrived_at)
    opens, closes = hours.get(local.weekday(), (0, 0))
    return opens <= local.hour * 60 + local.minute < closes


def _years(birth: BirthDate, on: date) -> int | None:
    try:
        found = age(birth, on)
    except BeforeBirth:
        return None
    return None if found is None else found.years

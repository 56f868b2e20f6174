"""A month of consultations, each put down as it was signed."""

from datetime import date, datetime
from itertools import count

from clinic.consultations.models import Consultation, Diagnosis, IcdCode
from clinic.consultations.rules import CaseType, State
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.db import transaction
from clinic.nursing.models import NursingContact
from clinic.nursing.rules import ContactKind
from clinic.visits.models import Visit
from clinic.visits.rules import VisitReason

_numbers = count(1000)
CODE = "J02.9"


def see(
    doctor: Scope,
    patient_id: int,
    on: date,
    specialty: str = "GP",
    *,
    case: CaseType | None = CaseType.NEW,
    at: tuple[int, int] = (17, 30),
    state: State = State.SIGNED,
    visit_id: int | None = None,
) -> int:
    """Let a doctor see someone who arrived on a day at a time of the clinic's zone; return the visit's id."""
    arrived = clock.at(on, *at)
    visit_id = visit_id or _arrive(doctor, patient_id, arrived)
    with transaction() as session:
        note = Consultation(
            site_id=doctor.site_id,
            visit_id=visit_id,
            patient_id=patient_id,
            specialty_code=specialty,
            clinician_id=doctor.user_id,
            state=State.OPEN,
            opened_at=arrived,
        )
        session.add(note)
        session.flush()
        if case is not None:
            if session.get(IcdCode, CODE) is None:
                session.add(IcdCode(code=CODE, title_en="Acute pharyngitis"))
                session.flush()
            session.add(
                Diagnosis(
                    consultation_id=note.id, patient_id=patient_id, code=CODE, title="x", case_type=case, position=1
                )
            )
        note.state = state
        note.signed_at = arrived if state is State.SIGNED else None
        note.abandoned_because = "left" if state is State.ABANDONED else ""
    return visit_id


def nurse(scope: Scope, patient_id: int, on: date) -> None:
    """Let somebody who arrived on a day be given advice by a nurse."""
    arrived = clock.at(on, 17, 30)
    visit_id = _arrive(scope, patient_id, arrived)
    with transaction() as session:
        session.add(
            NursingContact(
                site_id=scope.site_id,
                visit_id=visit_id,
                patient_id=patient_id,
                kind=ContactKind.ADVICE,
                text="advice",
                nurse_id=scope.user_id,
                signed_at=arrived,
            )
        )


def _arrive(scope: Scope, patient_id: int, arrived: datetime) -> int:
    with transaction() as session:
        visit = Visit(
            site_id=scope.site_id,
            patient_id=patient_id,
            day=clock.local(arrived).date(),
            number=next(_numbers),
            reason=VisitReason.NEW_PROBLEM,
            arrived_at=arrived,
            checked_in_by_id=scope.user_id,
            language="ar",
            closed_at=arrived,
        )
        session.add(visit)
    return visit.id

"""What stands at a doctor and at the counter at one instant of an evening."""

from datetime import datetime
from decimal import Decimal
from itertools import count

from clinic.consultations.models import Consultation
from clinic.consultations.rules import State
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.db import transaction
from clinic.pharmacy.models import Owing, Prescription, PrescriptionLine
from clinic.pharmacy.rules import DoseUnit, Food, OwingState
from clinic.visits.models import Visit
from tests.factories import create_patient, create_visit, point_of

_numbers = count(1)


def create_note(
    doctor: Scope, visit: Visit, code: str, *, patient_id: int | None = None, signed_at: datetime | None = None
) -> Consultation:
    """Return a note that the doctor has just opened, or signed at an instant; whoever calls adds it."""
    return Consultation(
        site_id=doctor.site_id,
        visit_id=visit.id,
        patient_id=patient_id or visit.patient_id,
        specialty_code=code,
        clinician_id=doctor.user_id,
        state=State.SIGNED if signed_at else State.OPEN,
        opened_at=clock.now(),
        signed_at=signed_at,
    )


def create_owing(doctor: Scope, *, inn: str = "paracetamol", is_open: bool = True) -> None:
    """Let the pharmacy owe one medicine to somebody of an earlier evening, or have owed it."""
    with clock.frozen(clock.at(clock.today().replace(day=1), 18)):
        visit = create_visit(doctor, create_patient(doctor).id, point_of(doctor.site_id, "PHARMACY"))
    with transaction() as session:
        prescription = Prescription(
            site_id=doctor.site_id,
            number=next(_numbers),
            visit_id=visit.id,
            patient_id=visit.patient_id,
            prescriber_id=doctor.user_id,
            specialty_code="GP",
            signed_at=clock.now(),
        )
        session.add(prescription)
        session.flush()
        line = PrescriptionLine(
            prescription_id=prescription.id,
            position=1,
            inn=inn,
            dose_amount=Decimal(1),
            dose_unit=next(iter(DoseUnit)),
            food=Food.ANY,
            days=5,
            quantity=20,
        )
        session.add(line)
        session.flush()
        session.add(
            Owing(
                site_id=doctor.site_id,
                number=next(_numbers),
                line_id=line.id,
                quantity=20,
                state=OwingState.OPEN if is_open else next(each for each in OwingState if each is not OwingState.OPEN),
                opened_at=clock.now(),
                closed_at=None if is_open else clock.now(),
            )
        )

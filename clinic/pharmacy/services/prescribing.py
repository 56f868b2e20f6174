"""Prescribing: orders as signed, checked against what is known of the person, and a place in the pharmacy's queue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import insert

from clinic.kernel.access import Scope
from clinic.kernel.clock import now
from clinic.kernel.db import db
from clinic.kernel.errors import DomainError, NotFound
from clinic.kernel.numbering import next_number
from clinic.kernel.text import N_
from clinic.patients.models import Patient
from clinic.pharmacy.models import LineProgress, Prescription, PrescriptionLine
from clinic.pharmacy.queries import get_medicines, read_taker, write_times
from clinic.pharmacy.rules import BadDose, Dose, Medicine, check, ensure_dose, quantity, stops
from clinic.sites.queries import get_point_of
from clinic.sites.rules import PointKind
from clinic.visits import services as visits


class Unsafe(DomainError):
    """A medicine is stopped by an allergy, a pregnancy or its dose, and no reason for going on is written."""

    code = "unsafe"
    status = 422


class NoMedicines(DomainError):
    """A prescription without medicines."""

    code = "no_medicines"
    status = 422


@dataclass(frozen=True, kw_only=True)
class NewLine:
    """A medicine to be prescribed; without an item it is not kept here, and stands as information for the person.

    `name` is what a refusal calls the line by; `override` is the prescriber's reason to go on where a check stops.
    """

    name: str
    item_id: int | None
    inn: str
    dose: Dose
    indication: str = ""
    override: str = ""


def prescribe(
    scope: Scope,
    *,
    visit_id: int,
    patient_id: int,
    specialty_code: str,
    lines: Sequence[NewLine],
    place_id: int | None = None,
) -> int:
    """Prescribe medicines on a visit and let the person wait at the pharmacy; return the prescription's id.

    With `place_id`, the place at which the caller serves the person, the person is done there in the same act.
    Quantities are computed from the doses. A check that stops yields only to a written reason, which the pharmacy sees.
    Raises NoMedicines, NotFound, BadDose and Unsafe; their `field` is `<name of the line>-<part>`.
    """
    if not lines:
        raise NoMedicines(N_("Choose at least one medicine."))
    person = db.session.get(Patient, patient_id)
    if person is None or person.organisation_id != scope.organisation_id:
        raise NotFound(N_("There is no such person on file here."))
    medicines = get_medicines([line.item_id for line in lines if line.item_id is not None])
    _ensure_safe(scope, person, lines, medicines)
    prescription = Prescription(
        site_id=scope.site_id,
        number=next_number(f"prescription:{scope.site_id}"),
        visit_id=visit_id,
        patient_id=patient_id,
        prescriber_id=scope.user_id,
        specialty_code=specialty_code,
        signed_at=now(),
    )
    db.session.add(prescription)
    db.session.flush()
    _write_lines(prescription.id, lines, medicines)
    if place_id is None:
        pharmacy = get_point_of(scope, PointKind.PHARMACY)
        visits.open_place(scope, visit_id, pharmacy.id)
    else:
        visits.pass_on(scope, place_id, PointKind.PHARMACY)
    return prescription.id


def _ensure_safe(scope: Scope, person: Patient, lines: Sequence[NewLine], medicines: Mapping[int, Medicine]) -> None:
    taker = read_taker(scope, person, list(medicines.values()))
    for line in lines:
        if line.item_id is None:
            ensure_line(line, is_divisible=True)
            continue
        if line.item_id not in medicines:
            raise NotFound(N_("%(medicine)s is not on the formulary."), field=f"{line.name}-amount", medicine=line.inn)
        medicine = medicines[line.item_id]
        if line.dose.unit is not medicine.dose_unit:
            raise BadDose(N_("Take this medicine out and choose it anew."), field=f"{line.name}-amount")
        ensure_line(line, is_divisible=medicine.is_divisible)
        if stops(check(medicine, line.dose, taker)) and not line.override:
            message = N_("%(medicine)s is stopped. Write why you go on, or take it away.")
            raise Unsafe(message, field=f"{line.name}-override", medicine=medicine.name)


def ensure_line(line: NewLine, *, is_divisible: bool) -> None:
    """Refuse a dose that cannot be taken or counted, naming the line. Raises BadDose."""
    try:
        ensure_dose(line.dose, is_divisible=is_divisible)
    except DomainError as refusal:
        refusal.field = f"{line.name}-{refusal.field}"
        raise


def _write_lines(prescription_id: int, lines: Sequence[NewLine], medicines: Mapping[int, Medicine]) -> None:
    rows = [
        {
            "prescription_id": prescription_id,
            "position": position,
            "item_id": line.item_id,
            "inn": medicines[line.item_id].inn if line.item_id else line.inn,
            "dose_amount": line.dose.amount,
            "dose_unit": line.dose.unit.value,
            "dose_times": write_times(line.dose.times),
            "every_hours": line.dose.every_hours,
            "is_as_needed": line.dose.is_as_needed,
            "max_per_day": line.dose.max_per_day,
            "food": line.dose.food.value,
            "days": line.dose.days,
            "quantity": quantity(line.dose, medicines[line.item_id]).units if line.item_id else 0,
            "indication": line.indication,
            "override_reason": line.override,
        }
        for position, line in enumerate(lines, 1)
    ]
    written = db.session.execute(
        insert(PrescriptionLine.__table__).returning(PrescriptionLine.id, PrescriptionLine.quantity), rows
    )
    db.session.add_all(LineProgress(line_id=line_id, prescribed=units) for line_id, units in written if units)
    db.session.flush()

"""Reads of prescriptions: what a person has from before, and how a doctor last prescribed a medicine."""

from datetime import timedelta

from sqlalchemy import select

from clinic.kernel.access import Scope
from clinic.kernel.clock import now
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from clinic.patients.queries import Chart
from clinic.pharmacy.models import Prescription, PrescriptionLine
from clinic.pharmacy.rules import Dose, DoseUnit, Food, Taking, TimeOfDay
from inventory.stock.models import Item

LASTS_FROM = timedelta(days=90)


def dose_of(line: PrescriptionLine) -> Dose:
    """Return the dose that a line holds as codes."""
    return Dose(
        amount=line.dose_amount,
        unit=DoseUnit(line.dose_unit),
        times=read_times(line.dose_times),
        every_hours=line.every_hours,
        is_as_needed=line.is_as_needed,
        max_per_day=line.max_per_day,
        food=Food(line.food),
        days=line.days,
    )


def read_times(written: str) -> tuple[TimeOfDay, ...]:
    """Return the times of day that a line keeps as words parted by blanks."""
    return tuple(TimeOfDay(word) for word in written.split())


def write_times(times: tuple[TimeOfDay, ...]) -> str:
    """Return times of day as a line keeps them."""
    return " ".join(time.value for time in times)


def list_lasting(chart: Chart) -> list[Taking]:
    """Return the medicines prescribed to a person whose days are not over yet; one statement."""
    rows = db.session.execute(
        select(PrescriptionLine.inn, Item.atc, Prescription.signed_at, PrescriptionLine.days)
        .join(Prescription, Prescription.id == PrescriptionLine.prescription_id)
        .outerjoin(Item, Item.id == PrescriptionLine.item_id)
        .where(Prescription.patient_id.in_(chart), Prescription.signed_at > now() - LASTS_FROM)
    )
    return [Taking(inn, atc or "") for inn, atc, signed_at, days in rows if signed_at + timedelta(days=days) > now()]


def get_line(chart: Chart, line_id: int) -> PrescriptionLine:
    """Return a line of one of a person's prescriptions. Raises NotFound."""
    line = db.session.scalar(
        select(PrescriptionLine)
        .join(Prescription, Prescription.id == PrescriptionLine.prescription_id)
        .where(PrescriptionLine.id == line_id, Prescription.patient_id.in_(chart))
    )
    if line is None:
        raise NotFound(N_("This person was not given that before."))
    return line


def find_own_dose(scope: Scope, item_id: int) -> Dose | None:
    """Return how the caller last prescribed a medicine, a habit to start from; None for the first time."""
    line = db.session.scalar(
        select(PrescriptionLine)
        .join(Prescription, Prescription.id == PrescriptionLine.prescription_id)
        .where(Prescription.prescriber_id == scope.user_id, PrescriptionLine.item_id == item_id)
        .order_by(PrescriptionLine.id.desc())
        .limit(1)
    )
    return dose_of(line) if line else None

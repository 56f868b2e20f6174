"""A pharmacy to test on: a clinic with a doctor and a pharmacist, a shelf, and beside it a clinic that is not asked."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import count

from sqlalchemy import select

from clinic.auth.roles import Role
from clinic.kernel.access import Scope
from clinic.kernel.audit import acting_as
from clinic.kernel.db import db, transaction
from clinic.pharmacy.models import FormularyEntry, Prescription, PrescriptionLine
from clinic.pharmacy.rules import Dose, DoseUnit, Food, TimeOfDay
from clinic.pharmacy.services import NewLine, prescribe
from inventory.stock.queries.places import get_shelf_id
from inventory.stock.services import open_places
from tests.factories import create_clinic, create_patient, create_user, create_visit, point_of, scope_of
from tests.inventory.stock.shelves import Shelf, create_item

_numbers = count(1)


@dataclass(frozen=True)
class Counter:
    doctor: Scope
    pharmacist: Scope
    shelf: Shelf


@dataclass(frozen=True)
class Sent:
    """A prescription that waits at the pharmacy."""

    id: int
    key: str
    visit_id: int
    number: int
    patient_id: int
    line_ids: tuple[int, ...]


def open_counter() -> Counter:
    """A clinic with a doctor and a pharmacist, its shelf empty."""
    site = create_clinic()
    doctor = scope_of(create_user(site, Role.DOCTOR, practises=("GP",)))
    pharmacist = scope_of(create_user(site, Role.PHARMACIST))
    with transaction():
        open_places(pharmacist)
    return Counter(doctor, pharmacist, Shelf(pharmacist, get_shelf_id(pharmacist), 0))


def create_medicine(inn: str = "amoxicillin", **fields: object) -> int:
    """A medicine on the formulary, counted in capsules of 500 mg."""
    facts = {"code", "atc", "form", "strength", "base_unit", "is_perishable"}
    item_id = create_item(inn, **{name: value for name, value in fields.items() if name in facts})
    with transaction() as session:
        entry = {"route": "oral", "mg": Decimal(500), **{n: v for n, v in fields.items() if n not in facts}}
        session.add(FormularyEntry(item_id=item_id, **entry))
    return item_id


def dose_of(
    quantity: int, *, unit: DoseUnit = DoseUnit.CAPSULE, amount: Decimal = Decimal(1), food: Food = Food.ANY
) -> Dose:
    """A dose that comes to `quantity` capsules: one each morning, so many days."""
    return Dose(amount=amount, unit=unit, times=(TimeOfDay.MORNING,), food=food, days=quantity)


def send(counter: Counter, *wanted: tuple[int, int], patient_id: int | None = None, override: str = "") -> Sent:
    """Let a doctor prescribe so many of each item to a person who was checked in for the purpose."""
    if patient_id is None:
        patient_id = create_patient(counter.doctor, given_latin=f"Person{next(_numbers)}").id
    visit = create_visit(counter.doctor, patient_id, point_of(counter.doctor.site_id, "GP"))
    with transaction(), acting_as(counter.doctor.user_id):
        prescription_id = prescribe(
            counter.doctor,
            visit_id=visit.id,
            patient_id=patient_id,
            specialty_code="GP",
            lines=[
                NewLine(name=f"L{item_id}", item_id=item_id, inn="", dose=dose_of(quantity), override=override)
                for item_id, quantity in wanted
            ],
        )
    prescription = db.session.get_one(Prescription, prescription_id)
    sent = Sent(
        prescription_id,
        prescription.key,
        prescription.visit_id,
        prescription.number,
        patient_id,
        tuple(
            db.session.scalars(
                select(PrescriptionLine.id)
                .where(PrescriptionLine.prescription_id == prescription_id)
                .order_by(PrescriptionLine.position)
            )
        ),
    )
    db.session.rollback()
    return sent

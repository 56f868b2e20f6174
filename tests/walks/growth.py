"""Thirty more of everything, so that a page that asks once a row shows it."""

from datetime import date, timedelta

from sqlalchemy import select

from clinic.auth.roles import Role
from clinic.consultations import services as consultations
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.audit import acting_as
from clinic.kernel.db import db, transaction
from clinic.patients.models import Patient
from clinic.sites.models import Site
from clinic.visits import services as visits
from inventory.stock.queries.places import get_shelf_id
from inventory.stock.services import Delivered, receive
from tests import factories
from tests.clinic.consultations.evening import content
from tests.clinic.pharmacy.counter import Counter, create_medicine, send
from tests.inventory.stock.shelves import Shelf
from tests.walks.world import House, examine, place_key, register

MORE = 30
_TONIGHT = date(2026, 11, 24)


def grow(house: House) -> None:
    """Fill a house: staff, people in every queue, notes of one person, medicines, lots, prescriptions."""
    scopes = {role: person.scope for role, person in house.staff.items()}
    site = db.session.get_one(Site, scopes[Role.DOCTOR].site_id)
    for _ in range(MORE):
        factories.create_user(site, Role.DOCTOR, Role.NURSE, practises=("GP", "PED"))
    patient_id = db.session.scalars(select(Patient.id).where(Patient.key == house.records["patient"])).one()
    for days in range(1, MORE + 1):
        with clock.frozen(clock.at(_TONIGHT - timedelta(days=days), 18, 30)):
            _see(scopes, patient_id, with_tests=days % 6 == 0)
    _store(scopes)


def _see(scopes: dict[Role, Scope], patient_id: int, *, with_tests: bool) -> None:
    doctor, gp = scopes[Role.DOCTOR], factories.point_of(scopes[Role.DOCTOR].site_id, "GP")
    visit = factories.create_visit(scopes[Role.REGISTRAR], patient_id, gp)
    if with_tests:
        examine(scopes, visit.id, patient_id)
    with transaction(), acting_as(doctor.user_id):
        visits.call(doctor, place_key(visit.id, "GP"))
        consultations.sign(doctor, visit.key, content("J00", "I10"), seen=0, language="en")


def _store(scopes: dict[Role, Scope]) -> None:
    doctor, pharmacist = scopes[Role.DOCTOR], scopes[Role.PHARMACIST]
    counter = Counter(doctor, pharmacist, Shelf(pharmacist, get_shelf_id(pharmacist), 0))
    for number in range(MORE):
        item_id = create_medicine(f"growmycin{number}")
        lots = [
            Delivered(item_id=item_id, batch_no=f"G{number}{part}", expires_on=date(2026, 12, 31), quantity=90)
            for part in "AB"
        ]
        with transaction(), acting_as(pharmacist.user_id):
            receive(pharmacist, lots, donor=f"Donor {number}")
        send(counter, (item_id, 20), (item_id, 10), patient_id=register(scopes[Role.REGISTRAR], "Amal").id)

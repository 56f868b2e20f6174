"""Three houses at work on one evening, with one of each record, so that every address of the product leads somewhere.

`here` is where the walks sign in, `next_door` is another site of the same organisation, `elsewhere` one of another.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count

from sqlalchemy import Select, select

from clinic.auth import services as auth
from clinic.auth.models import Computer, User
from clinic.auth.roles import Role
from clinic.auth.services.badges import enrol_computer, give_badge, new_badge_number
from clinic.chart.models import Allergy
from clinic.chart.rules import AllergyGroup, PregnancySource, Severity, ToldBy
from clinic.chart.services import record_allergy, record_pregnancy
from clinic.consultations import services as consultations
from clinic.consultations.models import Consultation
from clinic.kernel.access import Scope
from clinic.kernel.audit import acting_as
from clinic.kernel.db import db, new_key, transaction
from clinic.lab import services as lab
from clinic.lab.queries import get_order
from clinic.lab.rules import Condition, SpecimenKind, Told
from clinic.nursing.rules import ContactKind
from clinic.nursing.services import add_to_contact, sign_contact
from clinic.patients.models import Patient
from clinic.patients.rules import Sex
from clinic.pharmacy.queries.lines import get_prescription
from clinic.pharmacy.services import Handed, Rest, dispense
from clinic.sites.models import ServicePoint, Site
from clinic.visits import services as visits
from clinic.visits.models import QueuePlace
from clinic.visits.rules import CALLS_BEFORE_LEFT, Vital
from inventory.assets.models import AssetEvidence
from inventory.assets.rules import EvidenceKind
from inventory.assets.services import move
from inventory.stock.models import Batch, Item, Lot, Movement, StockDocument
from inventory.stock.queries.places import get_shelf_id
from inventory.stock.services import Delivered, Taken, block, open_places, receive
from tests import factories
from tests.clinic.consultations.evening import content, list_diagnoses
from tests.clinic.lab.bench import list_laboratory_tests
from tests.clinic.pharmacy.counter import Counter, create_medicine, send
from tests.inventory.assets.things import create_asset, show
from tests.inventory.handovers.table import Table
from tests.inventory.stock.shelves import Shelf

# What each parameter of an address names, by the address up to and with it. Whoever adds an address with a parameter
# says here which record of a house it names, and makes that record in `open_house` where no house has one yet.
RECORDS = {
    "/accounts/<key>": "account",
    "/computers/<key>": "computer",
    "/equipment/<key>": "asset",
    "/equipment/<key>/evidence/<evidence>": "evidence",
    "/specialties/<key>": "doctor",
    "/registration/<key>": "patient",
    "/rooms/<key>": "point",
    "/registration/<key>/also": "visit",
    "/registration/found/<key>": "search",
    "/registration/number/<key>": "visit",
    "/reports/consultations/<month>": "month",
    "/stock/<key>": "item",
    "/stock/documents/<key>": "document",
    "/stock/batches/<key>": "batch",
    "/desk/<visit_key>": "visit",
    "/desk/<visit_key>/tests/<order_key>": "lab order",
    "/desk/note/<note_key>": "note",
    "/desk/place/<place_key>": "place",
    "/check/<number>": "certificate number",
    "/check/<number>/<code>": "certificate code",
    "/handovers/<key>": "handover",
    "/handovers/<key>/certificate.pdf": "handover sealed",
    "/handovers/<key>/files/<sha256>": "file of a handover",
    "/handovers/<key>/lines/<line>": "line of a handover",
    "/laboratory/<key>": "lab order",
    "/laboratory/<key>/specimens/<specimen>": "specimen",
    "/laboratory/<key>/tests/<request_key>": "lab test",
    "/laboratory/<key>/results/<result>": "lab result",
    "/nursing/<visit_key>": "visit",
    "/nursing/<visit_key>/contacts/<contact_key>": "nursing contact",
    "/pharmacy/<key>": "prescription",
    "/pharmacy/handouts/<key>": "handout",
    "/pharmacy/places/<key>": "pharmacy place",
    "/triage/<key>": "triage place",
    "/triage/<key>/allergy/<allergy>": "allergy",
    "/triage/<key>/correct/<kind>": "vital",
}

# Records that more than the one site may see, and why.
SHARED = {
    "item": "the list of medicines is the whole product's; what lies of them is each site's",
}
OF_THE_ORGANISATION = {
    "note": "a chart goes with its person; who may not read it is refused below",
    "patient": "a person is registered once for the whole organisation, and may come to any of its sites",
    "account": "an administrator keeps the accounts of the whole organisation",
}

# Keys under which nothing need be found, and what is then shown.
FORGOTTEN = {
    "search": "a session finds its own searches alone; any other key shows the desk without one",
}

NOBODYS = "no-such-key-anywhere00"

_numbers = count(1)


@dataclass(frozen=True)
class Person:
    """Someone at work, with the token of the session that sits at the desk."""

    scope: Scope
    token: str


@dataclass(frozen=True)
class House:
    """One site: who works there in each role, and one record of each kind."""

    staff: dict[Role, Person]
    records: dict[str, str]


@dataclass(frozen=True)
class World:
    """All there is."""

    here: House
    next_door: House
    elsewhere: House


def open_world() -> World:
    """Make the three houses; stand inside an application context, on the evening."""
    site = factories.create_clinic()
    sister = factories.create_clinic(organisation_id=site.organisation_id)
    list_diagnoses()
    return World(here=open_house(site), next_door=open_house(sister), elsewhere=open_house(factories.create_clinic()))


def open_house(site: Site) -> House:
    """Fill one site."""
    scopes = {role: factories.scope_of(_employ(site, role)) for role in Role}
    with transaction():
        open_places(scopes[Role.PHARMACIST])
    records = (
        {"account": _key(select(User.key).where(User.id == scopes[Role.NURSE].user_id))}
        | {"computer": _enrol(scopes)}
        | {"doctor": _key(select(User.key).where(User.id == scopes[Role.DOCTOR].user_id))}
        | _care(scopes)
        | _store(scopes)
        | _equipment(scopes[Role.LOGISTICS])
        | _handover(scopes)
    )
    return House({role: Person(scope, _seat(scope)) for role, scope in scopes.items()}, records)


def _enrol(scopes: dict[Role, Scope]) -> str:
    """Enrol a shared PC, and let the nurse have a badge; return the PC's key."""
    administrator, nurse = scopes[Role.ADMINISTRATOR], scopes[Role.NURSE]
    with transaction():
        enrol_computer(administrator, name="Room 2")
        give_badge(administrator, db.session.get_one(User, nurse.user_id).key, number=new_badge_number())
    return _key(select(Computer.key).where(Computer.site_id == administrator.site_id))


def _employ(site: Site, role: Role) -> User:
    practises = ("GP",) if role is Role.DOCTOR else ()
    name = f"{role.label} {next(_numbers)}"
    return factories.create_user(
        site, role, practises=practises, name_latin=name, name_ar="رنا الخطيب", username=f"walker{next(_numbers)}"
    )


def _seat(scope: Scope) -> str:
    with transaction():
        return auth.open_session(scope.user_id, site_id=scope.site_id, address="127.0.0.1")


# ---- records -------------------------------------------------------------------------------------------------------


def _care(scopes: dict[Role, Scope]) -> dict[str, str]:
    """Return one of each: measured and with the doctor, her note signed, called in vain, waiting."""
    registrar, doctor, nurse = scopes[Role.REGISTRAR], scopes[Role.DOCTOR], scopes[Role.NURSE]
    gp = factories.point_of(registrar.site_id, "GP")
    amal = register(registrar, "Amal")
    amal_visit = factories.create_visit(registrar, amal.id, gp)
    with transaction(), acting_as(nurse.user_id):
        visits.record_vitals(nurse, amal_visit.id, {Vital.TEMPERATURE: 385})
        record_allergy(
            nurse,
            amal.id,
            substance="Penicillin",
            severity=Severity.SEVERE,
            group=AllergyGroup.PENICILLIN,
            told_by=ToldBy.SELF,
        )
        record_pregnancy(nurse, amal.id, source=PregnancySource.LMP, lmp_on=date(2026, 7, 1))
    with transaction(), acting_as(doctor.user_id):
        visits.call(doctor, place_key(amal_visit.id, "GP"))
        consultations.keep_draft(doctor, amal_visit.key, content("J00"), seen=0)
    examined = examine(scopes, amal_visit.id, amal.id)
    with transaction(), acting_as(nurse.user_id):
        contact = sign_contact(nurse, amal_visit.key, kind=ContactKind.DRESSING, text="Wound clean, dressed")
        add_to_contact(nurse, amal_visit.key, contact, text="Seen again", reason="It bled")
    seen = factories.create_visit(registrar, register(registrar, "Zeynep").id, gp)
    with transaction(), acting_as(doctor.user_id):
        visits.call(doctor, place_key(seen.id, "GP"))
        consultations.sign(doctor, seen.key, content("J00"), seen=0, language="en")
    called = factories.create_visit(registrar, register(registrar, "Rana").id, gp)
    for _ in range(CALLS_BEFORE_LEFT):
        with transaction(), acting_as(nurse.user_id):
            visits.call(nurse, place_key(called.id, "TRIAGE"))
    pharmacy = factories.point_of(registrar.site_id, "PHARMACY")
    comes_back = factories.create_visit(registrar, register(registrar, "Samira").id, pharmacy)
    waits = factories.create_visit(registrar, register(registrar, "Huda").id, gp)
    return {
        "patient": amal.key,
        "patient away": register(registrar, "Maryam").key,
        "search": new_key(),
        "point": _key(select(ServicePoint.key).where(ServicePoint.id == gp)),
        "visit": amal_visit.key,
        "pharmacy place": place_key(comes_back.id, "PHARMACY"),
        "triage place": place_key(amal_visit.id, "TRIAGE"),
        "triage place called": place_key(called.id, "TRIAGE"),
        "triage place waiting": place_key(waits.id, "TRIAGE"),
        "vital": Vital.TEMPERATURE.value.lower(),
        "month": "2026-11",
        "allergy": _key(select(Allergy.key).where(Allergy.patient_id == amal.id)),
        "note": _key(select(Consultation.key).where(Consultation.visit_id == seen.id)),
        "visit waiting": waits.key,
        "place": place_key(waits.id, "GP"),
        "nursing contact": contact,
    } | examined


def examine(scopes: dict[Role, Scope], visit_id: int, patient_id: int) -> dict[str, str]:
    """Return an order with a test at every step: one critical and verified, one written down, one taken anew."""
    doctor, bench = scopes[Role.DOCTOR], scopes[Role.LABORATORY]
    list_laboratory_tests()
    with transaction(), acting_as(doctor.user_id):
        order = lab.order_tests(
            doctor, visit_id=visit_id, patient_id=patient_id, codes=["HGB", "CRP", "UPROT", "ABO"], place_id=None
        )
    with transaction(), acting_as(bench.user_id):
        lab.collect(bench, order)
        urine = next(one for one in get_order(bench, order).specimens if one.kind is SpecimenKind.URINE)
        lab.reject(bench, order, urine.key, condition=Condition.LEAKED, because="The cup was open")
        lab.receive(bench, order)
        tests = {one.code: one.key for one in get_order(bench, order).requests}
        lab.enter(bench, order, {tests["HGB"]: Told(number=Decimal("5.1"))})
        lab.verify(bench, order)
        lab.collect(bench, order)
        lab.enter(bench, order, {tests["CRP"]: Told(number=Decimal(0))})
        found = get_order(bench, order)
        [(_, critical)] = found.calls
    waiting = next(one for one in found.specimens if one.received_at is None)
    return {"lab order": order, "specimen": waiting.key, "lab test": tests["HGB"], "lab result": critical.key}


def _store(scopes: dict[Role, Scope]) -> dict[str, str]:
    """One medicine on the shelf, and a prescription of it that waits at the counter."""
    doctor, pharmacist = scopes[Role.DOCTOR], scopes[Role.PHARMACIST]
    item_id = create_medicine(f"walkmycin{next(_numbers)}")
    with transaction(), acting_as(pharmacist.user_id):
        lots = [
            Delivered(item_id=item_id, batch_no=name, expires_on=date(2031, 12, 31), quantity=500)
            for name in ("B1", f"H{pharmacist.site_id}")
        ]
        document_id = receive(pharmacist, lots, donor=f"Donor {pharmacist.site_id}", note="In good order")
    batch, held = db.session.scalars(
        select(Batch.key)
        .join(Lot, Lot.batch_id == Batch.id)
        .join(Movement, Movement.lot_id == Lot.id)
        .where(Movement.document_id == document_id)
        .order_by(Batch.batch_no)
    ).all()
    with transaction(), acting_as(pharmacist.user_id):
        block(pharmacist, held, because="The seal was broken")
    counter = Counter(doctor, pharmacist, Shelf(pharmacist, get_shelf_id(pharmacist), 0))
    waits, owed = (
        send(counter, (item_id, 20), patient_id=register(scopes[Role.REGISTRAR], "Omar", sex=Sex.MALE).id)
        for _ in range(2)
    )
    lot_id = db.session.scalars(select(Lot.id).join(Batch, Batch.id == Lot.batch_id).where(Batch.key == batch)).one()
    taken = Taken(lot_id=lot_id, place_id=counter.shelf.shelf_id, quantity=5)
    with transaction(), acting_as(pharmacist.user_id):
        signed = get_prescription(pharmacist, owed.key)
        handout = dispense(pharmacist, signed, [Handed(line_id=owed.line_ids[0], taken=(taken,), rest=Rest.OWED)])
    return {
        "item": _key(select(Item.key).where(Item.id == item_id)),
        "document": _key(select(StockDocument.key).where(StockDocument.id == document_id)),
        "batch": batch,
        "batch held": held,
        "prescription": owed.key,
        "prescription waiting": waits.key,
        "handout": handout or "",
    }


def _equipment(logistics: Scope) -> dict[str, str]:
    """One thing on the register that has stood elsewhere."""
    asset = create_asset(logistics)
    with transaction(), acting_as(logistics.user_id):
        move(logistics, asset.key, "Room 2", because="as planned", seen=asset.version)
    show(logistics, asset, EvidenceKind.PHOTO)
    return {"asset": asset.key, "evidence": _key(select(AssetEvidence.key).where(AssetEvidence.asset_id == asset.id))}


def _handover(scopes: dict[Role, Scope]) -> dict[str, str]:
    """One batch in every state that shows a form; the draft's line, and a sealed certificate."""
    table = Table(scopes)
    draft, submitted, approved, inspected = (table.draft() for _ in range(4))
    sealed, signed, sealing = table.sealed(), table.sealed(), table.inspected()
    table.begin_seal(sealing)
    for key in (submitted, approved, inspected):
        table.submit(key)
    for key in (approved, inspected):
        table.approve(key)
    table.inspect(inspected)
    table.sign(signed)
    number, code = table.certificate(sealed)
    return {
        "handover": draft,
        "handover submitted": submitted,
        "handover approved": approved,
        "handover inspected": inspected,
        "handover sealing": sealing,
        "handover sealed": sealed,
        "handover signed": signed,
        "line of a handover": table.line(draft),
        "file of a handover": _key(
            select(AssetEvidence.sha256).where(
                AssetEvidence.asset_id == table.assets(draft)[0].id, AssetEvidence.kind == EvidenceKind.PHOTO
            )
        ),
        "certificate number": number,
        "certificate code": code,
    }


def register(registrar: Scope, given: str, *, sex: Sex = Sex.FEMALE) -> Patient:
    """Put a grown person on file, to be found by name and phone."""
    number = next(_numbers)
    patient_id = factories.register_patient(
        registrar, given, f"Walker{number}", father="Khaled", other_spelling="أمل الحريري", born="3.4.1992", sex=sex
    )
    return db.session.get_one(Patient, patient_id)


def place_key(visit_id: int, code: str) -> str:
    """Return the key of a visit's place in the queue of a point."""
    return _key(
        select(QueuePlace.key)
        .join(ServicePoint, ServicePoint.id == QueuePlace.service_point_id)
        .where(QueuePlace.visit_id == visit_id, ServicePoint.code == code)
    )


def _key(statement: Select[str]) -> str:
    return db.session.scalars(statement).one()

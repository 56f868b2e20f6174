"""Who waits at the pharmacy, and to whom something is owed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, or_, select

from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.patients.models import Patient
from clinic.pharmacy.models import LineProgress, Owing, Prescription, PrescriptionLine
from clinic.pharmacy.queries.lines import written_owing
from clinic.pharmacy.rules import OwingState
from clinic.visits.models import QueuePlace
from clinic.visits.rules import Priority
from inventory.stock.models import Balance, Batch, Item, Lot, StockPlace
from inventory.stock.rules import PlaceKind

MOST_OWINGS = 100


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What waits for one visit: its prescription to open first, and how many medicines are still to be settled."""

    prescription_key: str
    medicines: int


@dataclass(frozen=True, kw_only=True)
class OwingRow:
    """Something owed to a person; `usable` is what lies there of it now."""

    number: int
    quantity: int
    opened_at: datetime
    prescription_key: str
    inn: str
    strength: str
    form: str
    base_unit: str
    usable: int
    patient_key: str
    given_latin: str
    family_latin: str
    given_ar: str
    family_ar: str
    phone: str
    language: str

    @property
    def slip(self) -> str:
        """The number as the slip bears it."""
        return written_owing(self.number)

    @property
    def can_be_met(self) -> bool:
        """Whether anything of it lies there."""
        return self.usable > 0


def list_waiting(scope: Scope, visit_ids: Collection[int]) -> dict[int, Waiting]:
    """Return for each visit that has a prescription which one to open, and how much is left of it. One statement."""
    is_left = and_(LineProgress.given < LineProgress.prescribed, LineProgress.closed_at.is_(None), Owing.id.is_(None))
    left = func.coalesce(func.sum(case((is_left, 1), else_=0)), 0).label("left")
    rows = db.session.execute(
        select(Prescription.visit_id, Prescription.key, left)
        .join(PrescriptionLine, PrescriptionLine.prescription_id == Prescription.id)
        .outerjoin(LineProgress, LineProgress.line_id == PrescriptionLine.id)
        .outerjoin(Owing, and_(Owing.line_id == PrescriptionLine.id, Owing.state == OwingState.OPEN))
        .where(Prescription.site_id == scope.site_id, Prescription.visit_id.in_(tuple(visit_ids)))
        .group_by(Prescription.id, Prescription.visit_id, Prescription.key)
        .order_by(Prescription.id)
    ).all()
    waiting: dict[int, Waiting] = {}
    for visit_id, key, count in rows:
        known = waiting.get(visit_id)
        if known is None or not known.medicines:
            waiting[visit_id] = Waiting(prescription_key=key, medicines=int(count))
        else:
            waiting[visit_id] = Waiting(prescription_key=known.prescription_key, medicines=known.medicines + int(count))
    return waiting


def list_owings(scope: Scope, *, limit: int = MOST_OWINGS) -> list[OwingRow]:
    """Return what the site owes: what can be met now first, by clinical priority, then the oldest. One statement."""
    usable = (
        select(Batch.item_id, func.sum(Balance.quantity).label("units"))
        .join(Lot, Lot.batch_id == Batch.id)
        .join(Balance, Balance.lot_id == Lot.id)
        .join(StockPlace, StockPlace.id == Balance.place_id)
        .where(
            StockPlace.site_id == scope.site_id,
            StockPlace.kind == PlaceKind.SHELF,
            ~Balance.is_blocked,
            or_(Balance.expires_on.is_(None), Balance.expires_on >= clock.today()),
        )
        .group_by(Batch.item_id)
        .subquery()
    )
    units = func.coalesce(usable.c.units, 0)
    urgency = select(func.min(_URGENCY)).where(QueuePlace.visit_id == Prescription.visit_id).scalar_subquery()
    rows = db.session.execute(
        select(Owing, Prescription.key, Item, units, Patient)
        .join(PrescriptionLine, PrescriptionLine.id == Owing.line_id)
        .join(Prescription, Prescription.id == PrescriptionLine.prescription_id)
        .join(Patient, Patient.id == Prescription.patient_id)
        .join(Item, Item.id == PrescriptionLine.item_id)
        .outerjoin(usable, usable.c.item_id == Item.id)
        .where(Owing.site_id == scope.site_id, Owing.state == OwingState.OPEN)
        .order_by(case((units > 0, 0), else_=1), urgency, Owing.opened_at, Owing.id)
        .limit(limit)
    )
    return [
        OwingRow(
            number=owing.number,
            quantity=owing.quantity,
            opened_at=owing.opened_at,
            prescription_key=key,
            inn=item.inn,
            strength=item.strength,
            form=item.form,
            base_unit=item.base_unit,
            usable=int(lies),
            patient_key=person.key,
            given_latin=person.given_latin,
            family_latin=person.family_latin,
            given_ar=person.given_ar,
            family_ar=person.family_ar,
            phone=person.phone,
            language=person.language,
        )
        for owing, key, item, lies, person in rows
    ]


_URGENCY = case({priority: place for place, priority in enumerate(Priority)}, value=QueuePlace.priority)

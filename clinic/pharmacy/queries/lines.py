"""What became of each prescribed medicine."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from clinic.auth.models import User
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.patients.models import Patient
from clinic.patients.queries import Chart
from clinic.pharmacy.models import LineProgress, Prescription, PrescriptionLine
from clinic.pharmacy.queries.prescriptions import dose_of
from clinic.pharmacy.rules import Dose, LineState, NotGiven, course_ends_on, line_state
from clinic.visits.models import Visit
from inventory.stock.models import Item

RECENT = 20


@dataclass(frozen=True, kw_only=True)
class LineRow:
    """One prescribed medicine: its dose, how much of it was given, and why no more is; no item where none is kept."""

    line_id: int
    position: int
    item_id: int | None
    inn: str
    strength: str
    form: str
    base_unit: str
    dose: Dose
    prescribed: int
    given: int
    indication: str
    override_reason: str
    closed_because: NotGiven | None
    closed_note: str
    signed_on: date

    @property
    def state(self) -> LineState:
        """What became of it; what is not kept here was never waited for."""
        if self.item_id is None:
            return LineState.NOT_GIVEN
        return line_state(prescribed=self.prescribed, given=self.given, is_closed=self.closed_because is not None)

    @property
    def rest(self) -> int:
        """How much of it may still be given."""
        return self.prescribed - self.given if self.closed_because is None else 0

    @property
    def lasts_until(self) -> date:
        """The last day of the course, counted from the signature."""
        return course_ends_on(self.signed_on, self.dose.days)


@dataclass(frozen=True, kw_only=True)
class PrescriptionRow:
    """One prescription with its lines."""

    id: int
    key: str
    number: int
    site_id: int
    visit_id: int
    visit_number: int
    patient_id: int
    specialty_code: str
    signed_at: datetime
    prescriber: str
    lines: tuple[LineRow, ...]


def list_prescriptions(scope: Scope, chart: Chart, *, limit: int = RECENT) -> list[PrescriptionRow]:
    """Return the person's prescriptions within the organisation, the newest first, each with its lines.

    Two statements.
    """
    found = db.session.execute(
        select(Prescription, User.name_latin, Visit.number)
        .join(User, User.id == Prescription.prescriber_id)
        .join(Visit, Visit.id == Prescription.visit_id)
        .join(Patient, Patient.id == Prescription.patient_id)
        .where(Prescription.patient_id.in_(chart), Patient.organisation_id == scope.organisation_id)
        .order_by(Prescription.id.desc())
        .limit(limit)
    ).all()
    return with_lines([(prescription, name, number) for prescription, name, number in found])


def with_lines(prescriptions: Collection[tuple[Prescription, str, int]]) -> list[PrescriptionRow]:
    """Return prescriptions, given with their prescribers and their visits' numbers, with their lines. One statement."""
    signed = {one.id: clock.local(one.signed_at).date() for one, _, _ in prescriptions}
    lines: dict[int, list[LineRow]] = {number: [] for number in signed}
    rows = db.session.execute(
        select(PrescriptionLine, LineProgress, Item)
        .outerjoin(LineProgress, LineProgress.line_id == PrescriptionLine.id)
        .outerjoin(Item, Item.id == PrescriptionLine.item_id)
        .where(PrescriptionLine.prescription_id.in_(tuple(signed)))
        .order_by(PrescriptionLine.prescription_id, PrescriptionLine.position)
    )
    for line, progress, item in rows:
        lines[line.prescription_id].append(_line_row(line, progress, item, signed[line.prescription_id]))
    return [
        PrescriptionRow(
            id=one.id,
            key=one.key,
            number=one.number,
            site_id=one.site_id,
            visit_id=one.visit_id,
            visit_number=number,
            patient_id=one.patient_id,
            specialty_code=one.specialty_code,
            signed_at=one.signed_at,
            prescriber=prescriber,
            lines=tuple(lines[one.id]),
        )
        for one, prescriber, number in prescriptions
    ]


def _line_row(line: PrescriptionLine, progress: LineProgress | None, item: Item | None, signed_on: date) -> LineRow:
    return LineRow(
        line_id=line.id,
        position=line.position,
        item_id=line.item_id,
        inn=line.inn,
        strength=item.strength if item else "",
        form=item.form if item else "",
        base_unit=item.base_unit if item else "",
        dose=dose_of(line),
        prescribed=progress.prescribed if progress else 0,
        given=progress.given if progress else 0,
        indication=line.indication,
        override_reason=line.override_reason,
        closed_because=progress.closed_because if progress else NotGiven.NOT_STOCKED,
        closed_note=progress.closed_note if progress else "",
        signed_on=signed_on,
    )

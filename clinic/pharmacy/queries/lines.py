"""What became of each prescribed medicine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import FromClause, Select, and_, join, select

from clinic.auth.models import User
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from clinic.patients.models import Patient
from clinic.patients.queries import Chart
from clinic.pharmacy.models import Dispense, FormularyEntry, LineProgress, Owing, Prescription, PrescriptionLine
from clinic.pharmacy.queries.formulary import medicine_of
from clinic.pharmacy.queries.prescriptions import dose_of
from clinic.pharmacy.rules import Dose, LineState, Medicine, NotGiven, OwingState, course_ends_on, line_state
from clinic.sites.models import Site
from clinic.visits.models import Visit
from inventory.stock.models import Item

RECENT = 20


def written_owing(number: int) -> str:
    """Return the number of an owing as its slip bears it: OW-0213."""
    return f"OW-{number:04}"


@dataclass(frozen=True)
class Owed:
    """What is still owed of a line, by the number of its slip."""

    number: int
    quantity: int

    @property
    def slip(self) -> str:
        """The number as the slip bears it."""
        return written_owing(self.number)


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
    medicine: Medicine | None
    owed: Owed | None

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


def get_header(scope: Scope, key: str) -> tuple[Prescription, Site, list[tuple[str, datetime]]]:
    """Return the site's prescription of that key without its lines, the site, and what was handed out of it and when.

    The newest handing out stands first. One statement. Raises NotFound.
    """
    rows = db.session.execute(
        select(Prescription, Site, Dispense.key, Dispense.dispensed_at)
        .join(Site, Site.id == Prescription.site_id)
        .outerjoin(Dispense, Dispense.prescription_id == Prescription.id)
        .where(Prescription.site_id == scope.site_id, Prescription.key == key)
        .order_by(Dispense.id.desc())
    ).all()
    if not rows:
        raise NotFound(N_("There is no such prescription here."))
    prescription, site, *_ = rows[0]
    return prescription, site, [(handout, at) for *_, handout, at in rows if handout is not None]


def list_prescriptions(scope: Scope, chart: Chart, *, limit: int = RECENT) -> list[PrescriptionRow]:
    """Return the person's prescriptions within the organisation, the newest first, each with its lines.

    One statement.
    """
    newest = (
        select(Prescription.id)
        .join(Patient, Patient.id == Prescription.patient_id)
        .where(Prescription.patient_id.in_(chart), Patient.organisation_id == scope.organisation_id)
        .order_by(Prescription.id.desc())
        .limit(limit)
        .subquery()
    )
    # the few come first: PostgreSQL keeps the order of so many joins, and would read every prescription before them
    return _prescriptions(_chosen(join(newest, Prescription, Prescription.id == newest.c.id)))


def get_prescription(scope: Scope, key: str) -> PrescriptionRow:
    """Return the site's prescription of that key with its lines. One statement. Raises NotFound."""
    found = _prescriptions(_CHOSEN.where(Prescription.site_id == scope.site_id, Prescription.key == key))
    if not found:
        raise NotFound(N_("There is no such prescription here."))
    return found[0]


def get_prescription_of(scope: Scope, prescription_id: int) -> PrescriptionRow:
    """Return the site's prescription of that number with its lines. One statement. Raises NotFound."""
    found = _prescriptions(_CHOSEN.where(Prescription.site_id == scope.site_id, Prescription.id == prescription_id))
    if not found:
        raise NotFound(N_("There is no such prescription here."))
    return found[0]


def _chosen(origin: FromClause) -> Select[*tuple[Any, ...]]:
    """Return the reading of prescriptions with their lines; `origin` is their table, joined to which are meant."""
    chosen: Select[*tuple[Any, ...]] = (
        select(
            Prescription,
            User.name_latin,
            Visit.number,
            PrescriptionLine,
            LineProgress,
            Item,
            FormularyEntry,
            Owing,
        )
        .select_from(origin)
        .join(User, User.id == Prescription.prescriber_id)
        .join(Visit, Visit.id == Prescription.visit_id)
        .join(PrescriptionLine, PrescriptionLine.prescription_id == Prescription.id)
        .outerjoin(LineProgress, LineProgress.line_id == PrescriptionLine.id)
        .outerjoin(Item, Item.id == PrescriptionLine.item_id)
        .outerjoin(FormularyEntry, FormularyEntry.item_id == Item.id)
        .outerjoin(Owing, and_(Owing.line_id == PrescriptionLine.id, Owing.state == OwingState.OPEN))
        .order_by(Prescription.id.desc(), PrescriptionLine.position)
    )
    return chosen


_CHOSEN = _chosen(Prescription.__table__)


def _prescriptions(chosen: Select[*tuple[Any, ...]]) -> list[PrescriptionRow]:
    rows = db.session.execute(chosen).all()
    return [
        _prescription(*told[0][:3], lines=[_line_row(row[3:], row[0]) for row in told])
        for told in (list(group) for _id, group in groupby(rows, key=lambda row: row[0].id))
    ]


def _prescription(
    prescription: Prescription, prescriber: str, number: int, *, lines: Sequence[LineRow]
) -> PrescriptionRow:
    return PrescriptionRow(
        id=prescription.id,
        key=prescription.key,
        number=prescription.number,
        site_id=prescription.site_id,
        visit_id=prescription.visit_id,
        visit_number=number,
        patient_id=prescription.patient_id,
        specialty_code=prescription.specialty_code,
        signed_at=prescription.signed_at,
        prescriber=prescriber,
        lines=tuple(lines),
    )


def _line_row(row: Sequence[Any], prescription: Prescription) -> LineRow:
    line, progress, item, entry, owing = row
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
        signed_on=clock.local(prescription.signed_at).date(),
        medicine=medicine_of(item, entry) if item and entry else None,
        owed=Owed(owing.number, owing.quantity) if owing else None,
    )

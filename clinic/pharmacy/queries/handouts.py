"""What was handed out, as a label and a page show it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from clinic.auth.models import User
from clinic.kernel.access import Scope
from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from clinic.pharmacy.models import Dispense, DispenseLine
from clinic.pharmacy.queries.lines import LineRow, PrescriptionRow, get_prescription_of
from clinic.sites.models import Site
from inventory.stock.models import Batch, Lot

LABELS = "dispense_labels"


@dataclass(frozen=True)
class GivenLot:
    """So many units of one batch."""

    batch_no: str
    expires_on: date | None
    units: int


@dataclass(frozen=True)
class GivenLine:
    """What was handed out of one medicine, from which lots."""

    line: LineRow
    lots: tuple[GivenLot, ...]

    @property
    def units(self) -> int:
        """How many were handed out."""
        return sum(lot.units for lot in self.lots)


@dataclass(frozen=True, kw_only=True)
class Handout:
    """One handing out at the counter."""

    key: str
    dispensed_at: datetime
    day: date
    dispensed_by: str
    visit_id: int
    site: Site
    prescription: PrescriptionRow
    given: tuple[GivenLine, ...]


def get_handout(scope: Scope, key: str) -> Handout:
    """Return the site's handing out of that key. Three statements. Raises NotFound."""
    found = db.session.execute(
        select(Dispense, User.name_latin, Site)
        .join(User, User.id == Dispense.dispensed_by_id)
        .join(Site, Site.id == Dispense.site_id)
        .where(Dispense.site_id == scope.site_id, Dispense.key == key)
    ).one_or_none()
    if found is None:
        raise NotFound(N_("There is no such handing out here."))
    handout, name, site = found
    row = get_prescription_of(scope, handout.prescription_id)
    lots: dict[int, list[GivenLot]] = {}
    for line_id, batch_no, expires_on, units in db.session.execute(
        select(DispenseLine.line_id, Batch.batch_no, Batch.expires_on, DispenseLine.quantity)
        .join(Lot, Lot.id == DispenseLine.lot_id)
        .join(Batch, Batch.id == Lot.batch_id)
        .where(DispenseLine.dispense_id == handout.id)
        .order_by(DispenseLine.id)
    ):
        lots.setdefault(line_id, []).append(GivenLot(batch_no, expires_on, units))
    return Handout(
        key=handout.key,
        dispensed_at=handout.dispensed_at,
        day=handout.day,
        dispensed_by=name,
        visit_id=handout.visit_id,
        site=site,
        prescription=row,
        given=tuple(GivenLine(line, tuple(lots[line.line_id])) for line in row.lines if line.line_id in lots),
    )


def count_prints(key: str) -> int:
    """Return how often the labels of a handing out were printed, by the record. One statement."""
    return db.session.scalars(
        select(func.count())
        .select_from(AuditEvent)
        .where(AuditEvent.table_name == LABELS, AuditEvent.row_key == key, AuditEvent.act == "PRINT")
    ).one()

"""What was measured: tonight with every correction in sight, and before by its newest value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import aliased

from clinic.auth.models import User
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.patients.models import Patient
from clinic.patients.queries import Chart
from clinic.visits.models import Observation
from clinic.visits.rules import Vital


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One measured fact in the whole units of its kind; `is_corrected` where a newer row names it."""

    id: int
    visit_id: int
    kind: str
    value: int
    reason: str
    measured_at: datetime
    recorded_at: datetime
    recorded_by: str
    corrects_id: int | None
    is_corrected: bool


@dataclass(frozen=True, kw_only=True)
class Vitals:
    """Every reading of one visit in the order of recording, and of each kind the newest from before it."""

    tonight: tuple[Reading, ...]
    before: Mapping[str, Reading]

    def now(self, kind: str) -> Reading | None:
        """Return what holds of a kind on this visit: the newest reading that was not corrected."""
        return next((one for one in reversed(self.tonight) if one.kind == kind and not one.is_corrected), None)

    def last(self, kind: str) -> Reading | None:
        """Return what holds of a kind on this visit, or else the newest from before it."""
        return self.now(kind) or self.before.get(kind)


def latest_vitals(scope: Scope, chart_ids: Chart, visit_id: int) -> Vitals:
    """Return what was measured on a visit, and what each kind was last before it, in one statement."""
    readings = _readings(scope, chart_ids).subquery()
    is_tonight = readings.c.visit_id == visit_id
    ranked = select(
        readings,
        func.row_number()
        .over(
            partition_by=(readings.c.kind, is_tonight, readings.c.is_corrected),
            order_by=(readings.c.measured_at.desc(), readings.c.id.desc()),
        )
        .label("rank"),
    ).subquery()
    columns = [column for column in ranked.c if column.name != "rank"]
    newest = (ranked.c.rank == 1) & ranked.c.is_corrected.is_(False)
    rows = [
        Reading(**row)
        for row in db.session.execute(
            select(*columns).where((ranked.c.visit_id == visit_id) | newest).order_by(ranked.c.id)
        ).mappings()
    ]
    return Vitals(
        tonight=tuple(row for row in rows if row.visit_id == visit_id),
        before={row.kind: row for row in rows if row.visit_id != visit_id},
    )


def find_weight(scope: Scope, chart_ids: Chart) -> Reading | None:
    """Return the person's newest weight that was not corrected, of whatever visit."""
    readings = _readings(scope, chart_ids).where(Observation.kind == Vital.WEIGHT).subquery()
    row = (
        db.session.execute(
            select(readings)
            .where(readings.c.is_corrected.is_(False))
            .order_by(readings.c.measured_at.desc(), readings.c.id.desc())
            .limit(1)
        )
        .mappings()
        .one_or_none()
    )
    return None if row is None else Reading(**row)


def _readings(scope: Scope, chart_ids: Chart) -> Select[*tuple[Any, ...]]:
    newer = aliased(Observation)
    return (
        select(
            Observation.id,
            Observation.visit_id,
            Observation.kind,
            Observation.value,
            Observation.reason,
            Observation.measured_at,
            Observation.recorded_at,
            User.name_latin.label("recorded_by"),
            Observation.corrects_id,
            exists().where(newer.corrects_id == Observation.id).label("is_corrected"),
        )
        .join(User, User.id == Observation.recorded_by_id)
        .join(Patient, Patient.id == Observation.patient_id)
        .where(Observation.patient_id.in_(chart_ids), Patient.organisation_id == scope.organisation_id)
    )

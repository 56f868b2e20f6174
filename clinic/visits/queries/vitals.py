"""What was measured: tonight with every correction in sight, and before by its newest value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import BindParameter, Select, bindparam, exists, func, select
from sqlalchemy.orm import aliased

from clinic.auth.models import User
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.patients.models import Patient
from clinic.patients.queries import Chart
from clinic.visits.models import Observation
from clinic.visits.rules import Vital

Rows: TypeAlias = Select[*tuple[Any, ...]]
Records: TypeAlias = Select[int] | BindParameter[Any]


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
    found = db.session.execute(*_ask(_latest, _LATEST, scope, chart_ids, visit=visit_id)).mappings()
    rows = [Reading(**row) for row in found]
    return Vitals(
        tonight=tuple(row for row in rows if row.visit_id == visit_id),
        before={row.kind: row for row in rows if row.visit_id != visit_id},
    )


def find_weight(scope: Scope, chart_ids: Chart) -> Reading | None:
    """Return the person's newest weight that was not corrected, of whatever visit."""
    row = db.session.execute(*_ask(_weight, _WEIGHT, scope, chart_ids)).mappings().one_or_none()
    return None if row is None else Reading(**row)


def _ask(
    build: Callable[[Records], Rows],
    built: Rows,
    scope: Scope,
    chart_ids: Chart,
    **wanted: object,
) -> tuple[Rows, dict[str, object]]:
    """Return the statement with what fills it: the one built once for numbers, one of its own for a question."""
    wanted["organisation"] = scope.organisation_id
    if isinstance(chart_ids, Select):
        return build(chart_ids), wanted
    return built, wanted | {"chart": list(chart_ids)}


def _readings(chart: Records) -> Rows:
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
        .where(
            Observation.patient_id.in_(chart),
            Patient.organisation_id == bindparam("organisation"),
        )
    )


def _latest(chart: Records) -> Rows:
    readings = _readings(chart).subquery()
    rank = func.row_number().over(
        partition_by=(readings.c.kind, readings.c.visit_id == bindparam("visit"), readings.c.is_corrected),
        order_by=(readings.c.measured_at.desc(), readings.c.id.desc()),
    )
    ranked = select(readings, rank.label("rank")).subquery()
    newest = (ranked.c.rank == 1) & ranked.c.is_corrected.is_(False)
    return (
        select(*(column for column in ranked.c if column.name != "rank"))
        .where((ranked.c.visit_id == bindparam("visit")) | newest)
        .order_by(ranked.c.id)
    )


def _weight(chart: Records) -> Rows:
    readings = _readings(chart).where(Observation.kind == Vital.WEIGHT).subquery()
    return (
        select(readings)
        .where(readings.c.is_corrected.is_(False))
        .order_by(readings.c.measured_at.desc(), readings.c.id.desc())
        .limit(1)
    )


_RECORDS: BindParameter[Any] = bindparam("chart", expanding=True)
_LATEST, _WEIGHT = _latest(_RECORDS), _weight(_RECORDS)

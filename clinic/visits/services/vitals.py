"""What is measured: new rows only; a correction is a newer row that names the older, and both stay."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import exists, insert, select

from clinic.chart.rules import ensure_reason
from clinic.kernel.access import Scope
from clinic.kernel.clock import now
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_, clean
from clinic.visits.models import Observation, Visit
from clinic.visits.rules import DangerSign, Vital, ensure_not_corrected, ensure_recordable
from clinic.visits.services.queue import hold_visit


def record_vitals(
    scope: Scope,
    visit_id: int,
    values: Mapping[Vital | DangerSign, int],
    *,
    reasons: Mapping[Vital | DangerSign, str] | None = None,
    measured_at: datetime | None = None,
) -> list[int]:
    """Record what was measured on a visit, each in the whole units of its kind; return the rows' ids in that order.

    `reasons` says of an unlikely value why it is right. Raises NotFound, ImpossibleValue.
    """
    visit, _ = hold_visit(scope, Visit.id == visit_id)
    return write_readings(scope, visit, values, reasons=reasons, measured_at=measured_at)


def write_readings(
    scope: Scope,
    visit: Visit,
    values: Mapping[Vital | DangerSign, int],
    *,
    reasons: Mapping[Vital | DangerSign, str] | None = None,
    measured_at: datetime | None = None,
) -> list[int]:
    """Write what was measured on a visit that is held, by one statement. Raises ImpossibleValue."""
    ensure_recordable(values)
    if not values:
        return []
    rows = [
        {
            "visit_id": visit.id,
            "patient_id": visit.patient_id,
            "kind": kind,
            "value": value,
            "reason": clean((reasons or {}).get(kind, "")),
            "measured_at": measured_at or now(),
            "recorded_at": now(),
            "recorded_by_id": scope.user_id,
        }
        for kind, value in values.items()
    ]
    return sorted(db.session.scalars(insert(Observation).returning(Observation.id), rows))


def correct(scope: Scope, observation_id: int, *, value: int, reason: str) -> int:
    """Record what a measured value should have been, and why; the older row stays in sight. Return the newer's id.

    Raises NotFound, NoReason, ImpossibleValue, AlreadyCorrected.
    """
    of_site = select(Observation).join(Visit).where(Observation.id == observation_id, Visit.site_id == scope.site_id)
    older = db.session.scalar(of_site)
    if older is None:
        raise NotFound(N_("There is no such value here."))
    hold_visit(scope, Visit.id == older.visit_id)
    is_corrected = bool(db.session.scalar(select(exists().where(Observation.corrects_id == older.id))))
    ensure_not_corrected(is_corrected=is_corrected)
    ensure_reason(clean(reason), "reason")
    if older.kind in Vital.__members__.values():
        ensure_recordable({Vital(older.kind): value})
    newer = Observation(
        visit_id=older.visit_id,
        patient_id=older.patient_id,
        kind=older.kind,
        value=value,
        reason=clean(reason),
        measured_at=older.measured_at,
        recorded_at=now(),
        recorded_by_id=scope.user_id,
        corrects_id=older.id,
    )
    db.session.add(newer)
    db.session.flush()
    return newer.id

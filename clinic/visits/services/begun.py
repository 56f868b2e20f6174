"""A nurse begins the doctor's note: every part stands under its author, who alone writes it anew."""

from collections.abc import Mapping

from sqlalchemy import select

from clinic.kernel.access import Scope
from clinic.kernel.clock import now
from clinic.kernel.db import db
from clinic.sites.models import ServicePoint
from clinic.sites.rules import PointKind
from clinic.visits.models import BegunPart, Visit
from clinic.visits.rules import BegunKind, ensure_doctor_awaited
from clinic.visits.services.queue import UNFINISHED, hold_visit


def begin_note(scope: Scope, visit_id: int, parts: Mapping[BegunKind, str]) -> None:
    """Write what the caller begins of the doctor's note; a part that reads as before stays, an empty one is taken back.

    What a signed note was begun with does not change: it shows what stood there then. Raises NotFound, NoDoctorAwaited
    where no doctor is to see the person any more.
    """
    standing = _own(scope, visit_id)
    changed = {kind: text for kind, text in parts.items() if text != standing.get(kind, "")}
    if not changed:
        return
    visit, places = hold_visit(scope, Visit.id == visit_id)
    doctors = select(ServicePoint.id).where(
        ServicePoint.site_id == scope.site_id, ServicePoint.kind == PointKind.SPECIALTY
    )
    at_doctors = set(db.session.scalars(doctors))
    ensure_doctor_awaited(
        is_awaited=any(each.state in UNFINISHED and each.service_point_id in at_doctors for each in places),
        number=visit.number,
        field=next(iter(changed)).lower(),
    )
    written_at = now()
    db.session.add_all(
        BegunPart(visit_id=visit.id, kind=kind, text=text, author_id=scope.user_id, at=written_at)
        for kind, text in changed.items()
    )
    db.session.flush()


def _own(scope: Scope, visit_id: int) -> dict[BegunKind, str]:
    rows = db.session.execute(
        select(BegunPart.kind, BegunPart.text)
        .where(BegunPart.visit_id == visit_id, BegunPart.author_id == scope.user_id)
        .order_by(BegunPart.id)
    )
    return {kind: text for kind, text in rows}  # noqa: C416 - rows are no pairs

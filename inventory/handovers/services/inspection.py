"""An inspector looks at every record of a batch."""

from sqlalchemy import select

from clinic.kernel import blobs, clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.text import N_
from inventory.assets.models import Asset
from inventory.handovers.models import BatchLine, Discrepancy
from inventory.handovers.rules import Act, Erasure, Grade, NotReady, ensure_other, next_state
from inventory.handovers.services.steps import go, hold, list_approvers


def inspect_line(
    scope: Scope,
    key: str,
    tag: str,
    *,
    grade: Grade,
    erasure: Erasure,
    note: str = "",
    erasure_note: str = "",
    photo: bytes | None = None,
) -> bool:
    """Write down how one record was found; with the last of them the batch is inspected.

    Tell whether the tag is a line of the batch: where it is not, it goes on the list of discrepancies and nothing else
    changes. Raises NotFound, NoSuchStep, AnotherPerson, NotReady.
    """
    batch = hold(scope, key)
    became = next_state(batch.state, Act.INSPECT)
    ensure_other(scope.user_id, batch.created_by_id, *list_approvers(batch))
    line = db.session.scalar(
        select(BatchLine)
        .join(Asset, Asset.id == BatchLine.asset_id)
        .where(BatchLine.batch_id == batch.id, Asset.tag == tag.strip().upper())
    )
    if line is None:
        db.session.add(Discrepancy(batch_id=batch.id, tag=tag.strip()[:40], at=clock.now(), by_id=scope.user_id))
        db.session.flush()
        return False
    if grade.needs_photo and photo is None:
        raise NotReady(N_("A fault is shown by a photo."), field="photo")
    if erasure is Erasure.ERASED and not erasure_note:
        raise NotReady(N_("Write how the data were erased, and who did it."), field="erasure_note")
    line.grade, line.note, line.erasure, line.erasure_note = grade, note, erasure, erasure_note
    line.photo_sha256 = None if photo is None else blobs.keep(photo, media_type=blobs.JPEG)
    line.inspected_at, line.inspected_by_id = clock.now(), scope.user_id
    db.session.flush()
    left = select(BatchLine.id).where(BatchLine.batch_id == batch.id, BatchLine.inspected_at.is_(None)).limit(1)
    if db.session.scalar(left) is None:
        go(scope, batch, Act.INSPECT, became)
    return True

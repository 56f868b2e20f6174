"""What every act on a batch does: hold it, see that it is ready, move it on and write that down."""

from sqlalchemy import ColumnElement, select

from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from inventory.agreements.models import Agreement
from inventory.assets.models import Asset
from inventory.assets.queries import read_files
from inventory.certificates import services as certificates
from inventory.certificates.models import Certificate
from inventory.certificates.rules import NotSealed, Party
from inventory.handovers.models import Approval, Batch, BatchEvent, BatchLine
from inventory.handovers.queries import RECEIVER_SEES
from inventory.handovers.rules import Act, NotReady, State, ensure_told, ensure_within


def hold(scope: Scope, key: str) -> Batch:
    """Return one of the site's own batches as it is once it is held: its acts are nobody else's. Raises NotFound."""
    return _held(Batch.key == key, Batch.site_id == scope.site_id)


def hold_as_receiver(scope: Scope, key: str) -> Batch:
    """Return a sealed batch as it is once it is held, by the organisation that receives it. Raises NotFound."""
    return _held(Batch.key == key, Batch.receiver_id == scope.organisation_id, Batch.state.in_(RECEIVER_SEES))


def _held(*which: ColumnElement[bool]) -> Batch:
    statement = select(Batch).where(*which).with_for_update().execution_options(populate_existing=True)
    batch = db.session.scalar(statement)
    if batch is None:
        raise NotFound(N_("There is no such batch here."))
    return batch


def ensure_ready(batch: Batch) -> None:
    """Refuse to go on with a batch whose agreement, day or records are not in order. Raises NotReady."""
    agreement = db.session.get_one(Agreement, batch.agreement_id)
    ensure_told(
        giver=agreement.giver,
        instrument=agreement.instrument,
        legal_basis=agreement.legal_basis,
        authorisation=agreement.authorisation,
    )
    ensure_within(batch.on, starts_on=agreement.starts_on, until=agreement.extended_until)
    lines = select(Asset).join(BatchLine, BatchLine.asset_id == Asset.id).where(BatchLine.batch_id == batch.id)
    for one in read_files(db.session.scalars(lines.order_by(Asset.tag))):
        for obstacle in one.obstacles(batch.on):
            raise NotReady(obstacle.label, tag=one.asset.tag)


def go(scope: Scope, batch: Batch, act: Act, became: State, because: str = "") -> None:
    """Move a batch on and write down who did it; one that is over lets its records go."""
    batch.state = became
    if became.is_over:
        for line in db.session.scalars(select(BatchLine).where(BatchLine.batch_id == batch.id)):
            line.is_open = False
    db.session.add(
        BatchEvent(batch_id=batch.id, act=act, became=became, because=because, at=clock.now(), by_id=scope.user_id)
    )
    db.session.flush()


def list_approvers(batch: Batch) -> list[int]:
    """Return who approved a batch as it was submitted last."""
    return list(
        db.session.scalars(select(Approval.user_id).where(Approval.batch_id == batch.id, Approval.round == batch.round))
    )


def get_certificate(batch: Batch) -> Certificate:
    """Return the certificate of a batch. Raises NotSealed."""
    if batch.certificate_id is None:
        raise NotSealed(N_("The batch has no certificate yet."))
    return db.session.get_one(Certificate, batch.certificate_id)


def ensure_unsigned(batch: Batch) -> None:
    """Refuse to undo what somebody has signed. Raises NotReady."""
    certificate = get_certificate(batch)
    if any(certificates.count_signatures(certificate.id, party) for party in Party):
        raise NotReady(N_("Somebody has signed it already."))

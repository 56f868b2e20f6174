"""A batch is begun, filled and submitted."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db, ensure_version
from clinic.kernel.errors import NotFound
from clinic.kernel.numbering import next_number
from clinic.kernel.text import N_
from clinic.sites.models import Organisation
from inventory.agreements.models import Agreement
from inventory.agreements.queries import get_agreement
from inventory.assets.models import Asset
from inventory.assets.queries import read_files
from inventory.assets.rules import Title
from inventory.certificates.rules import Kind
from inventory.handovers.models import Batch, BatchLine
from inventory.handovers.queries import find_open_batch
from inventory.handovers.rules import Act, NotReady, State, ensure_within, next_state
from inventory.handovers.services.steps import ensure_ready, go, hold


def open_batch(
    scope: Scope,
    *,
    agreement_code: str,
    receiver_code: str,
    unit: str,
    place: str,
    purpose: str,
    on: date,
    key: str | None = None,
) -> Batch:
    """Begin a batch that hands the keeping of equipment to another organisation, and return it.

    Raises NotFound, and NotReady for a day outside the time that the agreement leaves.
    """
    agreement = get_agreement(agreement_code)
    ensure_within(on, starts_on=agreement.starts_on, until=agreement.extended_until)
    batch = Batch(
        site_id=scope.site_id,
        number=next_number(f"handover:{scope.site_id}"),
        kind=Kind.CUSTODY,
        state=State.DRAFT,
        agreement_id=agreement.id,
        receiver_id=_get_receiver(scope, receiver_code).id,
        unit=unit,
        place=place,
        purpose=purpose,
        on=on,
        created_by_id=scope.user_id,
        created_at=clock.now(),
        is_demo=False,
        **({"key": key} if key else {}),
    )
    db.session.add(batch)
    db.session.flush()
    return batch


def change_batch(
    scope: Scope, key: str, *, receiver_code: str, unit: str, place: str, purpose: str, on: date, seen: int
) -> None:
    """Write anew to whom a draft goes, where it will stand, what for and when.

    Raises NotFound, Stale, and NotReady once it was submitted, or for a day outside the agreement's time.
    """
    batch = _hold_draft(scope, key)
    ensure_version(batch, seen)
    agreement = db.session.get_one(Agreement, batch.agreement_id)
    ensure_within(on, starts_on=agreement.starts_on, until=agreement.extended_until)
    batch.receiver_id = _get_receiver(scope, receiver_code).id
    batch.unit, batch.place, batch.purpose, batch.on = unit, place, purpose, on
    db.session.flush()


def add_line(scope: Scope, key: str, tag: str) -> None:
    """Put a record of the register into a draft, by its tag. Raises NotFound, NotReady with the reason."""
    batch = _hold_draft(scope, key)
    asset = db.session.scalar(select(Asset).where(Asset.site_id == scope.site_id, Asset.tag == tag.strip().upper()))
    if asset is None:
        raise NotFound(N_("There is no %(tag)s on the register."), field="tag", tag=tag)
    if other := find_open_batch(asset.id):
        raise NotReady(N_("%(tag)s stands in %(batch)s already."), field="tag", tag=asset.tag, batch=other)
    if asset.agreement_id != batch.agreement_id:
        raise NotReady(N_("%(tag)s was paid by another agreement."), field="tag", tag=asset.tag)
    [files] = read_files([asset])
    for obstacle in files.obstacles(batch.on):
        raise NotReady(obstacle.label, field="tag", tag=asset.tag)
    try:
        with db.session.begin_nested():
            db.session.add(_line(batch, asset))
    except IntegrityError:  # another desk put it into another batch at this moment
        raise NotReady(
            N_("%(tag)s stands in %(batch)s already."), field="tag", tag=asset.tag, batch=find_open_batch(asset.id)
        ) from None


def add_dear_lines(scope: Scope, key: str) -> list[str]:
    """Put every record into a draft of which proof goes with the final report and that is ready and in no batch.

    Return the tags of those that stay out because they are not ready. Raises NotFound, NotReady where none is.
    """
    batch = _hold_draft(scope, key)
    agreement = db.session.get_one(Agreement, batch.agreement_id)
    taken = select(BatchLine.asset_id).where(BatchLine.is_open)
    free = db.session.scalars(
        select(Asset).where(
            Asset.site_id == batch.site_id,
            Asset.agreement_id == agreement.id,
            Asset.custodian == "",
            Asset.title == Title.PROJECT,
            Asset.id.not_in(taken),
        )
    )
    dear = read_files(asset for asset in free if agreement.needs_proof(asset.unit_cents))
    ready = [one.asset for one in dear if not one.obstacles(batch.on)]
    if not ready:
        raise NotReady(N_("There is none that is free and ready."))
    db.session.add_all(_line(batch, asset) for asset in ready)
    db.session.flush()
    return sorted({one.asset.tag for one in dear} - {asset.tag for asset in ready})


def remove_line(scope: Scope, key: str, line_key: str) -> None:
    """Take a record out of a draft. Raises NotFound, NotReady."""
    batch = _hold_draft(scope, key)
    line = db.session.scalar(select(BatchLine).where(BatchLine.batch_id == batch.id, BatchLine.key == line_key))
    if line is None:
        raise NotFound(N_("There is no such line in this batch."))
    db.session.delete(line)
    db.session.flush()


def submit(scope: Scope, key: str) -> None:
    """Freeze the lines of a draft and ask for two approvals. Raises NotFound, NoSuchStep, NotReady."""
    batch = hold(scope, key)
    became = next_state(batch.state, Act.SUBMIT)
    if db.session.scalar(select(BatchLine.id).where(BatchLine.batch_id == batch.id).limit(1)) is None:
        raise NotReady(N_("There is no line yet."))
    ensure_ready(batch)
    batch.round += 1
    go(scope, batch, Act.SUBMIT, became)


def _hold_draft(scope: Scope, key: str) -> Batch:
    batch = hold(scope, key)
    if batch.state is not State.DRAFT:
        raise NotReady(N_("The lines are frozen since %(batch)s was submitted."), batch=batch.name)
    return batch


def _get_receiver(scope: Scope, code: str) -> Organisation:
    receiver = db.session.scalar(
        select(Organisation).where(Organisation.code == code, Organisation.id != scope.organisation_id)
    )
    if receiver is None:
        raise NotFound(N_("There is no such receiver."), field="receiver")
    return receiver


def _line(batch: Batch, asset: Asset) -> BatchLine:
    return BatchLine(batch_id=batch.id, asset_id=asset.id, quantity=asset.quantity, line_cents=asset.line_cents)

"""What a certificate says is frozen and numbered, and its paper printed afterwards."""

from sqlalchemy import select

from clinic.auth.models import User
from clinic.kernel import audit, jobs
from clinic.kernel.access import Scope
from clinic.kernel.db import db, ensure_version, transaction
from clinic.kernel.text import N_
from clinic.sites.models import Organisation, Site
from inventory.agreements.models import Agreement
from inventory.certificates import services as certificates
from inventory.certificates.models import Certificate
from inventory.certificates.rules import CLAUSES, Document, NotSealed, Standing
from inventory.certificates.rules import Line as SealedLine
from inventory.handovers.models import Batch
from inventory.handovers.queries import Line, list_lines
from inventory.handovers.rules import Act, NoSuchStep, State, ensure_reason, next_state
from inventory.handovers.services.steps import ensure_ready, ensure_unsigned, get_certificate, go, hold

SEAL_JOB = "handover.seal"


def begin_seal(scope: Scope, key: str, *, seen: int, check_address: str) -> None:
    """Freeze what the certificate says, number it, and ask for its paper.

    Raises NotFound, Stale, NoSuchStep, NotSealed without an address, NotReady where something changed beneath.
    """
    if not check_address:
        raise NotSealed(N_("No address for checking certificates is set (CLINIC_VERIFY_URL). Nothing was sealed."))
    batch = hold(scope, key)
    ensure_version(batch, seen)
    became = next_state(batch.state, Act.SEAL)
    ensure_ready(batch)
    replaces = db.session.get(Certificate, batch.certificate_id) if batch.certificate_id else None
    certificate = certificates.issue(scope, _document(batch, check_address), replaces=replaces)
    batch.certificate_id = certificate.id
    go(scope, batch, Act.SEAL, became)
    jobs.enqueue(SEAL_JOB, batch.key)


def print_again(scope: Scope, key: str) -> None:
    """Ask anew for the paper of a batch that is being sealed: its job may have been given up.

    Raises NotFound, NoSuchStep.
    """
    batch = hold(scope, key)
    if batch.state is not State.SEALING:
        raise NoSuchStep(N_("That cannot be done with a batch in this state. Look at it again."))
    jobs.enqueue(SEAL_JOB, batch.key)


@jobs.job(SEAL_JOB)
def finish_seal(key: str) -> None:
    """Print the certificate of a batch that is being sealed, and let the batch be sealed; again after a crash."""
    batch = db.session.scalars(select(Batch).where(Batch.key == key)).one()
    if batch.state is not State.SEALING or batch.certificate_id is None:
        return
    certificates.render(batch.certificate_id)
    with transaction() as session:
        held = session.scalars(
            select(Batch).where(Batch.key == key).with_for_update().execution_options(populate_existing=True)
        ).one()
        if held.state is State.SEALING:
            scope = Scope(0, held.site_id, audit.actor_id() or held.created_by_id)
            go(scope, held, Act.PRINT, next_state(held.state, Act.PRINT))


def unseal(scope: Scope, key: str, *, because: str) -> None:
    """Make a sealed certificate void before anybody signs; the next seal is its next version.

    Raises NotFound, NoSuchStep, NotReady.
    """
    ensure_reason(because)
    batch = hold(scope, key)
    became = next_state(batch.state, Act.UNSEAL)
    ensure_unsigned(batch)
    certificates.record_standing(scope, get_certificate(batch), Standing.VOID, because=because)
    go(scope, batch, Act.UNSEAL, became, because)


def _document(batch: Batch, check_address: str) -> Document:
    agreement = db.session.get_one(Agreement, batch.agreement_id)
    site = db.session.get_one(Site, batch.site_id)
    receiver = db.session.get_one(Organisation, batch.receiver_id)
    lines = list_lines(batch, agreement)
    inspectors = {one.line.inspected_by_id for one in lines}
    names = {user.id: user.name_latin for user in db.session.scalars(select(User).where(User.id.in_(inspectors)))}
    return Document(
        kind=batch.kind,
        batch=batch.name,
        instrument=agreement.instrument,
        agreement=agreement.code,
        action=agreement.title,
        donor=agreement.donor_name,
        legal_basis=agreement.legal_basis,
        authorisation=agreement.authorisation,
        period=" – ".join(f"{day:%d.%m.%Y}" for day in (agreement.starts_on, agreement.extended_until) if day),
        giver=agreement.giver,
        custodian=site.name_en,
        custodian_tr=site.name_tr,
        custodian_ar=site.name_ar,
        receiver=receiver.name_en,
        receiver_tr=receiver.name_tr,
        receiver_ar=receiver.name_ar,
        unit=batch.unit,
        place=batch.place,
        purpose=batch.purpose,
        handed_over_on=batch.on,
        clauses=CLAUSES,
        check_address=check_address,
        is_demo=any(one.asset.is_demo for one in lines),
        lines=tuple(
            _sealed_line(number, one, inspector=names[one.line.inspected_by_id or 0])
            for number, one in enumerate(lines, 1)
        ),
    )


def _sealed_line(number: int, one: Line, *, inspector: str) -> SealedLine:
    asset, line = one.asset, one.line
    return SealedLine(
        no=number,
        tag=asset.tag,
        name_en=asset.name_en,
        name_tr=asset.name_tr,
        name_ar=asset.name_ar,
        maker=asset.maker,
        model=asset.model,
        serial=asset.serial,
        category=asset.category,
        quantity=line.quantity,
        unit=asset.unit,
        unit_cents=asset.unit_cents,
        line_cents=line.line_cents,
        currency=asset.currency,
        original_cents=asset.original_cents,
        rate=f"{asset.rate:.6f}",
        rate_source=asset.rate_source,
        bought_in=f"{asset.bought_in:%Y-%m}",
        needs_proof=one.needs_proof,
        condition=line.grade or "",
        remark=line.note,
        photo=line.photo_sha256 or "",
        inspector=inspector,
        erasure=line.erasure or "",
        erasure_note=line.erasure_note,
        files={kind.value: sha256 for kind, sha256 in one.files.items()},
        calibrated_until=one.calibrated_until.isoformat() if one.calibrated_until else "",
    )

"""Acts on a batch: each checks who may follow whom, moves the state by the one table, and is written beside it."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select

from clinic.auth.services import countersign
from clinic.kernel import audit, blobs, clock, jobs
from clinic.kernel.access import Scope
from clinic.kernel.db import db, transaction
from clinic.kernel.errors import NotFound
from clinic.kernel.numbering import next_number
from clinic.kernel.text import N_
from clinic.sites.models import Organisation, Site
from inventory.agreements.models import Agreement
from inventory.agreements.queries import get_agreement
from inventory.assets import services as assets
from inventory.assets.models import Asset
from inventory.assets.queries import read_files
from inventory.assets.rules import Title
from inventory.certificates import services as certificates
from inventory.certificates.models import Certificate
from inventory.certificates.rules import CLAUSES, Document, Kind, NotSealed, Party, Standing
from inventory.certificates.rules import Line as SealedLine
from inventory.handovers.models import Approval, Batch, BatchEvent, BatchLine, Discrepancy, LineAnswer
from inventory.handovers.queries import find_open_batch, get_batch, list_lines
from inventory.handovers.rules import (
    Act,
    AnotherPerson,
    Answer,
    Erasure,
    Grade,
    NotReady,
    Office,
    State,
    ensure_answer,
    ensure_other,
    ensure_reason,
    ensure_within,
    next_state,
    outcome,
)

SEAL_JOB = "handover.seal"
_STANDINGS = {State.ACCEPTED: Standing.ACCEPTED, State.PARTLY: Standing.PARTLY, State.REJECTED: Standing.REJECTED}


# ---- the draft -----------------------------------------------------------------------------------------------------


def open_batch(
    scope: Scope, *, agreement_code: str, receiver_code: str, unit: str, place: str, purpose: str, on: date
) -> Batch:
    """Begin a batch that hands the keeping of equipment to another organisation, and return it. Raises NotFound."""
    receiver = db.session.scalar(
        select(Organisation).where(Organisation.code == receiver_code, Organisation.id != scope.organisation_id)
    )
    if receiver is None:
        raise NotFound(N_("There is no such receiver."), field="receiver")
    batch = Batch(
        site_id=scope.site_id,
        number=next_number(f"handover:{scope.site_id}"),
        kind=Kind.CUSTODY,
        state=State.DRAFT,
        agreement_id=get_agreement(agreement_code).id,
        receiver_id=receiver.id,
        unit=unit,
        place=place,
        purpose=purpose,
        on=on,
        created_by_id=scope.user_id,
        created_at=clock.now(),
        is_demo=False,
    )
    db.session.add(batch)
    db.session.flush()
    return batch


def add_line(scope: Scope, key: str, tag: str) -> None:
    """Put a record of the register into a draft, by its tag. Raises NotFound, NoSuchStep, NotReady with the reason."""
    batch = _hold(scope, key)
    _ensure_draft(batch)
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
    db.session.add(BatchLine(batch_id=batch.id, asset_id=asset.id))
    db.session.flush()


def add_dear_lines(scope: Scope, key: str) -> list[str]:
    """Put every record into a draft of which proof goes with the final report and that is ready and in no batch.

    Return the tags of those that stay out because they are not ready. Raises NotFound, NotReady where none is.
    """
    batch = _hold(scope, key)
    _ensure_draft(batch)
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
    db.session.add_all(BatchLine(batch_id=batch.id, asset_id=asset.id) for asset in ready)
    db.session.flush()
    return sorted({one.asset.tag for one in dear} - {asset.tag for asset in ready})


def remove_line(scope: Scope, key: str, line_key: str) -> None:
    """Take a record out of a draft. Raises NotFound, NoSuchStep."""
    batch = _hold(scope, key)
    _ensure_draft(batch)
    db.session.delete(_get_line(batch, line_key))
    db.session.flush()


def submit(scope: Scope, key: str) -> None:
    """Freeze the lines of a draft and ask for two approvals. Raises NotFound, NoSuchStep, NotReady."""
    batch = _hold(scope, key)
    became = next_state(batch.state, Act.SUBMIT)
    if db.session.scalar(select(BatchLine.id).where(BatchLine.batch_id == batch.id).limit(1)) is None:
        raise NotReady(N_("There is no line yet."))
    batch.round += 1
    _go(scope, batch, Act.SUBMIT, became)


def send_back(scope: Scope, key: str, *, because: str) -> None:
    """Let a submitted batch be a draft again. Raises NotFound, NoSuchStep, NotReady without a reason."""
    ensure_reason(because)
    batch = _hold(scope, key)
    _go(scope, batch, Act.RETURN, next_state(batch.state, Act.RETURN), because)


def approve(scope: Scope, key: str, office: Office) -> None:
    """Approve a batch in the name of an office; with the second office it is approved.

    Raises NotFound, NoSuchStep, AnotherPerson for whoever made it or approved already, NotReady outside the time that
    the agreement leaves.
    """
    batch = _hold(scope, key)
    became = next_state(batch.state, Act.APPROVE)
    given = db.session.execute(
        select(Approval.office, Approval.user_id).where(Approval.batch_id == batch.id, Approval.round == batch.round)
    ).all()
    ensure_other(scope.user_id, batch.created_by_id, *(user_id for _, user_id in given))
    if office in {held for held, _ in given}:
        raise AnotherPerson(N_("Your office has approved already."))
    agreement = db.session.get_one(Agreement, batch.agreement_id)
    ensure_within(batch.on, starts_on=agreement.starts_on, until=agreement.extended_until)
    db.session.add(Approval(batch_id=batch.id, round=batch.round, office=office, user_id=scope.user_id, at=clock.now()))
    is_second = bool(given)
    _go(scope, batch, Act.APPROVE, became if is_second else batch.state)


# ---- inspection ----------------------------------------------------------------------------------------------------


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

    A tag that is no line of the batch goes on the list of discrepancies, nothing else changes, and False is returned.
    Raises NotFound, NoSuchStep, AnotherPerson, NotReady.
    """
    batch = _hold(scope, key)
    became = next_state(batch.state, Act.INSPECT)
    ensure_other(scope.user_id, batch.created_by_id, *_approvers(batch))
    row = db.session.execute(
        select(BatchLine, Asset)
        .join(Asset, Asset.id == BatchLine.asset_id)
        .where(BatchLine.batch_id == batch.id, Asset.tag == tag.strip().upper())
    ).one_or_none()
    if row is None:
        db.session.add(Discrepancy(batch_id=batch.id, tag=tag.strip()[:40], at=clock.now(), by_id=scope.user_id))
        db.session.flush()
        return False
    line, _ = row
    if grade.needs_photo and photo is None:
        raise NotReady(N_("A fault is shown by a photo."), field="photo")
    if erasure is Erasure.ERASED and not erasure_note:
        raise NotReady(N_("Write how the data were erased, and who did it."), field="erasure_note")
    line.grade, line.note, line.erasure, line.erasure_note = grade, note, erasure, erasure_note
    line.photo_sha256 = blobs.keep(photo, media_type=blobs.JPEG) if photo is not None else line.photo_sha256
    line.inspected_at = clock.now()
    db.session.flush()
    batch.inspected_by_id = scope.user_id
    left = select(BatchLine.id).where(BatchLine.batch_id == batch.id, BatchLine.inspected_at.is_(None)).limit(1)
    if db.session.scalar(left) is None:
        _go(scope, batch, Act.INSPECT, became)
    return True


# ---- the seal ------------------------------------------------------------------------------------------------------


def begin_seal(scope: Scope, key: str, *, check_address: str) -> None:
    """Freeze what the certificate says, number it, and ask for its paper. Raises NotFound, NoSuchStep, NotSealed."""
    if not check_address:
        raise NotSealed(N_("No address for checking certificates is set (CLINIC_VERIFY_URL). Nothing was sealed."))
    batch = _hold(scope, key)
    became = next_state(batch.state, Act.SEAL)
    replaces = db.session.get(Certificate, batch.certificate_id) if batch.certificate_id else None
    certificate = certificates.issue(scope, _document(batch, check_address), replaces=replaces)
    batch.certificate_id = certificate.id
    _go(scope, batch, Act.SEAL, became)
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
            _go(scope, held, Act.PRINT, next_state(held.state, Act.PRINT))


def unseal(scope: Scope, key: str, *, because: str) -> None:
    """Make a sealed certificate void before anybody signs; the next seal is its next version.

    Raises NotFound, NoSuchStep, NotReady.
    """
    ensure_reason(because)
    batch = _hold(scope, key)
    became = next_state(batch.state, Act.UNSEAL)
    _ensure_unsigned(batch)
    certificates.record_standing(scope, _certificate(batch), Standing.VOID, because=because)
    _go(scope, batch, Act.UNSEAL, became, because)


# ---- signatures and the receiver's answer --------------------------------------------------------------------------


def sign(scope: Scope, key: str, party: Party, *, sha256: str) -> None:
    """Sign a sealed batch in the name of the giver or the custodian, by one's own account.

    Raises NotFound, NoSuchStep, NotSealed, AnotherPerson.
    """
    _sign(scope, _hold(scope, key), party, user_id=scope.user_id, sha256=sha256)


def sign_beside(
    scope: Scope, key: str, parties: Mapping[str, Party], *, username: str, secret: str, sha256: str
) -> None:
    """Let the giver or the custodian sign at a colleague's PC, with their own password; `parties` by permission.

    Raises NotFound, NoSuchStep, NotSealed, AnotherPerson, CountersignRefused.
    """
    batch = _hold(scope, key)
    second = countersign(scope, username=username, secret=secret, payload_hash=sha256, purpose=batch.name)
    party = next((each for name, each in parties.items() if name in second.permissions), None)
    if party is None:
        raise AnotherPerson(N_("That person signs neither for the giver nor for the custodian."), field="username")
    _sign(scope, batch, party, user_id=second.user_id, sha256=sha256, countersignature_id=second.id)


def answer(
    scope: Scope,
    key: str,
    answers: Mapping[str, Answer],
    *,
    username: str,
    secret: str,
    sha256: str,
    permission: str,
) -> State:
    """Say of every line what is accepted, with the second receiver's password; return what the batch came to.

    What is accepted is kept by the receiver from now on; the title stays with the project. A lot that is accepted in
    part becomes two records. Raises NotFound, NoSuchStep, NotReady, AnotherPerson, CountersignRefused.
    """
    batch = _hold(scope, key)
    if batch.receiver_id != scope.organisation_id:
        raise AnotherPerson(N_("Only the receiver answers."))
    next_state(batch.state, Act.ANSWER)
    rows = list_lines(batch, db.session.get_one(Agreement, batch.agreement_id))
    for row in rows:
        told = answers.get(row.line.key)
        if told is None:
            raise NotReady(N_("A line has no answer yet."), field=f"accepted-{row.line.key}")
        ensure_answer(told, row.asset.quantity, field=f"accepted-{row.line.key}")
    second = countersign(scope, username=username, secret=secret, payload_hash=sha256, purpose=batch.name)
    if permission not in second.permissions:
        raise AnotherPerson(N_("That person does not sign for the receiver."), field="username")
    certificate = _certificate(batch)
    certificates.sign(certificate, party=Party.RECEIVER, user_id=scope.user_id, sha256=sha256)
    certificates.sign(
        certificate, party=Party.RECEIVER, user_id=second.user_id, sha256=sha256, countersignature_id=second.id
    )
    became = outcome(list(answers.values()))
    for row in rows:
        told = answers[row.line.key]
        db.session.add(
            LineAnswer(
                line_id=row.line.id,
                user_id=scope.user_id,
                accepted=told.accepted,
                rejected=told.rejected,
                missing=told.missing,
                remark=told.remark,
                at=clock.now(),
            )
        )
        if told.accepted:
            receiver = db.session.get_one(Organisation, batch.receiver_id)
            assets.hand_to(
                row.asset,
                told.accepted,
                custodian=receiver.name_en,
                place=batch.place,
                because=f"{certificate.number} v{certificate.version}",
                by_id=scope.user_id,
            )
    certificates.record_standing(scope, certificate, _STANDINGS[became])
    _go(scope, batch, Act.ANSWER, became)
    return became


# ---- the end -------------------------------------------------------------------------------------------------------


def cancel(scope: Scope, key: str, *, because: str) -> None:
    """End a batch that nobody has signed. Raises NotFound, NoSuchStep, NotReady."""
    ensure_reason(because)
    batch = _hold(scope, key)
    became = next_state(batch.state, Act.CANCEL)
    if batch.certificate_id is not None:
        _ensure_unsigned(batch)
        certificates.record_standing(scope, _certificate(batch), Standing.WITHDRAWN, because=because)
    _go(scope, batch, Act.CANCEL, became, because)


def withdraw(scope: Scope, key: str, *, because: str) -> None:
    """Take a signed batch back before the receiver answers; its certificate stays, as withdrawn.

    Raises NotFound, NoSuchStep, NotReady.
    """
    ensure_reason(because)
    batch = _hold(scope, key)
    became = next_state(batch.state, Act.WITHDRAW)
    certificates.record_standing(scope, _certificate(batch), Standing.WITHDRAWN, because=because)
    _go(scope, batch, Act.WITHDRAW, became, because)


def _sign(
    scope: Scope, batch: Batch, party: Party, *, user_id: int, sha256: str, countersignature_id: int | None = None
) -> None:
    became = next_state(batch.state, Act.SIGN)
    certificate = _certificate(batch)
    if certificates.count_signatures(certificate.id, party):
        raise AnotherPerson(N_("That party has signed already."))
    for other in (Party.GIVER, Party.CUSTODIAN):
        ensure_other(user_id, *certificates.list_signers(certificate.id, other))
    certificates.sign(certificate, party=party, user_id=user_id, sha256=sha256, countersignature_id=countersignature_id)
    both = all(certificates.count_signatures(certificate.id, each) for each in (Party.GIVER, Party.CUSTODIAN))
    _go(scope, batch, Act.SIGN, became if both else batch.state)


def _hold(scope: Scope, key: str) -> Batch:
    """Return a batch as it is once it is held. Raises NotFound."""
    batch_id = get_batch(scope, key).id
    return db.session.get_one(Batch, batch_id, with_for_update=True, populate_existing=True)


def _go(scope: Scope, batch: Batch, act: Act, became: State, because: str = "") -> None:
    batch.state = became
    if became.is_over:
        for line in db.session.scalars(select(BatchLine).where(BatchLine.batch_id == batch.id)):
            line.is_open = False
    db.session.add(
        BatchEvent(batch_id=batch.id, act=act, became=became, because=because, at=clock.now(), by_id=scope.user_id)
    )
    db.session.flush()


def _ensure_draft(batch: Batch) -> None:
    if batch.state is not State.DRAFT:
        raise NotReady(N_("The lines are frozen since %(batch)s was submitted."), batch=batch.name)


def _ensure_unsigned(batch: Batch) -> None:
    certificate = _certificate(batch)
    if any(certificates.count_signatures(certificate.id, party) for party in Party):
        raise NotReady(N_("Somebody has signed it already."))


def _get_line(batch: Batch, key: str) -> BatchLine:
    line = db.session.scalar(select(BatchLine).where(BatchLine.batch_id == batch.id, BatchLine.key == key))
    if line is None:
        raise NotFound(N_("There is no such line in this batch."))
    return line


def _approvers(batch: Batch) -> list[int]:
    return list(
        db.session.scalars(select(Approval.user_id).where(Approval.batch_id == batch.id, Approval.round == batch.round))
    )


def _certificate(batch: Batch) -> Certificate:
    if batch.certificate_id is None:
        raise NotSealed(N_("The batch has no certificate yet."))
    return db.session.get_one(Certificate, batch.certificate_id)


def _document(batch: Batch, check_address: str) -> Document:
    agreement = db.session.get_one(Agreement, batch.agreement_id)
    site = db.session.get_one(Site, batch.site_id)
    receiver = db.session.get_one(Organisation, batch.receiver_id)
    rows = list_lines(batch, agreement)
    period = " – ".join(f"{day:%d.%m.%Y}" for day in (agreement.starts_on, agreement.extended_until) if day)
    return Document(
        kind=batch.kind,
        batch=batch.name,
        instrument=agreement.instrument,
        agreement=agreement.code,
        action=agreement.title,
        donor=agreement.donor_name,
        legal_basis=agreement.legal_basis,
        authorisation=agreement.authorisation,
        period=period,
        giver=agreement.giver,
        custodian=site.name_en,
        receiver=receiver.name_en,
        unit=batch.unit,
        place=batch.place,
        purpose=batch.purpose,
        handed_over_on=batch.on,
        clauses=CLAUSES,
        check_address=check_address,
        is_demo=any(row.asset.is_demo for row in rows),
        lines=tuple(
            SealedLine(
                no=number,
                tag=row.asset.tag,
                name_en=row.asset.name_en,
                name_tr=row.asset.name_tr,
                name_ar=row.asset.name_ar,
                maker=row.asset.maker,
                model=row.asset.model,
                serial=row.asset.serial,
                category=row.asset.category,
                quantity=row.asset.quantity,
                unit=row.asset.unit,
                unit_cents=row.asset.unit_cents,
                line_cents=row.asset.line_cents,
                currency=row.asset.currency,
                original_cents=row.asset.original_cents,
                rate=f"{row.asset.rate:.6f}",
                rate_source=row.asset.rate_source,
                bought_in=f"{row.asset.bought_in:%Y-%m}",
                needs_proof=row.needs_proof,
                condition=row.line.grade or "",
                remark=row.line.note,
                photo=row.line.photo_sha256 or "",
                erasure=row.line.erasure_note or (row.line.erasure or ""),
                files={kind.value: one.sha256 for kind, one in row.files.newest.items()},
                calibrated_until=row.files.calibrated_until.isoformat() if row.files.calibrated_until else "",
            )
            for number, row in enumerate(rows, 1)
        ),
    )

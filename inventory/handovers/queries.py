"""Reads of batches: those of the site, and those that the caller's organisation receives, once they are sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select

from clinic.auth.models import User
from clinic.auth.queries import name_in
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from clinic.sites.models import Organisation
from inventory.agreements.models import Agreement
from inventory.assets.models import Asset, AssetEvidence
from inventory.assets.queries import read_files
from inventory.assets.rules import EvidenceKind
from inventory.certificates.models import Certificate
from inventory.certificates.queries import Signed, list_signatures, told_by
from inventory.certificates.rules import Party
from inventory.handovers.models import Approval, Batch, BatchEvent, BatchLine, Discrepancy, LineAnswer
from inventory.handovers.rules import Act, Check, Office, State

RECEIVER_SEES = (State.SEALED, State.SIGNED, State.ACCEPTED, State.PARTLY, State.REJECTED, State.WITHDRAWN)


@dataclass(frozen=True)
class Listed:
    """A batch in a list: its records, units and worth in cents."""

    batch: Batch
    receiver: Organisation
    records: int
    units: int
    cents: int


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line with its record, the hashes of what shows it by kind, and what was answered.

    Before the seal that is what is on file now; from then on what was sealed.
    """

    line: BatchLine
    asset: Asset
    files: Mapping[EvidenceKind, str]
    calibrated_until: date | None
    answer: LineAnswer | None
    needs_proof: bool
    on: date

    @property
    def checks(self) -> dict[Check, bool]:
        """What the line needs, and whether it has it."""
        checks = {
            Check.PHOTO: EvidenceKind.PHOTO in self.files,
            Check.NAMEPLATE: EvidenceKind.NAMEPLATE in self.files,
            Check.INSPECTION: self.line.inspected_at is not None,
        }
        if self.calibrated_until is not None:
            checks[Check.CALIBRATION] = self.calibrated_until >= self.on
        if self.needs_proof:
            checks[Check.PROOF] = EvidenceKind.PROOF in self.files
        return checks

    @property
    def lacks(self) -> list[Check]:
        """What the line does not have yet."""
        return [check for check, is_met in self.checks.items() if not is_met]


@dataclass(frozen=True)
class Happened:
    """Something that happened to a batch, with who did it."""

    act: Act
    became: State
    because: str
    at: datetime
    by_id: int
    by: str


@dataclass(frozen=True)
class Whole:
    """A batch with all that stands in it and beside it; a receiver sees nothing of what went before the seal."""

    batch: Batch
    is_ours: bool
    agreement: Agreement
    receiver: Organisation
    certificate: Certificate | None
    creator: str
    lines: list[Line]
    happened: list[Happened]
    approvals: dict[Office, str]
    discrepancies: Sequence[str]
    signatures: list[Signed] = field(default_factory=list)

    @property
    def cents(self) -> int:
        """What the lines are worth."""
        return sum(one.line.line_cents for one in self.lines)

    @property
    def units(self) -> int:
        """How many units the lines hold."""
        return sum(one.line.quantity for one in self.lines)

    @property
    def proof_cents(self) -> int:
        """What the lines are worth of which proof goes with the final report."""
        return sum(one.line.line_cents for one in self.lines if one.needs_proof)

    @property
    def inspected(self) -> int:
        """How many lines are inspected."""
        return sum(1 for one in self.lines if one.line.inspected_at is not None)

    def has_signed(self, party: Party) -> bool:
        """Whether somebody signed in the name of a party."""
        return any(one.party is party for one in self.signatures)

    def entered(self, state: State) -> Happened | None:
        """Return what led into a state the last time, if it was ever reached."""
        found = None
        for one in self.happened:  # the newest first: acts that stayed in the state came after the one that led there
            if one.became == state:
                found = one
            elif found is not None:
                break
        return found


def list_batches(scope: Scope) -> list[Listed]:
    """Return the batches that the caller may see, the newest first. One statement."""
    rows = db.session.execute(
        select(
            Batch,
            Organisation,
            func.count(BatchLine.id),
            func.coalesce(func.sum(BatchLine.quantity), 0),
            func.coalesce(func.sum(BatchLine.line_cents), 0),
        )
        .join(Organisation, Organisation.id == Batch.receiver_id)
        .outerjoin(BatchLine, BatchLine.batch_id == Batch.id)
        .where(_visible(scope))
        .group_by(Batch.id, Organisation.id)
        .order_by(Batch.id.desc())
    )
    return [Listed(batch, receiver, records, int(units), int(cents)) for batch, receiver, records, units, cents in rows]


def get_batch(scope: Scope, key: str) -> Batch:
    """Return a batch that the caller may see. Raises NotFound."""
    found = db.session.scalar(select(Batch).where(Batch.key == key, _visible(scope)))
    if found is None:
        raise NotFound(N_("There is no such batch here."))
    return found


def get_draft(scope: Scope, key: str) -> tuple[Batch, str]:
    """Return one of the site's own batches with the code of its receiver, to be written anew. Raises NotFound."""
    row = db.session.execute(
        select(Batch, Organisation.code)
        .join(Organisation, Organisation.id == Batch.receiver_id)
        .where(Batch.key == key, Batch.site_id == scope.site_id)
    ).one_or_none()
    if row is None:
        raise NotFound(N_("There is no such batch here."))
    batch, receiver_code = row
    return batch, receiver_code


def get_whole(scope: Scope, key: str, language: str = "en") -> Whole:
    """Return a batch with everything beside it, people named in the script of a language.

    Eight statements whatever its length. Raises NotFound.
    """
    row = db.session.execute(
        select(Batch, Agreement, Organisation, Certificate, name_in(language))
        .join(Agreement, Agreement.id == Batch.agreement_id)
        .join(Organisation, Organisation.id == Batch.receiver_id)
        .join(User, User.id == Batch.created_by_id)
        .outerjoin(Certificate, Certificate.id == Batch.certificate_id)
        .where(Batch.key == key, _visible(scope))
    ).one_or_none()
    if row is None:
        raise NotFound(N_("There is no such batch here."))
    batch, agreement, receiver, certificate, creator = row
    is_ours = batch.site_id == scope.site_id
    approvals = db.session.execute(
        select(Approval.office, name_in(language).label("name"))
        .join(User, User.id == Approval.user_id)
        .where(Approval.batch_id == batch.id, Approval.round == batch.round)
        .order_by(Approval.id)
    )
    return Whole(
        batch=batch,
        is_ours=is_ours,
        agreement=agreement,
        receiver=receiver,
        certificate=certificate,
        creator=creator,
        lines=list_lines(batch, agreement, certificate),
        happened=_list_happened(batch, language, since_seal=not is_ours),
        approvals={row.office: row.name for row in approvals},
        discrepancies=_list_discrepancies(batch) if is_ours else [],
        signatures=list_signatures(certificate.id, language) if certificate else [],
    )


def find_certificate(scope: Scope, key: str) -> Certificate | None:
    """Return the certificate of a batch that the caller may see, None before there is one. One statement."""
    return db.session.scalar(
        select(Certificate).join(Batch, Batch.certificate_id == Certificate.id).where(Batch.key == key, _visible(scope))
    )


def list_lines(batch: Batch, agreement: Agreement, certificate: Certificate | None = None) -> list[Line]:
    """Return the lines of a batch by their numbers on the list and their tags, with what shows them.

    Of a batch that is sealed that is what its certificate says, else what is on file now.
    """
    rows = db.session.execute(
        select(BatchLine, Asset, LineAnswer)
        .join(Asset, Asset.id == BatchLine.asset_id)
        .outerjoin(LineAnswer, LineAnswer.line_id == BatchLine.id)
        .where(BatchLine.batch_id == batch.id)
        .order_by(Asset.line_no, Asset.tag)
    ).all()
    sealed = _sealed_lines(batch, certificate)
    on_file = read_files(asset for _, asset, _ in rows)
    return [
        Line(
            line=line,
            asset=asset,
            files=sealed.get(asset.tag, now.hashes),
            calibrated_until=now.calibrated_until,
            answer=answer,
            needs_proof=agreement.needs_proof(asset.unit_cents),
            on=batch.on,
        )
        for (line, asset, answer), now in zip(rows, on_file, strict=True)
    ]


def _sealed_lines(batch: Batch, certificate: Certificate | None) -> dict[str, dict[EvidenceKind, str]]:
    if certificate is None or batch.state not in RECEIVER_SEES:
        return {}
    lines = told_by(certificate)["lines"]
    return {
        line["tag"]: {kind: line["files"][kind] for kind in EvidenceKind if kind in line["files"]} for line in lines
    }


def get_file(scope: Scope, key: str, sha256: str) -> str:
    """Return the hash of a file if it shows a line of a batch that the caller may see. Raises NotFound.

    A receiver sees what was sealed alone.
    """
    row = db.session.execute(
        select(Batch, Certificate)
        .outerjoin(Certificate, Certificate.id == Batch.certificate_id)
        .where(Batch.key == key, _visible(scope))
    ).one_or_none()
    if row is None:
        raise NotFound(N_("There is no such file."))
    batch, certificate = row
    is_sealed = certificate is not None and sha256 in _sealed_files(certificate)
    if not is_sealed and not (batch.site_id == scope.site_id and _is_on_file(batch, sha256)):
        raise NotFound(N_("There is no such file."))
    return sha256


def _sealed_files(certificate: Certificate) -> set[str]:
    return {sha256 for line in told_by(certificate)["lines"] for sha256 in (line["photo"], *line["files"].values())}


def _is_on_file(batch: Batch, sha256: str) -> bool:
    found = db.session.scalar(
        select(BatchLine.id)
        .outerjoin(AssetEvidence, AssetEvidence.asset_id == BatchLine.asset_id)
        .where(BatchLine.batch_id == batch.id, or_(BatchLine.photo_sha256 == sha256, AssetEvidence.sha256 == sha256))
        .limit(1)
    )
    return found is not None


def find_open_batch(asset_id: int) -> str:
    """Return the name of the open batch that a record stands in, empty where it stands in none."""
    batch = db.session.scalar(
        select(Batch)
        .join(BatchLine, BatchLine.batch_id == Batch.id)
        .where(BatchLine.asset_id == asset_id, BatchLine.is_open)
    )
    return batch.name if batch else ""


def list_receivers(scope: Scope) -> Sequence[Organisation]:
    """Return the organisations that equipment may be handed to: every one but the caller's own."""
    return db.session.scalars(
        select(Organisation).where(Organisation.id != scope.organisation_id).order_by(Organisation.code)
    ).all()


def _list_happened(batch: Batch, language: str, *, since_seal: bool) -> list[Happened]:
    """Return what happened to a batch, the newest first; `since_seal` leaves out what went before its last printing."""
    rows = db.session.execute(
        select(BatchEvent, name_in(language))
        .join(User, User.id == BatchEvent.by_id)
        .where(BatchEvent.batch_id == batch.id)
        .order_by(BatchEvent.id.desc())
    )
    happened = [Happened(one.act, one.became, one.because, one.at, one.by_id, name) for one, name in rows]
    printed = next((number for number, one in enumerate(happened) if one.act is Act.PRINT), len(happened))
    return happened[: printed + 1] if since_seal else happened


def _list_discrepancies(batch: Batch) -> Sequence[str]:
    return db.session.scalars(
        select(Discrepancy.tag).where(Discrepancy.batch_id == batch.id).order_by(Discrepancy.id)
    ).all()


def _visible(scope: Scope) -> ColumnElement[bool]:
    is_mine_to_receive = and_(Batch.receiver_id == scope.organisation_id, Batch.state.in_(RECEIVER_SEES))
    return or_(Batch.site_id == scope.site_id, is_mine_to_receive)

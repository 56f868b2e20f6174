"""Reads of batches: those of the site, and those that the caller's organisation receives, once they are sealed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select

from clinic.auth.models import User
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from clinic.sites.models import Organisation
from inventory.agreements.models import Agreement
from inventory.assets.models import Asset, AssetEvidence
from inventory.assets.queries import OnFile, read_files
from inventory.certificates.models import Certificate
from inventory.certificates.queries import Signed, list_signatures
from inventory.certificates.rules import Party
from inventory.handovers.models import Approval, Batch, BatchEvent, BatchLine, Discrepancy, LineAnswer
from inventory.handovers.rules import Act, Office, State

RECEIVER_SEES = (State.SEALED, State.SIGNED, State.ACCEPTED, State.PARTLY, State.REJECTED, State.WITHDRAWN)


@dataclass(frozen=True)
class Listed:
    """A batch in a list: its records, units and worth in cents."""

    batch: Batch
    receiver: Organisation
    records: int
    units: int
    cents: int


@dataclass(frozen=True)
class Line:
    """One line with its record, what is on file of it, and what was answered."""

    line: BatchLine
    asset: Asset
    files: OnFile
    answer: LineAnswer | None
    needs_proof: bool


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
    """A batch with all that stands in it and beside it."""

    batch: Batch
    agreement: Agreement
    receiver: Organisation
    certificate: Certificate | None
    creator: str
    lines: list[Line]
    happened: list[Happened]
    approvals: dict[Office, str]
    approver_ids: list[int]
    discrepancies: Sequence[str]
    signatures: list[Signed] = field(default_factory=list)

    @property
    def cents(self) -> int:
        """What the lines are worth."""
        return sum(one.asset.line_cents for one in self.lines)

    @property
    def units(self) -> int:
        """How many units the lines hold."""
        return sum(one.asset.quantity for one in self.lines)

    @property
    def proof_cents(self) -> int:
        """What the lines are worth of which proof goes with the final report."""
        return sum(one.asset.line_cents for one in self.lines if one.needs_proof)

    @property
    def inspected(self) -> int:
        """How many lines are inspected."""
        return sum(1 for one in self.lines if one.line.inspected_at is not None)

    def has_signed(self, party: Party) -> bool:
        """Whether somebody signed in the name of a party."""
        return any(one.party is party for one in self.signatures)

    def done(self, act: Act) -> Happened | None:
        """Return the last time that an act was done, if ever."""
        return next((one for one in self.happened if one.act is act), None)


def list_batches(scope: Scope) -> list[Listed]:
    """Return the batches that the caller may see, the newest first. One statement."""
    rows = db.session.execute(
        select(
            Batch,
            Organisation,
            func.count(Asset.id),
            func.coalesce(func.sum(Asset.quantity), 0),
            func.coalesce(func.sum(Asset.line_cents), 0),
        )
        .join(Organisation, Organisation.id == Batch.receiver_id)
        .outerjoin(BatchLine, BatchLine.batch_id == Batch.id)
        .outerjoin(Asset, Asset.id == BatchLine.asset_id)
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


def get_whole(scope: Scope, key: str) -> Whole:
    """Return a batch with everything beside it, in eight statements whatever its length. Raises NotFound."""
    row = db.session.execute(
        select(Batch, Agreement, Organisation, Certificate, User.name_latin)
        .join(Agreement, Agreement.id == Batch.agreement_id)
        .join(Organisation, Organisation.id == Batch.receiver_id)
        .join(User, User.id == Batch.created_by_id)
        .outerjoin(Certificate, Certificate.id == Batch.certificate_id)
        .where(Batch.key == key, _visible(scope))
    ).one_or_none()
    if row is None:
        raise NotFound(N_("There is no such batch here."))
    batch, agreement, receiver, certificate, creator = row
    approvals = db.session.execute(
        select(Approval.office, User.name_latin, User.id)
        .join(User, User.id == Approval.user_id)
        .where(Approval.batch_id == batch.id, Approval.round == batch.round)
    ).all()
    return Whole(
        batch=batch,
        agreement=agreement,
        receiver=receiver,
        certificate=certificate,
        creator=creator,
        lines=list_lines(batch, agreement),
        happened=_list_happened(batch),
        approvals={office: name for office, name, _ in approvals},
        approver_ids=[user_id for *_, user_id in approvals],
        discrepancies=db.session.scalars(
            select(Discrepancy.tag).where(Discrepancy.batch_id == batch.id).order_by(Discrepancy.id)
        ).all(),
        signatures=list_signatures(certificate.id) if certificate else [],
    )


def find_certificate(scope: Scope, key: str) -> Certificate | None:
    """Return the certificate of a batch that the caller may see, None before there is one. One statement."""
    return db.session.scalar(
        select(Certificate).join(Batch, Batch.certificate_id == Certificate.id).where(Batch.key == key, _visible(scope))
    )


def list_lines(batch: Batch, agreement: Agreement) -> list[Line]:
    """Return the lines of a batch by their numbers on the list and their tags."""
    rows = db.session.execute(
        select(BatchLine, Asset, LineAnswer)
        .join(Asset, Asset.id == BatchLine.asset_id)
        .outerjoin(LineAnswer, LineAnswer.line_id == BatchLine.id)
        .where(BatchLine.batch_id == batch.id)
        .order_by(Asset.line_no, Asset.tag)
    ).all()
    files = read_files(asset for _, asset, _ in rows)
    return [
        Line(line, asset, on_file, answer, agreement.needs_proof(asset.unit_cents))
        for (line, asset, answer), on_file in zip(rows, files, strict=True)
    ]


def get_file(scope: Scope, key: str, sha256: str) -> str:
    """Return the hash of a file if it shows a line of a batch that the caller may see. Raises NotFound."""
    shows = or_(BatchLine.photo_sha256 == sha256, AssetEvidence.sha256 == sha256)
    found = db.session.scalar(
        select(Batch.id)
        .join(BatchLine, BatchLine.batch_id == Batch.id)
        .outerjoin(AssetEvidence, AssetEvidence.asset_id == BatchLine.asset_id)
        .where(Batch.key == key, _visible(scope), shows)
        .limit(1)
    )
    if found is None:
        raise NotFound(N_("There is no such file."))
    return sha256


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


def _list_happened(batch: Batch) -> list[Happened]:
    rows = db.session.execute(
        select(BatchEvent, User.name_latin)
        .join(User, User.id == BatchEvent.by_id)
        .where(BatchEvent.batch_id == batch.id)
        .order_by(BatchEvent.id.desc())
    )
    return [Happened(one.act, one.became, one.because, one.at, one.by_id, name) for one, name in rows]


def _visible(scope: Scope) -> ColumnElement[bool]:
    is_mine_to_receive = and_(Batch.receiver_id == scope.organisation_id, Batch.state.in_(RECEIVER_SEES))
    return or_(Batch.site_id == scope.site_id, is_mine_to_receive)

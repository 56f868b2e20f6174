"""Everybody whom a handover needs, round one table, for the tests of this folder and the walks."""

from collections.abc import Mapping
from datetime import date
from unittest.mock import patch

from sqlalchemy import select

from clinic.auth.models import User
from clinic.auth.roles import Permission, Role
from clinic.kernel.access import Scope
from clinic.kernel.audit import acting_as
from clinic.kernel.db import db, transaction
from clinic.sites.models import Organisation, Site
from inventory.agreements.models import Agreement
from inventory.assets.models import Asset
from inventory.certificates.models import Certificate
from inventory.certificates.rules import SHORT, Party
from inventory.handovers import services
from inventory.handovers.models import Batch, BatchLine
from inventory.handovers.queries import get_whole
from inventory.handovers.rules import Answer, Erasure, Grade, Office, State
from tests import factories
from tests.inventory.assets.things import AGREEMENT, create_asset, show

ADDRESS = "http://localhost"
_PRINT = "inventory.certificates.services.print_certificate"
ROLES = (Role.LOGISTICS, Role.FINANCE, Role.PROJECT_LEAD, Role.INSPECTOR, Role.GIVER, Role.CUSTODIAN)


class Table:
    """The people of one site, two receivers of another body, and how they bring a batch on."""

    def __init__(self, scopes: Mapping[Role, Scope]) -> None:
        self.scopes = scopes
        away = factories.create_site()
        self.receiver, self.second = (factories.scope_of(factories.create_user(away, Role.RECEIVER)) for _ in range(2))
        self.receiver_code = db.session.get_one(Organisation, away.organisation_id).code

    def draft(self, *, count: int = 1, **fields: object) -> str:
        """Begin a batch of so many records."""
        logistics = self.scopes[Role.LOGISTICS]
        things = [create_asset(logistics, **fields) for _ in range(count)]
        for thing in things:
            show(logistics, thing)
        with transaction() as session:
            agreement = session.scalars(select(Agreement).where(Agreement.code == AGREEMENT)).one()
            agreement.starts_on, agreement.extended_until = date(2026, 1, 1), date(2027, 3, 31)
            agreement.giver, agreement.instrument = "Giver", "Instrument"
            agreement.legal_basis, agreement.authorisation = "Article 7.5", "Letter 1"
        with transaction(), acting_as(logistics.user_id):
            batch = services.open_batch(
                logistics,
                agreement_code=AGREEMENT,
                receiver_code=self.receiver_code,
                unit="Centre",
                place="Ground floor",
                purpose="primary health care",
                on=date(2026, 11, 24),
            )
            for thing in things:
                services.add_line(logistics, batch.key, thing.tag)
            return batch.key

    def submit(self, key: str) -> None:
        """Ask for approval."""
        self.act(Role.LOGISTICS, services.submit, key)

    def approve(self, key: str) -> None:
        """Let both offices approve."""
        self.act(Role.FINANCE, services.approve, key, Office.FINANCE, seen=self.version(key))
        self.act(Role.PROJECT_LEAD, services.approve, key, Office.PROJECT_LEAD, seen=self.version(key))

    def inspect(self, key: str) -> None:
        """Find everything in good condition."""
        for one in get_whole(self.scopes[Role.INSPECTOR], key).lines:
            self.act(Role.INSPECTOR, services.inspect_line, key, one.asset.tag, grade=Grade.B, erasure=Erasure.NONE)

    def sealed(self, *, count: int = 1, **fields: object) -> str:
        """Bring a batch as far as its seal, with the fewest words on paper."""
        key = self.inspected(count=count, **fields)
        self.seal(key)
        return key

    def inspected(self, *, count: int = 1, **fields: object) -> str:
        """Bring a batch as far as its inspection."""
        key = self.draft(count=count, **fields)
        self.submit(key)
        self.approve(key)
        self.inspect(key)
        return key

    def seal(self, key: str) -> None:
        """Seal, with a paper that costs no time to print."""
        self.begin_seal(key)
        with acting_as(self.scopes[Role.LOGISTICS].user_id), patch(_PRINT, return_value=f"%PDF-1.7 {key}".encode()):
            services.finish_seal(key)
        db.session.rollback()

    def begin_seal(self, key: str) -> None:
        """Number a certificate, and ask for its paper."""
        self.act(Role.LOGISTICS, services.begin_seal, key, seen=self.version(key), check_address=ADDRESS)

    def sign(self, key: str) -> None:
        """Let giver and custodian sign by their own accounts."""
        for role, party in ((Role.GIVER, Party.GIVER), (Role.CUSTODIAN, Party.CUSTODIAN)):
            self.act(role, services.sign, key, party, sha256=self.sha256(key))

    def answer(self, key: str, answers: Mapping[str, Answer]) -> State:
        """Let the receivers answer, by the tags of the lines."""
        lines = {one.asset.tag: one.line.key for one in get_whole(self.receiver, key).lines}
        with transaction(), acting_as(self.receiver.user_id):
            return services.answer(
                self.receiver,
                key,
                {lines[tag]: told for tag, told in answers.items()},
                username=self.username(self.second),
                secret=factories.PASSWORD,
                sha256=self.sha256(key),
                permission=Permission.RECEIVE,
            )

    def act(self, role: Role, act: object, *args: object, **kwargs: object) -> None:
        """Do something as the holder of a role."""
        scope = self.scopes[role]
        with transaction(), acting_as(scope.user_id):
            act(scope, *args, **kwargs)  # type: ignore[operator]  # any act on a batch

    def version(self, key: str) -> int:
        """Return the version of a batch, as a page shows it."""
        return db.session.scalars(select(Batch.version).where(Batch.key == key)).one()

    def state(self, key: str) -> State:
        """Return how far a batch has come."""
        return db.session.scalars(
            select(Batch.state).where(Batch.key == key).execution_options(populate_existing=True)
        ).one()

    def assets(self, key: str) -> list[Asset]:
        """Return the records of a batch."""
        return list(
            db.session.scalars(
                select(Asset)
                .join(BatchLine, BatchLine.asset_id == Asset.id)
                .join(Batch, Batch.id == BatchLine.batch_id)
                .where(Batch.key == key)
                .order_by(Asset.tag)
                .execution_options(populate_existing=True)
            )
        )

    def line(self, key: str) -> str:
        """Return the key of the first line of a batch."""
        return get_whole(self.scopes[Role.LOGISTICS], key).lines[0].line.key

    def sha256(self, key: str) -> str:
        """Return the hash of what is sealed."""
        return self._certificate(key).sha256

    def certificate(self, key: str) -> tuple[str, str]:
        """Return the number of a certificate and the code that its square shows."""
        found = self._certificate(key)
        return found.number, found.sha256[:SHORT]

    def _certificate(self, key: str) -> Certificate:
        return db.session.scalars(
            select(Certificate).join(Batch, Batch.certificate_id == Certificate.id).where(Batch.key == key)
        ).one()

    def username(self, scope: Scope) -> str:
        """Return the account name of somebody."""
        return db.session.get_one(User, scope.user_id).username


def open_table(site: Site) -> Table:
    """Employ everybody at a site."""
    return Table({role: factories.scope_of(factories.create_user(site, role)) for role in ROLES})

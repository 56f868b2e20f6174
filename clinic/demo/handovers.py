"""The demo's handovers: a batch in every state that there is so far, each act by the person whose it is."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from clinic.auth.models import User
from clinic.auth.roles import Permission
from clinic.demo.pictures import picture_of
from clinic.kernel import audit, clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db, transaction
from clinic.kernel.pdf import PdfUnavailable
from clinic.sites.models import Site
from inventory.assets.models import Asset
from inventory.certificates.models import Certificate
from inventory.certificates.rules import Party
from inventory.handovers import services
from inventory.handovers.models import Batch
from inventory.handovers.queries import get_whole
from inventory.handovers.rules import Answer, Erasure, Grade, Office, State

LINES_OF_THE_LIST = (  # which lines of the equipment list each batch holds, and how far it has come
    ((60, 61), State.DRAFT),
    ((55, 56), State.SUBMITTED),
    ((50, 51), State.APPROVED),
    ((45, 46), State.INSPECTED),
    ((40,), State.SEALED),
    ((35, 36), State.SIGNED),
    ((30, 31), State.PARTLY),
    ((20,), State.ACCEPTED),
    ((25,), State.REJECTED),
    ((70,), State.WITHDRAWN),
    ((65,), State.CANCELLED),
)


@dataclass
class Desks:
    """Who does what, the second receiver's password, and where certificates are checked."""

    scopes: Mapping[str, Scope]
    secret: str
    check_address: str
    at: datetime


def hand_over(clinic: Scope, users: Mapping[str, int], *, secret: str, check_address: str, tonight: date) -> None:
    """Let every batch come as far as it has come by tonight."""
    home = {name: Scope(clinic.organisation_id, clinic.site_id, user_id) for name, user_id in users.items()}
    hatay = db.session.scalars(select(Site).where(Site.code == "HATAY")).one()
    away = {name: Scope(hatay.organisation_id, hatay.id, users[name]) for name in ("receiver", "receiver2")}
    desks = Desks(home | away, secret, check_address, clock.at(tonight - timedelta(days=20), 10))
    for lines, state in LINES_OF_THE_LIST:
        with suppress(PdfUnavailable):  # without the libraries of PDF the batch stays where its certificate is printed
            _bring(desks, lines, state)
        desks.at += timedelta(days=1)


def _bring(desks: Desks, lines: tuple[int, ...], state: State) -> None:
    key = _open(desks, lines)
    if state is State.DRAFT:
        return
    if state is State.CANCELLED:
        with _by(desks, "lead") as scope:
            services.cancel(scope, key, because="DEMO: the machine is needed here until spring")
        return
    with _by(desks, "levent") as scope:
        services.submit(scope, key)
    if state is State.SUBMITTED:
        with _by(desks, "finance") as scope:
            services.approve(scope, key, Office.FINANCE, seen=_version(key))
        return
    for name, office in (("finance", Office.FINANCE), ("lead", Office.PROJECT_LEAD)):
        with _by(desks, name) as scope:
            services.approve(scope, key, office, seen=_version(key))
    _inspect(desks, key, but_last=state is State.APPROVED)
    if state in {State.APPROVED, State.INSPECTED}:
        return
    with _by(desks, "levent") as scope:
        services.begin_seal(scope, key, seen=_version(key), check_address=desks.check_address)
    with clock.frozen(desks.at), audit.acting_as(desks.scopes["levent"].user_id):
        services.finish_seal(key)
    if state is State.SEALED:
        return
    sha256 = _sha256(key)
    for name, party in (("giver", Party.GIVER), ("custodian", Party.CUSTODIAN)):
        with _by(desks, name) as scope:
            services.sign(scope, key, party, sha256=sha256)
    if state is State.WITHDRAWN:
        with _by(desks, "giver") as scope:
            services.withdraw(scope, key, because="DEMO: the room there is not ready")
    elif state.is_over:
        _answer(desks, key, sha256, state)


def _open(desks: Desks, lines: tuple[int, ...]) -> str:
    with _by(desks, "levent") as scope:
        batch = services.open_batch(
            scope,
            agreement_code="DEMO-ICSP",
            receiver_code="MOH",
            unit="DEMO Migrant Health Centre",
            place="DEMO centre, ground floor",
            purpose="public primary health care during the extension",
            on=desks.at.date(),
        )
        batch.is_demo = True
        tags = db.session.scalars(
            select(Asset.tag).where(Asset.line_no.in_(lines), Asset.site_id == scope.site_id).order_by(Asset.tag)
        ).all()
        key = batch.key
    for tag in tags[:4]:
        with _by(desks, "levent") as scope:
            services.add_line(scope, key, tag)
    return key


def _inspect(desks: Desks, key: str, *, but_last: bool) -> None:
    with clock.frozen(desks.at):
        assets = [one.asset for one in get_whole(desks.scopes["inspector"], key).lines]
    for number, asset in enumerate(assets[:-1] if but_last and len(assets) > 1 else assets):
        is_faulty = number == 1
        with _by(desks, "inspector") as scope:
            services.inspect_line(
                scope,
                key,
                asset.tag,
                grade=Grade.C if is_faulty else Grade.B,
                erasure=Erasure.NONE,
                note="DEMO: a scratch on the casing" if is_faulty else "",
                photo=picture_of(asset, is_scratched=True) if is_faulty else None,
            )


def _answer(desks: Desks, key: str, sha256: str, state: State) -> None:
    """Let the receivers accept every line, none, or all but the last."""
    with clock.frozen(desks.at):
        lines = get_whole(desks.scopes["receiver"], key).lines
    refused = {State.ACCEPTED: [], State.PARTLY: lines[-1:], State.REJECTED: lines}[state]
    answers = {one.line.key: Answer(accepted=one.line.quantity) for one in lines} | {
        one.line.key: Answer(accepted=0, rejected=one.line.quantity, remark="DEMO: does not start") for one in refused
    }
    username = db.session.get_one(User, desks.scopes["receiver2"].user_id).username
    with _by(desks, "receiver") as scope:
        services.answer(
            scope,
            key,
            answers,
            username=username,
            secret=desks.secret,
            sha256=sha256,
            permission=Permission.RECEIVE,
        )


def _version(key: str) -> int:
    return db.session.scalars(select(Batch.version).where(Batch.key == key)).one()


def _sha256(key: str) -> str:
    return db.session.scalars(
        select(Certificate.sha256).join(Batch, Batch.certificate_id == Certificate.id).where(Batch.key == key)
    ).one()


@contextmanager
def _by(desks: Desks, name: str) -> Iterator[Scope]:
    """Do something as one of the demo's people, a few minutes after the act before it, in a transaction of its own."""
    desks.at += timedelta(minutes=7)
    scope = desks.scopes[name]
    with clock.frozen(desks.at), audit.acting_as(scope.user_id), transaction():
        yield scope

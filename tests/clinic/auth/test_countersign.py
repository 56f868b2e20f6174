from datetime import timedelta
from hashlib import sha256

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from clinic.auth import services
from clinic.auth.models import Countersignature, SignInAttempt, User
from clinic.auth.roles import Permission, Role
from clinic.auth.rules import CountersignRefused, TooManyTries
from clinic.auth.services import Countersigner
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import WriteOutsideTransaction, db, transaction
from clinic.kernel.errors import DomainError
from clinic.sites.models import Site
from tests.desk import DeskClient
from tests.factories import EVENING, PASSWORD, create_site, create_user, scope_of

pytestmark = pytest.mark.postgres

PAYLOAD = sha256(b"write off 3 units of lot 7").hexdigest()


@pytest.fixture
def site(context: Flask) -> Site:
    site = create_site()
    create_user(site, Role.NURSE, username="noise")
    return site


def countersign(scope: Scope, username: str, secret: str = PASSWORD) -> Countersigner:
    with transaction():
        return services.countersign(scope, username=username, secret=secret, payload_hash=PAYLOAD, purpose="WRITE_OFF")


def mine(site: Site) -> Scope:
    return scope_of(create_user(site, Role.PHARMACIST))


def count(model: type, **values: object) -> int:
    return db.session.scalar(select(func.count()).select_from(model).filter_by(**values)) or 0


def test_a_colleague_countersigns_with_the_act_and_what_was_signed_is_kept(site: Site) -> None:
    scope, nurse = mine(site), create_user(site, Role.NURSE, username="second", name_latin="Second Nurse")
    second = countersign(scope, "SECOND ")
    assert (second.user_id, second.name) == (nurse.id, "Second Nurse")
    assert Permission.TRIAGE in second.permissions
    assert Permission.DISPENSE not in second.permissions
    row = db.session.scalars(select(Countersignature)).one()
    assert (row.id, row.user_id, row.beside_id, row.site_id) == (second.id, nurse.id, scope.user_id, site.id)
    assert (row.payload_hash, row.purpose, row.at) == (PAYLOAD, "WRITE_OFF", EVENING)
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.act == "COUNTERSIGN")).one()
    assert event.detail == {"user": nurse.id, "purpose": "WRITE_OFF"}


def test_nobody_countersigns_for_themselves(site: Site) -> None:
    scope = mine(site)
    name = db.session.get_one(User, scope.user_id).username
    with pytest.raises(CountersignRefused, match="another person") as refusal:
        countersign(scope, name)
    assert refusal.value.field == "username"


def _wrong(site: Site, who: str) -> tuple[str, str]:
    """Return the name and secret of one who cannot countersign at `site`."""
    secret = "not the password" if who == "mistyped" else PASSWORD
    if who == "unknown":
        return "nobody", secret
    at = create_site() if who == "of another organisation" else site
    if who == "of another site":
        at = create_site(organisation_id=site.organisation_id)
    roles = () if who == "without a role" else (Role.NURSE,)
    return create_user(at, *roles, is_active=who != "closed").username, secret


@pytest.mark.parametrize(
    "who", ["mistyped", "unknown", "closed", "of another organisation", "of another site", "without a role"]
)
def test_whoever_cannot_sign_in_here_cannot_countersign_and_all_read_alike(site: Site, who: str) -> None:
    scope = mine(site)
    name, secret = _wrong(site, who)
    with pytest.raises(CountersignRefused, match="do not go together") as refusal:
        countersign(scope, name, secret)
    assert (refusal.value.field, refusal.value.status) == ("secret", 422)
    assert count(Countersignature) == 0
    assert count(SignInAttempt, username=name, is_right=False) == 1, "the try counts although the act was refused"
    assert count(SignInAttempt) == 1


def test_a_first_password_signs_nothing(site: Site) -> None:
    scope, second = mine(site), create_user(site, Role.NURSE, must_change_password=True)
    with pytest.raises(CountersignRefused, match="yet to choose"):
        countersign(scope, second.username)
    assert count(Countersignature) == 0


def test_wrong_tries_share_the_back_off_of_signing_in(app: Flask, client: DeskClient, site: Site) -> None:
    scope, second = mine(site), create_user(site, Role.NURSE)
    name = second.username
    for _ in range(5):
        with pytest.raises(CountersignRefused):
            countersign(scope, name, "wrong")
    with pytest.raises(TooManyTries) as refusal:
        countersign(scope, name)
    assert refusal.value.field == "secret"
    with clock.frozen(EVENING + timedelta(seconds=2)):
        countersign(scope, name)
        with pytest.raises(CountersignRefused):
            countersign(scope, name, "wrong")
        countersign(scope, name)


def test_tries_at_the_door_and_beside_a_colleague_are_counted_together(app: Flask, client: DeskClient) -> None:
    with app.app_context():
        site = create_site()
        scope, name = mine(site), create_user(site, Role.NURSE).username
    for _ in range(5):
        assert client.submit("/sign-in", {"username": name, "password": "wrong"}).status_code == 422
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": "127.0.0.1"}):
        app.preprocess_request()
        with pytest.raises(TooManyTries):
            countersign(scope, name)
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": "127.0.0.9"}):
        app.preprocess_request()
        countersign(scope, name)


def test_a_countersignature_falls_with_the_act_and_stands_in_none_outside_one(site: Site) -> None:
    scope, name = mine(site), create_user(site, Role.NURSE).username
    with pytest.raises(DomainError, match="short"), transaction():
        services.countersign(scope, username=name, secret=PASSWORD, payload_hash=PAYLOAD, purpose="WRITE_OFF")
        raise DomainError("short")
    assert count(Countersignature) == 0
    with pytest.raises(WriteOutsideTransaction):
        services.countersign(scope, username=name, secret="wrong", payload_hash=PAYLOAD, purpose="WRITE_OFF")


@pytest.mark.parametrize("statement", ["UPDATE countersignature SET user_id = 1", "DELETE FROM countersignature"])
def test_a_countersignature_is_never_changed_and_never_removed(site: Site, statement: str) -> None:
    countersign(mine(site), create_user(site, Role.NURSE).username)
    with pytest.raises(IntegrityError, match="sealed"), transaction() as session:
        session.connection().exec_driver_sql(statement)

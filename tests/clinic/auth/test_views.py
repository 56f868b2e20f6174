from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from clinic.auth import queries, services
from clinic.auth.models import SignInAttempt, User, UserSession
from clinic.auth.roles import Role
from clinic.kernel import clock
from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import db, transaction
from tests.desk import DeskClient, HiddenFields
from tests.factories import EVENING, PASSWORD, create_desk, create_site, create_user, scope_of, sign_in


def _arrange(app: Flask, *roles: Role) -> tuple[str, str]:
    """Return account names of a person with roles, and of a noise colleague."""
    with app.app_context():
        site = create_site()
        return create_user(site, *roles).username, create_user(site, Role.REGISTRAR).username


def test_the_right_password_opens_the_first_desk_and_leaves_a_record(app: Flask, client: DeskClient) -> None:
    username, _ = _arrange(app, Role.ADMINISTRATOR)
    answer = client.submit("/sign-in", {"username": username.upper(), "password": PASSWORD})
    assert (answer.status_code, answer.location) == (302, "/")
    assert client.get("/").location == "/accounts"
    with app.app_context():
        assert db.session.scalars(select(AuditEvent.act).where(AuditEvent.act == "SIGN_IN")).all() == ["SIGN_IN"]


@pytest.mark.parametrize("username", ["nobody", "user"])
def test_a_wrong_password_and_an_unknown_name_read_alike(app: Flask, client: DeskClient, username: str) -> None:
    known, _ = _arrange(app, Role.NURSE)
    answer = client.submit("/sign-in", {"username": known if username == "user" else username, "password": "wrong"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Name and password do not go together." in page
    assert "wrong" not in page.split("<main", 1)[1].replace("wrong-", "")


def test_the_sixth_try_waits_and_a_colleague_elsewhere_does_not(app: Flask, client: DeskClient) -> None:
    username, other = _arrange(app, Role.NURSE)
    for _ in range(5):
        assert client.submit("/sign-in", {"username": username, "password": "wrong"}).status_code == 422
    assert b"Too many tries" in client.submit("/sign-in", {"username": username, "password": PASSWORD}).data
    assert client.submit("/sign-in", {"username": other, "password": PASSWORD}).status_code == 302
    elsewhere: DeskClient = app.test_client()  # type: ignore[assignment]
    elsewhere.environ_base["REMOTE_ADDR"] = "127.0.0.9"
    assert elsewhere.submit("/sign-in", {"username": username, "password": PASSWORD}).status_code == 302
    with app.app_context():
        assert db.session.scalar(select(db.func.count()).select_from(SignInAttempt)) == 7
    with clock.frozen(EVENING + timedelta(seconds=2)):
        assert client.submit("/sign-in", {"username": username, "password": PASSWORD}).status_code == 302


def test_a_closed_account_is_out_at_once_and_an_ended_session_is_dead(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        site = create_site()
        person, admin = (scope_of(create_user(site, Role.ADMINISTRATOR)) for _ in range(2))
        key = queries.get_user_by_id(admin, person.user_id).key
    sign_in(client, person)
    assert client.get("/accounts").status_code == 200
    with app.app_context(), transaction():
        services.change_user(admin, key, name_latin="X", name_ar="", language="en", is_active=False)
    assert client.get("/accounts").location == "/sign-in?next=/accounts"


def test_a_role_taken_away_holds_from_the_next_request(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        site = create_site()
        person, admin = (scope_of(create_user(site, Role.ADMINISTRATOR)) for _ in range(2))
        key = queries.get_user_by_id(admin, person.user_id).key
    sign_in(client, person)
    with app.app_context(), transaction():
        services.set_roles(admin, key, frozenset({Role.NURSE}))
    assert client.get("/accounts").status_code == 403
    with app.app_context():
        refused = db.session.scalars(select(AuditEvent).where(AuditEvent.act == "REFUSED")).one()
        assert (refused.actor_id, refused.row_key) == (person.user_id, "auth.accounts")


def test_signing_out_kills_the_cookie_on_the_server(app: Flask, client: DeskClient) -> None:
    with app.app_context():
        person = create_desk(Role.ADMINISTRATOR)
    sign_in(client, person)
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    client.submit("/accounts", {}, to="/sign-out")
    with client.session_transaction() as cookie:
        assert "_user_id" not in cookie
        cookie["_user_id"] = token
    assert client.get("/accounts").status_code == 302


def test_five_idle_minutes_lock_the_screen_and_what_was_being_sent_is_handed_back(
    app: Flask, client: DeskClient
) -> None:
    with app.app_context():
        person = create_desk(Role.ADMINISTRATOR)
    sign_in(client, person)
    unseen = HiddenFields(client.get("/accounts/new").get_data(as_text=True)).forms["/accounts/new"]
    answers = {"username": "zeynep", "name_latin": "Zeynep <b>", "language": "tr"}
    with clock.frozen(EVENING + timedelta(minutes=6)):
        sent = client.post("/accounts/new", data={**unseen, **answers})
        assert sent.location.startswith("/locked?parked=")
        locked = client.get(sent.location)
        assert b"This screen is locked." in locked.data
        assert b"Zeynep" not in locked.data
        assert client.get("/accounts").location == "/locked?next=/accounts"
        assert client.submit(sent.location, {"password": "wrong"}, to=sent.location).status_code == 422
        opened = client.post(sent.location, data={**unseen, "password": PASSWORD})
        assert 'value="Zeynep &lt;b&gt;"' in opened.get_data(as_text=True)
        assert client.get("/accounts").status_code == 200
    with app.app_context():
        assert db.session.scalar(select(User).where(User.username == "zeynep")) is None


def test_a_poll_does_not_keep_a_session_awake(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        person = create_desk(Role.ADMINISTRATOR)
    sign_in(client, person)
    for minute in (2, 4):
        with clock.frozen(EVENING + timedelta(minutes=minute)):
            assert client.get("/accounts", headers={"X-Poll": "1"}).status_code == 200
    with clock.frozen(EVENING + timedelta(minutes=5)):
        assert client.get("/accounts", headers={"X-Poll": "1"}).location.startswith("/locked")


def test_last_seen_is_written_once_a_minute_at_most(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        person = create_desk(Role.ADMINISTRATOR)
    sign_in(client, person)
    for second in (10, 59, 61, 70):
        with clock.frozen(EVENING + timedelta(seconds=second)):
            client.get("/accounts")
    with app.app_context():
        assert db.session.scalars(select(UserSession.seen_at)).all() == [EVENING + timedelta(seconds=61)]


def test_the_first_password_works_once_and_then_must_be_changed(app: Flask, client: DeskClient) -> None:
    with app.app_context():
        person = create_desk(Role.ADMINISTRATOR)
    sign_in(client, person)
    shown = client.submit(
        "/accounts/new",
        {"username": "Zeynep Ak", "name_latin": "Zeynep Ak", "language": "tr", "roles": ["NURSE"]},
        to="/accounts/new",
    ).get_data(as_text=True)
    first = shown.split('class="serial">')[1].split("<")[0]
    nurse: DeskClient = app.test_client()  # type: ignore[assignment]
    nurse.submit("/sign-in", {"username": "zeynep.ak", "password": first})
    assert nurse.get("/").location == "/account"
    refused = nurse.submit("/account", {"old": first, "new": "short"}, to="/account")
    assert refused.status_code == 422
    assert nurse.submit("/account", {"old": first, "new": "a lake behind the hill"}, to="/account").location == "/"
    again: DeskClient = app.test_client()  # type: ignore[assignment]
    assert again.submit("/sign-in", {"username": "zeynep.ak", "password": first}).status_code == 422


def test_an_account_name_is_taken_once(app: Flask, client: DeskClient) -> None:
    with app.app_context():
        person = create_desk(Role.ADMINISTRATOR)
    sign_in(client, person)
    answers = {"username": "ışık", "name_latin": "Işık", "language": "tr"}
    assert client.submit("/accounts/new", answers, to="/accounts/new").status_code == 200
    again = client.submit("/accounts/new", answers, to="/accounts/new")
    assert again.status_code == 422
    assert "There is an account of that name already." in again.get_data(as_text=True)


def test_another_organisation_has_no_such_account(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        admin, stranger = create_desk(Role.ADMINISTRATOR), create_desk(Role.NURSE)
        key = db.session.get_one(User, stranger.user_id).key
    sign_in(client, admin)
    assert client.get(f"/accounts/{key}").status_code == 404


def test_the_language_is_kept_for_the_person(app: Flask, client: DeskClient) -> None:
    with app.app_context():
        person = create_desk(Role.ADMINISTRATOR)
    sign_in(client, person)
    client.submit("/accounts", {"language": "ar", "next": "/accounts"}, to="/language")
    assert 'dir="rtl"' in client.get("/accounts").get_data(as_text=True)

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select
from werkzeug.test import TestResponse

from clinic.auth import queries, rules, services
from clinic.auth.models import Badge, Computer, Pin, SignInAttempt, User, UserSession
from clinic.auth.roles import Role
from clinic.auth.services import badges
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import db, transaction
from clinic.kernel.errors import NotFound
from clinic.sites.models import Site
from tests.desk import DeskClient, HiddenFields
from tests.factories import EVENING, PASSWORD, create_clinic, create_site, create_user, scope_of, sign_in

PIN = "402957"


@dataclass(frozen=True)
class Room:
    """A shared PC with its browser, and two colleagues with badge and PIN at its site."""

    client: DeskClient
    site_id: int
    admin: Scope
    nurse: Scope
    doctor: Scope
    badges: dict[int, str]

    def scan(self, who: Scope, pin: str = PIN, *, page: str = "/badge") -> TestResponse:
        """Let `who` scan the badge and type a PIN; return the last answer."""
        asked = self.client.submit(page, {"badge-badge": self.badges[who.user_id]}, to="/badge")
        assert asked.status_code == 200
        return self.client.submit(page, {"badge-badge": self.badges[who.user_id], "badge-pin": pin}, to="/badge")


def key_of(scope: Scope) -> str:
    return db.session.get_one(User, scope.user_id).key


def arrange(site: Site, *roles: Role) -> tuple[Scope, str]:
    """Make someone at a site who has a badge and a PIN; return the scope and the badge's number."""
    admin, person = scope_of(create_user(site, Role.ADMINISTRATOR)), scope_of(create_user(site, *roles))
    number = badges.new_badge_number()
    with transaction():
        badges.give_badge(admin, key_of(person), number=number)
        badges.choose_pin(person.user_id, password=PASSWORD, pin=PIN)
    return person, number


@pytest.fixture
def room(app: Flask, client: DeskClient) -> Room:
    with app.app_context():
        arrange(create_site(), Role.NURSE)
        site = create_clinic()
        admin = scope_of(create_user(site, Role.ADMINISTRATOR))
        (nurse, first), (doctor, second) = arrange(site, Role.NURSE), arrange(site, Role.DOCTOR)
        room = Room(client, site.id, admin, nurse, doctor, {nurse.user_id: first, doctor.user_id: second})
    sign_in(client, admin)
    assert client.submit("/computers", {"name": "Ultrasound PC"}, to="/computers").location == "/computers"
    client.submit("/computers", {}, to="/sign-out")
    return room


def token_of(client: DeskClient) -> str:
    with client.session_transaction() as cookie:
        return str(cookie["_user_id"])


# ---- enrolling ------------------------------------------------------------------------------------------------------


def test_a_computer_keeps_a_random_token_that_no_script_reads_and_the_database_its_hash(app: Flask, room: Room) -> None:
    cookie = room.client.get_cookie("computer")
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site, cookie.path) == (True, "Lax", "/")
    assert len(cookie.value) == 43
    with app.app_context():
        computer = db.session.scalars(select(Computer)).one()
        assert computer.token_hash == sha256(cookie.value.encode()).hexdigest()
        assert (computer.name, computer.site_id) == ("Ultrasound PC", room.site_id)
        assert computer.enrolled_by_id == room.admin.user_id


def test_only_an_administrator_enrols_and_sees_the_own_sites_computers(app: Flask, room: Room) -> None:
    sign_in(room.client, room.admin)
    page = room.client.get("/computers").get_data(as_text=True)
    assert "Ultrasound PC" in page
    assert "This computer is enrolled as" in page
    with app.app_context():
        stranger = scope_of(create_user(create_site(), Role.ADMINISTRATOR))
        key = db.session.scalars(select(Computer.key)).one()
    other: DeskClient = app.test_client()  # type: ignore[assignment]
    sign_in(other, stranger)
    assert "Ultrasound PC" not in other.get("/computers").get_data(as_text=True)
    assert other.submit("/computers", {"name": ""}, to="/computers").status_code == 422
    with app.app_context(), pytest.raises(NotFound), transaction():
        badges.withdraw_computer(stranger, key)


def test_a_form_sent_twice_enrols_once(app: Flask, room: Room) -> None:
    sign_in(room.client, room.admin)
    room.client.delete_cookie("computer")
    op = HiddenFields(room.client.get("/computers").get_data(as_text=True)).forms["/computers"]["op"]
    for _ in range(2):
        assert room.client.submit("/computers", {"name": "Room 3", "op": op}, to="/computers").status_code == 303
        room.client.delete_cookie("computer")
    with app.app_context():
        assert sorted(db.session.scalars(select(Computer.name))) == ["Room 3", "Ultrasound PC"]


def test_a_withdrawn_computer_is_opened_by_no_badge_and_what_is_open_there_ends(app: Flask, room: Room) -> None:
    room.scan(room.nurse)
    assert room.client.get("/triage").status_code == 200
    with app.app_context(), transaction():
        key = db.session.scalars(select(Computer.key)).one()
        assert badges.withdraw_computer(room.admin, key) == 1
    assert room.client.get("/triage").location.startswith("/sign-in")
    assert room.client.get("/badge").location == "/sign-in"
    with app.app_context():
        assert queries.list_computers(room.admin) == []


# ---- sitting down ---------------------------------------------------------------------------------------------------


@pytest.mark.postgres
def test_badge_and_pin_open_a_desk_and_the_colleagues_session_ends(app: Flask, room: Room) -> None:
    answer = room.scan(room.nurse)
    assert (answer.status_code, answer.location) == (302, "/")
    nurses = token_of(room.client)
    assert room.client.get("/").location == "/triage"
    room.scan(room.doctor)
    assert token_of(room.client) != nurses
    assert room.client.get("/").location == "/desk"
    with room.client.session_transaction() as cookie:
        cookie["_user_id"] = nurses
    assert room.client.get("/triage").location.startswith("/sign-in")
    with app.app_context():
        computer_id = db.session.scalars(select(Computer.id)).one()
        sessions = db.session.execute(
            select(UserSession.user_id, UserSession.computer_id, UserSession.ended_at).order_by(UserSession.id)
        ).all()[-2:]
        assert [tuple(row) for row in sessions] == [
            (room.nurse.user_id, computer_id, EVENING),
            (room.doctor.user_id, computer_id, None),
        ]
        switched = db.session.scalars(select(AuditEvent).where(AuditEvent.act == "SWITCH")).one()
        assert (switched.actor_id, switched.detail) == (room.nurse.user_id, {"to": room.doctor.user_id})


def test_on_any_other_computer_badge_and_pin_open_nothing(app: Flask, room: Room) -> None:
    room.client.delete_cookie("computer")
    assert room.client.get("/badge").location == "/sign-in"
    assert "Scan it" not in room.client.get("/sign-in").get_data(as_text=True)
    room.client.set_cookie("computer", "guessed")
    sent = {"badge-badge": room.badges[room.nurse.user_id], "badge-pin": PIN}
    assert room.client.submit("/sign-in", sent, to="/sign-in").status_code == 422
    token = HiddenFields(room.client.get("/sign-in").get_data(as_text=True)).forms["/sign-in"]["csrf_token"]
    assert room.client.post("/badge", data={**sent, "csrf_token": token}).location == "/sign-in"
    assert room.client.submit("/sign-in", {"username": "x", "password": PIN}).status_code == 422


def test_a_scanner_on_an_arabic_keyboard_types_the_same_badge(room: Room) -> None:
    arabic = room.badges[room.nurse.user_id].translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    sent = {"badge-badge": f" {arabic}\r", "badge-pin": "٤٠٢٩٥٧"}
    assert room.client.submit("/badge", sent, to="/badge").status_code == 302


def test_an_unknown_badge_is_said_to_be_and_no_pin_is_asked_for(room: Room) -> None:
    answer = room.client.submit("/badge", {"badge-badge": "1" * rules.BADGE_DIGITS}, to="/badge")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "This badge is not known." in page
    assert 'name="badge-pin"' not in page
    assert room.client.submit("/badge", {}, to="/badge").status_code == 422


@pytest.mark.postgres
def test_wrong_pins_are_counted_with_the_wrong_passwords_of_the_door(app: Flask, room: Room) -> None:
    with app.app_context():
        username = db.session.get_one(User, room.nurse.user_id).username
    for _ in range(3):
        answer = room.scan(room.nurse, "111222")
        assert answer.status_code == 422
        assert "Badge and PIN do not go together." in answer.get_data(as_text=True)
    typed = {"username": username, "password": "wrong"}
    for _ in range(2):
        assert room.client.submit("/sign-in", typed, to="/sign-in").status_code == 422
    assert "Too many tries" in room.scan(room.nurse).get_data(as_text=True)
    assert room.scan(room.doctor).status_code == 302
    with app.app_context():
        wrong = db.session.scalars(select(SignInAttempt.username).where(SignInAttempt.is_right.is_(False))).all()
        assert wrong == [username] * 5
    with clock.frozen(EVENING + timedelta(seconds=2)):
        assert room.scan(room.nurse).status_code == 302


@pytest.mark.parametrize("who", ["without a PIN", "closed", "without a role here", "with a first password"])
def test_whoever_cannot_work_here_cannot_sit_down_here(app: Flask, room: Room, who: str) -> None:
    with app.app_context(), transaction() as session:
        nurse = session.get_one(User, room.nurse.user_id)
        match who:
            case "without a PIN":
                session.delete(session.get_one(Pin, nurse.id))
            case "closed":
                nurse.is_active = False
            case "without a role here":
                services.set_roles(room.admin, nurse.key, frozenset())
            case _:
                nurse.must_change_password = True
    sent = {"badge-badge": room.badges[room.nurse.user_id], "badge-pin": PIN}
    assert room.client.submit("/badge", sent, to="/badge").status_code == 422
    assert room.client.get("/triage").location.startswith("/sign-in")


def test_an_account_that_manages_accounts_is_opened_by_its_password_alone(app: Flask, room: Room) -> None:
    with app.app_context(), transaction():
        services.set_roles(room.admin, key_of(room.nurse), frozenset({Role.NURSE, Role.ADMINISTRATOR}))
    assert "signs in with the password" in room.scan(room.nurse).get_data(as_text=True)


def test_a_badge_of_another_site_opens_nothing_here(app: Flask, room: Room) -> None:
    with app.app_context():
        organisation_id = db.session.get_one(Site, room.site_id).organisation_id
        person, number = arrange(create_site(organisation_id=organisation_id), Role.NURSE)
    room.badges[person.user_id] = number
    assert room.scan(person).status_code == 422


# ---- who leaves, and who comes back ---------------------------------------------------------------------------------


def test_what_a_colleague_was_sending_when_the_screen_locked_waits_for_their_return_and_is_offered_once(
    app: Flask, room: Room
) -> None:
    room.scan(room.nurse)
    token = HiddenFields(room.client.get("/account").get_data(as_text=True)).forms["/account"]["csrf_token"]
    typed = {"csrf_token": token, "complaint": "cough since Sunday", "check-secret": PASSWORD, "old": PASSWORD}
    with clock.frozen(EVENING + timedelta(minutes=6)):
        parked = room.client.post("/triage/next", data=typed)
        assert parked.location.startswith("/locked?parked=")
        assert "cough" not in room.client.get(parked.location).get_data(as_text=True)
        assert room.scan(room.doctor, page=parked.location).location == "/"
        assert room.client.get("/resume?parked=x").location == "/"
        back = room.scan(room.nurse)
        assert back.location.startswith("/resume?parked=")
        page = room.client.get(back.location).get_data(as_text=True)
        assert "cough since Sunday" in page
        assert PASSWORD not in page, "no secret is parked"
        room.scan(room.doctor)
        assert room.scan(room.nurse).location == "/"


def test_the_same_person_goes_on_where_the_screen_locked_and_another_goes_home(room: Room) -> None:
    room.scan(room.nurse)
    locked = "/locked?next=/account"
    with clock.frozen(EVENING + timedelta(minutes=6)):
        assert room.client.get("/account").location == locked
        sent = {"badge-badge": room.badges[room.nurse.user_id], "badge-pin": PIN}
        assert room.client.submit(locked, sent, to="/badge?next=/account").location == "/"
        assert room.client.submit("/badge?next=/account", sent, to="/badge?next=/account").location == "/"


# ---- badge and PIN themselves ---------------------------------------------------------------------------------------


def test_a_badge_is_printed_on_a6_without_its_number_in_letters_and_ends_the_one_before(app: Flask, room: Room) -> None:
    with app.app_context():
        key = key_of(room.nurse)
    sign_in(room.client, room.admin)
    page = f"/accounts/{key}"
    assert "given on 24.11.2026" in room.client.get(page).get_data(as_text=True)
    answer = room.client.submit(page, {}, to=f"{page}/badge")
    assert answer.mimetype == "application/pdf"
    [sheet] = PdfReader(BytesIO(answer.data)).pages
    assert [round(float(side) / 72 * 25.4) for side in sheet.mediabox[2:]] == [105, 148]
    words = sheet.extract_text()
    assert "Opens nothing without its PIN" in words
    assert not any(run.isdigit() and len(run) > 4 for run in words.split())
    assert "not known" in room.client.submit(
        "/badge", {"badge-badge": room.badges[room.nurse.user_id]}, to="/badge"
    ).get_data(as_text=True)
    room.client.submit(page, {}, to=f"{page}/badge/withdraw")
    with app.app_context():
        assert len(db.session.scalars(select(Badge).where(Badge.user_id == room.nurse.user_id)).all()) == 2
        assert queries.find_badge(room.nurse.user_id) is None
    assert room.client.get(page).get_data(as_text=True).count("none yet") == 1


def test_a_pin_is_chosen_with_the_password_and_kept_as_a_hash(app: Flask, room: Room) -> None:
    room.scan(room.nurse)
    page, to = "/account", "/account/pin"
    wrong = room.client.submit(page, {"pin-password": "wrong", "pin-pin": "730418"}, to=to)
    assert (wrong.status_code, "That is not your password now." in wrong.get_data(as_text=True)) == (422, True)
    weak = room.client.submit(page, {"pin-password": PASSWORD, "pin-pin": "123456"}, to=to)
    assert (weak.status_code, "easy to guess" in weak.get_data(as_text=True)) == (422, True)
    assert room.client.submit(page, {"pin-password": PASSWORD, "pin-pin": "٧٣٠٤١٨"}, to=to).location == page
    with app.app_context():
        assert db.session.get_one(Pin, room.nurse.user_id).pin_hash.startswith("$argon2id$")
    assert room.scan(room.nurse).status_code == 422
    assert room.scan(room.nurse, "730418").status_code == 302


def test_a_new_first_password_ends_the_pin(app: Flask, room: Room) -> None:
    with app.app_context():
        with transaction():
            services.reset_password(room.admin, key_of(room.nurse))
        assert db.session.get(Pin, room.nurse.user_id) is None
        assert db.session.get(Pin, room.doctor.user_id) is not None


def test_badge_numbers_are_digits_and_never_alike() -> None:
    numbers = {badges.new_badge_number() for _ in range(50)}
    assert len(numbers) == 50
    assert all(len(number) == rules.BADGE_DIGITS and number.isdigit() for number in numbers)

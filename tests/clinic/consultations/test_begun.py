from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from clinic.consultations import queries
from clinic.kernel import clock
from clinic.kernel.audit import acting_as
from clinic.kernel.db import transaction
from clinic.visits import services as visits
from clinic.visits.rules import BegunKind
from tests.clinic.consultations.evening import Clinic, Seen
from tests.clinic.consultations.sheet import Sheet
from tests.factories import EVENING, point_of, sign_in


def begun(app: Flask, clinic: Clinic) -> Seen:
    """Let somebody arrive, the nurse begin the note, and the doctor call them."""
    with app.app_context():
        seen = clinic.arrive()
        write(clinic, seen, complaint="Fever since Sunday", history="Child was well before")
        clinic.call(seen)
    return seen


def write(clinic: Clinic, seen: Seen, **parts: str) -> None:
    with transaction(), acting_as(clinic.nurse.user_id):
        visits.begin_note(clinic.nurse, seen.visit_id, {BegunKind(kind.upper()): text for kind, text in parts.items()})


def test_what_the_nurse_began_is_taken_over_before_the_doctors_own_words_and_never_twice(
    app: Flask, clinic: Clinic, client: FlaskClient
) -> None:
    seen = begun(app, clinic)
    sign_in(client, clinic.doctor)
    sheet = Sheet(client, seen.visit_key)
    page = sheet.opened.get_data(as_text=True)
    assert "Derya Yalin" in page
    assert "Fever since Sunday" in page
    assert sheet.fields["complaint"] == ""
    sheet.write(complaint="Coughs too")
    answer = sheet.press("take", htmx=True)
    assert answer.headers["HX-Redirect"] == f"/desk/{seen.visit_key}"
    again = Sheet(client, seen.visit_key)
    assert again.fields["complaint"] == "Fever since Sunday\nCoughs too"
    assert again.fields["history"] == "Child was well before"
    again.press("take")
    assert Sheet(client, seen.visit_key).fields["complaint"] == "Fever since Sunday\nCoughs too"


def test_a_signed_note_shows_what_the_nurse_began_as_it_stood_then_taken_over_or_not(
    app: Flask, clinic: Clinic, client: FlaskClient
) -> None:
    seen = begun(app, clinic)
    with app.app_context(), transaction():
        visits.open_place(clinic.doctor, seen.visit_id, point_of(clinic.doctor.site_id, "INT"))
    sign_in(client, clinic.doctor)
    sheet = Sheet(client, seen.visit_key).write(complaint="Pharynx red")
    sheet.press("diagnose J02.9")
    Sheet(client, seen.visit_key).press(to="sign")
    with clock.frozen(EVENING + timedelta(minutes=5)), app.app_context():
        write(clinic, seen, complaint="Something else")
        [note] = [one for one in queries.list_own_notes(clinic.doctor) if one.visit_key == seen.visit_key]
    page = client.get(f"/desk/note/{note.key}").get_data(as_text=True)
    signed, _, nurses = page.partition("Begun by the nurse")
    assert "Pharynx red" in signed
    assert "Derya Yalin" in nurses
    assert "Fever since Sunday" in nurses
    assert "Something else" not in page


def test_a_doctor_who_only_reads_sees_it_without_a_button(app: Flask, clinic: Clinic, client: FlaskClient) -> None:
    seen = begun(app, clinic)
    sign_in(client, clinic.colleague)
    page = client.get(f"/desk/{seen.visit_key}").get_data(as_text=True)
    assert "Fever since Sunday" in page
    assert 'value="take"' not in page

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from clinic.auth.models import User
from clinic.auth.roles import Role
from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import db
from clinic.specialties.queries import list_practised
from tests import factories
from tests.desk import DeskClient


def seat_administrator(client: FlaskClient) -> tuple[str, str]:
    """Seat an administrator; return the keys of a doctor of the site and of one of another site."""
    with client.application.app_context():
        site = factories.create_clinic()
        administrator = factories.scope_of(factories.create_user(site, Role.ADMINISTRATOR))
        factories.create_user(site, Role.NURSE, name_latin="Nurse Noise")
        factories.create_user(site, Role.DOCTOR, practises=("INT",), name_latin="Doctor Noise")
        doctor = factories.create_user(site, Role.DOCTOR, practises=("PED", "GP"), name_latin="Rana Khatib").key
        elsewhere = factories.create_user(factories.create_site(), Role.DOCTOR, name_latin="Elsewhere").key
    factories.sign_in(client, administrator)
    return doctor, elsewhere


def practised(app: Flask, doctor: str) -> list[str]:
    with app.app_context():
        user_id = db.session.scalars(select(User.id).where(User.key == doctor)).one()
        return list(list_practised(user_id))


def test_practice(client: FlaskClient) -> None:
    seat_administrator(client)
    page = client.get("/specialties").get_data(as_text=True)
    assert "Rana Khatib" in page
    assert "Elsewhere" not in page
    assert "Nurse Noise" not in page


def test_a_clinic_without_doctors_says_so(client: FlaskClient) -> None:
    with client.application.app_context():
        person = factories.scope_of(factories.create_user(factories.create_clinic(), Role.ADMINISTRATOR))
    factories.sign_in(client, person)
    assert "Nobody works here as a doctor yet." in client.get("/specialties").get_data(as_text=True)


def test_what_is_ticked_holds_and_is_on_record_with_its_values(client: DeskClient) -> None:
    doctor, _ = seat_administrator(client)
    page = f"/specialties/{doctor}"
    answer = client.submit(page, {"practised": ["PED", "SUR"], "usual": "SUR"}, to=page)
    assert (answer.status_code, answer.location) == (302, "/specialties")
    assert practised(client.application, doctor) == ["SUR", "PED"]
    with client.application.app_context():
        acts = db.session.scalars(
            select(AuditEvent.act).where(AuditEvent.table_name == "practice").order_by(AuditEvent.id)
        ).all()
    assert sorted(acts[-3:]) == ["CREATE", "DELETE", "UPDATE"]


def test_a_doctor_may_practise_nothing_for_now(client: DeskClient) -> None:
    doctor, _ = seat_administrator(client)
    client.submit(f"/specialties/{doctor}", {}, to=f"/specialties/{doctor}")
    assert practised(client.application, doctor) == []


def test_a_refused_form_keeps_what_was_ticked_and_changes_nothing(client: DeskClient) -> None:
    doctor, _ = seat_administrator(client)
    page = f"/specialties/{doctor}"
    answer = client.submit(page, {"practised": ["INT", "SUR"], "usual": "GP"}, to=page)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Choose one of those ticked above." in text
    assert text.count('value="INT" checked') == text.count('value="SUR" checked') == 1
    assert practised(client.application, doctor) == ["PED", "GP"]
    assert client.submit(page, {"practised": ["WITCH"]}, to=page).status_code == 422


def test_a_doctor_of_another_site_is_not_found(client: DeskClient) -> None:
    doctor, elsewhere = seat_administrator(client)
    assert client.get(f"/specialties/{elsewhere}").status_code == 404
    token = client.submit(f"/specialties/{doctor}", {"usual": "none"}, to=f"/specialties/{doctor}")
    assert token.status_code == 422

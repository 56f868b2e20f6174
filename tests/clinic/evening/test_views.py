from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.auth.roles import Role
from clinic.consultations.models import Consultation
from clinic.consultations.rules import State
from clinic.evening import queries
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.audit import acting_as
from clinic.kernel.db import transaction
from clinic.visits import services as visits
from tests.factories import (
    EVENING,
    create_clinic,
    create_patient,
    create_user,
    create_visit,
    point_of,
    scope_of,
    sign_in,
)
from tests.statements import count_statements


def _arrange() -> tuple[Scope, Scope]:
    """A manager and a doctor of one clinic; beside it another clinic with someone waiting."""
    site, elsewhere = create_clinic(), create_clinic()
    manager, doctor = (
        scope_of(create_user(site, Role.MANAGER)),
        scope_of(create_user(site, Role.DOCTOR, name_latin="Dr Noor")),
    )
    noise = scope_of(create_user(elsewhere, Role.DOCTOR))
    create_visit(noise, create_patient(noise).id, point_of(elsewhere.id, "GP"))
    return manager, doctor


@pytest.mark.postgres
def test_stays_and_signatures_are_counted_at_the_own_site_alone(context: Flask) -> None:
    manager, doctor = _arrange()
    gp = point_of(doctor.site_id, "GP")
    for number in range(3):
        visit = create_visit(doctor, create_patient(doctor).id, gp)
        if number == 2:
            continue
        with transaction() as session, acting_as(doctor.user_id):
            place = visits.open_place(doctor, visit.id, gp)
            visits.call(doctor, place)
            session.add(
                Consultation(
                    site_id=doctor.site_id,
                    visit_id=visit.id,
                    patient_id=visit.patient_id,
                    specialty_code="GP",
                    clinician_id=doctor.user_id,
                    state=State.SIGNED if number == 0 else State.OPEN,
                    opened_at=clock.now(),
                    signed_at=clock.now() if number == 0 else None,
                )
            )
            if number == 0:
                visits.finish(doctor, place)
    stays = queries.list_stays(manager, date(2026, 11, 24))
    assert list(stays) == ["GP"]
    assert [(stay.is_waiting, stay.is_with_doctor, stay.was_seen) for stay in stays["GP"]] == [
        (False, False, True),
        (False, True, False),
        (True, False, False),
    ]
    seen = queries.list_seen(manager, EVENING - timedelta(hours=1))
    assert [(one.name, one.specialty_code, one.signed, one.is_open) for one in seen] == [("Dr Noor", "GP", 1, True)]
    assert queries.count_month(manager, EVENING - timedelta(days=1)) == queries.Month(1, 1)
    assert queries.count_owed(manager) == 0
    assert {one.role: (one.here, one.of) for one in queries.list_on_duty(manager)} == {
        Role.DOCTOR: (0, 1),
        Role.MANAGER: (0, 1),
    }


def test_an_empty_evening_says_so(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        manager, _ = _arrange()
    sign_in(client, manager)
    page = client.get("/tonight").get_data(as_text=True)
    assert "Nobody waits for a doctor." in page
    assert "0 places taken" in page
    assert "no pace yet" in page
    assert "Nothing needs someone." in page


def test_the_board_names_no_patient_and_holds_its_budget(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        manager, doctor = _arrange()
        for number in range(4):
            patient = create_patient(doctor, given_latin=f"Hidden{number}", given_ar="مخفي")
            create_visit(doctor, patient.id, point_of(doctor.site_id, "PED"))
    sign_in(client, manager)
    with count_statements(app) as statements:
        page = client.get("/tonight").get_data(as_text=True)
    assert len(statements) <= 8, statements
    assert "There is no pace yet" in page
    assert "4 waiting" in page
    assert "Hidden" not in page
    assert "مخفي" not in page


def test_a_closed_day_still_opens_the_page(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        manager, _ = _arrange()
    with clock.frozen(clock.at(date(2026, 11, 24), 22, 30)):
        sign_in(client, manager)
        assert client.get("/tonight").status_code == 200


@pytest.mark.parametrize(("language", "words"), [("tr", "Doktor bekleyen yok."), ("ar", "لا أحد ينتظر الطبيب.")])
def test_the_board_speaks_three_languages(app: Flask, client: FlaskClient, language: str, words: str) -> None:
    with app.app_context():
        manager, _ = _arrange()
    sign_in(client, manager, language=language)
    assert words in client.get("/tonight").get_data(as_text=True)

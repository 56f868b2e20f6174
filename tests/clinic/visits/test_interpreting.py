"""The interpreters' page: number, given name, language and room, and nothing clinical."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.auth.roles import Role
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import db, transaction
from clinic.patients.rules import Language
from clinic.sites.models import Site
from clinic.visits import queries, services
from clinic.visits.rules import PlaceState, Priority, Vital
from tests.clinic.visits.conftest import Evening
from tests.desk import DeskClient
from tests.factories import EVENING, create_desk, create_patient, create_user, create_visit, scope_of, sign_in
from tests.statements import count_statements


@pytest.fixture
def interpreter(app: Flask, tonight: Evening) -> Scope:
    """An interpreter on an evening with Khaled before the doctor, Amal called, and Somali-speaking Ayaan waiting."""
    with app.app_context():
        ayaan = create_patient(tonight.registrar, given_latin="Ayaan", given_ar="", family_ar="", language=Language.SO)
        for minutes, patient, code in ((-9, tonight.khaled, "GP"), (-6, tonight.amal, "GYN"), (-3, ayaan.id, "PED")):
            with clock.frozen(EVENING + timedelta(minutes=minutes)):
                visit = create_visit(tonight.registrar, patient, tonight.points[code], priority=Priority.EMERGENCY)
            places = {row.point_id: row.id for row in queries.list_places(tonight.nurse, visit.id)}
            if code == "GP":
                with transaction():
                    services.record_vitals(tonight.nurse, visit.id, {Vital.TEMPERATURE: 394})
                    services.start(tonight.doctor, places[tonight.points["GP"]])
            if code == "GYN":
                with transaction():
                    services.call(tonight.nurse, places[tonight.points["TRIAGE"]])
        create_visit(tonight.stranger, tonight.stranger_patient, tonight.elsewhere["GP"])
        return scope_of(create_user(db.session.get_one(Site, tonight.nurse.site_id), Role.INTERPRETER))


def test_each_visit_stands_once_where_the_person_is_or_waits_next(app: Flask, interpreter: Scope) -> None:
    with app.app_context(), count_statements(app) as statements:
        speakers = queries.list_speakers(interpreter)
    assert len(statements) == 1
    assert [(one.given_latin, one.language, one.state, one.name_en) for one in speakers] == [
        ("Khaled", "ar", PlaceState.IN_ROOM, "GP"),
        ("Amal", "ar", PlaceState.CALLED, "TRIAGE"),
        ("Ayaan", "so", PlaceState.WAITING, "TRIAGE"),
    ]


def test_the_page_says_nothing_clinical_and_no_family_name(
    client: DeskClient, interpreter: Scope, tonight: Evening
) -> None:
    assert tonight
    sign_in(client, interpreter)
    page = client.get("/interpreting").get_data(as_text=True)
    for shown in ("Khaled", "خالد", "Ayaan", "Somali", "Arabic", "3 people are here.", "With someone now: 2."):
        assert shown in page
    for hidden in ("Hariri", "الحريري", "39.4", "Emergency", "GYN</td", "41 y", "1985"):
        assert hidden not in page


def test_one_language_alone_is_shown_when_it_is_chosen(client: DeskClient, interpreter: Scope) -> None:
    sign_in(client, interpreter)
    page = client.get("/interpreting?language=so").get_data(as_text=True)
    assert "Ayaan" in page
    assert "Khaled" not in page
    assert 'hx-get="/interpreting?language=so"' in page
    assert "Nobody is waiting." in client.get("/interpreting?language=xx").get_data(as_text=True)


def test_the_page_costs_eight_statements_at_most_and_is_on_record_once(
    app: Flask, client: DeskClient, interpreter: Scope
) -> None:
    sign_in(client, interpreter)
    client.get("/interpreting")
    with count_statements(app) as statements:
        client.get("/interpreting", headers={"X-Poll": "1"})
    assert len(statements) <= 8
    with app.app_context():
        boards = db.session.scalars(select(AuditEvent.id).where(AuditEvent.table_name == "BOARD")).all()
    assert len(boards) == 1


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.INTERPRETER])
def test_only_an_interpreter_passes(app: Flask, client: DeskClient, role: Role) -> None:
    with app.app_context():
        person = create_desk(role)
    sign_in(client, person)
    assert client.get("/interpreting").status_code == 403

"""The queue of a desk: whom it shows and how, calling, and what a doctor may do about a person called."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.consultations import services
from clinic.kernel.db import transaction
from clinic.visits import services as visits
from clinic.visits.queries import get_place
from clinic.visits.rules import PlaceState, Priority, Vital
from tests import factories
from tests.clinic.consultations.evening import Clinic, Seen, content
from tests.clinic.consultations.sheet import Sheet
from tests.desk import DeskClient
from tests.statements import count_statements

BUDGET = 8


@pytest.fixture
def client(app: Flask, clinic: Clinic) -> DeskClient:
    """The browser at the desk of the doctor."""
    app.test_client_class = DeskClient
    browser = app.test_client()
    assert isinstance(browser, DeskClient)
    factories.sign_in(browser, clinic.doctor)
    return browser


def shown(client: FlaskClient, address: str = "/desk") -> str:
    answer = client.get(address, follow_redirects=True)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def state_of(app: Flask, clinic: Clinic, seen: Seen) -> PlaceState:
    with app.app_context():
        return get_place(clinic.doctor, seen.place_key).state


@pytest.mark.parametrize(
    ("priority", "flag"),
    [(Priority.EMERGENCY, "Emergency"), (Priority.PRIORITY, "Priority"), (Priority.ROUTINE, "not measured")],
)
def test_each_person_carries_the_flag_that_matters_most(
    app: Flask, clinic: Clinic, client: DeskClient, priority: Priority, flag: str
) -> None:
    with app.app_context():
        factories.create_visit(
            clinic.registrar,
            factories.create_patient(clinic.registrar).id,
            factories.point_of(clinic.registrar.site_id, "GP"),
            priority=priority,
        )
    page = shown(client)
    assert flag in page
    assert page.count("place-flag") == 1


def test_who_is_measured_carries_no_flag(app: Flask, clinic: Clinic, client: DeskClient) -> None:
    with app.app_context():
        seen = clinic.arrive()
        with transaction():
            visits.record_vitals(clinic.nurse, seen.visit_id, {Vital.TEMPERATURE: 368})
    assert "not measured" not in shown(client)


def test_queue_shows_those_of_the_specialty_alone(app: Flask, clinic: Clinic, client: DeskClient) -> None:
    with app.app_context():
        clinic.arrive(given_latin="Salma", family_latin="Nasser")
        clinic.arrive("SUR", given_latin="Bilal", family_latin="Hamdan")
    page = shown(client)
    assert "Salma" in page
    assert "Bilal" not in page
    assert page.count("place-number") == 1


def test_call_next_opens_the_chart_and_a_second_sending_calls_nobody_else(
    app: Flask, clinic: Clinic, client: DeskClient
) -> None:
    with app.app_context():
        first, second = clinic.arrive(), clinic.arrive()
    form = client.get("/desk")
    assert form.status_code == 200
    answer = client.submit("/desk", {}, to="/desk/call")
    assert answer.status_code == 303
    assert answer.location == f"/desk/{first.visit_key}"
    assert state_of(app, clinic, first) is PlaceState.CALLED
    assert state_of(app, clinic, second) is PlaceState.WAITING


def test_a_person_called_is_the_doctors_and_no_colleague_takes_them(
    app: Flask, clinic: Clinic, client: DeskClient
) -> None:
    with app.app_context():
        seen = clinic.called(by=clinic.colleague)
    answer = client.submit(f"/desk/place/{seen.place_key}", {}, to=f"/desk/place/{seen.place_key}/call")
    assert answer.status_code == 409
    with app.app_context():
        assert get_place(clinic.doctor, seen.place_key).served_by_id == clinic.colleague.user_id


def test_a_person_called_by_mistake_waits_again(app: Flask, clinic: Clinic, client: DeskClient) -> None:
    with app.app_context():
        seen = clinic.called()
    sheet = Sheet(client, seen.visit_key)
    assert "Back to waiting" in sheet.text
    answer = client.post(f"/desk/place/{seen.place_key}/put-back", data=sheet.fields)
    assert answer.status_code == 303
    assert state_of(app, clinic, seen) is PlaceState.WAITING


def test_who_does_not_come_leaves_the_queue_after_three_calls(app: Flask, clinic: Clinic, client: DeskClient) -> None:
    with app.app_context():
        seen = clinic.called()
        for _ in range(2):
            clinic.call(seen)
    sheet = Sheet(client, seen.visit_key)
    assert "Did not come" in sheet.text
    assert client.post(f"/desk/place/{seen.place_key}/absent", data=sheet.fields).status_code == 303
    assert state_of(app, clinic, seen) not in {PlaceState.WAITING, PlaceState.CALLED}
    assert "Mohammed" not in shown(client, "/desk/rail")


def test_covering_another_specialty_opens_a_chart_with_the_call_and_not_before(
    app: Flask, clinic: Clinic, client: DeskClient
) -> None:
    with app.app_context():
        seen = clinic.arrive("SUR", given_latin="Bilal", family_latin="Hamdan")
    assert client.get(f"/desk/{seen.visit_key}").status_code == 403
    asked = f"/desk/place/{seen.place_key}"
    assert "The chart opens once the person is called" in shown(client, asked)
    answer = client.submit(asked, {}, to=f"{asked}/call")
    assert answer.location == f"/desk/{seen.visit_key}"
    assert "Bilal" in shown(client, answer.location)


def test_places_of_another_site_do_not_exist_here(app: Flask, clinic: Clinic, client: DeskClient) -> None:
    with app.app_context():
        seen = clinic.arrive()
    factories.sign_in(client, clinic.elsewhere)
    assert client.get(f"/desk/place/{seen.place_key}").status_code == 404
    assert client.get(f"/desk/{seen.visit_key}").status_code in {403, 404}


def test_queue_keeps_its_budget_with_many_waiting(app: Flask, clinic: Clinic, client: DeskClient) -> None:
    with app.app_context():
        for _ in range(12):
            clinic.arrive()
    shown(client)
    for address in ("/desk", "/desk/rail"):
        with count_statements(app) as counted:
            shown(client, address)
        assert len(counted) <= BUDGET, counted


# ---- the signed note -------------------------------------------------------------------------------------------------


@pytest.fixture
def note_key(app: Flask, clinic: Clinic) -> str:
    """The key of a note that the doctor has signed."""
    with app.app_context():
        seen = clinic.called()
        with transaction():
            return services.sign(clinic.doctor, seen.visit_key, content("J00"), seen=0, language="en")


def test_amend_stands_beside_the_note_and_both_are_seen(client: DeskClient, note_key: str) -> None:
    address = f"/desk/note/{note_key}"
    answer = client.submit(address, {"text": "Drinks well now", "reason": "mother called"})
    assert answer.status_code == 303
    page = shown(client, address)
    assert "Cough 4 days" in page
    assert "Drinks well now" in page
    assert "mother called" in page


def test_amend_needs_a_reason_and_keeps_what_was_typed(client: DeskClient, note_key: str) -> None:
    answer = client.submit(f"/desk/note/{note_key}", {"text": "Drinks well now", "reason": ""})
    assert answer.status_code == 422
    assert "Drinks well now" in answer.get_data(as_text=True)


def test_only_the_author_adds_to_a_note(app: Flask, clinic: Clinic, client: DeskClient, note_key: str) -> None:
    factories.sign_in(client, clinic.colleague)
    assert client.get(f"/desk/note/{note_key}").status_code in {200, 403}
    answer = client.post(f"/desk/note/{note_key}", data={"text": "No", "reason": "no"})
    assert answer.status_code >= 400


def test_a_note_is_closed_to_another_specialty_and_another_site(
    clinic: Clinic, client: DeskClient, note_key: str
) -> None:
    for stranger in (clinic.surgeon, clinic.elsewhere):
        factories.sign_in(client, stranger)
        answer = client.get(f"/desk/note/{note_key}")
        assert answer.status_code in {403, 404}
        assert "Cough 4 days" not in answer.get_data(as_text=True)

from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from clinic.auth.roles import Role
from clinic.consultations.models import Consultation
from clinic.consultations.rules import State
from clinic.evening.queries import find_close, list_left_over
from clinic.evening.services import CannotClose, close_evening
from clinic.kernel import chain, clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db, transaction
from clinic.visits import services as visits
from clinic.visits.models import QueuePlace
from tests.clinic.evening.scenes import create_note, create_owing
from tests.desk import DeskClient
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

TODAY = EVENING.date()


def _arrange() -> tuple[Scope, Scope]:
    """Return a manager and a doctor of one clinic; beside it another clinic with somebody still waiting."""
    site, elsewhere = create_clinic(), create_clinic()
    noise = scope_of(create_user(elsewhere, Role.DOCTOR))
    create_visit(noise, create_patient(noise).id, point_of(elsewhere.id, "GP"))
    create_owing(noise)
    doctor = scope_of(create_user(site, Role.DOCTOR, name_latin="Dr Noor", name_ar="د. نور"))
    return scope_of(create_user(site, Role.MANAGER, name_latin="Melis")), doctor


def _leave_open(doctor: Scope) -> None:
    """Leave somebody in two queues, a note of somebody else's unsigned, and a medicine owed."""
    create_visit(doctor, create_patient(doctor).id, point_of(doctor.site_id, "GP"))
    seen = create_visit(doctor, create_patient(doctor).id, point_of(doctor.site_id, "PHARMACY"))
    with transaction() as session:
        session.add(create_note(doctor, seen, "GP"))
    create_owing(doctor)


@pytest.mark.postgres
def test_what_is_open_is_told_by_number_and_never_that_of_another_site(app: Flask) -> None:
    with app.app_context():
        manager, doctor = _arrange()
        assert list_left_over(manager, TODAY).undecided == 0
        _leave_open(doctor)
        left = list_left_over(manager, TODAY)
        rooms = sorted(one.name_en for one in left.places)
        assert rooms == ["GP", "PHARMACY", "PHARMACY", "TRIAGE"]
        assert [one.doctor.latin for one in left.notes] == ["Dr Noor"]
        assert [one.inn for one in left.owings] == ["paracetamol"]
        assert left.undecided == 5


@pytest.mark.postgres
def test_nothing_is_closed_silently(app: Flask) -> None:
    with app.app_context():
        manager, doctor = _arrange()
        _leave_open(doctor)
        for because in ("", "too short"):
            with pytest.raises(CannotClose), transaction():
                close_evening(manager, TODAY, because=because, undecided_seen=5)
        with pytest.raises(CannotClose), transaction():
            close_evening(manager, TODAY, because="they come back tomorrow", undecided_seen=4)
        with transaction():
            close_evening(manager, TODAY, because="they come back tomorrow", undecided_seen=5)
        closed = find_close(manager, TODAY)
        assert closed is not None
        assert (closed.left_count, closed.because, closed.head) == (5, "they come back tomorrow", chain.head())
        assert list_left_over(manager, TODAY).undecided == 5
        with pytest.raises(CannotClose), transaction():
            close_evening(manager, TODAY, because="they come back tomorrow", undecided_seen=9)
        with pytest.raises(DBAPIError), transaction() as session:
            session.connection().execute(text("UPDATE evening_close SET because = 'nothing was open'"))


def test_an_evening_on_which_all_is_decided_closes_without_a_reason(app: Flask) -> None:
    with app.app_context():
        manager, doctor = _arrange()
        visit = create_visit(doctor, create_patient(doctor).id, point_of(doctor.site_id, "PHARMACY"))
        with transaction() as session:
            note = create_note(doctor, visit, "GP")
            session.add(note)
        for place in list_left_over(manager, TODAY).places:
            assert place.number == visit.number
        with transaction() as session:
            kept = session.get_one(Consultation, note.id)
            kept.state, kept.signed_at = State.SIGNED, clock.now()
            visits.finish(doctor, visits_place(visit.id))
        with transaction():
            assert close_evening(manager, TODAY, because="", undecided_seen=0).undecided == 0


def visits_place(visit_id: int) -> int:
    return int(db.session.scalars(select(QueuePlace.id).where(QueuePlace.visit_id == visit_id)).one())


def test_closing(app: Flask, client: DeskClient) -> None:
    with app.app_context():
        manager, doctor = _arrange()
        _leave_open(doctor)
    sign_in(client, manager)
    assert client.get("/tonight/closing.pdf").location == "/tonight/closing"
    page = client.get("/tonight/closing").get_data(as_text=True)
    assert "5 things are still open." in page
    assert "Al-Hariri" not in page
    refused = client.submit("/tonight/closing", {"because": "later"}, to="/tonight/closing")
    assert refused.status_code == 422
    assert 'value="later"' in refused.get_data(as_text=True)
    told = {"because": "All were told to come tomorrow"}
    assert client.submit("/tonight/closing", told, to="/tonight/closing").location == "/tonight/closing"
    page = client.get("/tonight/closing").get_data(as_text=True)
    assert "The evening is closed." in page
    assert told["because"] in page
    [sheet] = PdfReader(BytesIO(client.get("/tonight/closing.pdf").data)).pages
    with app.app_context():
        assert chain.head()[:32] in sheet.extract_text()

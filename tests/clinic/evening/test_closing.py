import json
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from clinic.auth.roles import Role
from clinic.consultations.models import Consultation
from clinic.consultations.rules import State
from clinic.evening.queries import LeftOver, Name, find_close, get_span, list_left_over
from clinic.evening.queries import closing as queries_of_closing
from clinic.evening.queries.closing import OpenOrder
from clinic.evening.rules import CannotClose
from clinic.evening.services import close_evening
from clinic.kernel import chain, clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db, transaction
from clinic.lab import services as lab
from clinic.sites.models import OpeningHours
from clinic.visits import services as visits
from clinic.visits.models import QueuePlace
from tests.clinic.evening.scenes import create_note, create_owing
from tests.clinic.lab.bench import list_laboratory_tests
from tests.desk import DeskClient, HiddenFields
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
            with pytest.raises(CannotClose):
                _close(manager, because)
        _close(manager, "they come back tomorrow")
        closed = find_close(manager, TODAY)
        assert closed is not None
        assert (closed.left_count, closed.because, closed.head) == (5, "they come back tomorrow", chain.head())
        assert list_left_over(manager, TODAY).undecided == 5
        with pytest.raises(CannotClose, match="closed already"):
            _close(manager, "they come back tomorrow")
        with pytest.raises(DBAPIError), transaction() as session:
            session.connection().execute(text("UPDATE evening_close SET because = 'nothing was open'"))


@pytest.mark.postgres
def test_as_many_things_that_are_not_the_same_are_looked_at_first(app: Flask) -> None:
    with app.app_context():
        manager, doctor = _arrange()
        _leave_open(doctor)
        seen = list_left_over(manager, TODAY)
        gone = next(one for one in seen.places if one.name_en == "GP")
        with transaction():
            visits.finish(doctor, gone.key)
            visits.open_place(doctor, _visit_of(gone.key), point_of(doctor.site_id, "INT"))
        assert list_left_over(manager, TODAY).undecided == seen.undecided
        with pytest.raises(CannotClose, match="changed since"), transaction():
            close_evening(manager, TODAY, because="they come back tomorrow", seen=seen.digest)


@pytest.mark.postgres
def test_the_record_keeps_what_was_left_as_the_page_named_it(app: Flask) -> None:
    with app.app_context():
        manager, doctor = _arrange()
        _leave_open(doctor)
        order = OpenOrder(
            key="k", day=TODAY, number=3, doctor=Name("Dr Noor", ""), unanswered=1, is_untold=True, is_unread=False
        )
        left = replace(list_left_over(manager, TODAY), orders=[order])
        assert LeftOver.from_json(json.loads(json.dumps(left.as_json()))) == replace(left, owings=[])
        assert left.digest != replace(left, orders=[replace(order, is_untold=False)]).digest
        _close(manager, "they come back tomorrow")
        with transaction():
            for place in left.places:
                visits.finish(doctor, place.key)
        closed = find_close(manager, TODAY)
        assert closed is not None
        assert LeftOver.from_json(closed.left).places == left.places


def test_of_what_is_owed_the_latest_are_listed_and_the_rest_is_counted(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries_of_closing, "MOST_OWINGS", 2)
    with app.app_context():
        manager, doctor = _arrange()
        for _ in range(3):
            create_owing(doctor)
        left = list_left_over(manager, TODAY)
    assert (len(left.owings), left.owed, left.owed_besides) == (2, 3, 1)


def test_an_evening_on_which_all_is_decided_closes_without_a_reason_once_its_hour_has_come(app: Flask) -> None:
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
        with pytest.raises(CannotClose, match="open until"):
            _close(manager, "")
        with clock.frozen(clock.at(TODAY, 21)):
            assert _close(manager, "").undecided == 0


def test_an_evening_is_not_used_up_before_it_has_begun(app: Flask) -> None:
    with app.app_context():
        manager, _ = _arrange()
        with clock.frozen(clock.at(TODAY, 8)), pytest.raises(CannotClose, match="has not begun"):
            _close(manager, "a reason that is long enough")
        with clock.frozen(clock.at(TODAY, 17)):
            _close(manager, "The water is cut off, all went home")
        closed = find_close(manager, TODAY)
        assert closed is not None
        assert (closed.left_count, closed.because) == (0, "The water is cut off, all went home")


def test_on_a_closed_day_the_usual_evening_holds(app: Flask) -> None:
    sunday = TODAY + timedelta(days=5)
    with app.app_context():
        manager, _ = _arrange()
        with transaction() as session:
            session.delete(session.get_one(OpeningHours, (manager.site_id, 6)))
        assert get_span(manager, sunday) == (clock.at(sunday, 17), clock.at(sunday, 21))


def _close(manager: Scope, because: str) -> LeftOver:
    """Close tonight in sight of what stands open now."""
    with transaction():
        return close_evening(manager, TODAY, because=because, seen=list_left_over(manager, TODAY).digest)


def _visit_of(place: str) -> int:
    return db.session.scalars(select(QueuePlace.visit_id).where(QueuePlace.key == place)).one()


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
    form = HiddenFields(client.get("/tonight/closing").get_data(as_text=True)).forms["/tonight/closing"]
    with app.app_context(), transaction():
        gone = next(one.key for one in list_left_over(manager, TODAY).places if one.name_en == "GP")
        visits.finish(doctor, gone)
    moved = client.post("/tonight/closing", data={**form, **told})
    assert "has changed since you looked" in moved.get_data(as_text=True)
    anew = HiddenFields(moved.get_data(as_text=True)).forms["/tonight/closing"]
    assert client.post("/tonight/closing", data={**anew, **told}).location == "/tonight/closing"
    page = client.get("/tonight/closing").get_data(as_text=True)
    assert "The evening is closed." in page
    assert told["because"] in page
    [sheet] = PdfReader(BytesIO(client.get("/tonight/closing.pdf").data)).pages
    paper = sheet.extract_text()
    with app.app_context():
        assert chain.head()[:32] in paper
    assert "4 things were left open:" in paper
    assert "Dr Noor" in paper
    assert paper.count("TRIAGE") == 1


def test_past_midnight_it_is_still_the_evening_that_began_yesterday(app: Flask, client: DeskClient) -> None:
    with app.app_context():
        manager, _ = _arrange()
    with clock.frozen(clock.at(TODAY + timedelta(days=1), 0, 30)):
        sign_in(client, manager)
        assert client.submit("/tonight/closing", {}, to="/tonight/closing").location == "/tonight/closing"
        assert "The evening is closed." in client.get("/tonight/closing").get_data(as_text=True)
    with clock.frozen(clock.at(TODAY + timedelta(days=1), 8)):
        sign_in(client, manager)
        page = client.get("/tonight/closing").get_data(as_text=True)
    assert "This evening has not begun: the clinic opens at 17:00." in page
    assert 'id="close"' not in page
    with app.app_context():
        assert find_close(manager, TODAY) is not None
        assert find_close(manager, TODAY + timedelta(days=1)) is None


def test_an_order_of_another_evening_says_so(app: Flask, client: DeskClient) -> None:
    with app.app_context():
        list_laboratory_tests()
        manager, doctor = _arrange()
        with clock.frozen(EVENING - timedelta(days=7)):
            visit = create_visit(doctor, create_patient(doctor).id, point_of(doctor.site_id, "GP"))
            with transaction():
                lab.order_tests(doctor, visit_id=visit.id, patient_id=visit.patient_id, codes=["CRP"], place_id=None)
    sign_in(client, manager, language="ar")
    page = client.get("/tonight/closing").get_data(as_text=True)
    assert "17.11.2026" in page.partition("د. نور")[2].partition("</tr>")[0]

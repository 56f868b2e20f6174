from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.auth.roles import PERMISSIONS, Permission, Role
from clinic.consultations.rules import State
from clinic.evening import queries
from clinic.evening.queries import Name, OnDuty, Written
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.audit import acting_as
from clinic.kernel.db import db, transaction
from clinic.sites.models import OpeningHours, Site
from clinic.sites.rules import PointKind
from clinic.visits import services as visits
from clinic.visits.models import Visit
from clinic.visits.rules import Priority
from tests.clinic.evening.scenes import create_note, create_owing
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

TODAY = EVENING.date()
MIDNIGHT = clock.at(TODAY, 0)


def _arrange() -> tuple[Scope, Scope]:
    """Return a manager and a doctor of one clinic; beside it another clinic with people at every step."""
    site, elsewhere = create_clinic(), create_clinic()
    manager = scope_of(create_user(site, Role.MANAGER))
    doctor = scope_of(create_user(site, Role.DOCTOR, name_latin="Dr Noor", name_ar="د. نور"))
    noise = scope_of(create_user(elsewhere, Role.DOCTOR, name_latin="Dr Noise"))
    create_visit(noise, create_patient(noise).id, point_of(elsewhere.id, "GP"), priority=Priority.EMERGENCY)
    _see(noise, create_visit(noise, create_patient(noise).id, point_of(elsewhere.id, "GP")), minutes=5)
    create_owing(noise)
    return manager, doctor


@contextmanager
def _at(minute: int) -> Iterator[None]:
    """Hold the clock so many minutes after 17:00."""
    with clock.frozen(clock.at(TODAY, 17) + timedelta(minutes=minute)):
        yield


def _arrive(doctor: Scope, code: str = "GP", *, priority: Priority = Priority.ROUTINE) -> Visit:
    return create_visit(doctor, create_patient(doctor).id, point_of(doctor.site_id, code), priority=priority)


def _see(doctor: Scope, visit: Visit, *, minutes: int | None, code: str = "GP", signs: bool = True) -> None:
    """Call a visit now, and finish and sign after so many minutes; leave it inside where none are given."""
    start = clock.now()
    with transaction() as session, acting_as(doctor.user_id):
        visits.call(doctor, visits.open_place(doctor, visit.id, point_of(doctor.site_id, code)))
        note = create_note(doctor, visit, code)
        session.add(note)
    if minutes is None:
        return
    with clock.frozen(start + timedelta(minutes=minutes)), transaction(), acting_as(doctor.user_id):
        visits.finish(doctor, visits.open_place(doctor, visit.id, point_of(doctor.site_id, code)))
        if signs:
            note = db.session.merge(note)
            note.state, note.signed_at = State.SIGNED, clock.now()


def _busy_evening(doctor: Scope) -> None:
    """At General practice three were seen, six minutes each, one is inside and 19 wait; one waits at Paediatrics."""
    with _at(30):
        visits_ = [_arrive(doctor) for _ in range(23)]
    for place in range(3):
        with _at(80 + place * 6):
            _see(doctor, visits_[place], minutes=6)
    with _at(100):
        _see(doctor, visits_[3], minutes=None)
        _arrive(doctor, "PED")


# ---- queries -------------------------------------------------------------------------------------------------------


@pytest.mark.postgres
def test_an_evening_holds_every_arrival_and_place_of_the_own_site_alone(context: Flask) -> None:
    manager, doctor = _arrange()
    with _at(0):
        seen, inside, gone = (_arrive(doctor) for _ in range(3))
        urgent = _arrive(doctor, "PED", priority=Priority.EMERGENCY)
    with _at(10):
        _see(doctor, seen, minutes=7)
        _see(doctor, inside, minutes=None)
        with transaction(), acting_as(doctor.user_id):
            visits.leave(doctor, visits.open_place(doctor, gone.id, point_of(doctor.site_id, "GP")), has_said_so=True)
    evening = queries.get_evening(manager, TODAY)
    opened, called = clock.at(TODAY, 17), clock.at(TODAY, 17, 10)
    assert evening.arrived == dict.fromkeys((seen.id, inside.id, gone.id, urgent.id), opened)
    assert set(evening.services) == {"GP", "PED"}
    assert [
        (stay.visit_id, stay.called_at, stay.ended_at, stay.was_seen, stay.is_inside, stay.has_left)
        for stay in evening.services["GP"]
    ] == [
        (seen.id, called, called + timedelta(minutes=7), True, False, False),
        (inside.id, called, None, False, True, False),
        (gone.id, None, called, False, False, True),
    ]
    assert [(stay.visit_id, stay.is_waiting, stay.is_emergency) for stay in evening.services["PED"]] == [
        (urgent.id, True, True)
    ]
    assert [stay.visit_id for stay in evening.rooms[PointKind.TRIAGE]] == [seen.id, inside.id, urgent.id]
    assert evening.staff == {doctor.user_id: Name("Dr Noor", "د. نور")}
    assert queries.get_evening(manager, TODAY - timedelta(days=1)).arrived == {}


def test_whoever_left_after_a_note_was_begun_was_seen(context: Flask) -> None:
    manager, doctor = _arrange()
    unseen, seen = _arrive(doctor), _arrive(doctor)
    with transaction() as session:
        session.add(create_note(doctor, seen, "GP"))
    for visit in (unseen, seen):
        with transaction(), acting_as(doctor.user_id):
            visits.leave(doctor, visits.open_place(doctor, visit.id, point_of(doctor.site_id, "GP")), has_said_so=True)
    stays = queries.get_evening(manager, TODAY).services["GP"]
    assert [(stay.visit_id, stay.was_seen, stay.has_left) for stay in stays] == [
        (unseen.id, False, True),
        (seen.id, True, False),
    ]


def test_who_needs_no_doctor_after_all_has_arrived_all_the_same(context: Flask) -> None:
    manager, doctor = _arrange()
    visit = create_visit(doctor, create_patient(doctor).id, point_of(doctor.site_id, "PHARMACY"))
    with transaction(), acting_as(doctor.user_id):
        visits.cancel(doctor, visits.open_place(doctor, visit.id, point_of(doctor.site_id, "PHARMACY")))
    evening = queries.get_evening(manager, TODAY)
    assert list(evening.arrived) == [visit.id]
    assert evening.services == evening.rooms == {}


@pytest.mark.postgres
def test_what_is_written_counts_signatures_of_tonight_and_notes_left_open_on_any_evening(context: Flask) -> None:
    manager, doctor = _arrange()
    with clock.frozen(EVENING - timedelta(days=1)):
        _see(doctor, _arrive(doctor), minutes=5)
        forgotten = clock.now()
        _see(doctor, _arrive(doctor), minutes=5, signs=False)
    for minutes in (5, 6, None):
        _see(doctor, _arrive(doctor), minutes=minutes)
    assert queries.list_written(manager, MIDNIGHT) == [
        Written(doctor_id=doctor.user_id, name=Name("Dr Noor", "د. نور"), signed=2, left_open=1, open_since=forgotten)
    ]


@pytest.mark.postgres
def test_those_on_tonight_worked_or_signed_in_and_nobody_is_counted_twice(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        manager, doctor = _arrange()
        for _ in range(2):
            _see(doctor, _arrive(doctor), minutes=None)
        site = db.session.get_one(Site, doctor.site_id)
        nurse, _absent = (scope_of(create_user(site, Role.NURSE)) for _ in range(2))
        technician = scope_of(create_user(site, Role.LABORATORY))
    for person in (nurse, nurse, technician, manager):
        sign_in(client, person)
    with app.app_context():
        assert queries.list_on_duty(manager, TODAY, MIDNIGHT) == [
            OnDuty(Role.NURSE, 1, 2),
            OnDuty(Role.DOCTOR, 1, 1),
            OnDuty(Role.LABORATORY, 1, 1),
        ]
        assert queries.list_on_duty(manager, TODAY + timedelta(days=1), MIDNIGHT + timedelta(days=1)) == [
            OnDuty(Role.NURSE, 0, 2),
            OnDuty(Role.DOCTOR, 0, 1),
            OnDuty(Role.LABORATORY, 0, 1),
        ]


@pytest.mark.postgres
def test_a_month_counts_consultations_at_signature_and_every_person_once(context: Flask) -> None:
    manager, doctor = _arrange()
    survivor = create_patient(doctor)
    between = create_patient(doctor, survivor_id=survivor.id)
    merged = create_patient(doctor, survivor_id=between.id)
    for patient, minutes, day in ((survivor, 5, 1), (survivor, 5, 2), (create_patient(doctor), 5, 3)):
        with clock.frozen(clock.at(date(2026, 11, day), 18)):
            _see(doctor, create_visit(doctor, patient.id, point_of(doctor.site_id, "GP")), minutes=minutes)
    with clock.frozen(clock.at(date(2026, 10, 31), 18)):
        _see(doctor, _arrive(doctor), minutes=5)
    _see(doctor, _arrive(doctor), minutes=None)
    visit = _arrive(doctor)
    with transaction() as session:
        session.add(create_note(doctor, visit, "GP", patient_id=merged.id, signed_at=clock.now()))
    month = queries.count_month(manager, clock.at(date(2026, 11, 1), 0))
    assert (month.site.id, month.consultations, month.persons) == (manager.site_id, 4, 2)
    later = queries.count_month(manager, clock.at(date(2026, 12, 1), 0))
    assert (later.consultations, later.persons) == (0, 0)


@pytest.mark.postgres
def test_what_is_owed_is_counted_by_medicine_the_most_often_first(context: Flask) -> None:
    manager, doctor = _arrange()
    for inn in ("salbutamol", "ferrous sulfate", "ferrous sulfate"):
        create_owing(doctor, inn=inn)
    create_owing(doctor, inn="paracetamol", is_open=False)
    assert queries.list_owed(manager) == [queries.Owed("ferrous sulfate", 2), queries.Owed("salbutamol", 1)]


# ---- the board -----------------------------------------------------------------------------------------------------


def _board(client: FlaskClient, person: Scope, *, language: str = "en") -> str:
    sign_in(client, person, language=language)
    return client.get("/tonight").get_data(as_text=True)


def test_an_empty_evening_says_so(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        manager, _ = _arrange()
    page = _board(client, manager)
    assert "Nobody waits for a doctor." in page
    assert "0 arrived" in page
    assert "no pace yet" in page
    assert "no doctor has begun" in page
    assert "Nothing needs someone." in page
    assert "Dr Noise" not in page


def test_a_busy_evening_is_summed_up_and_its_parts_add_up(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        manager, doctor = _arrange()
        _busy_evening(doctor)
    page = _board(client, manager)
    assert "GP is nearly full." in page
    assert "No pace yet in PED." in page
    assert "24 arrived · 3 seen · 1 with a doctor · 20 waiting · 0 left before being seen" in page
    assert "23 expected to be seen by 21:00" in page
    assert "without PED" in page
    assert "6.0 min each" in page
    assert "waiting, 22 can finish" in page
    assert "3 more, then tomorrow" in page
    assert "no pace yet" in page
    assert "half waited under" in page
    assert "4 people waited over 40 minutes. Most in GP: 4." in page


def test_the_board_says_what_needs_someone(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        manager, doctor = _arrange()
        with _at(60):
            _arrive(doctor, "GYN", priority=Priority.EMERGENCY)
            _see(doctor, _arrive(doctor), minutes=5, signs=False)
            silent = _arrive(doctor, "INT")
            for _ in range(3):
                with transaction(), acting_as(doctor.user_id):
                    visits.call(doctor, visits.open_place(doctor, silent.id, point_of(doctor.site_id, "INT")))
        create_owing(doctor, inn="ferrous sulfate")
    page = _board(client, manager)
    assert "1 person waits in GYN since 18:00." in page
    assert "1 person was called three times in INT." in page
    assert "Dr Noor: 1 note without its patient, since 18:00." in page
    assert "3 people wait, the longest for 40 min." in page
    assert "1 item owed: ferrous sulfate (1)." in page
    assert 'href="/stock' in page


def test_a_registrar_sees_the_board_without_a_way_to_the_stock(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        _, doctor = _arrange()
        create_owing(doctor, inn="ferrous sulfate")
        registrar = scope_of(create_user(db.session.get_one(Site, doctor.site_id), Role.REGISTRAR))
    page = _board(client, registrar)
    assert "ferrous sulfate" in page
    assert 'href="/stock' not in page


@pytest.mark.parametrize("role", [role for role in Role if Permission.EVENING_READ not in PERMISSIONS[role]])
def test_nobody_else_sees_the_board(app: Flask, client: FlaskClient, role: Role) -> None:
    with app.app_context():
        person = scope_of(create_user(create_clinic(), role))
    sign_in(client, person)
    assert client.get("/tonight").status_code == 403


def test_the_board_names_no_patient_and_holds_its_budget(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        manager, doctor = _arrange()
        for number in range(6):
            patient = create_patient(doctor, given_latin=f"Hidden{number}", given_ar="مخفي")
            visit = create_visit(doctor, patient.id, point_of(doctor.site_id, "PED"))
            if number > 3:
                _see(doctor, visit, minutes=None, code="PED")
    sign_in(client, manager)
    with count_statements(app) as statements:
        page = client.get("/tonight", headers={"X-Poll": "1"}).get_data(as_text=True)
    assert len(statements) <= 8, statements
    assert "There is no pace yet" in page
    assert "4 waiting" in page
    assert "Hidden" not in page
    assert "مخفي" not in page


def test_every_plot_has_its_figures_as_a_table(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        manager, doctor = _arrange()
        _busy_evening(doctor)
    page = _board(client, manager)
    assert page.count("The same figures as a table") == 4
    assert '<th scope="row">21:00</th><td class="n"><bdi dir="ltr"></bdi></td>' in page
    assert '<th scope="row">18:40</th><td class="n"><bdi dir="ltr">19</bdi></td>' in page


@pytest.mark.parametrize(
    ("at", "is_waiting", "words"),
    [
        (clock.at(TODAY, 16), False, "The clinic opens at 17:00."),
        (clock.at(TODAY, 21), False, "The evening is over."),
        (clock.at(TODAY, 22, 30), True, "It is past closing and one person still waits."),
    ],
)
def test_before_opening_and_past_closing_the_board_says_so(
    app: Flask, client: FlaskClient, at: datetime, *, is_waiting: bool, words: str
) -> None:
    with app.app_context():
        manager, doctor = _arrange()
        if is_waiting:
            _arrive(doctor)
    with clock.frozen(at):
        assert words in _board(client, manager)


def test_on_a_closed_sunday_only_the_month_and_what_needs_someone_are_shown(app: Flask, client: FlaskClient) -> None:
    sunday = clock.at(TODAY + timedelta(days=5), 18)
    with app.app_context():
        manager, _ = _arrange()
        with transaction() as session:
            session.delete(session.get_one(OpeningHours, (manager.site_id, 6)))
    with clock.frozen(sunday):
        page = _board(client, manager)
    assert "The clinic is closed today." in page
    assert "This month" in page
    assert "Seen by each doctor" not in page


def test_whoever_comes_on_a_closed_day_is_counted_all_the_same(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        manager, doctor = _arrange()
        with transaction() as session:
            session.delete(session.get_one(OpeningHours, (manager.site_id, 6)))
        with clock.frozen(clock.at(TODAY + timedelta(days=5), 18)):
            _arrive(doctor)
    with clock.frozen(clock.at(TODAY + timedelta(days=5), 18, 5)):
        page = _board(client, manager)
    assert "1 arrived" in page
    assert "The clinic is closed today." in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("tr", ("Dolmak üzere: GP.", "24 geldi", "Dr Noor")),
        ("ar", ("شبه ممتلئ: GP.", "وصل 24", "د. نور")),
    ],
)
def test_the_board_speaks_three_languages(
    app: Flask, client: FlaskClient, language: str, words: tuple[str, ...]
) -> None:
    with app.app_context():
        manager, doctor = _arrange()
        _busy_evening(doctor)
    page = _board(client, manager, language=language)
    assert [word for word in words if word not in page] == []

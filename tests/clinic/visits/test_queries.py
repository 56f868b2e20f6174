"""Who stands where: the board of a service point, and whether a person waits."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.kernel import clock
from clinic.kernel.db import db, transaction
from clinic.kernel.errors import NotFound
from clinic.sites.rules import PointKind
from clinic.visits import queries, services
from clinic.visits.models import QueuePlace, Visit
from clinic.visits.rules import PlaceState, Priority
from tests.clinic.visits.conftest import Evening
from tests.factories import EVENING, create_patient, create_visit
from tests.statements import count_statements

pytestmark = pytest.mark.usefixtures("context")


def names(rows: list[queries.PlaceRow]) -> list[str]:
    return [row.given_latin for row in rows]


def arrive(at: Evening, name: str, minutes: int, code: str = "GP", priority: Priority = Priority.ROUTINE) -> Visit:
    with clock.frozen(EVENING + timedelta(minutes=minutes)):
        patient = create_patient(at.registrar, given_latin=name)
        return create_visit(at.registrar, patient.id, at.points[code], priority=priority)


def test_emergencies_come_first_then_priority_then_who_returns_then_by_arrival(tonight: Evening) -> None:
    first = arrive(tonight, "First", 0)
    arrive(tonight, "Second", 1)
    arrive(tonight, "Back", 2)
    arrive(tonight, "Soon", 3, priority=Priority.PRIORITY)
    arrive(tonight, "Now", 4, priority=Priority.EMERGENCY)
    arrive(tonight, "Noise", 5, code="PED")
    gp = tonight.points["GP"]
    back = next(row for row in queries.board(tonight.doctor, gp) if row.given_latin == "Back")
    with transaction():
        services.open_place(tonight.doctor, back.visit_id, gp, is_returning=True)
    assert names(queries.board(tonight.doctor, gp)) == ["Now", "Soon", "Back", "First", "Second"]
    assert queries.board(tonight.doctor, gp)[3].visit_key == first.key


def test_a_board_shows_who_is_called_and_in_the_room_and_nobody_who_is_done(tonight: Evening) -> None:
    for minutes, name in enumerate(("Called", "Inside", "Done", "Waiting")):
        arrive(tonight, name, minutes)
    gp = tonight.points["GP"]
    rows = {row.given_latin: row for row in queries.board(tonight.doctor, gp)}
    for act, name in ((services.call, "Called"), (services.start, "Inside"), (services.finish, "Done")):
        with transaction():
            act(tonight.doctor, rows[name].key)
    seen = [(row.given_latin, row.state, row.served_by) for row in queries.board(tonight.nurse, gp)]
    assert seen == [
        ("Called", PlaceState.CALLED, "Rana Khatib"),
        ("Inside", PlaceState.IN_ROOM, "Rana Khatib"),
        ("Waiting", PlaceState.WAITING, None),
    ]
    assert queries.get_place(tonight.doctor, rows["Done"].key).state is PlaceState.DONE


def test_a_board_tells_who_is_at_another_desk(tonight: Evening) -> None:
    visit = arrive(tonight, "Khaled", 0)
    arrive(tonight, "Noise", 1)
    with transaction():
        services.start(tonight.nurse, queries.board(tonight.nurse, tonight.points["TRIAGE"])[0].key)
    rows = queries.board(tonight.doctor, tonight.points["GP"])
    assert (rows[0].visit_id, rows[0].is_elsewhere) == (visit.id, True)
    assert [row.is_elsewhere for row in rows] == [True, False]


def test_a_board_of_tonight_forgets_what_an_earlier_evening_left_open(tonight: Evening) -> None:
    arrive(tonight, "Forgotten", 0)
    with clock.frozen(EVENING + timedelta(days=1)):
        assert queries.board(tonight.doctor, tonight.points["GP"]) == []
        assert queries.find_open_visit(tonight.doctor, tonight.khaled) is None


def test_a_board_costs_one_statement_however_long(tonight: Evening, app: Flask) -> None:
    for minutes in range(12):
        arrive(tonight, f"Person {minutes}", minutes)
    with count_statements(app) as statements:
        assert len(queries.board(tonight.doctor, tonight.points["GP"])) == 12
    assert len(statements) == 1


def test_whoever_waits_has_an_open_place_and_nobody_else(tonight: Evening) -> None:
    create_visit(tonight.registrar, tonight.khaled, tonight.points["GP"])
    gp, ped = tonight.points["GP"], tonight.points["PED"]
    assert queries.has_open_place(tonight.doctor, tonight.khaled, [gp, ped])
    assert not queries.has_open_place(tonight.doctor, tonight.khaled, [ped])
    assert not queries.has_open_place(tonight.doctor, tonight.amal, [gp])
    with pytest.raises(NotFound):
        queries.has_open_place(tonight.stranger, tonight.khaled, [gp])
    with transaction():
        services.finish(tonight.doctor, queries.board(tonight.doctor, gp)[0].key)
    assert not queries.has_open_place(tonight.doctor, tonight.khaled, [gp])


def test_one_who_was_merged_waits_under_every_record(tonight: Evening) -> None:
    merged = create_patient(tonight.registrar, survivor_id=tonight.khaled)
    visit = create_visit(tonight.registrar, merged.id, tonight.points["GP"])
    assert queries.has_open_place(tonight.doctor, merged.id, [tonight.points["GP"]])
    found = queries.find_open_visit(tonight.registrar, merged.id)
    assert found is not None
    assert found.id == visit.id


def test_the_places_of_a_visit_stand_in_the_order_in_which_they_were_opened(tonight: Evening) -> None:
    visit = create_visit(tonight.registrar, tonight.khaled, tonight.points["GP"])
    create_visit(tonight.registrar, tonight.amal, tonight.points["GP"])
    places = queries.list_places(tonight.doctor, visit.id)
    assert [place.point_id for place in places] == [tonight.points["TRIAGE"], tonight.points["GP"]]


def test_who_was_served_stands_with_the_newest_first(tonight: Evening) -> None:
    for minutes, name in enumerate(("First", "Second", "Waiting")):
        arrive(tonight, name, minutes)
    triage = tonight.points["TRIAGE"]
    rows = {row.given_latin: row for row in queries.board(tonight.nurse, triage)}
    for minutes, name in ((5, "Second"), (7, "First")):
        with clock.frozen(EVENING + timedelta(minutes=minutes)), transaction():
            services.finish(tonight.nurse, rows[name].key)
    assert names(queries.list_served(tonight.nurse, triage)) == ["First", "Second"]
    assert names(queries.list_served(tonight.nurse, triage, limit=1)) == ["First"]
    assert queries.list_served(tonight.stranger, triage) == []


def test_the_stops_of_several_visits_come_in_one_statement(tonight: Evening, app: Flask) -> None:
    visits = [arrive(tonight, "Khaled", 0).id, arrive(tonight, "Amal", 1, code="PED").id]
    noise = arrive(tonight, "Noise", 2, code="GYN").id
    with count_statements(app) as statements:
        stops = queries.list_stops(tonight.nurse, visits)
    assert len(statements) == 1
    assert noise not in stops
    names_of = {visit: [stop.name_en for stop in stops[visit] if stop.kind is PointKind.SPECIALTY] for visit in visits}
    assert list(names_of.values()) == [["GP"], ["PED"]]


def test_nothing_of_another_site_is_found(tonight: Evening) -> None:
    visit = create_visit(tonight.registrar, tonight.khaled, tonight.points["GP"])
    key = db.session.scalars(select(QueuePlace.key)).first()
    assert key is not None
    with pytest.raises(NotFound):
        queries.get_place(tonight.stranger, key)
    with pytest.raises(NotFound):
        queries.get_visit(tonight.stranger, visit.key)
    assert queries.board(tonight.stranger, tonight.points["GP"]) == []
    assert queries.list_places(tonight.stranger, visit.id) == []
    with pytest.raises(NotFound):
        queries.get_visit_by_id(tonight.stranger, visit.id)
    assert queries.get_visit(tonight.doctor, visit.key).id == visit.id
    assert queries.get_visit_by_id(tonight.doctor, visit.id).key == visit.key

"""The life of a visit: numbers, places, calls, and what two desks do at once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import db, transaction
from clinic.kernel.errors import NotFound
from clinic.sites.rules import PointKind
from clinic.visits import queries, services
from clinic.visits.models import QueuePlace, Visit
from clinic.visits.rules import (
    AlreadyHere,
    NobodyWaits,
    NotYetLeft,
    PlaceOver,
    PlaceState,
    Priority,
    Taken,
    VisitOver,
    VisitReason,
)
from clinic.visits.services import queue
from tests.clinic.kernel.boxes import at_once
from tests.clinic.visits.conftest import Evening
from tests.factories import EVENING, create_patient, create_visit

pytestmark = pytest.mark.postgres


@pytest.fixture
def at(tonight: Evening, context: Flask) -> Evening:
    assert context
    return tonight


def places_of(at: Evening, visit_id: int) -> dict[str, PlaceState]:
    rows = db.session.execute(
        select(QueuePlace.service_point_id, QueuePlace.state).where(QueuePlace.visit_id == visit_id)
    )
    codes = {point: code for code, point in at.points.items()}
    return {codes[point]: state for point, state in rows}


def place_at(at: Evening, visit_id: int, code: str) -> int:
    place = db.session.scalar(
        select(QueuePlace.id).where(QueuePlace.visit_id == visit_id, QueuePlace.service_point_id == at.points[code])
    )
    assert place is not None
    return place


def check_in(scope: Scope, patient_id: int, point_id: int) -> int:
    return create_visit(scope, patient_id, point_id).id


def visit_of(visit_id: int) -> Visit:
    return db.session.get_one(Visit, visit_id)


def test_one_who_comes_for_a_doctor_waits_at_triage_too(at: Evening) -> None:
    visit_id = check_in(at.registrar, at.khaled, at.points["GP"])
    assert places_of(at, visit_id) == {"TRIAGE": PlaceState.WAITING, "GP": PlaceState.WAITING}
    visit = visit_of(visit_id)
    assert (visit.number, visit.language, visit.arrived_at, visit.day) == (1, "ar", EVENING, clock.today())


def test_one_who_comes_for_a_room_or_the_pharmacy_does_not_wait_at_triage(at: Evening) -> None:
    assert places_of(at, check_in(at.registrar, at.khaled, at.points["ROOM"])) == {"ROOM": PlaceState.WAITING}
    assert places_of(at, check_in(at.registrar, at.amal, at.points["PHARMACY"])) == {"PHARMACY": PlaceState.WAITING}


def test_numbers_run_without_a_gap_through_a_refusal_and_apart_at_each_site(at: Evening) -> None:
    first = check_in(at.registrar, at.khaled, at.points["GP"])
    with pytest.raises(AlreadyHere) as refusal:
        check_in(at.registrar, at.khaled, at.points["PED"])
    second = check_in(at.registrar, at.amal, at.points["PED"])
    third = check_in(at.stranger, at.stranger_patient, at.elsewhere["GP"])
    assert [visit_of(each).number for each in (first, second, third)] == [1, 2, 1]
    assert refusal.value.values == {"number": 1, "visit": visit_of(first).key}


def test_the_next_evening_begins_at_one(at: Evening) -> None:
    check_in(at.registrar, at.khaled, at.points["GP"])
    with clock.frozen(EVENING + timedelta(days=1)):
        visit_id = check_in(at.registrar, at.amal, at.points["GP"])
        assert visit_of(visit_id).number == 1


def test_a_visit_that_an_earlier_evening_left_open_ends_before_a_new_one_begins(at: Evening) -> None:
    old = check_in(at.registrar, at.khaled, at.points["GP"])
    noise = check_in(at.registrar, at.amal, at.points["GP"])
    with transaction():
        services.finish(at.nurse, place_at(at, old, "TRIAGE"))
    with clock.frozen(EVENING + timedelta(days=1)):
        new = check_in(at.registrar, at.khaled, at.points["PED"])
        assert visit_of(old).closed_at == EVENING + timedelta(days=1)
        assert places_of(at, old) == {"TRIAGE": PlaceState.DONE, "GP": PlaceState.LEFT}
        assert visit_of(new).closed_at is None
        assert visit_of(noise).closed_at is None


@pytest.mark.parametrize(
    "go", [services.start, lambda doctor, place: services.send_away(doctor, place, PointKind.PHARMACY)]
)
def test_whoever_was_with_the_doctor_or_sent_on_by_one_when_an_evening_ended_was_seen(
    at: Evening, go: Callable[[Scope, int], int]
) -> None:
    old = check_in(at.registrar, at.khaled, at.points["GP"])
    with transaction():
        go(at.doctor, place_at(at, old, "GP"))
    with clock.frozen(EVENING + timedelta(days=1)):
        check_in(at.registrar, at.khaled, at.points["PED"])
    states = places_of(at, old)
    assert (states.pop("GP"), set(states.values())) == (PlaceState.DONE, {PlaceState.LEFT})


def test_a_merged_record_is_checked_in_as_the_survivor(at: Evening) -> None:
    merged = create_patient(at.registrar, survivor_id=at.khaled).id
    assert visit_of(check_in(at.registrar, merged, at.points["GP"])).patient_id == at.khaled


def test_nobody_is_checked_in_across_sites_and_organisations(at: Evening) -> None:
    with pytest.raises(NotFound):
        check_in(at.registrar, at.khaled, at.elsewhere["GP"])
    with pytest.raises(NotFound):
        check_in(at.stranger, at.khaled, at.elsewhere["GP"])


def test_registrars_at_once_check_one_person_in_once(app: Flask, tonight: Evening) -> None:
    at = tonight
    results = at_once(app, 12, lambda _: check_in(at.registrar, at.khaled, at.points["GP"]))
    assert sum(isinstance(result, int) for result in results) == 1
    assert sum(isinstance(result, AlreadyHere) for result in results) == 11
    with app.app_context():
        assert db.session.scalars(select(Visit.number)).all() == [1]


def test_numbers_given_at_once_have_no_gap_and_no_double(app: Flask, tonight: Evening) -> None:
    at = tonight
    with app.app_context():
        people = [create_patient(at.registrar).id for _ in range(12)]
    results = at_once(app, 12, lambda number: check_in(at.registrar, people[number], at.points["GP"]))
    assert all(isinstance(result, int) for result in results)
    with app.app_context():
        assert sorted(db.session.scalars(select(Visit.number))) == list(range(1, 13))


def test_two_doctors_who_call_one_person_at_once_are_told_apart(app: Flask, tonight: Evening) -> None:
    at = tonight
    with app.app_context():
        place = place_at(at, check_in(at.registrar, at.khaled, at.points["GP"]), "GP")

    def call(number: int) -> int:
        with transaction():
            return services.call((at.doctor, at.colleague)[number], place)

    results = at_once(app, 2, call)
    assert results.count(place) == 1
    refusal = next(result for result in results if isinstance(result, Taken))
    winner = ("Rana Khatib", "Serkan Aydın")[results.index(place)]
    assert refusal.values["name"] == winner
    with app.app_context():
        row = db.session.get_one(QueuePlace, place)
        assert (row.state, row.calls) == (PlaceState.CALLED, 1)


def test_who_called_may_call_again_and_each_call_counts(at: Evening) -> None:
    place = place_at(at, check_in(at.registrar, at.khaled, at.points["GP"]), "GP")
    for _ in range(3):
        with transaction():
            services.call(at.doctor, place)
    row = db.session.get_one(QueuePlace, place)
    assert (row.calls, row.served_by_id, row.called_at) == (3, at.doctor.user_id, EVENING)
    with pytest.raises(Taken, match=r"No\. 1 went to Rana Khatib") as refusal, transaction():
        services.call(at.colleague, place)
    assert refusal.value.values["at"] == EVENING


def test_a_call_in_the_room_leaves_the_person_there(at: Evening) -> None:
    place = place_at(at, check_in(at.registrar, at.khaled, at.points["GP"]), "GP")
    with transaction():
        services.start(at.doctor, place)
    with transaction():
        services.call(at.doctor, place)
    assert db.session.get_one(QueuePlace, place).state is PlaceState.IN_ROOM


def test_one_who_was_put_back_may_be_taken_by_a_colleague(at: Evening) -> None:
    place = place_at(at, check_in(at.registrar, at.khaled, at.points["GP"]), "GP")
    with transaction():
        services.call(at.doctor, place)
    with transaction():
        services.put_back(at.colleague, place)
    with transaction():
        services.start(at.colleague, place)
    row = db.session.get_one(QueuePlace, place)
    assert (row.state, row.served_by_id, row.calls) == (PlaceState.IN_ROOM, at.colleague.user_id, 1)


def test_one_who_left_and_comes_back_waits_from_where_they_stood(at: Evening) -> None:
    visit_id = check_in(at.registrar, at.khaled, at.points["GP"])
    place = place_at(at, visit_id, "GP")
    with transaction():
        services.leave(at.doctor, place, has_said_so=True)
    assert visit_of(visit_id).closed_at is not None
    with clock.frozen(EVENING + timedelta(minutes=9)), transaction():
        services.put_back(at.doctor, place)
    row = db.session.get_one(QueuePlace, place)
    assert (row.state, row.queued_at, row.done_at) == (PlaceState.WAITING, EVENING, None)
    assert visit_of(visit_id).closed_at is None


def test_calling_next_takes_the_first_who_waits_and_is_at_no_other_desk(at: Evening) -> None:
    busy, next_ = (place_at(at, check_in(at.registrar, who, at.points["GP"]), "GP") for who in (at.khaled, at.amal))
    with transaction():
        services.start(at.nurse, place_at(at, db.session.get_one(QueuePlace, busy).visit_id, "TRIAGE"))
    with transaction():
        key = services.call_next(at.doctor, at.points["GP"])
    assert db.session.get_one(QueuePlace, next_).key == key
    with pytest.raises(NobodyWaits), transaction():
        services.call_next(at.colleague, at.points["GP"])


def test_one_whom_a_colleague_took_between_look_and_call_is_passed_over(
    at: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in (at.khaled, at.amal):
        check_in(at.registrar, who, at.points["GP"])
    seen = queries.board(at.doctor, at.points["GP"])
    with transaction():
        services.call(at.colleague, seen[0].key)
    monkeypatch.setattr(queue, "board", lambda *_: seen)
    with transaction():
        assert services.call_next(at.doctor, at.points["GP"]) == seen[1].key
    assert db.session.get_one(QueuePlace, seen[0].id).served_by_id == at.colleague.user_id


def test_doctors_who_call_next_at_once_get_one_person_each(app: Flask, tonight: Evening) -> None:
    at = tonight
    with app.app_context():
        for who in (at.khaled, at.amal):
            check_in(at.registrar, who, at.points["GP"])

    def call(number: int) -> str:
        with clock.frozen(EVENING), transaction():
            return services.call_next((at.doctor, at.colleague)[number], at.points["GP"])

    keys = at_once(app, 2, call)
    assert len({key for key in keys if isinstance(key, str)}) == 2


def test_a_visit_ends_with_its_last_place_and_goes_on_where_one_is_opened(at: Evening) -> None:
    visit_id = check_in(at.registrar, at.khaled, at.points["GP"])
    for code, scope in (("TRIAGE", at.nurse), ("GP", at.doctor)):
        assert visit_of(visit_id).closed_at is None
        with transaction():
            services.finish(scope, place_at(at, visit_id, code))
    assert visit_of(visit_id).closed_at == EVENING
    with transaction():
        services.open_place(at.doctor, visit_id, at.points["PHARMACY"])
    assert visit_of(visit_id).closed_at is None
    assert places_of(at, visit_id)["PHARMACY"] is PlaceState.WAITING


def test_the_last_two_places_that_end_at_once_end_the_visit(app: Flask, tonight: Evening) -> None:
    at = tonight
    with app.app_context():
        visit_id = check_in(at.registrar, at.khaled, at.points["GP"])
        ending = [(at.nurse, place_at(at, visit_id, "TRIAGE")), (at.doctor, place_at(at, visit_id, "GP"))]

    def finish(number: int) -> int:
        with transaction():
            return services.finish(*ending[number])

    at_once(app, 2, finish)
    with app.app_context():
        assert visit_of(visit_id).closed_at is not None


def test_a_place_that_is_open_already_stays_and_grows_as_urgent_as_is_asked(at: Evening) -> None:
    visit_id = check_in(at.registrar, at.khaled, at.points["GP"])
    first = place_at(at, visit_id, "GP")
    with transaction():
        again = services.open_place(at.doctor, visit_id, at.points["GP"], priority=Priority.PRIORITY, is_returning=True)
    with transaction():
        services.open_place(at.doctor, visit_id, at.points["GP"], priority=Priority.ROUTINE)
    row = db.session.get_one(QueuePlace, first)
    assert again == first
    assert (row.priority, row.is_returning) == (Priority.PRIORITY, True)


def test_a_visit_of_an_earlier_evening_is_over(at: Evening) -> None:
    visit_id = check_in(at.registrar, at.khaled, at.points["ROOM"])
    with transaction():
        services.finish(at.nurse, place_at(at, visit_id, "ROOM"))
    with clock.frozen(EVENING + timedelta(days=1)), pytest.raises(VisitOver), transaction():
        services.open_place(at.doctor, visit_id, at.points["PHARMACY"])


def test_a_visit_after_which_another_began_is_over(at: Evening) -> None:
    visit_id = check_in(at.registrar, at.khaled, at.points["ROOM"])
    with transaction():
        services.finish(at.nurse, place_at(at, visit_id, "ROOM"))
    check_in(at.registrar, at.khaled, at.points["GP"])
    with pytest.raises(VisitOver), transaction():
        services.open_place(at.doctor, visit_id, at.points["PHARMACY"])


def test_one_has_left_after_three_calls_and_not_before(at: Evening) -> None:
    visit_id = check_in(at.registrar, at.khaled, at.points["GP"])
    place = place_at(at, visit_id, "GP")
    for calls in (1, 2):
        with transaction():
            services.call(at.doctor, place)
        with pytest.raises(NotYetLeft, match=f"so far: {calls}"), transaction():
            services.leave(at.doctor, place)
    with transaction():
        services.call(at.doctor, place)
    with transaction():
        services.leave(at.doctor, place)
    assert places_of(at, visit_id) == {"TRIAGE": PlaceState.CANCELLED, "GP": PlaceState.LEFT}
    assert visit_of(visit_id).closed_at == EVENING


def test_one_who_says_so_leaves_at_once_and_stays_where_else_they_wait(at: Evening) -> None:
    visit_id = check_in(at.registrar, at.khaled, at.points["GP"])
    with transaction():
        services.leave(at.nurse, place_at(at, visit_id, "TRIAGE"), has_said_so=True)
    assert places_of(at, visit_id) == {"TRIAGE": PlaceState.LEFT, "GP": PlaceState.WAITING}
    assert visit_of(visit_id).closed_at is None


def test_a_place_that_is_not_needed_ends_without_having_been_served(at: Evening) -> None:
    visit_id = check_in(at.registrar, at.khaled, at.points["GP"])
    with transaction():
        services.cancel(at.nurse, place_at(at, visit_id, "TRIAGE"))
    assert places_of(at, visit_id)["TRIAGE"] is PlaceState.CANCELLED


def test_priority_holds_in_every_queue_of_the_visit_and_in_those_to_come(at: Evening) -> None:
    visit_id = check_in(at.registrar, at.khaled, at.points["GP"])
    noise = check_in(at.registrar, at.amal, at.points["GP"])
    with transaction():
        services.set_priority(at.nurse, visit_id, Priority.EMERGENCY)
    with transaction():
        services.open_place(at.doctor, visit_id, at.points["PHARMACY"])
    chosen = select(QueuePlace.priority).where(QueuePlace.visit_id == visit_id)
    assert set(db.session.scalars(chosen)) == {Priority.EMERGENCY}
    assert set(db.session.scalars(select(QueuePlace.priority).where(QueuePlace.visit_id == noise))) == {
        Priority.ROUTINE
    }


ACTS: list[Callable[..., object]] = [
    services.call,
    services.start,
    services.finish,
    services.put_back,
    services.cancel,
    lambda scope, place: services.leave(scope, place, has_said_so=True),
]


@pytest.mark.parametrize("act", ACTS)
def test_a_place_that_is_over_takes_no_further_act(at: Evening, act: Callable[..., object]) -> None:
    place = place_at(at, check_in(at.registrar, at.khaled, at.points["GP"]), "GP")
    with transaction():
        services.finish(at.doctor, place)
    with pytest.raises(PlaceOver, match=r"No\. 1 does not wait here any more"), transaction():
        act(at.doctor, place)


@pytest.mark.parametrize("act", ACTS)
def test_a_place_of_another_site_is_not_found(at: Evening, act: Callable[..., object]) -> None:
    check_in(at.registrar, at.khaled, at.points["GP"])
    keys = db.session.scalars(select(QueuePlace.key)).all()
    for key in keys:
        with pytest.raises(NotFound), transaction():
            act(at.stranger, key)
    assert set(db.session.scalars(select(QueuePlace.state))) == {PlaceState.WAITING}


def test_every_change_of_a_place_is_on_record(at: Evening) -> None:
    visit_id = check_in(at.registrar, at.khaled, at.points["GP"])
    place = place_at(at, visit_id, "GP")
    key = db.session.get_one(QueuePlace, place).key
    with transaction():
        services.call(at.doctor, place)
    with transaction():
        services.finish(at.doctor, place)
    acts = db.session.scalars(
        select(AuditEvent.act).where(AuditEvent.table_name == "queue_place", AuditEvent.row_key == key).order_by("id")
    ).all()
    assert acts == ["CREATE", "UPDATE", "UPDATE"]
    assert db.session.scalar(select(func.count()).where(AuditEvent.table_name == "visit")) == 1


def test_priority_is_not_changed_where_the_person_was_served(at: Evening) -> None:
    visit_id = check_in(at.registrar, at.khaled, at.points["GP"])
    done = place_at(at, visit_id, "TRIAGE")
    with transaction():
        services.finish(at.nurse, done)
    with transaction():
        services.set_priority(at.doctor, visit_id, Priority.PRIORITY)
    assert db.session.get_one(QueuePlace, done).priority is Priority.ROUTINE
    assert db.session.get_one(QueuePlace, place_at(at, visit_id, "GP")).priority is Priority.PRIORITY


def test_reasons_and_priorities_that_nobody_knows_are_not_stored(at: Evening) -> None:
    with pytest.raises(ValueError, match="FLU"), transaction():
        services.check_in(at.registrar, patient_id=at.khaled, point_id=at.points["GP"], reason="FLU")
    with transaction():
        visit_id = services.check_in(
            at.registrar, patient_id=at.khaled, point_id=at.points["GP"], reason=VisitReason.FOLLOW_UP
        )
    assert queries.get_visit(at.doctor, visit_of(visit_id).key).reason is VisitReason.FOLLOW_UP

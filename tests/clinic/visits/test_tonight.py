"""Tonight for whoever lets people in, and when a person was last here."""

from datetime import timedelta

import pytest
from flask import Flask

from clinic.auth.roles import Role
from clinic.kernel import clock
from clinic.kernel.db import db, transaction
from clinic.patients.models import Patient
from clinic.visits import queries, services
from clinic.visits.models import Visit
from tests.clinic.visits.conftest import Evening
from tests.factories import (
    EVENING,
    create_clinic,
    create_desk,
    create_patient,
    create_user,
    create_visit,
    point_of,
    scope_of,
)
from tests.statements import count_statements

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("context")]


def arrive(at: Evening, code: str, minutes: int = 0, **fields: object) -> Visit:
    with clock.frozen(EVENING + timedelta(minutes=minutes)):
        return create_visit(
            at.registrar, create_patient(at.registrar, **fields).id, point_of(at.registrar.site_id, code)
        )


def serve(at: Evening, visit: Visit) -> None:
    """See a person at every place."""
    for place in queries.list_places(at.registrar, visit.id):
        with transaction():
            services.start(at.registrar, place.id)
        with transaction():
            services.finish(at.registrar, place.id)


def test_tonight_tells_who_waits_where_and_since_when(tonight: Evening) -> None:
    arrive(tonight, "PED", 5)
    arrive(tonight, "PED", 9)
    seen = arrive(tonight, "GP", 1)
    serve(tonight, seen)
    other = create_clinic()
    create_visit(
        scope_of(create_user(other)), create_patient(scope_of(create_user(other))).id, point_of(other.id, "PED")
    )
    found = queries.tonight(tonight.registrar)
    assert [queue.specialty_code for queue in found.queues] == ["GP", "PED", "GYN", "INT", "SUR"]
    gp, ped, *_ = found.queues
    assert (gp.waiting, gp.longest_since) == (0, None)
    assert (ped.waiting, ped.longest_since) == (2, EVENING + timedelta(minutes=5))
    assert (found.arrived, found.seen, found.waiting, found.left, found.last_number) == (3, 1, 2, 0, 3)


def test_one_who_is_called_waits_no_more(tonight: Evening) -> None:
    visit = arrive(tonight, "GP")
    [place] = [row for row in queries.list_places(tonight.registrar, visit.id) if row.point_id == tonight.points["GP"]]
    with transaction():
        services.call(tonight.registrar, place.key)
    found = queries.tonight(tonight.registrar)
    assert (found.waiting, found.queues[0].waiting, found.queues[0].longest_since) == (0, 0, None)


def test_one_who_left_unseen_is_counted_as_that(tonight: Evening) -> None:
    visit = arrive(tonight, "GP")
    place = next(
        row for row in queries.list_places(tonight.registrar, visit.id) if row.point_id == tonight.points["GP"]
    )
    with transaction():
        services.leave(tonight.registrar, place.id, has_said_so=True)
    found = queries.tonight(tonight.registrar)
    assert (found.arrived, found.seen, found.waiting, found.left) == (1, 0, 0, 1)


def test_a_site_without_specialties_has_an_empty_evening() -> None:
    assert queries.tonight(create_desk()) == queries.Tonight((), 0, 0, 0, 0, 0)


def test_yesterday_is_not_tonight(tonight: Evening) -> None:
    arrive(tonight, "GP")
    with clock.frozen(EVENING + timedelta(days=1)):
        found = queries.tonight(tonight.registrar)
    assert (found.arrived, found.last_number, found.queues[0].waiting) == (0, 0, 0)


def test_the_last_visit_is_the_latest_of_all_records_and_says_for_which_specialty(tonight: Evening) -> None:
    survivor, merged = create_patient(tonight.registrar), create_patient(tonight.registrar)
    never = create_patient(tonight.registrar)
    for days, patient, code in ((-30, survivor, "GP"), (-2, merged, "INT")):
        with clock.frozen(EVENING + timedelta(days=days)):
            serve(tonight, create_visit(tonight.registrar, patient.id, point_of(tonight.registrar.site_id, code)))
    with transaction() as session:
        session.get_one(Patient, merged.id).survivor_id = survivor.id
    found = queries.list_last_visits(tonight.registrar, [survivor.id, never.id])
    assert list(found) == [survivor.id]
    last = found[survivor.id]
    assert (last.specialty_code, last.name_en, last.is_open) == ("INT", "INT", False)
    assert last.day == (EVENING - timedelta(days=2)).date()


def test_a_visit_that_goes_on_tonight_is_told_with_its_number(tonight: Evening) -> None:
    visit = arrive(tonight, "GYN")
    last = queries.list_last_visits(tonight.registrar, [visit.patient_id])[visit.patient_id]
    assert (last.is_open, last.number, last.visit_key, last.specialty_code) == (True, visit.number, visit.key, "GYN")


def test_a_visit_to_another_site_is_not_told(tonight: Evening) -> None:
    visit = arrive(tonight, "GYN")
    elsewhere = scope_of(create_user(create_clinic(organisation_id=tonight.registrar.organisation_id), Role.REGISTRAR))
    assert queries.list_last_visits(elsewhere, [visit.patient_id]) == {}


def test_a_visit_for_no_specialty_is_told_without_one(tonight: Evening) -> None:
    visit = arrive(tonight, "LAB")
    last = queries.list_last_visits(tonight.registrar, [visit.patient_id])[visit.patient_id]
    assert (last.specialty_code, last.name_en, last.room) == ("", "", "")


def test_each_costs_one_statement(tonight: Evening, context: Flask) -> None:
    ids = [arrive(tonight, "GP", minutes).patient_id for minutes in range(3)]
    db.session.rollback()
    for ask in (
        lambda: queries.tonight(tonight.registrar),
        lambda: queries.list_last_visits(tonight.registrar, ids),
    ):
        with count_statements(context) as told:
            assert ask()
        assert len(told) == 1

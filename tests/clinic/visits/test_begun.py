from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from clinic.auth.roles import Role
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db, transaction
from clinic.kernel.errors import NotFound
from clinic.sites.models import Site
from clinic.visits import services
from clinic.visits.models import Visit
from clinic.visits.queries import list_begun
from clinic.visits.rules import BegunKind, NoDoctorAwaited
from tests.clinic.visits.conftest import Evening
from tests.factories import EVENING, create_patient, create_user, create_visit, scope_of

COMPLAINT, HISTORY = BegunKind.COMPLAINT, BegunKind.HISTORY
LATER = EVENING + timedelta(minutes=5)


@pytest.fixture
def at(context: Flask, tonight: Evening) -> Evening:
    return tonight


def arrive(at: Evening, code: str = "GP") -> Visit:
    return create_visit(at.registrar, create_patient(at.registrar).id, at.points[code])


def begin(nurse: Scope, visit: Visit, **parts: str) -> None:
    with transaction():
        services.begin_note(nurse, visit.id, {BegunKind(kind.upper()): words for kind, words in parts.items()})


def stands(visit: Visit, *, until: datetime | None = None) -> list[tuple[str, dict[BegunKind, str]]]:
    return [(one.name_latin, one.parts) for one in list_begun(visit.id, until=until)]


@pytest.mark.postgres
def test_what_a_nurse_begins_stands_under_her_name_and_she_alone_writes_it_anew(at: Evening) -> None:
    site = db.session.get_one(Site, at.nurse.site_id)
    colleague = scope_of(create_user(site, Role.NURSE, name_latin="Hana"))
    visit, noise = arrive(at), arrive(at)
    begin(at.nurse, noise, complaint="Of another person")
    begin(at.nurse, visit, complaint="Fever", history="Three days")
    begin(colleague, visit, complaint="Rash too")
    with clock.frozen(LATER):
        begin(at.nurse, visit, complaint="Fever at night", history="Three days")
    (first, own), second = stands(visit)
    assert own == {COMPLAINT: "Fever at night", HISTORY: "Three days"}
    assert second == ("Hana", {COMPLAINT: "Rash too"})
    assert stands(visit, until=EVENING)[0] == (first, {COMPLAINT: "Fever", HISTORY: "Three days"})
    for change in ("UPDATE begun_part SET text = 'x'", "DELETE FROM begun_part"):
        with pytest.raises(DBAPIError), transaction() as session:
            session.execute(text(change))


def test_a_part_that_is_emptied_is_taken_back_and_one_that_reads_as_before_is_not_written_again(at: Evening) -> None:
    visit = arrive(at)
    begin(at.nurse, visit, complaint="Fever", history="")
    with clock.frozen(LATER):
        begin(at.nurse, visit, complaint="Fever")
        [one] = list_begun(visit.id)
        assert one.at == EVENING
        begin(at.nurse, visit, complaint="")
    assert list_begun(visit.id) == []


@pytest.mark.parametrize("code", ["GP", "PHARMACY"])
def test_where_no_doctor_is_to_see_the_person_nothing_is_begun(at: Evening, code: str) -> None:
    visit = arrive(at, code)
    if code == "GP":
        begin(at.nurse, visit, complaint="Fever")
        with transaction():
            services.finish(at.doctor, services.open_place(at.doctor, visit.id, at.points["GP"]))
    with pytest.raises(NoDoctorAwaited) as refusal:
        begin(at.nurse, visit, history="Three days")
    assert refusal.value.field == "history"
    begin(at.nurse, visit, complaint="Fever" if code == "GP" else "")


def test_nothing_is_begun_on_a_visit_of_another_site(at: Evening) -> None:
    visit = arrive(at)
    with pytest.raises(NotFound):
        begin(at.stranger, visit, complaint="Fever")

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.auth.models import User
from clinic.auth.roles import Role
from clinic.consultations.models import Consultation
from clinic.demo import load
from clinic.demo.staff import STAFF
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.patients.models import Patient
from clinic.sites.models import Organisation, ServicePoint, Site
from clinic.visits.models import QueuePlace, Visit
from clinic.visits.queries import board
from clinic.visits.rules import PlaceState

OF_THE_EQUIPMENT = {
    Role.LOGISTICS,
    Role.FINANCE,
    Role.PROJECT_LEAD,
    Role.INSPECTOR,
    Role.GIVER,
    Role.CUSTODIAN,
    Role.RECEIVER,
}


@pytest.mark.postgres
def test_the_demo_loads_once_and_someone_waits_at_every_desk(context: Flask) -> None:
    said: list[str] = []
    assert load.load(say=said.append)
    assert not load.load(say=said.append)
    assert said[0] == "  places and people"
    site = db.session.scalars(select(Site).where(Site.code == "FATIH")).one()
    scope = Scope(site.organisation_id, site.id, 0)
    with clock.frozen(load.NOW):
        for point in db.session.scalars(select(ServicePoint).where(ServicePoint.site_id == site.id)):
            waiting = [row for row in board(scope, point.id) if row.state is PlaceState.WAITING]
            assert bool(waiting) == (point.code != "ROOM6"), point.code
    assert _count(Organisation) == 4
    assert _count(Patient) > 80


@pytest.mark.usefixtures("plain_paper")
def test_every_act_of_the_demo_lies_in_its_own_evenings(context: Flask) -> None:
    load.load(say=lambda _: None)
    for instant in (Visit.arrived_at, QueuePlace.done_at, Consultation.signed_at):
        last = db.session.scalar(select(func.max(instant)))
        assert last is not None
        assert last <= load.NOW
    for arrived in db.session.scalars(select(Visit.arrived_at)):
        assert 17 <= clock.local(arrived).hour < 21


@pytest.mark.usefixtures("plain_paper")
def test_the_staff_of_twenty_is_there_and_one_password_opens_every_account(context: Flask) -> None:
    fatih = [member for member in STAFF if member.site == "FATIH" and not set(member.roles) & OF_THE_EQUIPMENT]
    assert len(fatih) == 20
    assert [sum(role in member.roles for member in fatih) for role in (Role.DOCTOR, Role.PHARMACIST)] == [5, 1]
    load.load(say=lambda _: None)
    load.open_accounts("demo")
    hashes = set(db.session.scalars(select(User.password_hash)))
    assert len(hashes) == 1


@pytest.mark.usefixtures("plain_paper")
def test_the_evening_goes_on_from_where_it_was_left(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[datetime] = []
    monkeypatch.setattr(clock, "start_at", started.append)
    load.start_clock(app)
    assert started == []
    with app.app_context():
        load.load(say=lambda _: None)
    load.start_clock(app)
    with app.app_context(), clock.frozen(load.NOW + timedelta(minutes=9)):
        load.open_accounts("demo")
    load.start_clock(app)
    assert started == [load.NOW, load.NOW + timedelta(minutes=9)]


def _count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0

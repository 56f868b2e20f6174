from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.auth.models import User
from clinic.auth.roles import Role
from clinic.consultations.models import Consultation
from clinic.demo import history, load
from clinic.demo.staff import STAFF
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.patients.models import Patient
from clinic.reports.queries import get_beside, list_consultations
from clinic.reports.rules import Tally, check, month_of
from clinic.sites.models import Organisation, ServicePoint, Site
from clinic.visits.models import QueuePlace, Visit
from clinic.visits.queries import board
from clinic.visits.rules import PlaceState
from inventory.stock.models import Balance, Batch, Lot
from inventory.stock.queries.ledger import ledger_differences

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
def test_the_demo_loads_once_its_months_prove_themselves_and_someone_waits_at_every_desk(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, small in {"DAYS": 40, "PEOPLE": 260, "AT_FIRST": 80, "PEAK": 24, "FIRST": 12}.items():
        monkeypatch.setattr(history, name, small)
    said: list[str] = []
    assert load.load(say=said.append, with_history=True)
    assert not load.load(say=said.append, with_history=True)
    assert said[0] == "  places and people"
    site = db.session.scalars(select(Site).where(Site.code == "FATIH")).one()
    scope = Scope(site.organisation_id, site.id, 0)
    with clock.frozen(load.NOW):
        for point in db.session.scalars(select(ServicePoint).where(ServicePoint.site_id == site.id)):
            waiting = [row for row in board(scope, point.id) if row.state is PlaceState.WAITING]
            assert bool(waiting) == (point.code != "ROOM6"), point.code
    assert _count(Organisation) == 4
    _prove(scope)


@pytest.mark.usefixtures("plain_paper")
def test_every_act_of_the_demo_lies_in_its_own_evenings(context: Flask) -> None:
    load.load(say=lambda _: None)
    for instant in (Visit.arrived_at, QueuePlace.done_at, Consultation.signed_at):
        last = db.session.scalar(select(func.max(instant)))
        assert last is not None
        assert last <= load.NOW
    for arrived in db.session.scalars(select(Visit.arrived_at)):
        assert 17 <= clock.local(arrived).hour < 21


def test_the_staff_of_the_clinic_is_twenty() -> None:
    fatih = [member for member in STAFF if member.site == "FATIH" and not set(member.roles) & OF_THE_EQUIPMENT]
    assert len(fatih) == 20
    assert [sum(role in member.roles for member in fatih) for role in (Role.DOCTOR, Role.PHARMACIST)] == [5, 1]


@pytest.mark.usefixtures("plain_paper")
def test_the_evening_goes_on_from_where_it_was_left_and_one_password_opens_every_account(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[datetime] = []
    monkeypatch.setattr(clock, "start_at", started.append)
    load.start_clock(app)
    assert started == []
    with app.app_context():
        load.load(say=lambda _: None)
    load.start_clock(app)
    with app.app_context(), clock.frozen(load.NOW + timedelta(minutes=9)):
        load.open_accounts("demo")
        assert len(set(db.session.scalars(select(User.password_hash)))) == 1
    load.start_clock(app)
    assert started == [load.NOW, load.NOW + timedelta(minutes=9)]


def _count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def _prove(scope: Scope) -> None:
    """Hold the months before against the product's own checks, and tonight's numbers against theirs."""
    assert ledger_differences() == []
    with clock.frozen(load.NOW):
        for month in (month_of(load.DAY).previous, month_of(load.DAY)):
            tally, beside = Tally(list_consultations(scope, month)), get_beside(scope, month)
            assert tally.total > 100
            assert sum(beside.nursing.values()) > 0
            assert [one.words for one in check(tally, beside) if not one.holds] == []
    lying = select(func.sum(Balance.quantity)).join(Lot, Lot.id == Balance.lot_id)
    lying = lying.join(Batch, Batch.id == Lot.batch_id).where(Batch.batch_no.startswith("DEMO-26"))
    assert db.session.scalar(lying) == 0
    numbers = db.session.scalars(select(Patient.record_number)).all()
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    yesterday = select(func.count(), func.max(Visit.number)).where(Visit.day == load.DAY - timedelta(days=1))
    count, last = db.session.execute(yesterday).one()
    assert count == last > 6

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from clinic.auth.roles import Role
from clinic.kernel.access import Scope
from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import db, transaction
from clinic.sites.models import ServicePoint
from clinic.sites.rules import PointKind
from clinic.specialties.models import Specialty
from clinic.specialties.queries import list_desks
from clinic.visits import services as visits
from clinic.visits.queries import board, tonight
from clinic.visits.rules import RoomClosed, VisitReason
from tests.desk import DeskClient, HiddenFields
from tests.factories import (
    create_clinic,
    create_patient,
    create_point,
    create_user,
    create_visit,
    point_of,
    scope_of,
    sign_in,
)

SKIN = {"kind": "SPECIALTY", "code": "derm", "name_en": "Skin", "name_tr": "Cildiye", "name_ar": "الجلدية", "room": "9"}


@pytest.fixture
def administrator(app: Flask, client: DeskClient) -> Scope:
    with app.app_context():
        create_clinic()
        person = scope_of(create_user(create_clinic(), Role.ADMINISTRATOR))
    sign_in(client, person)
    return person


def hidden(page: str, key: str) -> dict[str, str]:
    return dict(HiddenFields(page).forms[f"/rooms/{key}"])


def room_key(scope: Scope, code: str) -> str:
    return db.session.scalars(
        select(ServicePoint.key).where(ServicePoint.site_id == scope.site_id, ServicePoint.code == code)
    ).one()


def test_a_room_of_a_new_specialty_opens_that_specialty_at_this_site_alone(
    app: Flask, client: DeskClient, administrator: Scope
) -> None:
    assert client.submit("/rooms/new", SKIN, to="/rooms/new").location == "/rooms"
    assert "Skin" in client.get("/rooms").get_data(as_text=True)
    with app.app_context():
        assert [desk.specialty_code for desk in list_desks(administrator)][-1] == "DERM"
        assert db.session.get_one(Specialty, "DERM").name_tr == "Cildiye"
        other = db.session.scalars(select(ServicePoint.site_id).where(ServicePoint.code == "DERM")).all()
        assert other == [administrator.site_id]


def test_a_room_sent_twice_is_opened_once(app: Flask, client: DeskClient, administrator: Scope) -> None:
    page = client.get("/rooms/new").get_data(as_text=True)
    token, key = (page.split(f'name="{name}"')[1].split('value="')[1].split('"')[0] for name in ("csrf_token", "op"))
    for _ in range(2):
        assert client.post("/rooms/new", data=SKIN | {"csrf_token": token, "op": key}).location == "/rooms"
    with app.app_context():
        assert len(db.session.scalars(select(ServicePoint).where(ServicePoint.code == "DERM")).all()) == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"code": "GP"}, "Another room has that short name."),
        ({"code": "ج1"}, "Write 2 to 10 Latin letters or digits"),
        ({"kind": ""}, "What is done there"),
        ({"name_en": ""}, "Name in English"),
    ],
)
def test_a_room_that_cannot_be_is_refused_with_all_that_was_typed(
    client: DeskClient, administrator: Scope, wrong: dict[str, str], words: str
) -> None:
    answer = client.submit("/rooms/new", SKIN | wrong, to="/rooms/new")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in page
    assert 'value="الجلدية"' in page


def test_a_closed_room_takes_nobody_new_and_who_waits_there_is_still_served(
    app: Flask, client: DeskClient, administrator: Scope
) -> None:
    with app.app_context():
        gp, key = point_of(administrator.site_id, "GP"), room_key(administrator, "GP")
        waits = create_visit(administrator, create_patient(administrator).id, gp).id
    told = {"name_en": "General", "name_tr": "", "name_ar": "", "room": "1"}
    assert client.submit(f"/rooms/{key}", told, to=f"/rooms/{key}").location == "/rooms"
    assert "closed" in client.get("/rooms").get_data(as_text=True)
    with app.app_context():
        assert [row.visit_id for row in board(administrator, gp)] == [waits]
        closed = next(queue for queue in tonight(administrator).queues if queue.specialty_code == "GP")
        assert (closed.is_open, closed.waiting) == (False, 1)
        assert "GP" not in [queue.specialty_code for queue in tonight(administrator).choices]
        person = create_patient(administrator).id
        with pytest.raises(RoomClosed), transaction():
            visits.check_in(administrator, patient_id=person, point_id=gp, reason=VisitReason.NEW_PROBLEM)
        assert db.session.get_one(ServicePoint, gp).name_tr == "General"
    client.submit(f"/rooms/{key}", told | {"is_open": "y"}, to=f"/rooms/{key}")
    with app.app_context():
        assert "GP" in [queue.specialty_code for queue in tonight(administrator).choices]


def test_the_one_room_that_everybody_goes_through_is_neither_closed_nor_opened_twice(
    app: Flask, client: DeskClient, administrator: Scope
) -> None:
    with app.app_context():
        key = room_key(administrator, "TRIAGE")
    shut = {"name_en": "Triage", "room": "T", "is_open": ""}
    answer = client.submit(f"/rooms/{key}", shut, to=f"/rooms/{key}")
    assert answer.status_code == 422
    assert "Everybody goes through here" in answer.get_data(as_text=True)
    second = client.submit("/rooms/new", SKIN | {"kind": "TRIAGE", "code": "T2"}, to="/rooms/new")
    assert second.status_code == 422
    assert "There is one already" in second.get_data(as_text=True)
    with app.app_context():
        assert db.session.scalars(
            select(ServicePoint.is_open).where(
                ServicePoint.site_id == administrator.site_id, ServicePoint.kind == PointKind.TRIAGE
            )
        ).all() == [True]


@pytest.mark.postgres
def test_the_database_refuses_a_second_pharmacy_at_a_site(app: Flask) -> None:
    with app.app_context():
        site = create_clinic()
        create_point(create_clinic(), PointKind.SPECIALTY)
        with pytest.raises(IntegrityError):
            create_point(site, PointKind.PHARMACY)


def test_a_room_that_a_colleague_changed_meanwhile_is_shown_beside_what_was_typed(
    app: Flask, client: DeskClient, administrator: Scope
) -> None:
    with app.app_context():
        key = room_key(administrator, "GP")
    open_one = {"name_en": "General", "name_tr": "Genel", "name_ar": "العام", "room": "1", "is_open": "y"}
    page = client.get(f"/rooms/{key}").get_data(as_text=True)
    client.submit(f"/rooms/{key}", open_one | {"name_en": "Faster"}, to=f"/rooms/{key}")
    answer = client.post(f"/rooms/{key}", data=hidden(page, key) | open_one)
    both = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Faster" in both
    assert 'value="General"' in both
    assert client.post(f"/rooms/{key}", data=hidden(both, key) | open_one).location == "/rooms"
    with app.app_context():
        assert db.session.get_one(ServicePoint, point_of(administrator.site_id, "GP")).name_en == "General"


def test_a_specialty_is_called_as_its_only_room_and_keeps_its_name_where_another_site_practises_it(
    app: Flask, client: DeskClient, administrator: Scope
) -> None:
    client.submit("/rooms/new", SKIN, to="/rooms/new")
    told = {"name_en": "Skin and hair", "name_tr": "Cildiye", "name_ar": "الجلدية", "room": "9", "is_open": "y"}
    for code in ("DERM", "GP"):
        with app.app_context():
            key = room_key(administrator, code)
        client.submit(f"/rooms/{key}", told, to=f"/rooms/{key}")
    with app.app_context():
        assert db.session.get_one(Specialty, "DERM").name_en == "Skin and hair"
        assert db.session.get_one(Specialty, "GP").name_en == "GP"
        written = select(AuditEvent.table_name).where(AuditEvent.row_key == "DERM", AuditEvent.act != "READ")
        assert set(db.session.scalars(written)) >= {"specialty"}

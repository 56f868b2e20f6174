from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader

from clinic.auth.roles import Role
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from inventory.assets.models import Asset
from inventory.assets.queries import list_happened
from inventory.assets.rules import Operability, Whereabouts
from tests.desk import DeskClient
from tests.factories import create_clinic, create_user, scope_of, sign_in
from tests.inventory.assets.things import create_asset


@pytest.fixture
def logistics(app: Flask, client: DeskClient) -> Scope:
    with app.app_context():
        create_asset(scope_of(create_user(create_clinic(), Role.LOGISTICS)), item_en="Noise from next door")
        person = scope_of(create_user(create_clinic(), Role.LOGISTICS))
    sign_in(client, person)
    return person


def test_register(app: Flask, client: DeskClient, logistics: Scope) -> None:
    with app.app_context():
        for number in range(30):
            create_asset(logistics, location=f"Room {number % 2}")
        dear = create_asset(
            logistics, unit_price_eur="5000", line_total_eur="5000", orig_unit_price="16000", item_en="Ultrasound"
        )
    page = client.get("/equipment").get_data(as_text=True)
    assert "31 records" in page
    assert "35,000.00" in page
    assert "−185,000.00 EUR from the estimate" in page
    assert "Noise" not in page
    assert page.count("data-item") == 25
    assert "16 records" in client.get("/equipment?place=Room+1").get_data(as_text=True)
    assert "1 record" in client.get("/equipment?dear=1").get_data(as_text=True)
    assert "No equipment is found by this." in client.get("/equipment?title=TRANSFERRED").get_data(as_text=True)
    found = client.submit("/equipment", {"words": "ultra"}, to="/equipment/search")
    assert dear.tag in client.get(found.location).get_data(as_text=True)
    assert "ultra" not in found.location


def _act(client: DeskClient, asset: Asset, act: str, told: dict[str, str]) -> tuple[int, str]:
    answer = client.submit(f"/equipment/{asset.key}", told, to=f"/equipment/{asset.key}/{act}")
    return answer.status_code, answer.get_data(as_text=True)


def test_what_happens_to_a_thing_is_written_down_with_who_and_why(
    app: Flask, client: DeskClient, logistics: Scope
) -> None:
    with app.app_context():
        asset = create_asset(logistics)
    assert _act(client, asset, "state", {"becomes": "IN_SERVICE", "because": "installed"})[0] == 302
    assert _act(client, asset, "missing", {"told": "not in room 1, all looked"})[0] == 302
    assert _act(client, asset, "place", {"place": "Room 2", "reason": "found there"})[0] == 302
    with app.app_context():
        now = db.session.get_one(Asset, asset.id)
        assert (now.operability, now.whereabouts, now.place) == (Operability.IN_SERVICE, Whereabouts.IN_PLACE, "Room 2")
        told = [(one.axis, one.was, one.became, one.because) for one in list_happened(asset.id)]
    assert told == [
        ("place", "Room 1", "Room 2", "found there"),
        ("whereabouts", "IN_PLACE", "MISSING", "not in room 1, all looked"),
        ("operability", "NEW", "IN_SERVICE", "installed"),
    ]


def test_a_change_that_does_not_occur_and_one_without_a_reason_are_refused_with_what_was_typed(
    app: Flask, client: DeskClient, logistics: Scope
) -> None:
    with app.app_context():
        asset = create_asset(logistics)
    status, page = _act(client, asset, "state", {"becomes": "IN_REPAIR", "because": "broken lamp"})
    assert status == 422
    assert "broken lamp" in page
    assert _act(client, asset, "place", {"place": "Room 1", "reason": "tidied up"})[0] == 422
    assert _act(client, asset, "place", {"place": "Room 9", "reason": ""})[0] == 422
    with app.app_context():
        assert list_happened(asset.id) == []


def test_who_is_late_overwrites_nothing(app: Flask, client: DeskClient, logistics: Scope) -> None:
    with app.app_context():
        asset = create_asset(logistics)
    _act(client, asset, "state", {"becomes": "FAULT", "because": "lamp"})
    status, _page = _act(client, asset, "state", {"becomes": "IN_SERVICE", "because": "late", "version": "1"})
    assert status == 422
    with app.app_context():
        assert db.session.get_one(Asset, asset.id).operability is Operability.FAULT


def test_each_record_has_a_tag_with_its_number(app: Flask, client: DeskClient, logistics: Scope) -> None:
    with app.app_context():
        tags = [create_asset(logistics, location="Room 7").tag for _ in range(3)]
        create_asset(logistics)
    pages = PdfReader(BytesIO(client.get("/equipment/tags.pdf?place=Room+7").data)).pages
    assert [next(tag for tag in tags if tag in page.extract_text()) for page in pages] == tags

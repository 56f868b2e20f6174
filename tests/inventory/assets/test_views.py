import re
from io import BytesIO

import pytest
from flask import Flask
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import func, select

from clinic.auth.roles import Role
from clinic.kernel import i18n
from clinic.kernel.access import Scope
from clinic.kernel.db import db, transaction
from inventory.agreements.models import Agreement
from inventory.agreements.services import open_agreement
from inventory.assets.models import Asset, AssetEvidence
from inventory.assets.queries import list_happened
from inventory.assets.rules import Operability, Whereabouts
from inventory.assets.words import bought
from tests.desk import DeskClient, HiddenFields, send_files
from tests.factories import create_clinic, create_user, scope_of, sign_in
from tests.inventory.assets.things import AGREEMENT, create_asset


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
    assert _act(client, asset, "state", {"becomes": "IN_SERVICE", "because": "installed"})[0] == 303
    assert _act(client, asset, "missing", {"told": "not in room 1, all looked"})[0] == 303
    assert _act(client, asset, "place", {"place": "Room 2", "reason": "found there"})[0] == 303
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


def _put_on_file(client: DeskClient, asset: Asset, **fields: str | bytes) -> tuple[int, str]:
    path = f"/equipment/{asset.key}/evidence"
    hidden = HiddenFields(client.get(f"/equipment/{asset.key}").get_data(as_text=True)).forms[path]
    answer = send_files(client, path, {**hidden, **fields})
    return answer.status_code, answer.get_data(as_text=True)


def _picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "JPEG")
    return out.getvalue()


def test_a_record_is_ready_once_both_its_photos_are_on_file(app: Flask, client: DeskClient, logistics: Scope) -> None:
    with app.app_context():
        asset = create_asset(logistics)
    page = f"/equipment/{asset.key}"
    assert f"{asset.tag} has no photo of its nameplate" in client.get(page).get_data(as_text=True)
    for kind in ("PHOTO", "NAMEPLATE"):
        assert _put_on_file(client, asset, kind=kind, file=_picture(), note="front")[0] == 303
    words = client.get(page).get_data(as_text=True)
    assert ("Ready to be handed over." in words, "no photo" in words) == (True, False)
    [address, _] = sorted(set(re.findall(rf"{page}/evidence/[\w-]+", words)))
    picture = client.get(address)
    assert (picture.mimetype, picture.data[:3]) == ("image/jpeg", b"\xff\xd8\xff")


def test_a_document_is_given_out_to_be_saved_and_the_newest_counts(
    app: Flask, client: DeskClient, logistics: Scope
) -> None:
    with app.app_context():
        asset = create_asset(logistics, calibration_interval_months="12")
    for day in ("3.3.2026", "4.3.2026"):
        paper = f"%PDF-1.7 {day}\n%%EOF\n".encode()
        assert _put_on_file(client, asset, kind="CALIBRATION", file=paper, dated_on=day)[0] == 303
    words = client.get(f"/equipment/{asset.key}").get_data(as_text=True)
    assert "Calibrated until 04.03.2027" in words
    [address] = set(re.findall(rf"/equipment/{asset.key}/evidence/[\w-]+", words))
    given = client.get(address)
    assert (b"4.3.2026" in given.data, given.headers["Content-Disposition"][:10]) == (True, "attachment")


def test_what_does_not_show_it_is_refused_and_what_was_typed_stays(
    app: Flask, client: DeskClient, logistics: Scope
) -> None:
    with app.app_context():
        asset = create_asset(logistics)
    whole = b"%PDF-1.7\n%%EOF\n"
    for fields, words in (
        ({"kind": "NAMEPLATE", "file": whole}, "A photo is needed here, no document."),
        ({"kind": "CALIBRATION", "file": whole}, "Write the day of the calibration."),
        ({"kind": "PROOF", "file": b"MZ"}, "not a photo that can be read"),
        ({"kind": "PROOF"}, "A file is needed here."),
    ):
        status, page = _put_on_file(client, asset, note="by the door", **fields)
        assert (status, words in page, "by the door" in page) == (422, True, True)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(AssetEvidence)) == 0


def test_the_strip_is_held_against_what_paid_for_the_register_alone(
    app: Flask, client: DeskClient, logistics: Scope
) -> None:
    with app.app_context(), transaction():
        open_agreement(
            code="OTHER",
            title="Of another organisation",
            donor="Somebody",
            rate_policy="",
            estimate_cents=1_000_000_00,
            budget_cents=1_000_000_00,
            threshold_cents=0,
        )
    assert "from the estimate" not in client.get("/equipment").get_data(as_text=True)
    with app.app_context():
        create_asset(logistics)
        with transaction() as session:
            [paid] = session.scalars(select(Agreement).where(Agreement.code == AGREEMENT))
            paid.estimate_cents = 1000_00
    assert "exactly the estimate, 1,000.00 EUR" in client.get("/equipment").get_data(as_text=True)


def test_a_price_of_another_currency_keeps_its_order_in_an_arabic_sentence(app: Flask, logistics: Scope) -> None:
    with app.app_context():
        asset = create_asset(logistics)
        with i18n.in_language("ar"):
            words = bought(asset)
    assert words.startswith("\u2068TRY 3,200.00\u2069")
    assert "\u2068InforEuro, month of payment\u2069" in words

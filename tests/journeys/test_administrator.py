"""The administrator by keyboard alone: opens a room, then an account, and lets a doctor practise there."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from clinic.auth.models import User
from clinic.auth.roles import Role
from clinic.kernel.db import db
from clinic.specialties.queries import list_practised
from tests.browser import served
from tests.factories import create_clinic, create_user
from tests.journeys.keys import sit_down, tab_to

pytestmark = pytest.mark.journey


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with served(app) as address:
        yield address


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_room_and_its_doctor_come_to_be(app: Flask, page: Page, address: str, language: str) -> None:
    with app.app_context():
        create_user(create_clinic(), Role.ADMINISTRATOR, username="deniz", language=language)
    sit_down(page, address, "deniz")
    page.goto(f"{address}/rooms")
    page.keyboard.press("F2")
    page.wait_for_url("**/rooms/new")
    tab_to(page, "[name=kind]")
    page.keyboard.press("ArrowRight" if language == "en" else "ArrowLeft")
    for field, words in (("name_en", "Skin"), ("name_tr", "Cildiye"), ("name_ar", "الجلدية"), ("room", "9")):
        tab_to(page, f"[name={field}]")
        page.keyboard.type(words)
    tab_to(page, "[name=code]")
    page.keyboard.type("derm")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("DERM")).to_be_visible()
    page.goto(f"{address}/accounts")
    page.keyboard.press("F2")
    page.wait_for_url("**/accounts/new")
    tab_to(page, "[name=username]")
    page.keyboard.type("noor")
    tab_to(page, "[name=name_latin]")
    page.keyboard.type("Dr Noor")
    tab_to(page, "[name=roles][value=DOCTOR]")
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    expect(page.locator("main")).to_contain_text("noor")
    with app.app_context():
        doctor = db.session.scalars(select(User).where(User.username == "noor")).one()
        key, user_id = doctor.key, doctor.id
    page.goto(f"{address}/specialties/{key}")
    tab_to(page, "[name=practised][value=DERM]")
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".saved")).to_be_visible()
    with app.app_context():
        assert list_practised(user_id) == ["DERM"]

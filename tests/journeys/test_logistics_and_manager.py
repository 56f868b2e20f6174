"""Two desks by keyboard alone: equipment is found and put into service; the evening is closed and the month read."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from clinic.auth.roles import Role
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.reports.rules import month_of
from clinic.sites.models import Site
from inventory.assets.models import Asset
from inventory.assets.rules import Operability
from tests.browser import served
from tests.clinic.reports.months import see
from tests.factories import (
    EVENING,
    create_clinic,
    create_patient,
    create_user,
    create_visit,
    point_of,
    scope_of,
)
from tests.inventory.assets.things import create_asset
from tests.journeys.keys import sit_down, tab_to

pytestmark = [pytest.mark.journey, pytest.mark.parametrize("language", ["en", "ar"])]


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with served(app) as address:
        yield address


def _employ(app: Flask, language: str, role: Role, name: str) -> Scope:
    with app.app_context():
        site = create_clinic()
        return scope_of(create_user(site, role, username=name, language=language))


def test_a_machine_is_found_by_a_word_and_put_into_service(app: Flask, page: Page, address: str, language: str) -> None:
    logistics = _employ(app, language, Role.LOGISTICS, "levent")
    with app.app_context():
        create_asset(logistics)
        wanted = create_asset(logistics, item_en="Ultrasound machine", item_ar="جهاز أمواج فوق صوتية")
    sit_down(page, address, "levent")
    expect(page.locator("#words")).to_be_focused()
    page.keyboard.type("أمواج" if language == "ar" else "ultra")
    page.keyboard.press("Enter")
    page.wait_for_url("**/equipment?found=*")
    expect(page.locator("[data-item]")).to_have_count(1)
    tab_to(page, "[data-item]")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/equipment/{wanted.key}")
    tab_to(page, "[name=becomes]")
    page.keyboard.press("Space")
    tab_to(page, "[name=because]")
    page.keyboard.type("installed")
    page.keyboard.press("Enter")
    expect(page.locator("[role=status].saved")).to_be_visible()
    with app.app_context():
        assert db.session.get_one(Asset, wanted.id).operability is Operability.IN_SERVICE


def test_the_evening_is_closed_with_its_reason_and_a_figure_of_the_month_opened(
    app: Flask, page: Page, address: str, language: str
) -> None:
    manager = _employ(app, language, Role.MANAGER, "melis")
    with app.app_context():
        doctor = scope_of(create_user(db.session.get_one(Site, manager.site_id), Role.DOCTOR))
        see(doctor, create_patient(doctor).id, EVENING.date().replace(day=2))
        create_visit(doctor, create_patient(doctor).id, point_of(doctor.site_id, "GP"))
    sit_down(page, address, "melis")
    page.goto(f"{address}/tonight")
    tab_to(page, "a[href='/tonight/closing']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tonight/closing")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#errors")).to_be_focused()
    tab_to(page, "[name=because]")
    page.keyboard.type("They come back tomorrow evening")
    page.keyboard.press("Control+Enter")
    expect(page.locator("a[href='/tonight/closing.pdf']")).to_be_visible()
    page.goto(f"{address}/reports")
    tab_to(page, f"a[href^='/reports/consultations/{month_of(EVENING.date()).code}/rows']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/rows?*")
    expect(page.locator("tbody tr")).to_have_count(1)

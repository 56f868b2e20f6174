"""The nurse begins the doctor's note and signs a contact of her own, by keyboard alone; the doctor takes it over."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from clinic.auth.models import User
from clinic.kernel import clock
from clinic.kernel.db import transaction
from tests.browser import listen, served
from tests.clinic.consultations.evening import open_clinic
from tests.factories import EVENING
from tests.journeys.keys import sit_down, tab_to, type_at
from tests.walks.world import place_key

pytestmark = [pytest.mark.journey, pytest.mark.parametrize("language", ["en", "ar"])]
COMPLAINT = "سعال منذ أربعة أيام"


@pytest.fixture
def address(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with monkeypatch.context() as patched:
        # the threads of the server read the machine's clock, moved
        patched.setattr(clock, "_frozen", type(clock._frozen)("unfrozen", default=None))
        patched.setattr(clock, "_offset", timedelta(0))
        patched.setattr(clock, "_offset", EVENING - clock.now())
        with served(app) as address:
            yield address


def test_what_the_nurse_begins_is_taken_over_by_one_key_and_her_contact_stands_in_the_chart(
    app: Flask, browser: Browser, page: Page, address: str, language: str
) -> None:
    with app.app_context():
        clinic = open_clinic()
        seen = clinic.arrive()
        triage = place_key(seen.visit_id, "TRIAGE")
        with transaction() as session:
            for name, scope in (("nurse", clinic.nurse), ("doctor", clinic.doctor)):
                user = session.get_one(User, scope.user_id)
                user.username, user.language = name, language
    complaints = listen(page)
    sit_down(page, address, "nurse")
    page.goto(f"{address}/triage/{triage}")
    type_at(page, "#temperature", "36.7")
    tab_to(page, "details:has([name=complaint]) > summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    type_at(page, "[name=complaint]", COMPLAINT)
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"{address}/triage")
    page.goto(f"{address}/triage/{triage}")
    with page.expect_navigation():
        page.keyboard.press("Alt+k")
    tab_to(page, "[name=kind]")
    page.keyboard.press("Space")
    tab_to(page, "[name=text]")
    page.keyboard.type("Wound clean, dressed")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    expect(page.locator(".story")).to_contain_text("Wound clean, dressed")

    with app.app_context():
        clinic.call(seen)
    desk = browser.new_context().new_page()
    sit_down(desk, address, "doctor")
    desk.goto(f"{address}/desk/{seen.visit_key}")
    expect(desk.locator(".begun")).to_contain_text(COMPLAINT)
    desk.keyboard.press("Alt+u")
    expect(desk.locator("#desk [name=complaint]")).to_have_value(COMPLAINT)
    desk.goto(f"{address}/desk/{seen.visit_key}/nursing")
    expect(desk.locator(".story")).to_contain_text("Wound clean, dressed")
    desk.context.close()
    assert complaints == []

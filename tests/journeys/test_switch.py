"""A shared PC in a real browser: enrolled by the administrator, then one colleague after another by badge and PIN."""

from time import monotonic

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect

from clinic.auth.roles import Role
from clinic.auth.services import badges
from clinic.kernel.db import transaction
from tests.browser import listen, served
from tests.factories import PASSWORD, create_clinic, create_user, scope_of
from tests.journeys.keys import type_at

pytestmark = pytest.mark.journey

PIN = "402957"


def scan(page: Page, number: str) -> None:
    """Read a badge as a scanner does: its number and Enter, and the answer is waited for."""
    with page.expect_navigation():
        type_at(page, "[name=badge-badge]", f"{number}\n")


def tell(page: Page, pin: str) -> None:
    """Type a PIN and Enter, and wait for the answer."""
    with page.expect_navigation():
        type_at(page, "[name=badge-pin]", f"{pin}\n")


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{one['id']} ({one['impact']}): {node['html'][:120]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_next_person_sits_down_within_five_seconds_by_badge_and_pin_alone(
    app: Flask, page: Page, language: str
) -> None:
    numbers = {}
    with app.app_context():
        site = create_clinic()
        admin = create_user(site, Role.ADMINISTRATOR, username="admin", language=language)
        for role in (Role.NURSE, Role.DOCTOR):
            user = create_user(site, role, username=role.value.lower(), language=language)
            numbers[role] = badges.new_badge_number()
            with transaction():
                badges.give_badge(scope_of(admin), user.key, number=numbers[role])
                badges.choose_pin(user.id, password=PASSWORD, pin=PIN)
    complaints = listen(page)
    with served(app) as address:
        page.goto(f"{address}/sign-in")
        page.fill("[name=username]", "admin")
        page.fill("[name=password]", PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.goto(f"{address}/computers")
        page.fill("[name=name]", "Room 2")
        page.keyboard.press("Control+Enter")
        expect(page.locator("[role=status].saved")).to_be_visible()
        assert violations(page) == []
        page.locator("details.who summary").click()
        page.locator("form[action='/sign-out'] button").click()
        expect(page.locator("[name=badge-badge]")).to_be_focused()

        scan(page, numbers[Role.NURSE])
        tell(page, PIN)
        expect(page).to_have_url(f"{address}/triage")
        page.locator("details.who summary").click()
        page.locator("form[action='/lock'] button").click()
        expect(page.locator("[name=badge-badge]")).to_be_focused()
        assert violations(page) == []

        began = monotonic()
        scan(page, numbers[Role.DOCTOR])
        tell(page, PIN)
        expect(page).to_have_url(f"{address}/desk")
        assert monotonic() - began < 5

        page.goto(f"{address}/badge")
        scan(page, "12345")
        expect(page.locator("[name=badge-badge]")).to_be_focused()
        scan(page, numbers[Role.NURSE])
        tell(page, "111222")
        expect(page.locator("[name=badge-pin]")).to_be_focused()
        assert violations(page) == []
        tell(page, PIN)
        expect(page).to_have_url(f"{address}/triage")
    assert complaints == []

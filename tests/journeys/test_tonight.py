"""The manager's board refreshes itself under whoever reads it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from clinic.auth.roles import Role
from clinic.kernel.access import Scope
from tests.browser import served
from tests.factories import PASSWORD, create_clinic, create_patient, create_user, create_visit, point_of, scope_of

pytestmark = pytest.mark.journey


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with served(app) as address:
        yield address


def _arrive(app: Flask, registrar: Scope) -> None:
    with app.app_context():
        create_visit(registrar, create_patient(registrar).id, point_of(registrar.site_id, "GP"))


def test_a_table_that_is_read_stays_open_and_keeps_the_focus_while_its_figures_change(
    app: Flask, page: Page, address: str
) -> None:
    with app.app_context():
        site = create_clinic()
        create_user(site, Role.MANAGER, username="melis")
        registrar = scope_of(create_user(site, Role.REGISTRAR))
    page.clock.install()
    page.goto(f"{address}/sign-in")
    page.get_by_role("textbox").first.fill("melis")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.goto(f"{address}/tonight")
    table = page.locator("#figures-waits")
    table.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(table.get_by_role("table")).to_be_visible()
    with ThreadPoolExecutor() as beside:  # where the clock is the server's, not the test's
        beside.submit(_arrive, app, registrar).result()
    page.clock.fast_forward(31_000)
    expect(page.locator("#tonight-head")).to_contain_text("1 waiting")
    expect(table.get_by_role("table")).to_be_visible()
    expect(table.locator("summary")).to_be_focused()

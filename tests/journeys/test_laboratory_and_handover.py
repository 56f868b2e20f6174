"""Two ways through several desks by keyboard alone: blood from the doctor and back; a machine to its new keeper."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from clinic.auth.models import User
from clinic.auth.roles import Role
from clinic.consultations import services as consultations
from clinic.kernel.audit import acting_as
from clinic.kernel.db import db, transaction
from clinic.sites.models import Site
from inventory.handovers.services import finish_seal
from tests import factories
from tests.browser import listen, served
from tests.clinic.consultations.evening import content, open_clinic
from tests.clinic.lab.bench import list_laboratory_tests
from tests.inventory.handovers.table import Table, open_table
from tests.journeys.keys import sit_down, tab_to, type_at

pytestmark = [pytest.mark.journey, pytest.mark.parametrize("language", ["en", "ar"])]


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with served(app) as address:
        yield address


def go_on(page: Page) -> None:
    """Press the one loud button of a page, and wait until its answer is whole."""
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")


def test_blood_is_drawn_answered_verified_and_read_at_the_same_open_note(
    app: Flask, browser: Browser, page: Page, address: str, language: str
) -> None:
    with app.app_context():
        list_laboratory_tests()
        clinic = open_clinic()
        site = db.session.get_one(Site, clinic.doctor.site_id)
        factories.create_user(site, Role.LABORATORY, username="bench", language=language)
        seen = clinic.called(birth_year=1990, birth_month=3, birth_day=1)
        with transaction() as session, acting_as(clinic.doctor.user_id):
            consultations.keep_draft(clinic.doctor, seen.visit_key, content("J00"), seen=0)
            doctor = session.get_one(User, clinic.doctor.user_id)
            doctor.username, doctor.language = "doctor", language
    complaints = listen(page)
    sit_down(page, address, "doctor")
    page.goto(f"{address}/desk/{seen.visit_key}/tests")
    tab_to(page, "#test-HGB")
    page.keyboard.press("Space")
    go_on(page)
    expect(page.locator("[role=status].saved")).to_be_visible()

    bench = browser.new_context().new_page()
    sit_down(bench, address, "bench")
    bench.wait_for_url("**/laboratory")
    for _ in range(3):  # open the first, note it as taken, receive it
        go_on(bench)
    type_at(bench, "input[name^=value-]", "٩٫٥")
    go_on(bench)
    expect(bench.locator("main .look").first).to_be_visible()
    go_on(bench)
    bench.context.close()

    page.goto(f"{address}/desk/{seen.visit_key}")
    expect(page.locator(".panel-look bdi", has_text="9.5")).to_be_visible()
    with page.expect_navigation():
        page.keyboard.press("Alt+w")
    expect(page.locator(".panel-look")).to_have_count(0)
    assert complaints == []


def test_a_machine_goes_from_a_draft_through_everybodys_hands_to_its_new_keeper(
    app: Flask, browser: Browser, page: Page, address: str, language: str
) -> None:
    with app.app_context():
        table = open_table(factories.create_clinic())
        key = table.draft(count=2)
        tags = [thing.tag for thing in table.assets(key)]
        names = _speak(table, language)
    app.config["CLINIC"] = replace(app.config["CLINIC"], verify_url=address)
    path = f"{address}/handovers/{key}"

    def at(role: Role) -> Page:
        desk = browser.new_context().new_page()
        sit_down(desk, address, names[role])
        desk.goto(path)
        return desk

    for role, times in ((Role.LOGISTICS, 1), (Role.FINANCE, 1), (Role.PROJECT_LEAD, 1)):
        desk = at(role)
        for _ in range(times):
            go_on(desk)
        desk.context.close()
    desk = at(Role.INSPECTOR)
    for tag in tags:
        type_at(desk, "[name=tag]", tag)
        tab_to(desk, "[name=grade]")
        desk.keyboard.type("B")
        tab_to(desk, "[name=erasure]")
        desk.keyboard.press("ArrowDown")
        go_on(desk)
    desk.context.close()
    desk = at(Role.LOGISTICS)
    go_on(desk)
    with app.app_context():
        finish_seal(key)  # what the worker beside the server does
    desk.context.close()
    for role in (Role.GIVER, Role.CUSTODIAN):
        desk = at(role)
        go_on(desk)
        desk.context.close()
    complaints = listen(page)
    sit_down(page, address, names[Role.RECEIVER])
    page.goto(path)
    tab_to(page, "[name=username]")
    page.keyboard.type(names[Role.MANAGER])
    page.keyboard.press("Tab")
    type_at(page, "[name=secret]", factories.PASSWORD)
    go_on(page)
    expect(page.locator("[role=status].saved")).to_be_visible()
    assert complaints == []
    with app.app_context():
        assert [thing.custodian != "" for thing in table.assets(key)] == [True, True]


def _speak(table: Table, language: str) -> dict[Role, str]:
    """Let everybody read the language of the test, and return the account names; the second receiver's as MANAGER's."""
    people = {**table.scopes, Role.RECEIVER: table.receiver, Role.MANAGER: table.second}
    with transaction() as session:
        for scope in people.values():
            session.get_one(User, scope.user_id).language = language
    return {role: table.username(scope) for role, scope in people.items()}

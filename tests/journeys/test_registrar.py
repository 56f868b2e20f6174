"""The registrar's evening in a real browser: by keys alone, in two directions, and without a script."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from clinic.auth.roles import Role
from clinic.kernel.db import db
from clinic.patients.models import Patient
from clinic.patients.rules import Sex
from tests.browser import listen, served
from tests.factories import PASSWORD, create_clinic, create_user, register_patient, scope_of
from tests.journeys.keys import type_at

pytestmark = pytest.mark.journey

COUNT_PRINTS = "window.printed = 0; window.print = () => { window.printed += 1; };"


@dataclass
class Clinic:
    """A clinic that a browser reaches, with a mother and her child on file."""

    address: str
    mother: str

    def sign_in(self, page: Page, username: str = "meryem") -> None:
        """Sit down at the registrar's desk."""
        page.goto(f"{self.address}/sign-in")
        page.locator("[name=username]").fill(username)
        page.locator("[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{self.address}/registration")


@pytest.fixture
def clinic(app: Flask) -> Iterator[Clinic]:
    with app.app_context():
        site = create_clinic()
        for username, language in (("meryem", "en"), ("omar", "ar")):
            registrar = create_user(site, Role.REGISTRAR, username=username, language=language)
        scope = scope_of(registrar)
        mother_id = register_patient(
            scope, "فاطمة", "الحريري", other_spelling="Fatima Al-Hariri", born="1990", sex=Sex.FEMALE
        )
        mother = db.session.get_one(Patient, mother_id).key
        register_patient(scope, "ليان", "الحريري", other_spelling="Layan Al-Hariri", born="2019", relative_key=mother)
        register_patient(scope, "Omar", "Haddad", born="1970", numbers=("99123456740",))
    with served(app) as address:
        yield Clinic(address, mother)


def visit(page: Page, address: str) -> None:
    """Open a page and wait until its letters are there too: a font cut off in the middle is a file left open."""
    page.goto(address)
    page.evaluate("document.fonts.ready.then(() => true)")


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{one['id']} ({one['impact']}): {node['html'][:160]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("username", ["meryem", "omar"])
def test_two_enters_check_a_returning_person_in_and_the_slip_prints_once(
    page: Page, clinic: Clinic, username: str
) -> None:
    complaints = listen(page)
    page.add_init_script(COUNT_PRINTS)
    clinic.sign_in(page, username)
    type_at(page, "[name=words]", "hariri layan")
    page.keyboard.press("Enter")
    expect(page.locator("[data-item]").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("button[form=checkin]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".slip-number")).to_have_text("1")
    expect(page.locator("[name=words]")).to_be_focused()
    assert page.evaluate("window.printed") == 1
    page.reload()
    expect(page.locator(".slip-number")).to_have_text("1")
    assert page.evaluate("window.printed") == 0
    assert complaints == []


def test_a_number_typed_whole_needs_no_choice(page: Page, clinic: Clinic) -> None:
    clinic.sign_in(page)
    type_at(page, "[name=words]", "99123456740")
    page.keyboard.press("Enter")
    expect(page.locator(".name-large")).to_have_text("Omar Haddad")
    page.keyboard.press("Alt+Digit3")
    expect(page.locator("#point-2")).to_be_checked()
    page.locator("button[form=checkin]").press("Enter")
    expect(page.locator(".slip-number")).to_have_text("1")


def test_back_from_a_person_shows_the_list_again(page: Page, clinic: Clinic) -> None:
    clinic.sign_in(page)
    type_at(page, "[name=words]", "hariri")
    page.keyboard.press("Enter")
    expect(page.locator("[data-item]")).to_have_count(2)
    expect(page.locator("[data-item]").first).to_be_focused()
    found = page.url
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-item]").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".name-large")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(found)
    expect(page.locator("[data-item]")).to_have_count(2)
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


@pytest.mark.parametrize("username", ["meryem", "omar"])
def test_a_new_person_is_asked_about_corrected_and_given_a_number_by_keys_alone(
    page: Page, clinic: Clinic, username: str
) -> None:
    complaints = listen(page)
    clinic.sign_in(page, username)
    page.keyboard.press("F2")
    type_at(page, "[name=given]", "Fatma")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("Hariri")
    page.locator("[name=sex][value=FEMALE]").focus()
    page.keyboard.press("Space")
    page.locator("[name=born]").focus()
    page.keyboard.type("31.04.1990")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#errors")).to_be_focused()
    assert page.locator("[name=born]").input_value() == "31.04.1990"
    page.locator("[name=born]").fill("1990")
    page.keyboard.press("Tab")
    expect(page.locator("#alike section")).to_have_count(1)
    page.keyboard.press("Alt+Digit3")
    page.locator("#alike summary").press("Enter")
    page.locator("[name=because]").fill("She never was here, her mother is Huda")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".slip-number")).to_have_text("1")
    assert complaints == []


def test_what_is_half_typed_is_not_lost_to_a_key(page: Page, clinic: Clinic) -> None:
    clinic.sign_in(page)
    page.keyboard.press("F2")
    page.locator("[name=given]").fill("Fatma")
    page.keyboard.press("Escape")
    expect(page.locator("#leave")).to_be_visible()
    page.locator("#leave [data-close=stay]").press("Enter")
    expect(page.locator("[name=given]")).to_have_value("Fatma")


def screens(clinic: Clinic) -> list[str]:
    return [
        "/registration",
        f"/registration/{clinic.mother}",
        "/registration/new",
        f"/registration/{clinic.mother}/record",
        f"/registration/{clinic.mother}/family",
    ]


@pytest.mark.heavy
@pytest.mark.parametrize(("username", "theme"), [("meryem", "light"), ("omar", "dark")])
def test_every_page_is_accessible_and_breaks_no_policy(
    browser: Browser, clinic: Clinic, username: str, theme: str
) -> None:
    context = browser.new_context(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    page = context.new_page()
    complaints = listen(page)
    clinic.sign_in(page, username)
    for path in screens(clinic):
        visit(page, clinic.address + path)
        assert violations(page) == [], path
    visit(page, f"{clinic.address}/registration")
    type_at(page, "[name=words]", "hariri")
    page.keyboard.press("Enter")
    expect(page.locator("[data-item]").first).to_be_focused()
    assert violations(page) == []
    visit(page, f"{clinic.address}/registration/new")
    page.locator("[name=given]").fill("Fatma")
    page.locator("[name=family]").fill("Hariri")
    page.locator("label[for=sex-1]").click()
    page.locator("[name=born]").fill("1990")
    page.locator("[name=number]").fill("99123456741")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#errors")).to_be_visible()
    expect(page.locator("#alike section")).to_have_count(1)
    assert violations(page) == []
    assert complaints == []
    context.close()


@pytest.mark.heavy
@pytest.mark.parametrize("width", [683, 820, 1366, 1920])
@pytest.mark.parametrize("username", ["meryem", "omar"])
def test_no_page_overflows_sideways(page: Page, clinic: Clinic, width: int, username: str) -> None:
    clinic.sign_in(page, username)
    page.set_viewport_size({"width": width, "height": 900})
    for path in screens(clinic):
        visit(page, clinic.address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_without_a_script_everything_goes_by_pages(browser: Browser, clinic: Clinic) -> None:
    context: BrowserContext = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    clinic.sign_in(page)
    page.locator("[name=words]").fill("layan hariri")
    page.locator("[name=words]").press("Enter")
    page.locator("[data-item]").first.click()
    page.locator("button[form=checkin]").click()
    expect(page.locator(".slip-number")).to_have_text("1")
    visit(page, f"{clinic.address}/registration/new")
    page.locator("[name=given]").fill("Rashid")
    page.locator("label[for=sex]").click()
    page.locator("[form=person][name=only]").click()
    expect(page.locator(".name-large")).to_have_text("Rashid")
    context.close()

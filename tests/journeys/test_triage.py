"""The nurse's evening in a real browser: keyboard alone, with a keypad, and while the queue moves."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from clinic.auth.roles import Role
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.db import transaction
from clinic.visits import queries, services
from clinic.visits.rules import PlaceState, Priority, Vital
from tests.browser import listen, served
from tests.factories import (
    EVENING,
    PASSWORD,
    create_clinic,
    create_patient,
    create_user,
    create_visit,
    point_of,
    scope_of,
)

pytestmark = pytest.mark.journey


@dataclass(frozen=True)
class Evening:
    """Where the browser goes, and who waits for the nurse there: a boy of three, then a man who is very ill."""

    app: Flask
    address: str
    nurse: Scope
    username: str
    boy: str
    man: str

    def row(self, key: str) -> queries.PlaceRow:
        with self.app.app_context():
            return queries.get_place(self.nurse, key)


@pytest.fixture
def at(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Evening]:
    with monkeypatch.context() as patched:
        # the threads of the server read the machine's clock, moved
        patched.setattr(clock, "_frozen", type(clock._frozen)("unfrozen", default=None))
        patched.setattr(clock, "_offset", timedelta(0))
        patched.setattr(clock, "_offset", EVENING - clock.now())
        with app.app_context():
            site = create_clinic()
            user = create_user(site, Role.NURSE, name_latin="Derya Yalın")
            nurse, username = scope_of(user), user.username
            keys = []
            for code, born in (("PED", {"birth_year": 2023, "birth_month": 3, "birth_day": 14}), ("GP", {})):
                patient = create_patient(nurse, **born)
                if born:
                    with clock.frozen(clock.now() - timedelta(days=71)):
                        before = create_visit(nurse, patient.id, point_of(site.id, code))
                        with transaction():
                            services.record_vitals(nurse, before.id, {Vital.WEIGHT: 14_200})
                visit = create_visit(nurse, patient.id, point_of(site.id, code))
                triage = point_of(site.id, "TRIAGE")
                places = queries.list_places(nurse, visit.id)
                keys.append(next(place.key for place in places if place.point_id == triage))
        with served(app) as address:
            yield Evening(app, address, nurse, username, *keys)


def sign_in(page: Page, at: Evening) -> None:
    page.goto(f"{at.address}/sign-in")
    page.locator("[name=username]").fill(at.username)
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{at.address}/triage")


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{one['id']} ({one['impact']}): {node['html'][:120]}" for one in found for node in one["nodes"]]


def test_keyboard_alone_takes_a_child_and_then_a_very_ill_man_from_the_queue_to_the_doctor(
    page: Page, at: Evening
) -> None:
    complaints = listen(page)
    sign_in(page, at)
    assert violations(page) == []
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"{at.address}/triage/{at.boy}")
    assert violations(page) == []
    assert at.row(at.boy).state is PlaceState.CALLED

    expect(page.locator("#weight")).to_be_focused()
    for typed in ("142", "39.4", "32", "128", "95", "151", "94.5"):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    expect(page.locator("#weight-question")).to_contain_text("Did you mean 14.2")
    expect(page.locator("#temperature-said")).to_contain_text("high")
    page.keyboard.press("Tab")  # past the fold of further values
    for _ in range(6):
        page.keyboard.press("ArrowLeft")  # from Present to Absent, as the last of the two
        page.keyboard.press("Tab")
    expect(page.locator("#signs-asked")).to_contain_text("6 of 6 asked")
    expect(page.locator("#how-soon")).to_contain_text("Suggested: Priority (temperature 39.4).")

    page.keyboard.press("Control+Enter")
    make_it = page.get_by_role("button", name="Make it 14.2")
    expect(make_it).to_be_focused()
    assert violations(page) == []
    page.keyboard.press("Enter")
    expect(page.locator("#weight")).to_have_value("14.2")
    page.keyboard.press("Control+Enter")

    page.wait_for_url(f"{at.address}/triage/{at.man}")
    expect(page.get_by_text("No. 1 is saved.")).to_be_visible()
    assert at.row(at.boy).state is PlaceState.DONE
    assert at.row(at.boy).priority is Priority.PRIORITY
    expect(page.locator("#temperature")).to_be_focused()
    for typed in ("39.4", "26", "118", "93", "104", "70"):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")  # oxygen is given: no
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # alert
    expect(page.locator("#how-soon")).to_contain_text("Early-warning score (NEWS2): 10, see at once")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"{at.address}/triage")
    assert at.row(at.man).priority is Priority.EMERGENCY
    assert complaints == []


def test_a_tablets_keys_write_into_the_field_last_touched_and_change_hands(browser: Browser, at: Evening) -> None:
    context = browser.new_context(viewport={"width": 820, "height": 1180}, has_touch=True, is_mobile=True)
    page = context.new_page()
    complaints = listen(page)
    sign_in(page, at)
    page.goto(f"{at.address}/triage/{at.boy}")
    page.locator("#temperature").tap()
    expect(page.locator("#temperature")).to_have_attribute("inputmode", "none")
    for digit in ("3", "9", ".", "5", "erase", "4"):
        page.locator(f'[data-digit="{digit}"]').tap()
    expect(page.locator("#temperature")).to_have_value("39.4")
    expect(page.locator("#temperature-said")).to_contain_text("high")
    page.locator("#temperature").press("1")
    expect(page.locator("#temperature")).to_have_value("39.41")

    side = page.locator(".hand-side")
    before = side.bounding_box()
    page.get_by_role("button", name="Keys to the other hand").tap()
    after = side.bounding_box()
    assert before is not None
    assert after is not None
    assert after["x"] < before["x"]
    page.goto(f"{at.address}/triage/{at.man}")
    assert page.locator(".hand-start").count() == 1
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 820
    assert complaints == []
    context.close()


def test_the_queue_moves_by_itself_and_holds_still_under_the_focus(page: Page, at: Evening) -> None:
    sign_in(page, at)
    page.locator("#board a").first.focus()
    with at.app.app_context(), transaction():
        services.set_priority(at.nurse, at.row(at.man).visit_id, Priority.EMERGENCY)
    with page.expect_response(lambda answer: "x-poll" in answer.request.headers):
        pass
    expect(page.locator("#board tbody tr").first).to_contain_text("3 y 8 m")
    page.locator("#main").focus()
    expect(page.locator("#board tbody tr").first).to_contain_text("Emergency")


def test_without_script_a_sheet_is_filled_asked_about_and_saved(browser: Browser, at: Evening) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, at)
    page.get_by_role("button", name="Call next").click()
    page.locator("#weight").fill("142")
    for sign in ("cannot_drink", "vomits_all", "convulsions", "drowsy", "chest_indrawing", "stiff_neck"):
        page.locator(f"label[for={sign}-1]").click()
    expect(page.locator(".pad")).to_be_hidden()
    page.get_by_role("button", name="Save and send to the doctor").click()
    page.get_by_role("button", name="Make it 14.2").click()
    page.get_by_role("button", name="Save and send to the doctor").click()
    page.wait_for_url(f"{at.address}/triage/{at.man}")
    assert at.row(at.boy).state is PlaceState.DONE
    context.close()

"""One patient through by keyboard alone, from the door to the counter, in two languages.

Each desk is a computer of its own. Keys only: Tab, Enter, Space, arrows, letters, and the keys that the buttons show.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from clinic.auth.models import User
from clinic.consultations.models import Consultation
from clinic.consultations.rules import State
from clinic.demo import load
from clinic.kernel import clock
from clinic.kernel.db import db, transaction
from clinic.patients.models import Patient
from clinic.pharmacy.models import Dispense, DispenseLine
from clinic.visits.models import Observation, Visit
from inventory.stock.queries.ledger import ledger_differences
from tests.browser import listen, served
from tests.journeys.keys import type_at

STEPS = 200
PASSWORD = "demo"
PATIENCE = 20_000


class Desk:
    """Somebody at a keyboard."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.complaints = listen(page)

    def sign_in(self, username: str) -> None:
        self.open("/sign-in")
        self.tab_to("[name=username]")
        self.write(username)
        self.press("Tab")
        self.write(PASSWORD)
        self.press("Enter")
        expect(self.page.locator("nav.tabs")).to_be_visible()

    def open(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")
        self.page.wait_for_load_state("networkidle")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        self.page.keyboard.insert_text(text)

    def answer(self, name: str, text: str) -> None:
        self.tab_to(f"[name={name}], [name$=-{name}]")
        self.write(text)

    def tick(self, selector: str) -> None:
        self.tab_to(selector)
        self.press("Space")

    def tab_to(self, selector: str, *, text: str = "") -> None:
        """Press Tab until the focus stands on what `selector` names and, where given, says `text`."""
        for _ in range(STEPS):
            if self.page.evaluate(
                "([selector, text]) => { const here = document.activeElement;"
                " return here.matches(selector) && here.textContent.includes(text); }",
                [selector, text],
            ):
                return
            self.press("Tab")
        pytest.fail(f"Tab never reaches {selector} {text} on {self.page.url}")

    def follow(self, pattern: str) -> None:
        self.page.wait_for_url(pattern)
        self.page.wait_for_load_state("networkidle")


@contextmanager
def sitting(browser: Browser, address: str, username: str) -> Iterator[Desk]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    desk = Desk(context.new_page(), address)
    desk.sign_in(username)
    yield desk
    assert desk.complaints == []
    context.close()


@pytest.fixture
def evening_in_progress(app: Flask, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[str]:
    """Serve the demo, its clock running on from 18:40, everybody reading the language of the test."""
    monkeypatch.setattr(clock, "_offset", timedelta(0))
    with app.app_context():
        load.load(say=lambda _: None)
        load.open_accounts(PASSWORD)
        with transaction():
            for user in db.session.scalars(select(User)):
                user.language = request.param
    load.start_clock(app)
    with served(app) as address:
        yield address


def register(registrar: Desk) -> None:
    registrar.open("/registration")
    registrar.press("F2")
    registrar.follow("**/registration/new*")
    registrar.answer("given", "فدوى")
    registrar.answer("father", "توفيق")
    registrar.answer("family", "القباني")
    registrar.answer("other_spelling", "Fadwa Kabbani")
    registrar.tick("[name=sex]")
    registrar.answer("born", "1988")
    registrar.press("Alt+1", "Control+Enter")
    registrar.follow("**/registration/number/*")


def measure(nurse: Desk, name: str) -> None:
    nurse.open("/triage")
    nurse.tab_to("main a", text=name)
    nurse.press("Enter")
    nurse.follow("**/triage/*")
    nurse.answer("temperature", "٣٧٫٢")
    nurse.answer("pulse", "80")
    nurse.tick("[name=allergy]")
    nurse.page.wait_for_load_state("networkidle")
    here = nurse.page.url
    nurse.press("Control+Enter")
    nurse.page.wait_for_url(lambda url: url != here)


def see(doctor: Desk, name: str) -> None:
    page = doctor.page
    doctor.open("/desk")
    doctor.tab_to("a", text=name)
    doctor.press("Enter")
    doctor.follow("**/desk/*")
    doctor.press("Control+Enter")
    expect(page.locator("[name=complaint]")).to_be_visible()
    doctor.answer("complaint", "Sore throat, 3 days")
    doctor.press("Alt+g")
    type_at(page, "#diagnosis", "J02")
    expect(page.locator("#diagnosis-hits [data-item]")).to_have_count(1)
    doctor.press("Enter")
    expect(page.locator("#diagnoses .chip-chosen")).to_have_count(1)
    expect(page.locator("#diagnosis")).to_be_focused()
    page.wait_for_load_state("networkidle")
    doctor.press("Alt+r")
    type_at(page, "#medicine", "amoxi")
    expect(page.locator("#medicine-hits [data-item]")).to_have_count(4)
    page.wait_for_load_state("networkidle")
    expect(page.locator("#medicine")).to_be_focused()
    doctor.press("ArrowDown", "ArrowDown", "Enter")
    expect(page.locator("[name$=-amount]")).to_have_value("1")
    doctor.answer("days", "7")
    for time in ("MORNING", "NOON", "NIGHT"):
        doctor.tick(f"[value={time}]")
    expect(page.locator("#orders")).to_contain_text("21")
    doctor.press("Control+Enter")
    page.wait_for_url(lambda url: url.split("?")[0].endswith("/desk"))


def hand_out(pharmacist: Desk, name: str) -> None:
    pharmacist.open("/pharmacy")
    pharmacist.tab_to("a.place", text=name)
    pharmacist.press("Enter")
    pharmacist.follow("**/pharmacy/*")
    pharmacist.press("Control+Enter")
    pharmacist.follow("**/pharmacy/handouts/*")


@pytest.mark.journey
@pytest.mark.usefixtures("plain_paper")
@pytest.mark.parametrize("evening_in_progress", ["en", "ar"], indirect=True)
def test_a_patient_goes_from_the_door_to_the_counter_by_keyboard_alone(
    app: Flask, evening_in_progress: str, browser: Browser, request: pytest.FixtureRequest
) -> None:
    name = "فدوى" if "ar" in request.node.callspec.id else "Fadwa"
    for username, act in (
        ("meryem", lambda desk, _: register(desk)),
        ("derya", measure),
        ("gp", see),
        ("samer", hand_out),
    ):
        with sitting(browser, evening_in_progress, username) as desk:
            act(desk, name)
    with app.app_context():
        patient = db.session.scalars(select(Patient).where(Patient.given_latin == "Fadwa")).one()
        visit = db.session.scalars(select(Visit).where(Visit.patient_id.in_([patient.id]))).one()
        measured = dict(
            db.session.execute(
                select(Observation.kind, Observation.value).where(Observation.visit_id == visit.id)
            ).all()
        )
        note = db.session.scalars(select(Consultation).where(Consultation.visit_id == visit.id)).one()
        units = db.session.scalar(
            select(func.sum(DispenseLine.quantity)).join(Dispense).where(Dispense.visit_id == visit.id)
        )
        assert (measured["TEMPERATURE"], measured["PULSE"]) == (372, 80)
        assert note.state is State.SIGNED
        assert units == 21
        assert visit.closed_at is not None
        assert ledger_differences() == []

"""The bench in the browser: what is typed, what two colleagues type at once, and what a refusal keeps."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from unicodedata import normalize

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select
from werkzeug.test import TestResponse

from clinic.auth.roles import Role
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.audit import AuditEvent, acting_as
from clinic.kernel.db import db, transaction
from clinic.lab import services as lab
from clinic.lab.queries import OrderRow, RequestRow, ResultRow, get_order
from clinic.lab.rules import CancelReason, Condition, RequestState, SpecimenKind, Told
from clinic.sites.models import Site
from tests import factories
from tests.clinic.consultations.evening import Clinic
from tests.clinic.lab.bench import GROWN_WOMAN, examined, number, send, verified
from tests.desk import DeskClient, HiddenFields

LATER = factories.EVENING + timedelta(minutes=1)


@pytest.fixture
def colleague(app: Flask, technician: Scope) -> Scope:
    """The second person at the bench."""
    with app.app_context():
        site = db.session.get_one(Site, technician.site_id)
        return factories.scope_of(factories.create_user(site, Role.LABORATORY, language="en"))


def browser_of(app: Flask, person: Scope) -> DeskClient:
    app.test_client_class = DeskClient
    browser = app.test_client()
    assert isinstance(browser, DeskClient)
    factories.sign_in(browser, person)
    return browser


@pytest.fixture
def client(app: Flask, technician: Scope) -> DeskClient:
    return browser_of(app, technician)


@pytest.fixture
def received(app: Flask, clinic: Clinic, technician: Scope) -> str:
    """An order of two tests whose blood lies on the bench, one of them written down: a potassium of 6.8."""
    with app.app_context():
        _, order = send(clinic, "POT", "SOD")
        examined(technician, order, POT=number("6.8"))
        return order


@pytest.fixture
def see(app: Flask, technician: Scope) -> Callable[[str], OrderRow]:
    def look(order: str) -> OrderRow:
        with app.app_context():
            return get_order(technician, order)

    return look


def request_of(row: OrderRow, code: str) -> RequestRow:
    return next(one for one in row.requests if one.code == code)


def newest(row: OrderRow, code: str) -> ResultRow:
    found = request_of(row, code).newest
    assert found is not None
    return found


class Page:
    """An order as one person has it open: what its forms carry goes with what is sent, however late."""

    def __init__(self, client: DeskClient, row: OrderRow) -> None:
        self.client, self.row, self.at = client, row, f"/laboratory/{row.key}"
        self.forms = HiddenFields(client.get(self.at).get_data(as_text=True)).forms

    def write(self, **found: str) -> TestResponse:
        """Write results, by the codes of their tests; the other fields go as the page showed them."""
        shown = {
            f"value-{one.key}": f"{one.newest.number.normalize():f}" if one.newest and one.newest.number else ""
            for one in self.row.of(RequestState.COLLECTED, RequestState.ENTERED)
        }
        typed = {f"value-{request_of(self.row, code).key}": value for code, value in found.items()}
        return self.send("results", {**shown, **typed})

    def verify(self) -> TestResponse:
        return self.send("verify", {})

    def correct(self, code: str, value: str, because: str) -> TestResponse:
        key = request_of(self.row, code).key
        return self.send(f"tests/{key}/correct", {f"value-{key}": value, "because": because})

    def send(self, path: str, data: dict[str, Any]) -> TestResponse:
        """Send a form with what it carries unseen; its names are those of its fields, whatever stands before them."""
        carried = self.forms[f"{self.at}/{path}"]
        prefix = next(name for name in carried if name.endswith("op")).removesuffix("op")
        return self.client.post(f"{self.at}/{path}", data=carried | {f"{prefix}{name}": data[name] for name in data})


See = Callable[[str], OrderRow]


def test_a_result_that_was_typed_into_the_wrong_field_goes_when_the_field_is_emptied(
    client: DeskClient, received: str, see: See
) -> None:
    assert Page(client, see(received)).write(POT="", SOD="141").status_code == 303
    row = see(received)
    assert (request_of(row, "POT").state, request_of(row, "POT").results) == (RequestState.COLLECTED, [])
    assert newest(row, "SOD").number == Decimal(141)
    assert Page(client, row).verify().status_code == 303
    assert [one.code for one in see(received).of(RequestState.VERIFIED)] == ["SOD"]


def test_who_adds_a_result_does_not_answer_for_those_that_a_colleague_wrote(
    app: Flask, client: DeskClient, colleague: Scope, technician: Scope, received: str, see: See
) -> None:
    assert Page(browser_of(app, colleague), see(received)).write(SOD="141").status_code == 303
    row = see(received)
    assert newest(row, "POT").entered_by_id == technician.user_id
    assert newest(row, "SOD").entered_by_id == colleague.user_id


def test_an_old_page_writes_over_nothing_that_a_colleague_wrote_meanwhile_and_keeps_what_was_typed(
    app: Flask, client: DeskClient, colleague: Scope, received: str, see: See
) -> None:
    old = Page(browser_of(app, colleague), see(received))
    with clock.frozen(LATER):
        assert Page(client, see(received)).write(POT="4.8").status_code == 303
    refused = old.write(POT="5.9", SOD="141")
    assert refused.status_code == 422
    shown = refused.get_data(as_text=True)
    assert "Somebody wrote POT since this page was opened" in shown
    assert 'value="5.9"' in shown
    assert 'value="141"' in shown
    assert newest(see(received), "POT").number == Decimal("4.8")
    old.forms = HiddenFields(shown).forms
    assert old.write(POT="5.9", SOD="141").status_code == 303
    assert newest(see(received), "POT").number == Decimal("5.9")


def test_what_an_old_page_did_not_touch_follows_what_a_colleague_wrote(
    app: Flask, client: DeskClient, colleague: Scope, received: str, see: See
) -> None:
    old = Page(browser_of(app, colleague), see(received))
    with clock.frozen(LATER):
        assert Page(client, see(received)).write(POT="4.8").status_code == 303
    refused = old.write(SOD="14x")
    assert refused.status_code == 422
    assert 'value="4.8"' in refused.get_data(as_text=True)
    assert 'value="14x"' in refused.get_data(as_text=True)
    assert old.write(SOD="141").status_code == 303
    row = see(received)
    assert (newest(row, "POT").number, newest(row, "SOD").number) == (Decimal("4.8"), Decimal(141))


def test_what_was_verified_meanwhile_is_not_written_anew_without_a_word(
    app: Flask, client: DeskClient, colleague: Scope, received: str, see: See
) -> None:
    old = Page(browser_of(app, colleague), see(received))
    assert Page(client, see(received)).verify().status_code == 303
    refused = old.write(POT="5.9")
    assert refused.status_code == 422
    assert "POT is verified already" in refused.get_data(as_text=True)
    assert 'value="5.9"' in refused.get_data(as_text=True)
    assert newest(see(received), "POT").number == Decimal("6.8")


def test_nobody_verifies_what_the_page_did_not_show(
    app: Flask, client: DeskClient, colleague: Scope, received: str, see: See
) -> None:
    old = Page(browser_of(app, colleague), see(received))
    with clock.frozen(LATER):
        Page(client, see(received)).write(POT="4.8")
    refused = old.verify()
    assert (refused.status_code, see(received).of(RequestState.VERIFIED)) == (422, [])
    assert "Not verified: somebody wrote results" in refused.get_data(as_text=True)
    old.forms = HiddenFields(refused.get_data(as_text=True)).forms
    assert old.verify().status_code == 303


def test_of_two_corrections_at_once_the_second_is_made_in_sight_of_the_first(
    app: Flask, client: DeskClient, technician: Scope, colleague: Scope, received: str, see: See
) -> None:
    with app.app_context():
        verified(technician, received)
    old = Page(browser_of(app, colleague), see(received))
    with clock.frozen(LATER):
        assert Page(client, see(received)).correct("POT", "4.8", "Wrong tube").status_code == 303
    refused = old.correct("POT", "4.9", "Read again")
    shown = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "Somebody wrote POT since this page was opened" in shown
    assert 'value="4.9"' in shown
    assert 'value="Read again"' in shown
    assert newest(see(received), "POT").version == 2
    old.forms = HiddenFields(shown).forms
    assert old.correct("POT", "4.9", "Read again").status_code == 303
    assert [one.version for one in request_of(see(received), "POT").results] == [3, 2, 1]


@pytest.mark.parametrize("typed", ["1.250", "1,250", "١٫٢٥٠"])
def test_three_decimals_are_read_in_two_ways_and_refused(
    client: DeskClient, received: str, see: See, typed: str
) -> None:
    refused = Page(client, see(received)).write(SOD=typed)
    assert (refused.status_code, "two ways" in refused.get_data(as_text=True)) == (422, True)
    assert request_of(see(received), "SOD").results == []


def test_a_test_whose_own_limits_have_three_decimals_takes_three(
    app: Flask, clinic: Clinic, client: DeskClient, technician: Scope, see: See
) -> None:
    with app.app_context():
        _, order = send(clinic, "USG", "UPROT")
        examined(technician, order, UPROT=Told(words="TRACE"))
    assert Page(client, see(order)).write(USG="1,025", UPROT="TRACE").status_code == 303
    assert newest(see(order), "USG").number == Decimal("1.025")


def test_only_the_doctor_who_ordered_is_asked_to_say_that_results_were_read(
    app: Flask, clinic: Clinic, technician: Scope
) -> None:
    with app.app_context():
        seen, order = send(clinic, "CRP")
        examined(technician, order, CRP=number("3"))
        verified(technician, order)
        last = get_order(technician, order).last_verified
        assert last is not None
    desk, read = f"/desk/{seen.visit_key}", f"/desk/{seen.visit_key}/tests/{order}/read"
    for person, words, is_asked in (
        (clinic.colleague, "to be read by Tarek Erdem", False),
        (clinic.doctor, "to be read", True),
    ):
        browser = browser_of(app, person)
        page = browser.get(desk).get_data(as_text=True)
        assert (words in page, read in page) == (True, is_asked)
    assert browser.submit(desk, {}, to=read).status_code == 303
    assert read not in browser.get(desk).get_data(as_text=True)
    refused = browser.post(read, data={**HiddenFields(page).forms[read], "last": "none"})
    assert refused.status_code == 404


def test_a_specimen_is_refused_with_what_is_wrong_and_stays_in_sight(
    app: Flask, clinic: Clinic, client: DeskClient, received: str, see: See
) -> None:
    [tube] = see(received).specimens
    page = Page(client, see(received))
    typed = {"because": "Red after spinning"}
    refused = page.send(f"specimens/{tube.key}/reject", typed)
    assert refused.status_code == 422
    assert 'value="Red after spinning"' in refused.get_data(as_text=True)
    assert 'value="6.8"' in refused.get_data(as_text=True), "the results are drawn as they stand"
    done = page.send(f"specimens/{tube.key}/reject", {**typed, "condition": "HAEMOLYSED"})
    assert done.status_code == 303
    shown = client.get(page.at).get_data(as_text=True)
    for words in ("cannot be examined", "haemolysed", "Red after spinning", "2 tests are to be taken."):
        assert words in shown
    assert f"specimens/{tube.key}/reject" not in shown


def test_a_test_is_ended_with_its_reason_and_the_doctor_reads_why(
    app: Flask, clinic: Clinic, client: DeskClient, see: See
) -> None:
    with app.app_context():
        seen, order = send(clinic, "CRP", "UPROT")
    page = Page(client, see(order))
    keys = [one.key for one in see(order).requests]
    refused = page.send("cancel", {"tests": keys[:1]})
    assert refused.status_code == 422
    shown = refused.get_data(as_text=True)
    assert "Say why it is not done." in shown
    assert f'value="{keys[0]}" checked' in shown
    assert page.send("cancel", {"tests": keys[:1], "reason": "DECLINED"}).status_code == 303
    assert [one.state for one in see(order).requests] == [RequestState.CANCELLED, RequestState.ORDERED]
    desk = browser_of(app, clinic.doctor).get(f"/desk/{seen.visit_key}").get_data(as_text=True)
    assert "the person declines it" in desk


def test_who_was_told_of_a_critical_result_is_written_down_once_and_a_refusal_keeps_the_rest(
    app: Flask, client: DeskClient, technician: Scope, received: str, see: See
) -> None:
    with app.app_context():
        verified(technician, received)
    page, result = Page(client, see(received)), newest(see(received), "POT")
    path = f"results/{result.key}/told"
    refused = page.send(path, {"told": ""})
    assert (refused.status_code, "Write whom you told." in refused.get_data(as_text=True)) == (422, True)
    for _ in range(2):
        assert page.send(path, {"told": "Dr Erdem"}).status_code == 303
    assert newest(see(received), "POT").told == "Dr Erdem"
    assert see(received).calls == []
    assert "Dr Erdem told at 18:40" in client.get(page.at).get_data(as_text=True)


def test_a_critical_result_stands_out_in_the_doctors_list_in_the_polled_queue_and_on_a_later_visit(
    app: Flask, clinic: Clinic, technician: Scope
) -> None:
    with app.app_context():
        _, usual = send(clinic, "CRP")
        examined(technician, usual, CRP=number("3"))
        verified(technician, usual)
    doctor = browser_of(app, clinic.doctor)
    assert "1 result to read" in doctor.get("/desk/rail").get_data(as_text=True)
    assert "stop" not in doctor.get("/desk/rail").get_data(as_text=True)
    with app.app_context():
        seen, order = send(clinic, "POT")
        examined(technician, order, POT=number("6.8"))
        verified(technician, order)
    rail = doctor.get("/desk/rail").get_data(as_text=True)
    assert "1 critical result to read" in rail
    page = doctor.get("/desk").get_data(as_text=True)
    listed = page[page.index('id="results-to-read"') :]
    assert listed.index("critical") < listed.index("</li>") < listed.rindex("</li>")
    assert "1 critical result to read" not in browser_of(app, clinic.colleague).get("/desk/rail").get_data(as_text=True)
    with clock.frozen(factories.EVENING + timedelta(days=1)):
        with app.app_context():
            again = clinic.come_again(seen.patient_id, seen.patient_key)
            clinic.call(again)
        factories.sign_in(doctor, clinic.doctor)
        desk = doctor.get(f"/desk/{again.visit_key}").get_data(as_text=True)
        assert '<details class="fold" open><summary class="t1">Earlier results <span class="stop">' in desk
        assert f'<a class="look" href="/desk/{seen.visit_key}">' in desk
        listed = doctor.get("/desk").get_data(as_text=True)
        assert "24.11.2026" in listed[listed.index('id="results-to-read"') :]


def test_one_who_is_back_is_asked_for_in_the_room_though_the_note_is_open(
    app: Flask, clinic: Clinic, technician: Scope
) -> None:
    with app.app_context():
        seen, order = send(clinic, "CRP")
        examined(technician, order, CRP=number("3"))
        verified(technician, order)
        clinic.call(seen)
    doctor, desk = browser_of(app, clinic.doctor), f"/desk/{seen.visit_key}"
    assert "Called once, at 18:40." in doctor.get(desk).get_data(as_text=True)
    assert doctor.submit(desk, {"at": ""}, to=f"{desk}/draft").status_code == 303
    assert "Called once" not in doctor.get(desk).get_data(as_text=True)


def test_who_looks_at_the_bench_or_at_the_list_of_results_is_on_record(
    app: Flask, clinic: Clinic, client: DeskClient, technician: Scope, received: str, see: See
) -> None:
    def looks(person: Scope) -> list[tuple[str, str]]:
        with app.app_context():
            rows = select(AuditEvent).where(
                AuditEvent.actor_id == person.user_id, AuditEvent.act.in_(("READ", "PRINT"))
            )
            return [(row.table_name, row.row_key) for row in db.session.scalars(rows.order_by(AuditEvent.id))]

    with app.app_context():
        site, patient = db.session.get_one(Site, technician.site_id).key, see(received).patient.key
    for path in ("", "", f"/{received}"):
        client.get(f"/laboratory{path}")
    with app.app_context():
        verified(technician, received)
    client.get(f"/laboratory/{received}/report.pdf")
    assert looks(technician) == [
        ("BOARD", f"laboratory {site} 2026-11-24"),
        ("CHART", patient),
        ("CHART", patient),
    ]
    browser_of(app, clinic.doctor).get("/desk")
    assert looks(clinic.doctor) == [("BOARD", f"results {site} 2026-11-24")]


def test_times_and_numbers_of_another_evening_carry_their_day(
    app: Flask, client: DeskClient, technician: Scope, received: str
) -> None:
    assert "24.11.2026" not in client.get(f"/laboratory/{received}").get_data(as_text=True)
    with clock.frozen(factories.EVENING + timedelta(days=1)):
        factories.sign_in(client, technician)
        assert "24.11.2026 18:40" in client.get(f"/laboratory/{received}").get_data(as_text=True)
        assert "24.11.2026 18:40" in client.get("/laboratory").get_data(as_text=True)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Laboratory report Potassium 6.8 critically high self-verified declines cannot be examined: leaked"),
        ("tr", "Laboratuvar raporu Potasyum 6,8 kritik yüksek kendisi onayladı istemiyor incelenemez"),
        ("ar", "تقرير المختبر البوتاسيوم 6.8 مرتفع حرج اعتمدها كاتبها الشخص يريده فحصها"),
    ],
)
def test_the_printed_report_says_what_is_verified_in_the_persons_language_with_every_day(
    app: Flask, clinic: Clinic, client: DeskClient, technician: Scope, language: str, words: str
) -> None:
    with app.app_context():
        _, order = send(clinic, "POT", "UPROT", "SOD", person=GROWN_WOMAN | {"label_language": language})
        row = examined(technician, order, POT=number("6.8"))
        urine = next(one for one in row.specimens if one.kind is SpecimenKind.URINE)
        with transaction(), acting_as(technician.user_id):
            lab.reject(technician, order, urine.key, condition=Condition.LEAKED, because="Open lid")
        open_test = request_of(get_order(technician, order), "UPROT").key
        with transaction(), acting_as(technician.user_id):
            lab.cancel(technician, order, [open_test], CancelReason.DECLINED)
        verified(technician, order)
    paper = client.get(f"/laboratory/{order}/report.pdf")
    assert (paper.status_code, paper.mimetype) == (200, "application/pdf")
    text = normalize("NFKC", "\n".join(page.extract_text() for page in PdfReader(BytesIO(paper.data)).pages))
    for word in (*words.split(), f"L-{row.number}", f"S-{urine.number}"):
        assert word in text
    assert text.count("18:40") == text.count("24.11.2026") > 3


def test_a_page_on_which_nothing_was_written_says_so(client: DeskClient, received: str, see: See) -> None:
    refused = Page(client, see(received)).write()
    assert (refused.status_code, "Nothing new is written here." in refused.get_data(as_text=True)) == (422, True)

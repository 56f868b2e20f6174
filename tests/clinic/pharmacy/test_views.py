import re
from collections import Counter as Tally
from collections.abc import Mapping
from datetime import date, timedelta
from io import BytesIO
from unicodedata import normalize

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from clinic.auth.roles import Role
from clinic.chart import services as chart
from clinic.chart.rules import AllergyGroup, Severity
from clinic.kernel import clock
from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import db, transaction
from clinic.patients.models import Patient
from clinic.pharmacy.models import Dispense, LineProgress, Owing, PassedOver
from clinic.pharmacy.rules import NotGiven
from clinic.visits import services as visits
from clinic.visits.models import QueuePlace
from clinic.visits.rules import VisitReason
from inventory.stock.models import Movement
from inventory.stock.rules import BatchStatus
from inventory.stock.services import Taken, block, issue
from tests.clinic.pharmacy.counter import Counter, Sent, create_medicine, open_counter, send
from tests.desk import DeskClient, HiddenFields
from tests.factories import create_patient, point_of, sign_in
from tests.inventory.stock.shelves import batch_key, colleague, quantity_of, stock_up
from tests.statements import count_statements

PAYLOADS = ("<img src=x onerror=alert(1)>", "\"'</script><b>x", "{{ 123 * 7 }}", "%(reason)s %s")


@pytest.fixture
def counter(app: Flask, client: DeskClient) -> Counter:
    """A counter with its pharmacist at the browser, and beside it another site's."""
    with app.app_context():
        noise = open_counter()
        stock_up(noise.shelf, create_medicine("noise-cillin"), 7777, batch_no="NOISE")
        counter = open_counter()
    sign_in(client, counter.pharmacist)
    return counter


def text_of(answer: TestResponse, status: int = 200) -> str:
    assert answer.status_code == status, (answer.status_code, answer.location)
    return answer.get_data(as_text=True)


def press(client: DeskClient, sent: Sent, data: Mapping[str, str | list[str]] | None = None) -> TestResponse:
    """Open the prescription's page and dispense what it shows, but for what `data` decides."""
    return client.submit(f"/pharmacy/{sent.key}", data or {}, to=f"/pharmacy/{sent.key}")


def given(sent: Sent) -> list[int]:
    rows = db.session.execute(select(LineProgress.line_id, LineProgress.given))
    by_line = dict(rows.all())
    return [by_line[line] for line in sent.line_ids]


# ---- the queue and the page ----------------------------------------------------------------------------------------


def test_the_rail_shows_who_waits_in_order_with_what_is_left_for_them(
    app: Flask, client: DeskClient, counter: Counter
) -> None:
    with app.app_context():
        one, two = create_medicine(), create_medicine("ibuprofen")
        first = create_patient(counter.doctor, given_latin="Hanan", family_latin="Darwish").id
        send(counter, (one, 5), (two, 5), patient_id=first)
        send(counter, (one, 5), patient_id=create_patient(counter.doctor, given_latin="Karim").id)
    page = text_of(client.get("/pharmacy"))
    assert page.index("Hanan D.") < page.index("Karim A.")
    assert "2 items" in page
    assert "Open no. 1" in page
    assert "Noise" not in page


def test_the_page_shows_the_plan_by_expiry_the_label_and_the_record_that_it_was_read(
    app: Flask, client: DeskClient, counter: Counter
) -> None:
    with app.app_context():
        item = create_medicine()
        stock_up(counter.shelf, item, 50, batch_no="LATER", expires_on=date(2027, 6, 30))
        stock_up(counter.shelf, item, 10, batch_no="FIRST", expires_on=date(2027, 1, 31))
        sent = send(counter, (item, 30))
    page = text_of(client.get(f"/pharmacy/{sent.key}"))
    assert page.index("FIRST") < page.index("LATER")
    assert "of 10 on the shelf" in page
    assert "then empty" in page
    assert "Dispense, then print 1 label" in page
    assert 'class="label-card" dir="rtl" lang="ar"' in page
    assert 'lang="tr"' in text_of(client.get(f"/pharmacy/{sent.key}?language=tr"))
    with app.app_context():
        reads = select(AuditEvent.actor_id).where(AuditEvent.act == "READ", AuditEvent.row_key == sent.key)
        assert set(db.session.scalars(reads)) == {counter.pharmacist.user_id}


def test_what_is_prescribed_at_another_site_or_to_another_role_is_not_there(
    app: Flask, client: DeskClient, counter: Counter
) -> None:
    with app.app_context():
        sent = send(open_counter(), (create_medicine(), 5))
        mine = send(counter, (create_medicine(), 5))
        manager = colleague(counter.shelf, Role.MANAGER)
    for address in ("", "/owed.pdf"):
        assert client.get(f"/pharmacy/{sent.key}{address}").status_code == 404
    assert client.get("/pharmacy/handouts/nothing").status_code == 404
    assert client.get("/pharmacy/handouts/nothing/labels.pdf").status_code == 404
    sign_in(client, manager)
    for address in ("/pharmacy", f"/pharmacy/{mine.key}", "/pharmacy/owings"):
        assert client.get(address).status_code == 403


@pytest.mark.postgres
def test_the_page_costs_no_more_with_more_lines_lots_and_people(
    app: Flask, client: DeskClient, counter: Counter
) -> None:
    with app.app_context():
        items = [create_medicine(f"medicine {number}") for number in range(4)]
        for item in items:
            for number in range(5):
                stock_up(counter.shelf, item, 10, batch_no=f"B{number}")
        few = send(counter, (items[0], 5))
        many = send(counter, *((item, 20) for item in items))
        for _ in range(5):
            send(counter, (items[0], 1))
    costs = []
    for sent in (few, many):
        with count_statements(app) as told:
            text_of(client.get(f"/pharmacy/{sent.key}"))
        costs.append(len(told))
    assert costs[0] == costs[1] <= 16
    for address in ("/pharmacy", "/pharmacy/owings"):
        with count_statements(app) as told:
            text_of(client.get(address))
        assert len(told) <= 8


# ---- dispensing ----------------------------------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.parametrize("lots", [1, 2, 3])
def test_dispensing_costs_fourteen_statements_and_three_a_lot_at_most(
    app: Flask, client: DeskClient, counter: Counter, lots: int
) -> None:
    with app.app_context():
        item = create_medicine()
        for number in range(lots):
            stock_up(counter.shelf, item, 10, batch_no=f"B{number}")
        sent = send(counter, (item, 10 * lots))
    page = f"/pharmacy/{sent.key}"
    form = hidden(client, page)
    with count_statements(app) as told:
        assert client.post(page, data=form).status_code == 303
    assert len(told) <= 14 + 3 * lots, told
    with app.app_context():
        assert given(sent) == [10 * lots]


def hidden(client: DeskClient, page: str) -> dict[str, str]:
    return HiddenFields(text_of(client.get(page))).forms[page]


def test_what_the_page_shows_is_handed_out_and_the_labels_stand_ready(
    app: Flask, client: DeskClient, counter: Counter
) -> None:
    with app.app_context():
        item = create_medicine()
        first = stock_up(counter.shelf, item, 10, batch_no="A", expires_on=date(2027, 1, 31))
        second = stock_up(counter.shelf, item, 50, batch_no="B", expires_on=date(2027, 6, 30))
        patient_id = create_patient(counter.doctor, given_latin="Hanan", family_latin="Darwish").id
        sent = send(counter, (item, 30), patient_id=patient_id)
        following = send(counter, (item, 3))
    answer = press(client, sent)
    assert answer.status_code == 303
    page = text_of(client.get(answer.location))
    assert "Hanan Darwish" in page
    assert "Print 1 label" in page
    assert f"Next: no. {2}" in page
    assert f'href="/pharmacy/{following.key}"' in page
    with app.app_context():
        assert [quantity_of(lot, counter.shelf.shelf_id) for lot in (first, second)] == [0, 30]
        assert given(sent) == [30]
    assert "Everything is settled." in text_of(client.get(f"/pharmacy/{sent.key}"))


def test_a_double_click_is_one_dispense_and_the_second_answer_leads_to_it(
    app: Flask, client: DeskClient, counter: Counter
) -> None:
    with app.app_context():
        item = create_medicine()
        stock_up(counter.shelf, item, 5)
        sent = send(counter, (item, 5))
    page = f"/pharmacy/{sent.key}"
    form = hidden(client, page)
    first, second = client.post(page, data=form), client.post(page, data=form)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    other = client.post(page, data={**form, "l1-give": "3", "l1-rest": "OWED"})
    assert "saved before, with other answers" in text_of(other, 409)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Dispense)) == 1
        assert given(sent) == [5]


def test_the_last_box_goes_once_and_the_other_reads_who_took_it_with_the_form_intact(
    app: Flask, client: DeskClient, counter: Counter
) -> None:
    with app.app_context():
        item = create_medicine()
        lot = stock_up(counter.shelf, item, 5)
        sent, other = send(counter, (item, 5)), send(counter, (item, 5))
    mine, theirs = f"/pharmacy/{sent.key}", f"/pharmacy/{other.key}"
    form = {**hidden(client, mine), "l1-note": "asked twice"}
    assert client.post(theirs, data=hidden(client, theirs)).status_code == 303
    page = text_of(client.post(mine, data=form), 409)
    assert "The last went at 18:40 to no. 2" in page
    assert "0 left" in page
    assert "None of it lies here." in page
    assert 'value="asked twice"' in page
    with app.app_context():
        assert (given(sent), given(other)) == ([0], [5])
        assert quantity_of(lot, counter.shelf.shelf_id) == 0


def test_a_lot_recalled_between_plan_and_submit_gives_a_new_plan_and_moves_nothing(
    app: Flask, client: DeskClient, counter: Counter
) -> None:
    with app.app_context():
        item = create_medicine()
        first = stock_up(counter.shelf, item, 10, batch_no="FIRST", expires_on=date(2027, 1, 31))
        stock_up(counter.shelf, item, 50, batch_no="LATER", expires_on=date(2027, 6, 30))
        sent = send(counter, (item, 5))
        key = batch_key(first)
    page = f"/pharmacy/{sent.key}"
    form = hidden(client, page)
    with app.app_context(), transaction():
        block(counter.pharmacist, key, because="letter", status=BatchStatus.RECALLED)
    answer = text_of(client.post(page, data=form), 409)
    assert "batch FIRST, was blocked" in answer
    assert "LATER" in answer.split('id="dispense"')[1]
    assert client.post(page, data={**hidden_in(answer, page)}).status_code == 303
    with app.app_context():
        assert given(sent) == [5]
        assert quantity_of(first, counter.shelf.shelf_id) == 10


def hidden_in(answer: str, page: str) -> dict[str, str]:
    return HiddenFields(answer).forms[page]


def test_the_box_in_the_hand_that_is_no_longer_all_there_is_decided_again(
    app: Flask, client: DeskClient, counter: Counter
) -> None:
    with app.app_context():
        item = create_medicine()
        first = stock_up(counter.shelf, item, 10, batch_no="A", expires_on=date(2027, 1, 31))
        stock_up(counter.shelf, item, 50, batch_no="B", expires_on=date(2027, 6, 30))
        sent = send(counter, (item, 30))
    page = f"/pharmacy/{sent.key}"
    form = hidden(client, page)
    with app.app_context(), transaction():
        issue(counter.pharmacist, [Taken(lot_id=first, place_id=counter.shelf.shelf_id, quantity=3)])
    answer = text_of(client.post(page, data=form), 409)
    assert "batch A: 3 too few. 7 are left, 10 were asked for." in answer
    assert "of 7 on the shelf" in answer
    assert client.post(page, data=hidden_in(answer, page)).status_code == 303


def test_only_expired_lots_read_as_none_and_a_forced_post_is_refused(
    app: Flask, client: DeskClient, counter: Counter
) -> None:
    with app.app_context():
        item = create_medicine()
        stock_up(counter.shelf, item, 10, expires_on=clock.today() + timedelta(days=5))
        sent = send(counter, (item, 5))
    page = f"/pharmacy/{sent.key}"
    form = hidden(client, page)
    with clock.frozen(clock.now() + timedelta(days=6)):
        sign_in(client, counter.pharmacist)
        assert "None of it lies here." in text_of(client.get(page))
        form["csrf_token"] = hidden(client, page)["csrf_token"]
        assert "expired on" in text_of(client.post(page, data=form), 409)
    with app.app_context():
        assert given(sent) == [0]


def test_a_lot_that_ends_before_the_course_is_passed_over_and_said(
    app: Flask, client: DeskClient, counter: Counter
) -> None:
    with app.app_context():
        item = create_medicine()
        short = stock_up(counter.shelf, item, 50, batch_no="SHORT", expires_on=clock.today() + timedelta(days=9))
        stock_up(counter.shelf, item, 50, batch_no="LONG")
        sent = send(counter, (item, 14))
    assert "Lot SHORT ends before the course does" in text_of(client.get(f"/pharmacy/{sent.key}"))
    assert press(client, sent).status_code == 303
    with app.app_context():
        assert quantity_of(short, counter.shelf.shelf_id) == 50
        assert db.session.scalars(select(PassedOver.because)).all() == ["ENDS_TOO_SOON"]


def test_what_is_missing_is_owed_with_a_slip_and_a_receipt_lifts_it_to_the_top(
    app: Flask, client: DeskClient, counter: Counter
) -> None:
    with app.app_context():
        item, other = create_medicine("salbutamol"), create_medicine("zinc")
        stock_up(counter.shelf, item, 12)
        earlier, sent = send(counter, (other, 4)), send(counter, (item, 30))
    assert press(client, earlier, {"l1-rest": "OWED"}).location == f"/pharmacy/{earlier.key}"
    answer = press(client, sent, {"l1-rest": "OWED"})
    page = text_of(client.get(answer.location))
    assert "18 capsules owed: slip OW-0002" in page
    slip = client.get(f"/pharmacy/{sent.key}/owed.pdf?language=en")
    (told,) = words_of(slip.data)
    assert "Handed out: 12 of 30." in told
    assert "Owed: 18 capsules. Slip OW-0002." in told
    listed = text_of(client.get("/pharmacy/owings"))
    assert listed.index("OW-0001") < listed.index("OW-0002")
    assert "Owings first in line" not in text_of(client.get("/pharmacy"))
    with app.app_context():
        stock_up(counter.shelf, item, 100)
    listed = text_of(client.get("/pharmacy/owings"))
    assert listed.index("OW-0002") < listed.index("OW-0001")
    assert "1 owing can be met now." in listed
    assert "Owings first in line" in text_of(client.get("/pharmacy"))
    assert press(client, sent).status_code == 303
    with app.app_context():
        assert given(sent) == [30]
        states = db.session.execute(select(Owing.number, Owing.state).order_by(Owing.number)).all()
        assert [state.value for _number, state in states] == ["OPEN", "GIVEN"]


def test_what_is_owed_and_will_never_come_is_given_up_with_its_reason(
    app: Flask, client: DeskClient, counter: Counter
) -> None:
    with app.app_context():
        sent, other = send(counter, (create_medicine(), 30)), send(counter, (create_medicine("zinc"), 4))
    for one in (sent, other):
        press(client, one, {"l1-rest": "OWED"})
    assert "Keep what is decided" in text_of(client.get(f"/pharmacy/{sent.key}"))
    assert press(client, sent, {"l1-rest": "CLOSED", "l1-because": "OUT_OF_STOCK"}).status_code == 303
    page = text_of(client.get(f"/pharmacy/{sent.key}"))
    assert "Not given: out of stock" in page
    assert "Keep what is decided" not in page
    listed = text_of(client.get("/pharmacy/owings"))
    assert "OW-0001" not in listed
    assert "OW-0002" in listed


def test_nothing_in_stock_is_not_dispensed_with_its_reason(app: Flask, client: DeskClient, counter: Counter) -> None:
    with app.app_context():
        sent = send(counter, (create_medicine(), 30))
        before = db.session.scalar(select(func.count()).select_from(Movement))
    unanswered = press(client, sent, {"l1-rest": "CLOSED"})
    assert unanswered.status_code == 422
    answer = press(client, sent, {"l1-rest": "CLOSED", "l1-because": "OUT_OF_STOCK", "l1-note": "since Monday"})
    page = text_of(client.get(answer.location))
    assert "Not given: out of stock" in page
    assert "since Monday" in page
    with app.app_context():
        progress = db.session.get_one(LineProgress, sent.line_ids[0])
        assert (progress.prescribed, progress.given) == (30, 0)
        assert progress.closed_because is NotGiven.OUT_OF_STOCK
        assert db.session.scalar(select(func.count()).select_from(Movement)) == before


@pytest.mark.parametrize(
    ("decided", "status", "said"),
    [
        ({"l1-give": "40"}, 409, "the lots are planned anew"),
        ({"l1-give": "-1"}, 422, "is below 0"),
        ({"l1-give": "1,5"}, 422, "is not a whole number"),
        ({"l1-give": "1000000000"}, 422, "is above"),
        ({"l1-give": "12"}, 422, "Say what becomes of the 18 that are not given."),
        ({"l1-plan": "forged"}, 409, "the lots are planned anew"),
        ({"l1-skip": "999"}, 422, "Choose among the answers that are offered."),
        ({"l1-rest": "MAYBE"}, 422, "Choose among the answers that are offered."),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_moves(
    app: Flask, client: DeskClient, counter: Counter, decided: dict[str, str], status: int, said: str
) -> None:
    with app.app_context():
        item = create_medicine()
        lot = stock_up(counter.shelf, item, 50)
        sent = send(counter, (item, 30))
    page = text_of(press(client, sent, {"l1-note": "kept", **decided}), status)
    assert said in page
    assert 'value="kept"' in page
    with app.app_context():
        assert (given(sent), quantity_of(lot, counter.shelf.shelf_id)) == ([0], 50)


def test_less_is_given_as_decided_and_the_rest_waits_its_answer(
    app: Flask, client: DeskClient, counter: Counter
) -> None:
    with app.app_context():
        item = create_medicine()
        first = stock_up(counter.shelf, item, 10, batch_no="A", expires_on=date(2027, 1, 31))
        second = stock_up(counter.shelf, item, 50, batch_no="B", expires_on=date(2027, 6, 30))
        sent = send(counter, (item, 30))
    assert press(client, sent, {"l1-give": "١٢", "l1-rest": "OWED"}).status_code == 303
    with app.app_context():
        assert [quantity_of(lot, counter.shelf.shelf_id) for lot in (first, second)] == [0, 48]


def test_a_lot_is_skipped_with_a_reason_after_the_plan_is_drawn_anew(
    app: Flask, client: DeskClient, counter: Counter
) -> None:
    with app.app_context():
        item = create_medicine()
        first = stock_up(counter.shelf, item, 50, batch_no="FIRST", expires_on=date(2027, 1, 31))
        second = stock_up(counter.shelf, item, 50, batch_no="LATER", expires_on=date(2027, 6, 30))
        sent = send(counter, (item, 30))
    page = f"/pharmacy/{sent.key}"
    skip = {"l1-skip": str(first), "l1-skip_because": "DAMAGED", "l1-note": "wet"}
    assert "the lots are planned anew" in text_of(press(client, sent, skip), 409)
    looked = text_of(press(client, sent, {**skip, "look": "1"}))
    assert "LATER" in looked
    assert client.post(page, data={**hidden_in(looked, page), **skip}).status_code == 303
    with app.app_context():
        assert [quantity_of(lot, counter.shelf.shelf_id) for lot in (first, second)] == [50, 20]
        (passed,) = db.session.scalars(select(PassedOver)).all()
        assert (passed.lot_id, passed.because.value, passed.note) == (first, "DAMAGED", "wet")
    with app.app_context():
        again = send(counter, (item, 3))
    unsaid = f"/pharmacy/{again.key}"
    looked = text_of(press(client, again, {"l1-skip": str(first), "look": "1"}))
    assert client.post(unsaid, data={**hidden_in(looked, unsaid), "l1-skip": str(first)}).status_code == 422


def test_the_doctors_override_is_shown_and_what_has_none_is_not_offered(
    app: Flask, client: DeskClient, counter: Counter
) -> None:
    with app.app_context():
        item = create_medicine(allergy_group=AllergyGroup.PENICILLIN)
        stock_up(counter.shelf, item, 50)
        allergic, later = create_patient(counter.doctor).id, create_patient(counter.doctor).id
        with transaction():
            chart.record_allergy(
                counter.doctor,
                allergic,
                substance="penicillin",
                severity=Severity.SEVERE,
                group=AllergyGroup.PENICILLIN,
            )
        signed = send(counter, (item, 5), patient_id=allergic, override="tolerated in May")
        unsigned = send(counter, (item, 5), patient_id=later)
        with clock.frozen(clock.now() + timedelta(seconds=1)), transaction():
            chart.record_allergy(counter.doctor, later, substance="amoxicillin", severity=Severity.SEVERE)
    page = text_of(client.get(f"/pharmacy/{signed.key}"))
    assert "Allergy on file: penicillin." in page
    assert "The doctor goes on, signed: tolerated in May" in page
    stopped = text_of(client.get(f"/pharmacy/{unsigned.key}"))
    assert "Not given without the doctor's signed reason." in stopped
    assert "Dispense, then print" not in stopped
    with clock.frozen(clock.now() + timedelta(seconds=2)):
        assert "there is an allergy on file" in text_of(press(client, unsigned), 422)
    with app.app_context():
        assert given(unsigned) == [0]


def test_one_without_a_prescription_is_called_and_done_with(app: Flask, client: DeskClient, counter: Counter) -> None:
    with app.app_context():
        person = create_patient(counter.doctor, given_latin="Rima").id
        with transaction():
            visits.check_in(
                counter.pharmacist,
                patient_id=person,
                point_id=point_of(counter.doctor.site_id, "PHARMACY"),
                reason=VisitReason.NEW_PROBLEM,
            )
        key = db.session.scalars(select(QueuePlace.key)).one()
    assert "no prescription" in text_of(client.get("/pharmacy"))
    page = f"/pharmacy/places/{key}"
    assert "Nothing to hand out." in text_of(client.get(page))
    assert client.submit(page, {}, to=f"{page}/finish").location == "/pharmacy"
    assert "Nobody is waiting." in text_of(client.get("/pharmacy"))


def test_a_person_is_called_from_the_page(app: Flask, client: DeskClient, counter: Counter) -> None:
    with app.app_context():
        sent = send(counter, (create_medicine(), 5))
        key = db.session.scalars(
            select(QueuePlace.key).where(QueuePlace.service_point_id == point_of(counter.doctor.site_id, "PHARMACY"))
        ).one()
    called = client.submit(f"/pharmacy/{sent.key}", {}, to=f"/pharmacy/places/{key}/call")
    assert called.location == f"/pharmacy/{sent.key}"
    with app.app_context():
        assert db.session.scalars(select(QueuePlace.calls).where(QueuePlace.key == key)).one() == 1


# ---- labels --------------------------------------------------------------------------------------------------------


def words_of(pdf: bytes) -> list[str]:
    return [normalize("NFKC", page.extract_text()) for page in PdfReader(BytesIO(pdf)).pages]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ar", ["amoxicillin", "كبسولة", "صباحاً", "واحدة", "1 kapsül", "BATCH-A", "BATCH-B", "01.2027", "1/2"]),
        ("tr", ["amoxicillin 500 mg", "1 kapsül, günde 1 kez, 30 gün.", "sabah", "öğle", "BATCH-A", "1/2"]),
        ("en", ["amoxicillin 500 mg", "1 capsule, once a day, for 30 days.", "morning", "1 kapsül", "1/2"]),
    ],
)
def test_labels_are_one_for_each_medicine_in_the_patients_language_and_their_words_come_back(
    app: Flask, client: DeskClient, counter: Counter, language: str, words: list[str]
) -> None:
    with app.app_context():
        item, other = create_medicine(), create_medicine("ibuprofen")
        stock_up(counter.shelf, item, 10, batch_no="BATCH-A", expires_on=date(2027, 1, 31))
        stock_up(counter.shelf, item, 50, batch_no="BATCH-B", expires_on=date(2027, 6, 30))
        stock_up(counter.shelf, other, 50)
        patient_id = create_patient(counter.doctor, label_language=language).id
        sent = send(counter, (item, 30), (other, 5), patient_id=patient_id)
    address = press(client, sent).location
    pdf = client.get(f"{address}/labels.pdf")
    assert (pdf.status_code, pdf.mimetype) == (200, "application/pdf")
    pages = words_of(pdf.data)
    assert len(pages) == 2
    assert [word for word in words if word not in pages[0]] == []
    size = PdfReader(BytesIO(pdf.data)).pages[0].mediabox
    assert (round(float(size.width) / 72 * 25.4), round(float(size.height) / 72 * 25.4)) == (58, 40)
    with app.app_context():
        person = db.session.get_one(Patient, patient_id)
        full = (person.family_ar, person.family_latin)
    assert not any(name in page for page in pages for name in full)


def test_the_labels_in_the_printer_are_named_once_and_remembered(
    app: Flask, client: DeskClient, counter: Counter
) -> None:
    def sides(address: str) -> tuple[int, ...]:
        page = PdfReader(BytesIO(client.get(f"{address}/labels.pdf").data)).pages[0]
        return tuple(round(float(side) / 72 * 25.4) for side in page.mediabox[2:])

    with app.app_context():
        item = create_medicine()
        stock_up(counter.shelf, item, 50)
        sent = send(counter, (item, 5))
    address = press(client, sent).location
    assert sides(address) == (58, 40)
    client.get(f"{address}?paper=62x29")
    assert sides(address) == (62, 29)
    client.get(f"{address}?paper=1x1")
    assert sides(address) == (62, 29)


def test_a_reprint_is_counted_by_the_record(app: Flask, client: DeskClient, counter: Counter) -> None:
    with app.app_context():
        item = create_medicine()
        stock_up(counter.shelf, item, 50)
        sent = send(counter, (item, 5))
    address = press(client, sent).location
    assert "not printed yet" in text_of(client.get(address))
    for _ in range(2):
        client.get(f"{address}/labels.pdf")
    assert "printed 2 times before" in text_of(client.get(address))
    with app.app_context():
        acts = Tally(
            db.session.scalars(select(AuditEvent.act).where(AuditEvent.actor_id == counter.pharmacist.user_id))
        )
        assert acts["PRINT"] == 2


def test_what_others_typed_stays_text_on_the_page_and_on_the_label(
    app: Flask, client: DeskClient, counter: Counter
) -> None:
    for payload in PAYLOADS:
        with app.app_context():
            item = create_medicine(f"inn {payload}"[:100])
            stock_up(counter.shelf, item, 50, batch_no=payload[:40])
            patient_id = create_patient(counter.doctor, given_latin=payload[:60], given_ar=payload[:60]).id
            sent = send(counter, (item, 5), patient_id=patient_id, override=payload)
        page = text_of(client.get(f"/pharmacy/{sent.key}"))
        address = press(client, sent).location
        for shown in (page, text_of(client.get(address)), text_of(client.get("/pharmacy"))):
            assert "<img" not in shown
            assert "</script><b>x" not in shown
            assert "861" not in shown.split("<main")[1]
        told = "".join(words_of(client.get(f"{address}/labels.pdf").data)).replace("\n", "")
        assert re.sub(r"\W", "", f"inn{payload}") in re.sub(r"\W", "", told)

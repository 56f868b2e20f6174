import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from clinic.chart import services as chart
from clinic.chart.rules import AllergyGroup, Severity
from clinic.consultations import queries, services
from clinic.consultations.models import Consultation, Draft
from clinic.consultations.rules import CaseType, State
from clinic.kernel import clock
from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import db, transaction
from clinic.pharmacy.models import FormularyEntry, Prescription, PrescriptionLine
from clinic.visits import services as visits
from clinic.visits.queries import board
from clinic.visits.rules import Vital
from inventory.stock.models import Item, ItemWord
from inventory.stock.queries.items import item_words
from tests import factories
from tests.clinic.consultations.evening import Clinic, Seen, content
from tests.clinic.consultations.sheet import Sheet
from tests.statements import count_statements

PAYLOAD = "<img src=x onerror=alert(1)>\"'</textarea><script>alert(1)</script>"


@pytest.fixture
def seen(app: Flask, clinic: Clinic, client: FlaskClient) -> Seen:
    """A person called to the desk of the doctor who sits at the browser."""
    with app.app_context():
        called = clinic.called()
        clinic.called()
    factories.sign_in(client, clinic.doctor)
    return called


def create_medicine(app: Flask, inn: str = "amoxicillin", **fields: object) -> int:
    with app.app_context(), transaction() as session:
        count = session.scalar(select(func.count()).select_from(Item)) or 0
        item = Item(
            code=f"MED{count}",
            inn=inn,
            atc="J01CA04",
            form="capsule",
            strength="500 mg",
            base_unit="capsule",
            is_perishable=True,
        )
        session.add(item)
        session.flush()
        session.add_all(ItemWord(item_id=item.id, word=word) for word in item_words(inn))
        given = {"route": "oral", "mg": Decimal(500), "doses_per_day": 3}
        session.add(FormularyEntry(item_id=item.id, **given | fields))
        return item.id


def line_of(sheet: Sheet) -> str:
    return sheet.fields.getlist("line")[-1]


def fill(sheet: Sheet, *codes: str, complaint: str = "Cough 4 days") -> Sheet:
    sheet.write(complaint=complaint)
    for code in codes:
        sheet.press(f"diagnose {code}")
    return sheet


def desk_of(app: Flask, clinic: Clinic, seen: Seen) -> queries.Desk:
    with app.app_context():
        return queries.get_desk(clinic.doctor, seen.visit_key)


# ---- opening -------------------------------------------------------------------------------------------------------


def test_desk(client: FlaskClient, app: Flask, clinic: Clinic, seen: Seen) -> None:
    with app.app_context(), transaction():
        visits.record_vitals(
            clinic.nurse, seen.visit_id, {Vital.TEMPERATURE: 392, Vital.PULSE: 88, Vital.WEIGHT: 70_000}
        )
    page = client.get(f"/desk/{seen.visit_key}").get_data(as_text=True)
    assert "Mohammed Al-Hariri" in page
    assert "39.2" in page
    assert "Common cold" in page
    assert "Called once, at 18:40." in page


def test_every_opening_of_a_chart_is_on_record_and_so_is_every_refusal(
    client: FlaskClient, app: Flask, clinic: Clinic, seen: Seen
) -> None:
    client.get(f"/desk/{seen.visit_key}")
    factories.sign_in(client, clinic.surgeon)
    refused = client.get(f"/desk/{seen.visit_key}")
    assert refused.status_code == 403
    assert "This person waits at none of your desks tonight" in refused.get_data(as_text=True)
    assert "Mohammed" not in refused.get_data(as_text=True)
    with app.app_context():
        events = db.session.execute(
            select(AuditEvent.act, AuditEvent.actor_id).where(
                AuditEvent.table_name == "CHART", AuditEvent.row_key == seen.patient_key
            )
        ).all()
    assert [tuple(event) for event in events] == [
        ("READ", clinic.doctor.user_id),
        ("REFUSED", clinic.surgeon.user_id),
    ]


@pytest.mark.parametrize("to", ["draft", "sign", "abandon", "park"])
def test_a_chart_is_closed_to_another_specialty_and_another_site_by_every_road(
    client: FlaskClient, clinic: Clinic, seen: Seen, to: str
) -> None:
    sheet = fill(Sheet(client, seen.visit_key), "J00")
    for person, status in ((clinic.surgeon, 403), (clinic.elsewhere, 404)):
        factories.sign_in(client, person)
        token = Sheet.read(client.get("/desk"))
        assert not token
        page = client.get("/desk").get_data(as_text=True)
        sheet.write(csrf_token=re.findall(r'name="csrf_token" type="hidden" value="([^"]+)"|$', page)[0] or csrf(page))
        assert sheet.press("keep", to=to).status_code in {status, 422} - ({422} if to != "abandon" else set())


def csrf(page: str) -> str:
    return str(re.findall(r'name="csrf_token" value="([^"]+)"', page)[0])


def test_a_colleague_reads_the_chart_and_is_told_to_call_before_writing(
    client: FlaskClient, app: Flask, clinic: Clinic
) -> None:
    with app.app_context():
        waiting = clinic.arrive()
    factories.sign_in(client, clinic.colleague)
    page = client.get(f"/desk/{waiting.visit_key}").get_data(as_text=True)
    assert "You read the chart; nothing is written." in page
    assert "<textarea" not in page


def test_markup_in_what_was_typed_stays_text_on_every_page(client: FlaskClient, app: Flask, seen: Seen) -> None:
    sheet = Sheet(client, seen.visit_key)
    fill(sheet.write(findings=PAYLOAD, plan=PAYLOAD), "J00", complaint=PAYLOAD)
    assert "<img src=x" not in sheet.text
    assert sheet.fields["findings"] == PAYLOAD
    assert sheet.press(to="sign").status_code == 303
    with app.app_context():
        key = db.session.scalars(select(Consultation.key).where(Consultation.visit_id == seen.visit_id)).one()
    note = client.get(f"/desk/note/{key}").get_data(as_text=True)
    assert "<img src=x" not in note
    assert unescape(note).count(PAYLOAD) == 3


# ---- drafts --------------------------------------------------------------------------------------------------------


def test_everything_typed_is_there_again_in_another_window_and_on_another_machine(
    client: FlaskClient, app: Flask, seen: Seen, clinic: Clinic
) -> None:
    item_id = create_medicine(app)
    sheet = fill(Sheet(client, seen.visit_key), "J00")
    sheet.press("turn J00")
    sheet.press(f"prescribe {item_id}")
    line = line_of(sheet)
    sheet.write(**{f"{line}-amount": "iki", f"{line}-days": "5", "plan": "dinlen\nbol su"})
    sheet.press("keep")
    other = app.test_client()
    factories.sign_in(other, clinic.doctor)
    again = Sheet(other, seen.visit_key).fields
    for name in ("complaint", "plan", "chosen", "case-J00", f"{line}-amount", f"{line}-days", f"{line}-item"):
        assert again.getlist(name) == sheet.fields.getlist(name)
    assert again["case-J00"] == "FOLLOW_UP"
    assert again[f"{line}-amount"] == "iki"


def test_a_draft_kept_while_typing_brings_back_only_what_has_changed(client: FlaskClient, seen: Seen) -> None:
    sheet = Sheet(client, seen.visit_key).write(complaint="fever")
    answer = sheet.press(htmx=True)
    piece = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert 'id="kept" hx-swap-oob="true"' in piece
    assert 'name="version" value="1"' in piece
    assert "18:40:00" in piece
    assert "<textarea" not in piece
    assert "<html" not in piece


def test_two_windows_show_both_texts_side_by_side_and_the_doctor_chooses(
    client: FlaskClient, app: Flask, clinic: Clinic, seen: Seen
) -> None:
    first, second = Sheet(client, seen.visit_key), Sheet(client, seen.visit_key)
    first.write(complaint="fever since Monday").press("keep")
    refused = second.write(complaint="rash since today", plan="cream").press("keep")
    page = unescape(refused.get_data(as_text=True))
    assert refused.status_code == 409
    assert "Changed in another window at 18:40:00." in page
    assert page.index("fever since Monday") < page.index("rash since today")
    assert second.fields["complaint"] == "rash since today"
    assert desk_of(app, clinic, seen).content == content(complaint="fever since Monday")
    assert second.press("keep").status_code == 409
    assert second.press(to="sign").status_code in {409, 422}
    second.press("both 1")
    assert second.fields["complaint"] == "fever since Monday\nrash since today"
    assert second.fields["plan"] == "cream"
    assert first.write(complaint="older").press("keep").status_code == 409
    first.press("mine 2")
    assert desk_of(app, clinic, seen).content == content(complaint="older")


def test_a_conflict_while_typing_is_told_above_the_note_and_the_note_is_left_alone(
    client: FlaskClient, seen: Seen
) -> None:
    first, second = Sheet(client, seen.visit_key), Sheet(client, seen.visit_key)
    first.write(complaint="fever").press("keep")
    answer = second.write(complaint="rash").press(htmx=True)
    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == answer.headers["HX-Reselect"] == "#trouble"


def test_leaving_the_page_parks_what_was_typed(client: FlaskClient, app: Flask, clinic: Clinic, seen: Seen) -> None:
    sheet = Sheet(client, seen.visit_key).write(complaint="fever")
    assert sheet.press(to="park").status_code == 204
    assert desk_of(app, clinic, seen).content == content(complaint="fever")


def test_too_long_a_text_is_refused_in_place_and_kept_on_the_page(client: FlaskClient, seen: Seen) -> None:
    sheet = Sheet(client, seen.visit_key).write(complaint="x" * 8001)
    assert sheet.press("keep").status_code == 422
    assert sheet.fields["complaint"] == "x" * 8001
    assert sheet.press(htmx=True).headers["HX-Retarget"] == "#trouble"
    assert sheet.press(to="park").status_code == 422


@pytest.mark.parametrize("do", ["nonsense", "diagnose Q99", "prescribe 999", "prescribe x", "again 999", "mine x"])
def test_a_button_that_no_page_has_is_refused_in_words(client: FlaskClient, seen: Seen, do: str) -> None:
    sheet = Sheet(client, seen.visit_key).write(complaint="fever")
    answer = sheet.press(do)
    assert answer.status_code == 422
    assert sheet.fields["complaint"] == "fever"


# ---- diagnoses -----------------------------------------------------------------------------------------------------


def test_a_diagnosis_is_found_by_words_without_javascript_and_chosen(client: FlaskClient, seen: Seen) -> None:
    sheet = Sheet(client, seen.visit_key).write(diagnosis="hypert")
    sheet.press("seek-diagnosis")
    assert 'value="diagnose I10"' in sheet.text
    sheet.press("diagnose I10")
    assert sheet.fields.getlist("chosen") == ["I10"]
    assert sheet.fields["diagnosis"] == ""
    sheet.press("drop I10")
    assert sheet.fields.getlist("chosen") == []


def test_choosing_while_typing_empties_the_search_box(client: FlaskClient, app: Flask, seen: Seen) -> None:
    sheet = Sheet(client, seen.visit_key).write(diagnosis="hypert", medicine="amox")
    answer = sheet.press("diagnose I10", htmx=True).get_data(as_text=True)
    assert 'value="hypert"' not in answer
    item = create_medicine(app)
    again = Sheet(client, seen.visit_key).write(medicine="amox")
    assert 'value="amox"' not in again.press(f"prescribe {item}", htmx=True).get_data(as_text=True)


@pytest.mark.parametrize(("language", "title"), [("en", "Essential"), ("tr", "tr Essential"), ("ar", "ar Essential")])
def test_find_diagnosis(client: FlaskClient, clinic: Clinic, seen: Seen, language: str, title: str) -> None:
    factories.sign_in(client, clinic.doctor, language=language)
    sheet = Sheet(client, seen.visit_key).write(diagnosis="essential")
    assert title in sheet.press(to="find-diagnosis").get_data(as_text=True)
    assert "hits" in sheet.write(diagnosis="zzz").press(to="find-diagnosis").get_data(as_text=True)


def test_the_same_illness_within_thirty_days_is_offered_as_a_follow_up_and_the_doctor_decides(
    client: FlaskClient, app: Flask, clinic: Clinic
) -> None:
    def visit(days_ago: int, *codes: str) -> tuple[int, str]:
        with app.app_context(), clock.frozen(clock.now() - timedelta(days=days_ago)):
            earlier = clinic.called()
            with transaction():
                services.sign(clinic.doctor, earlier.visit_key, content(*codes), orders=(), seen=0, language="en")
            return earlier.patient_id, earlier.patient_key

    with app.app_context():
        recent, old = visit(20, "J00", "J02.9"), visit(40, "J00")
        with clock.frozen(clock.now()):
            seen, other = clinic.come_again(*recent), clinic.come_again(*old)
            clinic.call(seen)
            clinic.call(other)
    factories.sign_in(client, clinic.doctor)
    sheet = fill(Sheet(client, seen.visit_key), "J00", "I10")
    assert (sheet.fields["case-J00"], sheet.fields["case-I10"]) == ("FOLLOW_UP", "NEW")
    sheet.press("turn J00")
    assert sheet.fields["case-J00"] == "NEW"
    assert fill(Sheet(client, other.visit_key), "J00").fields["case-J00"] == "NEW"


# ---- medicines -----------------------------------------------------------------------------------------------------


def test_find_medicine(client: FlaskClient, app: Flask, seen: Seen) -> None:
    create_medicine(app)
    sheet = Sheet(client, seen.visit_key).write(medicine="amoksisilin")
    piece = sheet.press(to="find-medicine").get_data(as_text=True)
    assert "amoxicillin 500 mg" in piece
    assert "out of stock" in piece
    sheet.press("seek-medicine")
    assert "amoxicillin 500 mg" in sheet.text
    assert "The formulary has no such medicine." in sheet.write(medicine="zzz").press(to="find-medicine").get_data(
        as_text=True
    )


def test_a_dose_is_built_of_codes_and_comes_to_a_quantity_and_milligrams(
    client: FlaskClient, app: Flask, seen: Seen
) -> None:
    item_id = create_medicine(app)
    sheet = Sheet(client, seen.visit_key)
    sheet.press(f"prescribe {item_id}")
    line = line_of(sheet)
    assert sheet.fields.getlist(f"{line}-times") == ["MORNING", "NOON", "EVENING"]
    assert "The dose is not whole yet." in sheet.text
    answer = sheet.write(**{f"{line}-days": "٧", f"{line}-food": "AFTER"}).press(htmx=True).get_data(as_text=True)
    assert "1 capsule, 3 times a day, after food, for 7 days" in answer
    assert "500 mg a dose, 1,500 mg a day" in answer
    assert "21 capsules" in answer
    sheet.write(**{f"{line}-as_needed": "y", f"{line}-max_per_day": "4", f"{line}-version": "x"})
    page = sheet.press("keep")
    assert page.status_code == 409  # the htmx answer above brought a newer version


def test_a_child_is_offered_a_dose_by_weight(client: FlaskClient, app: Flask, clinic: Clinic) -> None:
    item_id = create_medicine(app, mg_kg_day_min=Decimal(40), mg_kg_day_max=Decimal(90))
    with app.app_context():
        child = clinic.called(birth_year=2020, birth_month=5, birth_day=1)
        with transaction():
            visits.record_vitals(clinic.nurse, child.visit_id, {Vital.WEIGHT: 20_000})
    factories.sign_in(client, clinic.doctor)
    sheet = Sheet(client, child.visit_key)
    sheet.press(f"prescribe {item_id}")
    assert sheet.fields[f"{line_of(sheet)}-amount"] == "1"
    assert "For 20" in sheet.text


def test_what_was_given_before_is_ordered_again_in_one_action(
    client: FlaskClient, app: Flask, clinic: Clinic, seen: Seen
) -> None:
    item_id = create_medicine(app)
    sheet = fill(Sheet(client, seen.visit_key), "J00")
    sheet.press(f"prescribe {item_id}")
    line = line_of(sheet)
    sheet.write(**{f"{line}-amount": "2", f"{line}-days": "5"}).press(to="sign")
    with app.app_context():
        line_id = db.session.scalars(select(PrescriptionLine.id)).one()
        with transaction():
            visits.open_place(clinic.nurse, seen.visit_id, factories.point_of(clinic.nurse.site_id, "GP"))
        with transaction():
            visits.call_next(clinic.colleague, factories.point_of(clinic.nurse.site_id, "GP"))
    factories.sign_in(client, clinic.colleague)
    again = Sheet(client, seen.visit_key)
    assert f'value="again {line_id}"' in again.text
    again.press(f"again {line_id}")
    copied = line_of(again)
    assert (again.fields[f"{copied}-amount"], again.fields[f"{copied}-days"]) == ("2", "5")
    again.press(f"strike {copied}")
    assert again.fields.getlist("line") == []


# ---- signing -------------------------------------------------------------------------------------------------------


def test_sign(client: FlaskClient, app: Flask, clinic: Clinic, seen: Seen) -> None:
    item_id = create_medicine(app)
    sheet = fill(Sheet(client, seen.visit_key), "J00")
    sheet.press(f"prescribe {item_id}")
    sheet.write(**{f"{line_of(sheet)}-days": "7"})
    answer = sheet.press(to="sign")
    assert answer.status_code == 303
    assert "No. 1 is done here." in client.get(answer.location).get_data(as_text=True)
    with app.app_context():
        note = queries.get_note(clinic.doctor, db.session.scalars(select(Consultation.key)).one())
        assert [(one.name, one.quantity) for one in note.medicines] == [("amoxicillin 500 mg", 21)]
        assert [(one.code, one.case_type) for one in note.diagnoses] == [("J00", CaseType.NEW)]
        waiting = board(clinic.pharmacist, factories.point_of(clinic.doctor.site_id, "PHARMACY"))
        assert [row.visit_id for row in waiting] == [seen.visit_id]
        assert db.session.scalar(select(func.count()).select_from(Draft)) == 0


def test_a_double_click_signs_once_and_both_answers_lead_to_the_same_place(
    client: FlaskClient, app: Flask, seen: Seen
) -> None:
    item_id = create_medicine(app)
    sheet = fill(Sheet(client, seen.visit_key), "J00")
    sheet.press(f"prescribe {item_id}")
    sheet.write(**{f"{line_of(sheet)}-days": "7"})
    first, second = sheet.press(to="sign"), sheet.press(to="sign")
    assert (first.status_code, first.location) == (second.status_code, second.location)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Prescription)) == 1
    other = sheet.write(complaint="other words").press(to="sign")
    assert other.status_code == 422


def test_htmx_is_led_on_by_a_header(client: FlaskClient, seen: Seen) -> None:
    sheet = fill(Sheet(client, seen.visit_key), "J00")
    answer = sheet.press(to="sign", htmx=True)
    assert answer.headers["HX-Redirect"].startswith("/desk?closed=")


def test_a_refused_signature_keeps_everything_here_and_on_the_server_and_leads_to_what_is_missing(
    client: FlaskClient, app: Flask, clinic: Clinic, seen: Seen
) -> None:
    item_id = create_medicine(app)
    sheet = Sheet(client, seen.visit_key)
    sheet.press(f"prescribe {item_id}")
    line = line_of(sheet)
    sheet.write(findings="red throat", **{f"{line}-amount": "bir"})
    answer = sheet.press(to="sign")
    page = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert f'href="#{line}-amount"' in page
    assert f'href="#{line}-days"' in page
    assert "data-focus" in page
    assert (sheet.fields["findings"], sheet.fields[f"{line}-amount"]) == ("red throat", "bir")
    kept = desk_of(app, clinic, seen).content.line(line)
    assert kept is not None
    assert kept.amount == "bir"
    sheet.write(**{f"{line}-amount": "1", f"{line}-days": "5"})
    answer = sheet.press(to="sign")
    assert 'href="#diagnosis"' in answer.get_data(as_text=True)
    assert desk_of(app, clinic, seen).state is State.OPEN


def test_an_allergy_stops_the_signature_until_the_doctor_writes_why(
    client: FlaskClient, app: Flask, clinic: Clinic, seen: Seen
) -> None:
    item_id = create_medicine(app, allergy_group=AllergyGroup.PENICILLIN)
    with app.app_context(), transaction():
        chart.record_allergy(
            clinic.nurse,
            seen.patient_id,
            substance="penicillin (class)",
            severity=Severity.LIFE_THREATENING,
            group=AllergyGroup.PENICILLIN,
        )
    sheet = fill(Sheet(client, seen.visit_key), "J00")
    sheet.press(f"prescribe {item_id}")
    line = line_of(sheet)
    assert "Allergy on file: penicillin (class)." in unescape(sheet.text)
    assert "One medicine is stopped" in sheet.text
    sheet.write(**{f"{line}-days": "7"})
    refused = sheet.press(to="sign")
    assert refused.status_code == 422
    assert f'href="#{line}-override"' in refused.get_data(as_text=True)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Prescription)) == 0
    sheet.write(**{f"{line}-override": "desensitised 2025, letter seen"})
    assert sheet.press(to="sign").status_code == 303
    with app.app_context():
        kept = db.session.scalars(select(PrescriptionLine.override_reason)).one()
    assert kept == "desensitised 2025, letter seen"


def test_abandon(client: FlaskClient, app: Flask, clinic: Clinic, seen: Seen) -> None:
    sheet = fill(Sheet(client, seen.visit_key))
    assert sheet.press(to="abandon").status_code == 422
    answer = sheet.write(reason="went home").press(to="abandon")
    assert answer.status_code == 303
    with app.app_context():
        note = db.session.scalars(select(Consultation)).one()
        assert (note.state, note.abandoned_because) == (State.ABANDONED, "went home")
        key = note.key
    page = client.get(f"/desk/note/{key}").get_data(as_text=True)
    assert "went home" in page
    assert "Add to the note" not in page


def test_a_signed_note_takes_no_more_drafts_from_an_old_window(client: FlaskClient, seen: Seen) -> None:
    old = Sheet(client, seen.visit_key)
    fill(Sheet(client, seen.visit_key), "J00").press(to="sign")
    answer = old.write(complaint="late words").press("keep")
    assert answer.status_code == 422
    assert "late words" in answer.get_data(as_text=True)


# ---- what a page costs ---------------------------------------------------------------------------------------------


def test_the_chart_page_keeps_its_budget_whatever_stands_in_it(
    client: FlaskClient, app: Flask, clinic: Clinic, seen: Seen
) -> None:
    first, second = create_medicine(app), create_medicine(app, "ibuprofen")
    sheet = fill(Sheet(client, seen.visit_key), "J00", "I10")
    for item_id in (first, second):
        sheet.press(f"prescribe {item_id}")
        sheet.write(**{f"{line_of(sheet)}-days": "7"})
    sheet.press("keep")
    with count_statements(app) as told:
        assert client.get(f"/desk/{seen.visit_key}").status_code == 200
    assert len(told) <= 14, "\n".join(told)


def test_a_signature_with_a_prescription_keeps_its_budget(client: FlaskClient, app: Flask, seen: Seen) -> None:
    item_id = create_medicine(app, pregnancy_caution="avoid")
    sheet = fill(Sheet(client, seen.visit_key), "J00", "I10")
    sheet.press(f"prescribe {item_id}")
    sheet.write(**{f"{line_of(sheet)}-days": "7"}).press("keep")
    with count_statements(app) as told:
        assert sheet.press(to="sign").status_code == 303
    assert len(told) <= 20, "\n".join(told)


def test_a_draft_and_a_search_stay_cheap(client: FlaskClient, app: Flask, seen: Seen) -> None:
    sheet = fill(Sheet(client, seen.visit_key), "J00").write(diagnosis="hyper")
    with count_statements(app) as told:
        sheet.press(htmx=True)
    assert len(told) <= 10, "\n".join(told)
    with count_statements(app) as told:
        sheet.press(to="find-diagnosis")
    assert len(told) <= 8, "\n".join(told)

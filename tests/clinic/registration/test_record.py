"""Who a person is: seen, corrected, given another paper."""

import re

from sqlalchemy import select

from clinic.kernel.db import db, transaction
from clinic.patients.models import Patient
from clinic.patients.rules import BirthPrecision
from tests.clinic.registration.conftest import Desk
from tests.desk import HiddenFields
from tests.statements import count_statements

RASHID = {"other_spelling": "رشيد طلاس", "born": "04.03.1985", "phone": "+905410002285", "district": "Fatih"}
SENT = {
    "given_ar": "رشيد",
    "family_ar": "طلاس",
    "given_latin": "Rashid",
    "family_latin": "Tlass",
    "sex": "MALE",
    "speaks": "ar",
    "born": "04.03.1985",
    "phone": "0541 000 22 85",
    "district": "Fatih",
    "label_language": "ar",
}


def on_file(desk: Desk, key: str) -> Patient:
    with desk.app.app_context():
        return db.session.scalars(select(Patient).where(Patient.key == key)).one()


def filled(page: str) -> dict[str, str]:
    """Return what the form of corrections shows, as a browser would send it untouched."""
    form = page[page.index('id="correction"') : page.index("</form>", page.index('id="correction"'))]
    texts = dict(re.findall(r'name="(\w+)"[^>]*type="text" value="([^"]*)"', form))
    chosen = dict(re.findall(r'name="(\w+)"[^>]* value="([^"]*)" checked', form))
    options = re.findall(r'<select[^>]*name="(\w+)">(.*?)</select>', form, re.DOTALL)
    picked = {name: re.findall(r'<option selected value="([^"]*)"', inner)[0] for name, inner in options}
    return {**texts, **chosen, **picked}


def test_what_is_on_file_is_shown_and_saved_untouched_changes_nothing(desk: Desk) -> None:
    for born in ("04.03.1985", "01.01.1985", "1985", "03.1985", "~40", "8 months", ""):
        key = desk.register("Rashid", "Tlass", father="عدنان", **{**RASHID, "born": born})
        before = on_file(desk, key).particulars
        path = f"/registration/{key}/record"
        page = desk.client.get(path).get_data(as_text=True)
        answer = desk.client.post(path, data={**HiddenFields(page).forms[path], **filled(page)})
        assert answer.status_code == 303, born
        assert on_file(desk, key).particulars == before


def test_a_correction_is_kept_and_the_person_found_by_it(desk: Desk) -> None:
    key = desk.register("Rashid", "Tlass", **RASHID)
    path = f"/registration/{key}/record"
    answer = desk.client.submit(path, {**SENT, "given_latin": "Khaled", "born": "1984"}, to=path)
    assert (answer.status_code, answer.location) == (303, path)
    assert "Corrected." in desk.client.get(path).get_data(as_text=True)
    person = on_file(desk, key)
    assert (person.given_latin, person.birth_year, person.birth_precision) == ("Khaled", 1984, BirthPrecision.YEAR)
    found = desk.client.submit("/registration", {"words": "Halit Tlass"}, to="/registration/search").location
    assert key in desk.client.get(found).get_data(as_text=True)


def test_of_two_corrections_the_second_sees_both_texts_and_decides(desk: Desk) -> None:
    key = desk.register("Rashid", "Tlass", **RASHID)
    path = f"/registration/{key}/record"
    hidden = HiddenFields(desk.client.get(path).get_data(as_text=True)).forms[path]
    desk.client.submit(path, {**SENT, "district": "Zeytinburnu"}, to=path)
    refused = desk.client.post(path, data={**hidden, **SENT, "phone": "0541 000 22 58"})
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "Someone else corrected this record meanwhile." in page
    both = page[page.index("both-texts") : page.index('id="correction"')]
    assert re.findall(r'<th scope="row">([^<]+)</th>', both) == ["Phone", "District"]
    assert "Zeytinburnu" in both
    assert on_file(desk, key).district == "Zeytinburnu"
    knowing = HiddenFields(page).forms[path]
    assert desk.client.post(path, data={**knowing, **SENT, "phone": "0541 000 22 58"}).status_code == 303
    assert (on_file(desk, key).phone, on_file(desk, key).district) == ("+905410002258", "Fatih")


def test_names_stand_in_the_row_of_their_letters_and_one_must_stand(desk: Desk) -> None:
    key = desk.register("Rashid", "Tlass", **RASHID)
    path = f"/registration/{key}/record"
    mixed = desk.client.submit(path, {**SENT, "given_ar": "Rashid"}, to=path)
    assert "These letters belong in the other row." in mixed.get_data(as_text=True)
    none = desk.client.submit(path, {**SENT, "given_ar": "", "given_latin": ""}, to=path)
    assert none.status_code == 422
    assert "Write at least one name" in none.get_data(as_text=True)
    assert on_file(desk, key).version == 1


def test_a_paper_held_by_another_names_the_holder(desk: Desk) -> None:
    owner = desk.register("Omar", "Najjar", numbers=("99123456740",))
    key = desk.register("Rashid", "Tlass", **RASHID)
    refused = desk.client.submit(
        f"/registration/{key}/record", {"system": "YKN", "value": "99123456740"}, to=f"/registration/{key}/papers"
    )
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "Omar Najjar" in page
    assert f'href="/registration/{owner}"' in page
    assert 'value="99123456740"' in page


def test_a_doubted_paper_is_taken_with_a_reason(desk: Desk) -> None:
    key = desk.register("Rashid", "Tlass", **RASHID)
    path, action = f"/registration/{key}/record", f"/registration/{key}/papers"
    asked = desk.client.submit(path, {"system": "YKN", "value": "99123456741"}, to=action)
    assert "The last two digits do not fit the others." in asked.get_data(as_text=True)
    hidden = HiddenFields(asked.get_data(as_text=True)).forms[action]
    told = desk.client.post(action, data={**hidden, "system": "YKN", "value": "99123456741", "because": "so printed"})
    assert told.status_code == 303
    assert "check digits do not fit: so printed" in desk.client.get(path).get_data(as_text=True)


def test_two_who_are_on_file_become_one_family(desk: Desk) -> None:
    mother, child = desk.register("Fatima", "Tlass"), desk.register("Rashid", "Tlass", **RASHID)
    path, action = f"/registration/{child}/record", f"/registration/{child}/household"
    for typed in ("P-000 002", "2", "٢"):
        assert desk.client.submit(path, {"record": typed}, to=action).status_code == 303
    assert on_file(desk, child).household_id == on_file(desk, mother).household_id is not None
    assert f'href="/registration/{mother}"' in desk.client.get(path).get_data(as_text=True)


def test_a_family_is_not_noted_with_someone_who_is_not_on_file_here(desk: Desk) -> None:
    desk.register_elsewhere("Fatima", "Tlass")
    child = desk.register("Rashid", "Tlass", **RASHID)
    path, action = f"/registration/{child}/record", f"/registration/{child}/household"
    for typed in ("P-000 077", "nobody", "", "9" * 15):
        refused = desk.client.submit(path, {"record": typed}, to=action)
        assert refused.status_code == 422
        assert f'value="{typed}"' in refused.get_data(as_text=True)
    assert on_file(desk, child).household_id is None


def test_nobody_of_another_organisation_is_corrected(desk: Desk) -> None:
    key = desk.register_elsewhere("Rashid", "Tlass", **RASHID)
    own = desk.register("Omar", "Najjar")
    path = f"/registration/{own}/record"
    hidden = HiddenFields(desk.client.get(path).get_data(as_text=True)).forms[path]
    assert desk.client.post(f"/registration/{key}/record", data={**hidden, **SENT}).status_code == 404
    assert desk.client.post(f"/registration/{key}/papers", data=hidden).status_code == 404
    assert on_file(desk, key).version == 1


def test_the_page_of_a_merged_record_is_the_survivor_s(desk: Desk) -> None:
    survivor, merged = desk.register("Rashid", "Tlass", **RASHID), desk.register("Khaled", "Tlass")
    with desk.app.app_context(), transaction() as session:
        ids = {person.key: person for person in session.scalars(select(Patient))}
        ids[merged].survivor_id = ids[survivor].id
    page = desk.client.get(f"/registration/{merged}/record").get_data(as_text=True)
    assert "P-000 002" in page
    assert desk.client.get(f"/registration/{merged}").status_code == 200


def test_the_page_costs_at_most_eight_statements(desk: Desk) -> None:
    key = desk.register("Rashid", "Tlass", **RASHID, numbers=("99123456740", "98123456750"))
    with count_statements(desk.app) as told:
        assert desk.client.get(f"/registration/{key}/record").status_code == 200
    assert len(told) <= 8

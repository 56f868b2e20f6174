"""A person never seen before: scenarios 2 and 4 to 7, and what is typed is never lost."""

import re
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from clinic.auth.roles import Role
from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import db
from clinic.patients.models import Patient, PatientIdentifier
from clinic.patients.rules import BirthPrecision, IdentifierSystem, LegalStatus
from clinic.visits.models import Visit
from tests.clinic.registration.conftest import Desk
from tests.desk import HiddenFields
from tests.statements import count_statements

NEW = "/registration/new"
HALID = {
    "given": "Halid",
    "father": "",
    "family": "Cemal",
    "sex": "MALE",
    "speaks": "ar",
    "born": "04.03.1985",
    "why": "NEW_PROBLEM",
}


@pytest.fixture
def gp(desk: Desk) -> str:
    """Where the newcomers of these tests go."""
    return desk.point("GP")


def people(desk: Desk) -> list[str]:
    """Return the names on file, the last registered first, without the noise."""
    with desk.app.app_context():
        names = [
            person.names.spellings[0] for person in db.session.scalars(select(Patient).order_by(Patient.id.desc()))
        ]
    return [name for name in names if name != "Omar Haddad"]


def last_person(desk: Desk) -> Patient:
    with desk.app.app_context():
        person = db.session.scalars(select(Patient).order_by(Patient.id.desc())).first()
        assert person is not None
        return person


def papers(desk: Desk) -> list[tuple[IdentifierSystem, str, str]]:
    with desk.app.app_context():
        rows = db.session.scalars(select(PatientIdentifier).order_by(PatientIdentifier.id)).all()
        return [(row.system, row.value, row.doubt) for row in rows]


def test_nine_answers_make_a_person_and_a_number(desk: Desk, gp: str) -> None:
    answer = desk.client.submit(
        NEW,
        {
            **HALID,
            "given": "خالد",
            "father": "جمال",
            "family": "الأحمد",
            "other_spelling": "Halid Alahmed",
            "number": "99123456740",
            "phone": "0541 000 22 85",
            "point": gp,
        },
        to=NEW,
    )
    assert answer.status_code == 303
    assert "/registration/number/" in answer.location
    person = last_person(desk)
    assert (person.given_ar, person.father_ar, person.family_ar) == ("خالد", "جمال", "الأحمد")
    assert (person.given_latin, person.family_latin) == ("Halid", "Alahmed")
    assert (person.phone, person.language, person.label_language) == ("+905410002285", "ar", "ar")
    assert person.legal_status is LegalStatus.NOT_ASKED
    assert papers(desk) == [(IdentifierSystem.YKN, "99123456740", "")]


def test_what_can_wait_is_kept_when_it_is_told(desk: Desk) -> None:
    answer = desk.client.submit(
        NEW,
        {
            **HALID,
            "only": "1",
            "speaks": "und",
            "other_language": "fa",
            "nationality": "AF",
            "district": "Fatih",
            "label_language": "en",
            "legal_status": "INTERNATIONAL_PROTECTION",
            "mother": "Zahra",
            "paper_system": "PASSPORT",
            "paper_number": "p 01234567",
        },
        to=NEW,
    )
    person = last_person(desk)
    assert answer.location == f"/registration/{person.key}"
    assert (person.language, person.label_language, person.nationality) == ("fa", "en", "AF")
    assert (person.district, person.mother, person.legal_status) == (
        "Fatih",
        "Zahra",
        LegalStatus.INTERNATIONAL_PROTECTION,
    )
    assert papers(desk) == [(IdentifierSystem.PASSPORT, "P01234567", "")]
    with desk.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Visit)) == 0


def test_one_who_may_be_on_file_is_shown_first_and_nobody_is_registered(desk: Desk, gp: str) -> None:
    key = desk.register("خالد", "جمال", other_spelling="Khaled Jamal", born="04.03.1985")
    asked = desk.client.submit(NEW, {**HALID, "point": gp}, to=NEW)
    page = asked.get_data(as_text=True)
    assert asked.status_code == 422
    assert "Is it him already?" in page
    assert "خالد جمال" in page
    assert "Halid Cemal" in page
    assert f'href="/registration/{key}"' in page
    assert len(people(desk)) == 1


def test_a_different_person_needs_a_reason_which_is_recorded(desk: Desk, gp: str) -> None:
    key = desk.register("خالد", "جمال", other_spelling="Khaled Jamal", born="04.03.1985")
    page = desk.client.submit(NEW, {**HALID, "point": gp}, to=NEW).get_data(as_text=True)
    [told_apart] = re.findall(r'name="told_apart" value="([^"]+)"', page)
    hidden = HiddenFields(page).forms[NEW]
    assert told_apart == key
    sent = {**hidden, **HALID, "point": gp, "told_apart": told_apart}
    unsaid = desk.client.post(NEW, data=sent)
    assert unsaid.status_code == 422
    assert "Say why this is a different person." in unsaid.get_data(as_text=True)
    told = desk.client.post(NEW, data={**sent, "because": "His father is Adnan"})
    assert told.status_code == 303
    assert people(desk) == ["Halid Cemal", "خالد جمال"]
    with desk.app.app_context():
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.act == "DIFFERENT_PERSON")).one()
        assert event.detail == {"unlike": [key], "because": "His father is Adnan"}


def test_a_reason_for_one_is_none_for_another(desk: Desk, gp: str) -> None:
    desk.register("خالد", "جمال", other_spelling="Khaled Jamal", born="04.03.1985")
    told = desk.client.submit(
        NEW, {**HALID, "point": gp, "told_apart": "someone-else", "because": "His father is Adnan"}, to=NEW
    )
    assert told.status_code == 422
    assert len(people(desk)) == 1


def test_while_typing_those_on_file_who_are_alike_are_shown_and_recorded(desk: Desk) -> None:
    key = desk.register("خالد", "جمال", other_spelling="Khaled Jamal", born="04.03.1985")
    hidden = HiddenFields(desk.client.get(NEW).get_data(as_text=True)).forms[NEW]
    piece = desk.client.post(f"{NEW}/alike", data={**hidden, **HALID}).get_data(as_text=True)
    assert f'href="/registration/{key}"' in piece
    assert "<html" not in piece
    with desk.app.app_context():
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.table_name == "ALIKE")).one()
        assert event.detail == {"people": [key]}
    empty = desk.client.post(f"{NEW}/alike", data={**hidden, "given": ""}).get_data(as_text=True)
    assert "href" not in empty


def test_a_wrong_check_digit_is_asked_about_and_taken_with_a_reason(desk: Desk, gp: str) -> None:
    asked = desk.client.submit(NEW, {**HALID, "point": gp, "number": "99123456741"}, to=NEW)
    page = asked.get_data(as_text=True)
    assert asked.status_code == 422
    assert "The last two digits do not fit the others." in page
    assert 'value="99123456741"' in page
    hidden = HiddenFields(page).forms[NEW]
    told = desk.client.post(
        NEW, data={**hidden, **HALID, "point": gp, "number": "99123456741", "number_because": "so printed"}
    )
    assert told.status_code == 303
    assert papers(desk) == [(IdentifierSystem.YKN, "99123456741", "so printed")]


def test_a_number_of_ten_digits_is_refused_at_its_field(desk: Desk, gp: str) -> None:
    refused = desk.client.submit(NEW, {**HALID, "point": gp, "number": "9912345674"}, to=NEW)
    assert refused.status_code == 422
    assert "10 digits. The number on the card has 11." in refused.get_data(as_text=True)
    assert people(desk) == []


def test_arabic_digits_are_taken_as_digits(desk: Desk, gp: str) -> None:
    assert desk.client.submit(NEW, {**HALID, "point": gp, "number": "99١٢٣٤٥٦٧٤٠"}, to=NEW).status_code == 303
    assert papers(desk) == [(IdentifierSystem.YKN, "99123456740", "")]


def test_an_old_number_is_taken_and_the_new_one_is_asked_for(desk: Desk) -> None:
    answer = desk.client.submit(NEW, {**HALID, "only": "1", "number": "98123456750"}, to=NEW)
    page = desk.client.get(answer.location).get_data(as_text=True)
    assert "Old number: ask for the one with 99" in page
    record = f"{answer.location}/record"
    added = desk.client.submit(record, {"system": "YKN", "value": "99123456740"}, to=f"{answer.location}/papers")
    assert added.status_code == 303
    assert [system for system, _, _ in papers(desk)] == [IdentifierSystem.YKN_OLD, IdentifierSystem.YKN]
    assert len(people(desk)) == 1
    assert "Old number" not in desk.client.get(answer.location).get_data(as_text=True)


def test_a_number_on_file_for_another_stops_and_shows_the_owner(desk: Desk, gp: str) -> None:
    key = desk.register("Rashid", "Tlass", numbers=("99123456740",))
    stopped = desk.client.submit(
        NEW, {**HALID, "point": gp, "number": "99123456740", "told_apart": key, "because": "another man"}, to=NEW
    )
    page = stopped.get_data(as_text=True)
    assert stopped.status_code == 422
    assert "This number is on file for" in page
    assert "Rashid Tlass" in page
    assert f'href="/registration/{key}"' in page
    assert "Different person" not in page
    assert people(desk) == ["Rashid Tlass"]


def test_one_without_a_document_of_about_forty_is_registered_and_no_birthday_is_made_up(desk: Desk) -> None:
    answer = desk.client.submit(NEW, {**HALID, "only": "1", "born": "about 40"}, to=NEW)
    person = last_person(desk)
    assert (person.birth_year, person.birth_month, person.birth_day) == (1986, None, None)
    assert person.birth_precision is BirthPrecision.ESTIMATED
    page = desk.client.get(answer.location).get_data(as_text=True)
    assert "~40" in page
    assert "about 1986" in page
    assert "01.01.1986" not in page


def test_the_first_of_january_is_a_year_alone_unless_it_is_so_indeed(desk: Desk) -> None:
    desk.client.submit(NEW, {**HALID, "only": "1", "born": "01.01.1985"}, to=NEW)
    person = last_person(desk)
    assert (person.birth_precision, person.birth_as_on_document) == (BirthPrecision.YEAR, "01.01.1985")
    desk.client.submit(NEW, {**HALID, "given": "Rashid", "only": "1", "born": "01.01.1985", "new_year": "y"}, to=NEW)
    assert last_person(desk).birth_precision is BirthPrecision.DAY


def test_everything_that_is_wrong_is_said_at_once_and_nothing_typed_is_lost(desk: Desk) -> None:
    typed = {
        "given": "خالد",
        "father": "جمال",
        "family": "الأحمد",
        "other_spelling": "خالد",
        "sex": "MALE",
        "speaks": "ku",
        "number": "9912345674",
        "born": "31.04.1992",
        "phone": "0541",
        "district": "Fatih <b>",
        "paper_number": "N01",
        "why": "FOLLOW_UP",
    }
    refused = desk.client.submit(NEW, typed, to=NEW)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "Not saved. 6 answers need another look." in page
    linked = re.findall(r'<li><a href="#([^"]+)">', page)
    assert linked == ["other_spelling", "number", "born", "phone", "paper_system", "point"]
    for name, text in typed.items():
        shown = text.replace("<", "&lt;").replace(">", "&gt;")
        assert f'value="{shown}"' in page, name
    assert re.search(r'value="ku" checked', page)
    assert re.search(r'value="FOLLOW_UP" checked', page)
    assert "<b>" not in re.sub(r"<b>\d+</b>|<b class[^>]*>|<b><bdi", "", page)[page.index("<main") :]
    assert people(desk) == []


def test_a_number_that_is_in_use_nowhere_is_asked_about(desk: Desk) -> None:
    asked = desk.client.submit(NEW, {**HALID, "only": "1", "phone": "0199 000 22 85"}, to=NEW)
    page = asked.get_data(as_text=True)
    assert asked.status_code == 422
    assert "No such phone number is in use." in page
    hidden = HiddenFields(page).forms[NEW]
    told = {**hidden, **HALID, "only": "1", "phone": "0199 000 22 85", "phone_is_right": "y"}
    assert desk.client.post(NEW, data=told).status_code == 303


def test_sent_twice_it_is_one_person_and_one_number(desk: Desk, gp: str) -> None:
    hidden = HiddenFields(desk.client.get(NEW).get_data(as_text=True)).forms[NEW]
    answers = [desk.client.post(NEW, data={**hidden, **HALID, "point": gp}) for _ in range(3)]
    assert {(answer.status_code, answer.location) for answer in answers} == {(303, answers[0].location)}
    assert people(desk) == ["Halid Cemal"]
    with desk.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Visit)) == 1


def test_where_the_number_cannot_be_given_the_person_is_not_registered_either(desk: Desk, gp: str) -> None:
    with (
        patch("clinic.registration.views.check_in.begin_visit", side_effect=RuntimeError),
        pytest.raises(RuntimeError),
    ):
        desk.client.submit(NEW, {**HALID, "point": gp}, to=NEW)
    assert people(desk) == []


def test_the_words_of_a_search_that_found_nobody_need_not_be_typed_again(desk: Desk) -> None:
    for words, expected in (
        ("Rashid Tlass", ['name="given" spellcheck="false" type="text" value="Rashid"', 'value="Tlass"']),
        ("99123456740", ['value="99123456740"']),
        ("0541 000 22 85", ['value="0541 000 22 85"']),
    ):
        found = desk.client.submit("/registration", {"words": words}, to="/registration/search").location
        [link] = re.findall(r'href="(/registration/new\?found=[^"]+)"', desk.client.get(found).get_data(as_text=True))[
            :1
        ]
        page = desk.client.get(link).get_data(as_text=True)
        for piece in expected:
            assert piece in re.sub(r" required", "", page)


def test_what_a_family_shares_need_not_be_typed_again(desk: Desk) -> None:
    mother = desk.register("Fatima", "Hariri", phone="+905410002285", district="Fatih", language="fa")
    page = desk.client.get(f"/registration/new?with={mother}").get_data(as_text=True)
    for shared in ('value="Hariri"', 'value="0541 000 22 85"', 'value="Fatih"', '<option selected value="fa">'):
        assert shared in page
    answer = desk.client.submit(f"/registration/new?with={mother}", {**HALID, "only": "1", "relative": mother}, to=NEW)
    assert answer.status_code == 303
    assert last_person(desk).household_id is not None


def test_a_relative_of_another_organisation_is_not_found(desk: Desk) -> None:
    key = desk.register_elsewhere("Fatima")
    assert desk.client.get(f"/registration/new?with={key}").status_code == 404
    refused = desk.client.submit(NEW, {**HALID, "only": "1", "relative": key}, to=NEW)
    assert refused.status_code == 422
    assert people(desk) == ["Fatima"]


def test_extra_answers_are_ignored(desk: Desk) -> None:
    desk.client.submit(
        NEW, {**HALID, "only": "1", "record_number": "1", "organisation_id": "2", "survivor_id": "1"}, to=NEW
    )
    person = last_person(desk)
    assert (person.record_number, person.organisation_id, person.survivor_id) == (
        2,
        desk.scope.organisation_id,
        None,
    )


def test_only_who_registers_may_register(desk: Desk) -> None:
    for role in (Role.NURSE, Role.DOCTOR, Role.MANAGER, Role.ADMINISTRATOR):
        desk.sign_in(role)
        for path in (NEW, f"{NEW}/alike"):
            assert desk.client.post(path, data=HALID).status_code in {400, 403}
    assert people(desk) == []


def test_registering_and_checking_in_cost_few_statements(desk: Desk, gp: str) -> None:
    hidden = HiddenFields(desk.client.get(NEW).get_data(as_text=True)).forms[NEW]
    sent = {**hidden, **HALID, "point": gp, "number": "99123456740"}
    with count_statements(desk.app) as told:
        assert desk.client.post(NEW, data=sent).status_code == 303
    assert len(told) <= 23
    with count_statements(desk.app) as told:
        assert desk.client.get(NEW).status_code == 200
    assert len(told) <= 8


def test_registering_alone_costs_at_most_fourteen(desk: Desk) -> None:
    hidden = HiddenFields(desk.client.get(NEW).get_data(as_text=True)).forms[NEW]
    sent = {**hidden, **HALID, "only": "1", "number": "99123456740"}
    with count_statements(desk.app) as told:
        assert desk.client.post(NEW, data=sent).status_code == 303
    assert len(told) <= 14


ANSWERS = st.dictionaries(
    st.sampled_from(
        [
            *(
                "given",
                "father",
                "family",
                "other_spelling",
                "sex",
                "speaks",
                "number",
                "born",
                "phone",
                "only",
                "point",
            ),
            *("nationality", "other_language", "label_language", "legal_status", "paper_system", "paper_number", "why"),
            *("only", "told_apart", "because", "relative", "op", "number_because", "phone_is_right", "new_year"),
        ]
    ),
    st.one_of(
        st.text(max_size=200),
        st.sampled_from(["MALE", "ar", "und", "99123456740", "01.01.1985", "~40", "0541 000 22 85", "PASSPORT", "y"]),
    ),
    max_size=12,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answers=ANSWERS)
def test_whatever_is_sent_the_desk_answers_in_words(desk: Desk, answers: dict[str, str]) -> None:
    page = desk.client.get(NEW).get_data(as_text=True)
    answer = desk.client.post(NEW, data={**HiddenFields(page).forms[NEW], **answers})
    assert answer.status_code in {303, 409, 422}

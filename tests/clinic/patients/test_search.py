import pytest
from flask import Flask

from clinic.kernel.access import Scope
from clinic.kernel.db import db, transaction
from clinic.patients import queries
from clinic.patients.models import Patient
from clinic.patients.rules import Reason, Sex
from tests.factories import create_desk, register_patient
from tests.statements import count_statements

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("context")]

OTHERS = ("Omar Haddad", "Huda Najjar", "Mahmoud Halabi", "Hamid Shami", "Maryam Khatib", "Ahmad Najjar")


@pytest.fixture
def desk() -> Scope:
    """A desk with people on file, and another organisation's with the very ones who are sought."""
    scope, elsewhere = create_desk(), create_desk()
    for name in OTHERS:
        register_patient(scope, *name.split())
    register_patient(elsewhere, "محمد", "الحريري", other_spelling="Mohammed Al-Hariri", phone="+905410002285")
    register_patient(elsewhere, "أحمد", numbers=("99123456740",))
    return scope


def found(scope: Scope, words: str) -> list[int]:
    return [trace.patient_id for trace in queries.search(scope, words).traces]


def why(scope: Scope, words: str) -> tuple[Reason, ...]:
    return queries.search(scope, words).traces[0].reasons


@pytest.mark.parametrize(
    "words", ["محمد الحريري", "Mhmd Hariri", "hariri mohamed", "MUHAMMED HARIRI", "Mehmet Hariri", "hari moham"]
)
def test_a_name_is_found_in_any_spelling_and_order_among_the_first_five(desk: Scope, words: str) -> None:
    patient_id = register_patient(desk, "محمد", "الحريري", father="خليل", other_spelling="Mohammed Al-Hariri")
    assert patient_id in found(desk, words)[:5]


def test_alef_is_found_with_and_without_its_hamza(desk: Scope) -> None:
    patient_id = register_patient(desk, "أحمد", "قاسم")
    assert patient_id in found(desk, "احمد")[:5]


def test_the_fathers_name_finds_too_and_ranks_below_ones_own(desk: Scope) -> None:
    by_father = register_patient(desk, "Amin", "Hariri", father="Mohamed")
    own = register_patient(desk, "Mohamed", "Hariri", father="Amin")
    assert found(desk, "mohamed hariri")[:2] == [own, by_father]
    reasons = queries.search(desk, "mohamed hariri").traces[1].reasons
    assert Reason.FATHERS_NAME in reasons


def test_of_those_who_sound_alike_the_one_spelt_most_like_it_comes_first(desk: Scope) -> None:
    spelt = register_patient(desk, "محمد", "الحريري", other_spelling="Mohammed Al-Hariri")
    turkish = register_patient(desk, "Mehmet", "Hariri")
    assert found(desk, "hariri mohamed")[:2] == [spelt, turkish]
    assert found(desk, "mehmet hariri")[:2] == [turkish, spelt]


def test_one_whose_other_name_is_misspelt_is_still_shown(desk: Scope) -> None:
    patient_id = register_patient(desk, "Rashid", "Tlass")
    assert patient_id in found(desk, "Rashid Bakr")


@pytest.mark.parametrize("typed", ["99123456740", "99١٢٣٤٥٦٧٤٠", "991 234 567 40"])
def test_a_document_s_number_finds_its_bearer_alone(desk: Scope, typed: str) -> None:
    patient_id = register_patient(desk, "Omar", numbers=("99123456740",))
    assert found(desk, typed) == [patient_id]
    assert why(desk, typed) == (Reason.SAME_NUMBER,)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("0541 000 22 85", Reason.SAME_PHONE),
        ("+90 541 000 22 85", Reason.SAME_PHONE),
        ("2285", Reason.PHONE_END),
        ("000 22 85", Reason.PHONE_END),
    ],
)
def test_a_phone_finds_by_all_or_by_its_last_digits(desk: Scope, typed: str, reason: Reason) -> None:
    patient_id = register_patient(desk, "Omar", phone="+905410002285")
    register_patient(desk, "Omar", phone="+905410002258")
    assert found(desk, typed) == [patient_id]
    assert why(desk, typed) == (reason,)


@pytest.mark.parametrize("typed", ["P-000 007", "7", "p7", "000007"])
def test_a_record_number_finds_its_record(desk: Scope, typed: str) -> None:
    patient_id = register_patient(desk, "Omar")
    assert found(desk, typed) == [patient_id]
    assert why(desk, typed) == (Reason.RECORD_NUMBER,)


def test_four_digits_are_a_record_number_and_a_phone_s_end_side_by_side(desk: Scope) -> None:
    by_phone = register_patient(desk, "Omar", phone="+905410001207")
    by_record = register_patient(desk, "Khalil")
    with transaction() as session:
        session.get_one(Patient, by_record).record_number = 1207
    assert found(desk, "1207") == [by_record, by_phone]


def test_a_merged_record_leads_to_the_survivor_and_says_which_it_was(desk: Scope) -> None:
    survivor = register_patient(desk, "Khaled", "Ahmad", numbers=("98123456750",))
    merged = register_patient(desk, "Rashid", "Ahmad", numbers=("99123456740",))
    with transaction() as session:
        session.get_one(Patient, merged).survivor_id = survivor
    for words in ("Rashid Ahmad", "99123456740", "P-000 008"):
        trace = queries.search(desk, words).traces[0]
        assert (trace.patient_id, trace.found_as) == (survivor, "P-000 008")
    assert found(desk, "Ahmad").count(survivor) == 1


@pytest.mark.parametrize("words", ["", " ", "-", "al", "%", "'; DROP TABLE patient", "\u200f", "٪", "00", "+" * 300])
def test_what_means_nobody_finds_nobody(desk: Scope, words: str) -> None:
    assert found(desk, words) == []


def test_more_than_fit_are_said_to_be_more(desk: Scope) -> None:
    for _ in range(4):
        register_patient(desk, "Rashid")
    findings = queries.search(desk, "Rashid", limit=3)
    assert (len(findings.traces), findings.is_cut) == (3, True)
    assert not queries.search(desk, "Rashid", limit=4).is_cut


def test_a_search_costs_as_many_statements_for_many_as_for_few(desk: Scope, context: Flask) -> None:
    costs = []
    for count in (1, 30):
        for _ in range(count):
            register_patient(desk, "Rashid", "Tlass", numbers=())
        with count_statements(context) as told:
            hits = queries.list_hits(desk, queries.search(desk, "Rashid Tlass").traces)
        costs.append(len(told))
        assert hits
    assert costs[0] <= 4
    assert costs[1] <= 3


def test_a_hit_shows_both_scripts_and_the_most_telling_number(desk: Scope) -> None:
    patient_id = register_patient(
        desk, "خالد", "الأحمد", other_spelling="Khaled Ahmad", numbers=("98123456750", "99123456740")
    )
    hit = queries.list_hits(desk, queries.search(desk, "khaled ahmad").traces)[0]
    assert (hit.card.id, hit.card.name, hit.card.other_name) == (patient_id, "خالد الأحمد", "Khaled Ahmad")
    assert hit.number == "99123456740"


def test_hits_of_another_organisation_are_not_shown(desk: Scope) -> None:
    elsewhere = create_desk()
    patient_id = register_patient(elsewhere, "Rashid")
    traces = queries.search(elsewhere, "Rashid").traces
    assert [trace.patient_id for trace in traces] == [patient_id]
    assert queries.list_hits(desk, traces) == []


def alike(scope: Scope, patient_id: int, **other: object) -> list[int]:
    """Return who is asked about when a person is at the desk who tells what is on file of `patient_id`, and `other`."""
    patient = db.session.get_one(Patient, patient_id)
    person = patient.particulars.likened()
    wanted = type(person)(**{**{name: getattr(person, name) for name in person.__dataclass_fields__}, **other})
    return [trace.patient_id for trace in queries.look_alikes(scope, wanted)]


def test_one_with_another_spelling_and_the_same_birth_date_is_asked_about(desk: Scope) -> None:
    patient_id = register_patient(desk, "خالد", "جمال", other_spelling="Khaled Jamal", born="04.03.1985")
    register_patient(desk, "Khaled", "Jamal", born="04.03.1955")
    assert alike(desk, patient_id, names=("Halid Cemal",)) == [patient_id]


def test_a_mistyped_name_is_asked_about_by_the_day_of_birth_and_the_father(desk: Scope) -> None:
    patient_id = register_patient(desk, "Khaled", "Shahrour", father="Adnan", born="04.03.1985")
    assert alike(desk, patient_id, names=("Khaled Shahrouh",)) == [patient_id]


def test_one_with_a_name_more_is_asked_about(desk: Scope) -> None:
    patient_id = register_patient(desk, "Khaled", "Jamal", father="Adnan", born="1985")
    assert alike(desk, patient_id, names=("Khaled Kheir Jamal",)) == [patient_id]


def test_the_bearer_of_the_same_number_or_phone_is_asked_about(desk: Scope) -> None:
    bearer = register_patient(desk, "Rashid", numbers=("99123456740",))
    caller = register_patient(desk, "Khaled", "Jamal", phone="+905410002285")
    assert alike(desk, caller, numbers=frozenset({"99123456740"}), phone="")[0] == bearer
    assert alike(desk, caller, names=("Khaled",), phone="+905410002285") == [caller]


def test_nobody_is_asked_about_by_a_name_alone(desk: Scope) -> None:
    patient_id = register_patient(desk, "Khaled", "Jamal")
    assert alike(desk, patient_id) == []


def test_one_of_another_sex_is_not_asked_about(desk: Scope) -> None:
    patient_id = register_patient(desk, "Nour", "Jamal", born="04.03.1985")
    assert alike(desk, patient_id) == [patient_id]
    assert alike(desk, patient_id, sex=Sex.FEMALE) == []


def test_looking_for_alikes_costs_two_statements(desk: Scope, context: Flask) -> None:
    patient_id = register_patient(desk, "Khaled", "Jamal", father="Adnan", born="04.03.1985", phone="+905410002285")
    wanted = db.session.get_one(Patient, patient_id).particulars.likened()
    with count_statements(context) as told:
        assert queries.look_alikes(desk, wanted)
    assert len(told) <= 2

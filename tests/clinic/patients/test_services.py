from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import db, transaction
from clinic.kernel.errors import NotFound, Stale
from clinic.patients import queries, services
from clinic.patients.models import NameCode, Patient, PatientIdentifier
from clinic.patients.rules import (
    DoubtfulNumber,
    IdentifierSystem,
    Names,
    Paper,
    Particulars,
    Sex,
    read_identifier,
)
from tests.factories import create_desk, create_patient, register_patient
from tests.statements import count_statements

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("context")]

KHALED = Particulars(
    names=Names(given_ar="خالد", family_ar="الأحمد", given_latin="Khaled"), sex=Sex.MALE, language="ar"
)


def codes_of(patient_id: int) -> set[str]:
    return set(db.session.scalars(select(NameCode.code).where(NameCode.patient_id == patient_id)))


def key_of(patient_id: int) -> str:
    return db.session.get_one(Patient, patient_id).key


def test_records_are_numbered_one_by_one_within_the_organisation() -> None:
    scope, elsewhere = create_desk(), create_desk()
    with transaction():
        first, _, second = (services.register(desk, KHALED) for desk in (scope, elsewhere, scope))
    numbers = [db.session.get_one(Patient, patient_id).record_number for patient_id in (first, second)]
    assert numbers == [1, 2]


def test_what_was_told_is_on_file_with_the_sounds_of_every_spelling() -> None:
    scope = create_desk()
    register_patient(scope, "Omar")
    with transaction():
        patient_id = services.register(scope, KHALED, papers=[Paper(read_identifier("99123456740"))])
    patient = db.session.get_one(Patient, patient_id)
    assert patient.particulars == KHALED
    assert codes_of(patient_id) == KHALED.names.codes
    assert [paper.value for paper in queries.list_identifiers(scope, patient_id)] == ["99123456740"]


def test_one_who_was_not_the_one_on_file_is_registered_with_the_reason_recorded() -> None:
    scope = create_desk()
    other = create_patient(scope)
    with transaction():
        patient_id = services.register(scope, KHALED, unlike=[other.key], because="His father is Adnan.")
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.act == "DIFFERENT_PERSON")).one()
    assert (event.row_key, event.detail) == (
        key_of(patient_id),
        {"unlike": [other.key], "because": "His father is Adnan."},
    )


def test_a_number_on_file_for_another_stops_and_names_the_owner() -> None:
    scope, elsewhere = create_desk(), create_desk()
    register_patient(elsewhere, "Omar", numbers=("99123456740",))
    owner = register_patient(scope, "Omar", "Haddad", numbers=("99123456740",))
    with pytest.raises(services.HeldByAnother) as refusal, transaction():
        services.register(scope, KHALED, papers=[Paper(read_identifier("99123456740"))])
    assert refusal.value.owner_key == key_of(owner)
    assert "Omar Haddad, P-000 001" in str(refusal.value)
    assert db.session.scalar(select(func.count()).select_from(Patient)) == 2


def test_a_merged_record_s_number_belongs_to_the_survivor() -> None:
    scope = create_desk()
    survivor = register_patient(scope, "Omar")
    merged = register_patient(scope, "Omer", numbers=("99123456740",))
    with transaction() as session:
        session.get_one(Patient, merged).survivor_id = survivor
    with transaction():
        assert services.add_identifier(scope, key_of(survivor), Paper(read_identifier("99123456740"))) == survivor
    with pytest.raises(services.HeldByAnother) as refusal, transaction():
        services.register(scope, KHALED, papers=[Paper(read_identifier("99123456740"))])
    assert refusal.value.owner_key == key_of(survivor)


def test_a_check_digit_that_does_not_fit_is_taken_with_a_reason_alone() -> None:
    scope = create_desk()
    number = read_identifier("99123456741")
    with pytest.raises(DoubtfulNumber), transaction():
        services.register(scope, KHALED, papers=[Paper(number)])
    with transaction():
        patient_id = services.register(scope, KHALED, papers=[Paper(number, "so printed on the card")])
    paper = queries.list_identifiers(scope, patient_id)[0]
    assert (paper.value, paper.doubt) == ("99123456741", "so printed on the card")


def test_an_old_number_and_the_new_one_are_both_kept_of_one_person() -> None:
    scope = create_desk()
    patient_id = register_patient(scope, "Omar", numbers=("98123456750",))
    with transaction():
        services.add_identifier(scope, key_of(patient_id), Paper(read_identifier("99123456740")))
    with transaction():
        services.add_identifier(scope, key_of(patient_id), Paper(read_identifier("99123456740")))
    systems = [paper.system for paper in queries.list_identifiers(scope, patient_id)]
    assert systems == [IdentifierSystem.YKN_OLD, IdentifierSystem.YKN]
    assert queries.search(scope, "98123456750").traces[0].patient_id == patient_id
    assert queries.search(scope, "99123456740").traces[0].patient_id == patient_id


def test_a_paper_is_added_to_nobody_of_another_organisation() -> None:
    scope, elsewhere = create_desk(), create_desk()
    patient_id = register_patient(elsewhere, "Omar")
    with pytest.raises(NotFound), transaction():
        services.add_identifier(scope, key_of(patient_id), Paper(read_identifier("99123456740")))


def test_a_correction_changes_the_names_and_their_sounds() -> None:
    scope = create_desk()
    noise_id = register_patient(scope, "Omar")
    noise = codes_of(noise_id)
    patient_id = register_patient(scope, "Omar", "Haddad")
    with transaction():
        services.change(scope, key_of(patient_id), KHALED, seen=1)
    patient = db.session.get_one(Patient, patient_id)
    assert (patient.particulars, patient.version) == (KHALED, 2)
    assert codes_of(patient_id) == KHALED.names.codes
    assert codes_of(noise_id) == noise


def test_a_correction_of_an_old_version_overwrites_nothing() -> None:
    scope = create_desk()
    patient_id = register_patient(scope, "Omar", phone="+905410002285")
    told = db.session.get_one(Patient, patient_id).particulars
    with transaction():
        services.change(scope, key_of(patient_id), KHALED, seen=1)
    with pytest.raises(Stale), transaction():
        services.change(scope, key_of(patient_id), told, seen=1)
    assert db.session.get_one(Patient, patient_id).particulars == KHALED


def test_a_relative_s_household_is_shared_and_made_where_there_was_none() -> None:
    scope = create_desk()
    register_patient(scope, "Omar")
    mother = register_patient(scope, "Fatima", born="1990", sex=Sex.FEMALE)
    register_patient(scope, "Ali", born="2018", relative_key=key_of(mother))
    register_patient(scope, "Huda", born="2015", relative_key=key_of(mother))
    household = queries.list_household(scope, db.session.get_one(Patient, mother).household_id)
    assert [card.name for card in household] == ["Fatima", "Huda", "Ali"]
    assert queries.list_household(create_desk(), household[0].id) == queries.list_household(scope, None) == []


def test_registering_costs_few_statements(context: Flask) -> None:
    scope = create_desk()
    with count_statements(context) as told, transaction():
        services.register(scope, KHALED, papers=[Paper(read_identifier("99123456740"))])
    assert len(told) <= 5


def test_of_two_desks_that_register_one_number_at_once_one_is_stopped_and_shown_the_owner(context: Flask) -> None:
    scope = create_desk()
    at_once, results = Barrier(2), list[object]()

    def register(name: str) -> None:
        with context.app_context():
            at_once.wait()
            told = Particulars(names=Names(given_latin=name), sex=Sex.MALE, language="ar")
            try:
                with transaction():
                    results.append(services.register(scope, told, papers=[Paper(read_identifier("99123456740"))]))
            except services.HeldByAnother as refusal:
                results.append(refusal.owner_key)

    desks = [Thread(target=register, args=(name,)) for name in ("Omar", "Omer")]
    for desk in desks:
        desk.start()
    for desk in desks:
        desk.join()
    db.session.rollback()
    owner_id = next(result for result in results if isinstance(result, int))
    assert [result for result in results if isinstance(result, str)] == [key_of(owner_id)]
    assert db.session.scalar(select(func.count()).select_from(Patient)) == 1
    assert db.session.scalar(select(func.count()).select_from(PatientIdentifier)) == 1

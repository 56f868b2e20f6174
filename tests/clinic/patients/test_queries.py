import pytest

from clinic.kernel.db import transaction
from clinic.kernel.errors import NotFound
from clinic.patients import queries
from clinic.patients.rules import BirthPrecision
from tests.factories import create_desk, create_patient

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("context")]


def test_a_key_names_one_person_of_the_organisation() -> None:
    scope = create_desk()
    create_patient(scope)
    patient = create_patient(scope)
    assert queries.get_patient(scope, patient.key).id == patient.id
    assert queries.get_patient_by_id(scope, patient.id).key == patient.key


def test_a_person_of_another_organisation_is_not_found() -> None:
    scope, elsewhere = create_desk(), create_desk()
    patient = create_patient(elsewhere)
    with pytest.raises(NotFound):
        queries.get_patient(scope, patient.key)
    with pytest.raises(NotFound):
        queries.get_patient_by_id(scope, patient.id)
    with pytest.raises(NotFound):
        queries.chart_ids(scope, patient.id)


def test_an_unknown_key_is_not_found() -> None:
    with pytest.raises(NotFound):
        queries.get_patient(create_desk(), "no-such-key")


def test_a_merged_record_leads_to_its_survivor_however_long_the_way() -> None:
    scope = create_desk()
    survivor = create_patient(scope)
    second = create_patient(scope, survivor_id=survivor.id)
    third = create_patient(scope, survivor_id=second.id)
    create_patient(scope)
    assert queries.get_patient(scope, third.key).id == survivor.id
    assert queries.get_patient_by_id(scope, second.id).id == survivor.id


def test_the_records_of_one_person_are_the_same_from_whichever_is_asked_and_the_survivor_comes_first() -> None:
    scope = create_desk()
    merged_before = create_patient(scope)
    survivor = create_patient(scope)
    second = create_patient(scope, survivor_id=survivor.id)
    third = create_patient(scope, survivor_id=second.id)
    create_patient(scope)
    assert queries.chart_ids(scope, survivor.id) == (survivor.id, second.id, third.id)
    assert (
        queries.chart_ids(scope, third.id) == queries.chart_ids(scope, second.id) == (survivor.id, second.id, third.id)
    )
    assert queries.chart_ids(scope, merged_before.id) == (merged_before.id,)


def test_records_that_point_at_one_another_in_a_ring_are_nobody_and_the_question_ends() -> None:
    scope = create_desk()
    first = create_patient(scope)
    second = create_patient(scope, survivor_id=first.id)
    with transaction():
        queries.get_patient(scope, second.key).survivor_id = second.id
    with pytest.raises(NotFound):
        queries.get_patient(scope, second.key)


def test_a_card_says_who_a_person_is_in_both_scripts_and_nothing_that_was_not_told() -> None:
    scope = create_desk()
    create_patient(scope, given_ar="خالد")
    patient = create_patient(
        scope,
        record_number=1207,
        family_ar="",
        father_latin="Khalil",
        birth_month=None,
        birth_day=None,
        birth_precision=BirthPrecision.YEAR,
    )
    card = queries.card(scope, patient.key)
    assert (card.record_number, card.name, card.other_name) == ("P-001 207", "محمد", "Mohammed Al-Hariri")
    assert (card.father_ar, card.father_latin, card.birth.year, card.initials) == ("", "Khalil", 1985, "م.")


def test_the_card_of_a_merged_record_is_the_survivors() -> None:
    scope = create_desk()
    survivor = create_patient(scope, given_ar="", family_ar="")
    merged = create_patient(scope, survivor_id=survivor.id)
    card = queries.card(scope, merged.key)
    assert (card.id, card.name, card.other_name) == (survivor.id, "Mohammed Al-Hariri", "")

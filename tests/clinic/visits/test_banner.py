"""The patient's banner: five slots that never disappear."""

from datetime import date, timedelta

import pytest
from flask import Flask

from clinic.chart import services as chart
from clinic.chart.rules import Known, PregnancySource, Severity
from clinic.kernel import clock
from clinic.kernel.db import transaction
from clinic.kernel.errors import NotFound
from clinic.patients.rules import BirthPrecision, Sex
from clinic.visits import queries, services
from clinic.visits.rules import Vital
from tests.clinic.visits.conftest import Evening
from tests.factories import EVENING, create_patient, create_visit
from tests.statements import count_statements

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("context")]

INFANT = {"birth_year": 2026, "birth_month": 9, "birth_day": 14}


def banner_of(at: Evening, patient_id: int) -> queries.Banner:
    return queries.banner(at.nurse, create_visit(at.registrar, patient_id, at.points["GP"]).id)


def weigh(at: Evening, patient_id: int, grams: int, days_ago: int) -> None:
    with clock.frozen(EVENING - timedelta(days=days_ago)):
        visit = create_visit(at.registrar, patient_id, at.points["GP"])
        with transaction():
            services.record_vitals(at.nurse, visit.id, {Vital.WEIGHT: grams})


def test_what_nobody_asked_says_so(tonight: Evening) -> None:
    woman = create_patient(tonight.registrar, sex=Sex.FEMALE)
    banner = banner_of(tonight, woman.id)
    assert banner.allergies.known is Known.NOT_ASKED
    assert banner.pregnancy.known is Known.NOT_ASKED
    assert (banner.weight, banner.weight_days, banner.is_weight_old) == (None, None, False)


@pytest.mark.parametrize(
    "person",
    [
        {"sex": Sex.MALE},
        {"sex": Sex.FEMALE, "birth_year": 2019},
        {"sex": Sex.FEMALE, "birth_year": 1960},
    ],
)
def test_pregnancy_does_not_apply_to_men_to_girls_under_ten_and_to_women_over_55(
    tonight: Evening, person: dict[str, object]
) -> None:
    patient = create_patient(tonight.registrar, **person)
    assert banner_of(tonight, patient.id).pregnancy.known is Known.NOT_APPLICABLE


def test_one_whose_age_may_be_within_the_bounds_is_asked(tonight: Evening) -> None:
    woman = create_patient(
        tonight.registrar,
        sex=Sex.FEMALE,
        birth_year=1969,
        birth_month=None,
        birth_day=None,
        birth_precision=BirthPrecision.ESTIMATED,
    )
    assert banner_of(tonight, woman.id).pregnancy.known is Known.NOT_ASKED


def test_all_that_is_on_file_stands_in_its_slot(tonight: Evening) -> None:
    woman = create_patient(tonight.registrar, sex=Sex.FEMALE, language="tr")
    with transaction():
        chart.record_allergy(tonight.nurse, woman.id, substance="penicillin", severity=Severity.SEVERE)
        chart.record_pregnancy(tonight.nurse, woman.id, source=PregnancySource.LMP, lmp_on=date(2026, 4, 14))
    weigh(tonight, woman.id, 68_500, days_ago=12)
    banner = banner_of(tonight, woman.id)
    assert [row.substance for row in banner.allergies.rows] == ["penicillin"]
    assert banner.pregnancy.row is not None
    assert banner.weight is not None
    assert (banner.weight.value, banner.weight_days, banner.is_weight_old) == (68_500, 12, False)
    assert (banner.language, banner.number, banner.patient.id) == ("tr", 1, woman.id)
    assert banner.age is not None
    assert banner.age.years == 41


@pytest.mark.parametrize(
    ("person", "days", "is_old"), [({}, 30, False), ({}, 31, True), (INFANT, 7, False), (INFANT, 8, True)]
)
def test_a_weight_grows_old_after_thirty_days_and_an_infants_after_seven(
    tonight: Evening, person: dict[str, object], days: int, is_old: bool
) -> None:
    patient = create_patient(tonight.registrar, **person)
    weigh(tonight, patient.id, 9_800, days_ago=days)
    banner = banner_of(tonight, patient.id)
    assert (banner.weight_days, banner.is_weight_old) == (days, is_old)


def test_a_brother_and_a_namesake_who_are_here_too_are_named_and_nobody_else(tonight: Evening) -> None:
    family = {"father_latin": "Mahmoud", "family_latin": "Qassem", "father_ar": "محمود", "family_ar": "قاسم"}
    yamen = create_patient(tonight.registrar, given_latin="Yamen", given_ar="يامن", **family)
    yousef = create_patient(tonight.registrar, given_latin="Yousef", given_ar="يوسف", **family)
    home = create_patient(tonight.registrar, given_latin="Home", given_ar="بيت", **family)
    namesake = create_patient(tonight.registrar, given_latin="Yamen", family_latin="Qassem", given_ar="", family_ar="")
    gone = create_patient(tonight.registrar, given_latin="Gone", given_ar="راح", **family)
    for one in (yousef, namesake):
        create_visit(tonight.registrar, one.id, tonight.points["PED"])
    create_visit(tonight.registrar, tonight.khaled, tonight.points["PED"])
    leaving = create_visit(tonight.registrar, gone.id, tonight.points["ROOM"])
    with transaction():
        services.finish(tonight.nurse, queries.list_places(tonight.nurse, leaving.id)[0].key)
    assert home
    banner = banner_of(tonight, yamen.id)
    assert [(one.given_latin, one.number) for one in banner.namesakes] == [("Yousef", 1), ("Yamen", 2)]


def test_one_of_whom_only_the_given_name_is_known_has_no_namesake(tonight: Evening) -> None:
    alone = {"given_latin": "Yamen", "family_latin": "", "given_ar": "", "family_ar": ""}
    first, second = (create_patient(tonight.registrar, **alone) for _ in range(2))
    create_visit(tonight.registrar, first.id, tonight.points["PED"])
    assert banner_of(tonight, second.id).namesakes == ()


def test_the_banner_of_a_merged_record_is_the_survivors(tonight: Evening) -> None:
    merged = create_patient(tonight.registrar)
    visit = create_visit(tonight.registrar, merged.id, tonight.points["GP"])
    with transaction() as session:
        session.merge(merged).survivor_id = tonight.khaled
    banner = queries.banner(tonight.nurse, visit.id)
    assert (banner.patient.id, banner.chart_ids) == (tonight.khaled, (tonight.khaled, merged.id))


def test_a_banner_of_another_site_is_not_found(tonight: Evening) -> None:
    visit = create_visit(tonight.registrar, tonight.khaled, tonight.points["GP"])
    with pytest.raises(NotFound):
        queries.banner(tonight.stranger, visit.id)


def test_a_banner_costs_six_statements(tonight: Evening, app: Flask) -> None:
    woman = create_patient(tonight.registrar, sex=Sex.FEMALE)
    weigh(tonight, woman.id, 68_500, days_ago=2)
    visit_id = create_visit(tonight.registrar, woman.id, tonight.points["GP"]).id
    with count_statements(app) as statements:
        queries.banner(tonight.nurse, visit_id)
    assert len(statements) == 6

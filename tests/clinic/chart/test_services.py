"""Allergies and pregnancies: facts with their time, silence that is no answer, and nothing that vanishes."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from clinic.auth.roles import Role
from clinic.chart import queries, services
from clinic.chart.models import Allergy, AllergyAnswer, Pregnancy
from clinic.chart.rules import (
    AllergyGroup,
    AlreadyOnFile,
    Contradiction,
    ImpossibleDate,
    Known,
    NoReason,
    NotThisPerson,
    PostTerm,
    PregnancySource,
    Severity,
    ToldBy,
)
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.audit import BY_HAND, AuditEvent
from clinic.kernel.db import db, transaction
from clinic.kernel.errors import DomainError, NotFound
from clinic.patients.queries import chart_ids
from clinic.patients.rules import Sex
from tests.factories import EVENING, create_desk, create_patient
from tests.statements import count_statements

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("context")]

LATER = EVENING + timedelta(minutes=20)


def allergic(
    scope: Scope,
    patient_id: int,
    substance: str = "penicillin",
    group: AllergyGroup = AllergyGroup.PENICILLIN,
    severity: Severity = Severity.SEVERE,
) -> str:
    with transaction() as session:
        allergy_id = services.record_allergy(
            scope,
            patient_id,
            substance=substance,
            group=group,
            severity=severity,
            reaction="hives",
            told_by=ToldBy.MOTHER,
        )
        return session.get_one(Allergy, allergy_id).key


def allergies(scope: Scope, patient_id: int) -> queries.AllergyFacts:
    return queries.allergy_answer(scope, chart_ids(scope, patient_id))


def pregnancy(scope: Scope, patient_id: int) -> queries.PregnancyFacts:
    return queries.pregnancy(scope, chart_ids(scope, patient_id))


@pytest.fixture
def nurse() -> Scope:
    return create_desk(Role.NURSE)


@pytest.fixture
def amal(nurse: Scope) -> int:
    noise = create_patient(nurse, sex=Sex.FEMALE)
    allergic(nurse, noise.id, "latex", group=AllergyGroup.LATEX)
    pregnant(nurse, noise.id)
    return create_patient(nurse, sex=Sex.FEMALE).id


def pregnant(scope: Scope, patient_id: int, lmp_on: date = date(2026, 4, 14)) -> None:
    with transaction():
        services.record_pregnancy(scope, patient_id, source=PregnancySource.LMP, lmp_on=lmp_on)


def test_what_nobody_asked_is_not_known(nurse: Scope, amal: int) -> None:
    assert allergies(nurse, amal).known is Known.NOT_ASKED
    assert pregnancy(nurse, amal).known is Known.NOT_ASKED


def test_an_allergy_stands_with_its_group_its_severity_and_who_told(nurse: Scope, amal: int) -> None:
    allergic(nurse, amal, "  amoxi\u200fcillin ")
    facts = allergies(nurse, amal)
    assert facts.known is Known.PRESENT
    (row,) = facts.rows
    assert (row.substance, row.group, row.severity) == ("amoxicillin", AllergyGroup.PENICILLIN, Severity.SEVERE)
    assert (row.reaction, row.told_by, row.recorded_at) == ("hives", ToldBy.MOTHER, EVENING)


def test_the_worst_allergy_comes_first(nurse: Scope, amal: int) -> None:
    allergic(nurse, amal, "egg", group=AllergyGroup.EGG, severity=Severity.MILD)
    allergic(nurse, amal, "nuts", group=AllergyGroup.NUT, severity=Severity.LIFE_THREATENING)
    rows = queries.list_allergies(nurse, chart_ids(nurse, amal))
    assert [row.substance for row in rows] == ["nuts", "egg"]


def test_no_known_allergy_is_an_answer_with_its_time(nurse: Scope, amal: int) -> None:
    with transaction():
        services.record_no_known_allergy(nurse, amal)
    facts = allergies(nurse, amal)
    assert (facts.known, facts.asked_at, facts.rows) == (Known.ABSENT, EVENING, ())


def test_none_known_is_no_answer_while_an_allergy_is_on_file(nurse: Scope, amal: int) -> None:
    allergic(nurse, amal)
    with pytest.raises(Contradiction) as refusal, transaction():
        services.record_no_known_allergy(nurse, amal)
    assert refusal.value.values == {"substance": "penicillin"}
    assert db.session.scalars(select(AllergyAnswer)).all() == []


def test_an_ended_allergy_stays_on_file_with_its_reason_and_opens_the_question_again(nurse: Scope, amal: int) -> None:
    with transaction():
        services.record_no_known_allergy(nurse, amal)
    with clock.frozen(LATER):
        key = allergic(nurse, amal)
        with transaction():
            services.end_allergy(nurse, key, because="took it since without harm")
        assert allergies(nurse, amal).known is Known.NOT_ASKED
        row = queries.get_allergy(nurse, key)
        assert (row.ended_at, row.ended_because) == (LATER, "took it since without harm")
        with transaction():
            services.record_no_known_allergy(nurse, amal)
        assert allergies(nurse, amal).known is Known.ABSENT


def test_an_allergy_is_not_ended_without_a_reason_nor_twice(nurse: Scope, amal: int) -> None:
    key = allergic(nurse, amal)
    with pytest.raises(NoReason), transaction():
        services.end_allergy(nurse, key, because=" \u200e ")
    with transaction():
        services.end_allergy(nurse, key, because="another child's")
    with pytest.raises(AlreadyOnFile), transaction():
        services.end_allergy(nurse, key, because="again")


def test_the_same_substance_is_not_put_on_file_twice_however_it_is_written(nurse: Scope, amal: int) -> None:
    allergic(nurse, amal, "بنسلين")
    with pytest.raises(AlreadyOnFile):
        allergic(nurse, amal, "بِنسلين")
    assert len(allergies(nurse, amal).rows) == 1


@pytest.mark.parametrize("statement", [delete(Allergy), update(Allergy).values(ended_because="other")])
def test_the_database_lets_no_allergy_vanish_and_none_change_after_its_end(
    nurse: Scope, amal: int, statement: object
) -> None:
    key = allergic(nurse, amal)
    with transaction():
        services.end_allergy(nurse, key, because="wrong child")
    with pytest.raises(IntegrityError), transaction() as session:
        session.connection().execute(
            statement.where(Allergy.key == key),  # type: ignore[attr-defined]  # either of two statements
            execution_options={BY_HAND: True},
        )


def test_a_merged_record_shows_its_allergies_under_the_survivor(nurse: Scope, amal: int) -> None:
    merged = create_patient(nurse, sex=Sex.FEMALE)
    allergic(nurse, merged.id)
    with transaction() as session:
        session.merge(merged).survivor_id = amal
    assert [row.substance for row in allergies(nurse, amal).rows] == ["penicillin"]
    with pytest.raises(Contradiction), transaction():
        services.record_no_known_allergy(nurse, merged.id)


def test_nothing_is_written_of_or_read_from_another_organisation(nurse: Scope, amal: int) -> None:
    key = allergic(nurse, amal)
    stranger = create_desk(Role.NURSE)
    with pytest.raises(NotFound):
        allergic(stranger, amal)
    with pytest.raises(NotFound), transaction():
        services.end_allergy(stranger, key, because="not mine")
    with pytest.raises(NotFound):
        pregnant(stranger, amal)
    assert queries.allergy_answer(stranger, (amal,)).known is Known.NOT_ASKED


def test_a_pregnancy_lasts_until_it_ends_and_never_after(nurse: Scope, amal: int) -> None:
    pregnant(nurse, amal)
    facts = pregnancy(nurse, amal)
    assert facts.known is Known.PRESENT
    assert facts.row is not None
    assert (facts.row.lmp_on, facts.row.source) == (date(2026, 4, 14), PregnancySource.LMP)
    with transaction():
        services.end_pregnancy(nurse, amal, ended_on=date(2026, 11, 20))
    assert pregnancy(nurse, amal) == queries.PregnancyFacts(known=Known.ABSENT, ended_on=date(2026, 11, 20))
    with pytest.raises(Contradiction), transaction():
        services.end_pregnancy(nurse, amal, ended_on=date(2026, 11, 21))


def test_newer_dates_need_a_reason_and_keep_the_older_in_sight(nurse: Scope, amal: int) -> None:
    pregnant(nurse, amal)
    scan: dict[str, Any] = {"source": PregnancySource.SCAN, "due_on": date(2027, 1, 30)}
    with pytest.raises(NoReason), transaction():
        services.record_pregnancy(nurse, amal, **scan)
    with transaction():
        services.record_pregnancy(nurse, amal, **scan, reason="scan at 12 weeks")
    facts = pregnancy(nurse, amal)
    assert facts.row is not None
    assert (facts.row.due_on, facts.row.reason) == (date(2027, 1, 30), "scan at 12 weeks")
    assert [row.lmp_on for row in facts.earlier] == [date(2026, 4, 14)]
    with pytest.raises(AlreadyOnFile), transaction():
        services.record_pregnancy(nurse, amal, **scan, reason="again")
    with transaction():
        services.end_pregnancy(nurse, amal, ended_on=clock.today())
    assert pregnancy(nurse, amal).known is Known.ABSENT


def test_not_pregnant_is_an_answer_with_its_time_and_not_against_what_is_on_file(nurse: Scope, amal: int) -> None:
    with transaction():
        services.record_not_pregnant(nurse, amal)
    assert pregnancy(nurse, amal) == queries.PregnancyFacts(known=Known.ABSENT, asked_at=EVENING)
    pregnant(nurse, amal)
    with pytest.raises(Contradiction), transaction():
        services.record_not_pregnant(nurse, amal)


@pytest.mark.parametrize(
    ("person", "dates", "refusal"),
    [
        ({"sex": Sex.MALE}, {"lmp_on": date(2026, 9, 14)}, NotThisPerson),
        ({"sex": Sex.FEMALE, "birth_year": 2019}, {"lmp_on": date(2026, 9, 14)}, NotThisPerson),
        ({"sex": Sex.FEMALE, "birth_year": 1960}, {"lmp_on": date(2026, 9, 14)}, NotThisPerson),
        ({"sex": Sex.FEMALE}, {}, ImpossibleDate),
        ({"sex": Sex.FEMALE}, {"lmp_on": date(2026, 11, 25)}, ImpossibleDate),
        ({"sex": Sex.FEMALE}, {"due_on": date(2027, 9, 1)}, ImpossibleDate),
        ({"sex": Sex.FEMALE}, {"lmp_on": date(2025, 12, 24)}, PostTerm),
        ({"sex": Sex.FEMALE}, {"due_on": date(2026, 10, 1)}, PostTerm),
    ],
)
def test_a_pregnancy_that_cannot_be_is_refused(
    nurse: Scope, person: dict[str, Any], dates: dict[str, Any], refusal: type[DomainError]
) -> None:
    patient_id = create_patient(nurse, **person).id
    with pytest.raises(refusal), transaction():
        services.record_pregnancy(nurse, patient_id, source=PregnancySource.LMP, **dates)
    assert db.session.scalars(select(Pregnancy.id)).all() == []


def test_a_pregnancy_beyond_43_weeks_is_on_file_once_it_was_asked_about(nurse: Scope, amal: int) -> None:
    with transaction():
        services.record_pregnancy(nurse, amal, source=PregnancySource.LMP, lmp_on=date(2025, 12, 24), is_sure=True)
    assert pregnancy(nurse, amal).known is Known.PRESENT


def test_a_pregnancy_does_not_end_tomorrow(nurse: Scope, amal: int) -> None:
    pregnant(nurse, amal)
    with pytest.raises(Contradiction), transaction():
        services.end_pregnancy(nurse, amal, ended_on=clock.today() + timedelta(days=1))
    assert db.session.scalars(select(Pregnancy.ended_on)).all() == [None, None]


def test_each_question_is_answered_by_one_statement(nurse: Scope, amal: int, app: Flask) -> None:
    allergic(nurse, amal)
    with count_statements(app) as statements:
        queries.allergy_answer(nurse, (amal,))
        queries.pregnancy(nurse, (amal,))
    assert len(statements) == 2


def test_what_is_put_on_file_is_recorded_without_its_values(nurse: Scope, amal: int) -> None:
    key = allergic(nurse, amal)
    (event,) = db.session.scalars(
        select(AuditEvent).where(AuditEvent.table_name == "allergy", AuditEvent.row_key == key)
    )
    assert (event.act, event.detail) == ("CREATE", "")


@pytest.mark.parametrize("told", ["amoxicillin", "أموكسيسيلين", "Augmentin"])
def test_a_substance_brings_its_group_along_where_nobody_chose_one(nurse: Scope, told: str) -> None:
    woman = create_patient(nurse, sex=Sex.FEMALE)
    with transaction():
        services.record_allergy(nurse, woman.id, substance=told, severity=Severity.SEVERE)
        services.record_allergy(nurse, woman.id, substance="dust", severity=Severity.MILD)
    groups = {row.substance: row.group for row in allergies(nurse, woman.id).rows}
    assert groups == {told: AllergyGroup.PENICILLIN, "dust": None}

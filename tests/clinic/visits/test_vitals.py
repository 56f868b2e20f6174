"""What was measured stands for good: repeated, corrected beside the older value, never changed."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from clinic.chart.rules import NoReason
from clinic.kernel import clock
from clinic.kernel.db import db, transaction
from clinic.kernel.errors import NotFound
from clinic.patients.queries import chart_ids, chart_of
from clinic.visits import queries, services
from clinic.visits.models import Observation, Visit
from clinic.visits.rules import AlreadyCorrected, DangerSign, ImpossibleValue, Vital
from tests.clinic.kernel.boxes import at_once
from tests.clinic.visits.conftest import Evening
from tests.factories import EVENING, create_patient, create_visit
from tests.statements import count_statements

pytestmark = pytest.mark.postgres

EARLIER = EVENING - timedelta(days=71)


def measure(at: Evening, visit_id: int, values: dict[Vital | DangerSign, int], **reasons: str) -> list[int]:
    with transaction():
        return services.record_vitals(
            at.nurse, visit_id, values, reasons={Vital(kind): why for kind, why in reasons.items()}
        )


def vitals(at: Evening, visit_id: int) -> queries.Vitals:
    patient_id = db.session.get_one(Visit, visit_id).patient_id
    return queries.latest_vitals(at.nurse, chart_ids(at.nurse, patient_id), visit_id)


@pytest.fixture
def at(tonight: Evening, context: Flask) -> Evening:
    """An evening on which Khaled was weighed 71 days before, and Amal tonight."""
    assert context
    with clock.frozen(EARLIER):
        earlier = create_visit(tonight.registrar, tonight.khaled, tonight.points["GP"])
        measure(tonight, earlier.id, {Vital.WEIGHT: 14_000})
        with clock.frozen(EARLIER + timedelta(minutes=5)):
            measure(tonight, earlier.id, {Vital.WEIGHT: 14_200, Vital.HEIGHT: 930})
    measure(tonight, create_visit(tonight.registrar, tonight.amal, tonight.points["GP"]).id, {Vital.WEIGHT: 68_500})
    return tonight


@pytest.fixture
def visit_id(at: Evening) -> int:
    return create_visit(at.registrar, at.khaled, at.points["GP"]).id


def test_a_value_stands_with_who_and_when(at: Evening, visit_id: int) -> None:
    measure(at, visit_id, {Vital.TEMPERATURE: 394, DangerSign.DROWSY: 0}, TEMPERATURE=" measured twice ")
    reading = vitals(at, visit_id).now(Vital.TEMPERATURE)
    assert reading is not None
    assert (reading.value, reading.recorded_by, reading.measured_at) == (394, "Derya Yalın", EVENING)
    assert reading.reason == "measured twice"
    assert {one.kind for one in vitals(at, visit_id).tonight} == {"TEMPERATURE", "DROWSY"}


def test_before_tonight_the_newest_of_each_kind_is_shown_and_of_nobody_else(at: Evening, visit_id: int) -> None:
    found = vitals(at, visit_id)
    assert found.tonight == ()
    assert {kind: one.value for kind, one in found.before.items()} == {"WEIGHT": 14_200, "HEIGHT": 930}
    last = found.last(Vital.WEIGHT)
    assert last is not None
    assert last.measured_at == EARLIER + timedelta(minutes=5)
    assert found.now(Vital.WEIGHT) is None


def test_a_second_measurement_stands_beside_the_first(at: Evening, visit_id: int) -> None:
    measure(at, visit_id, {Vital.PULSE: 128})
    measure(at, visit_id, {Vital.PULSE: 110})
    found = vitals(at, visit_id)
    assert [one.value for one in found.tonight] == [128, 110]
    newest = found.now(Vital.PULSE)
    assert newest is not None
    assert newest.value == 110


def test_a_correction_stands_beside_the_older_value_with_its_reason(at: Evening, visit_id: int) -> None:
    (wrong,) = measure(at, visit_id, {Vital.WEIGHT: 142_000})
    with clock.frozen(EVENING + timedelta(minutes=3)), transaction():
        services.correct(at.doctor, wrong, value=14_200, reason="point forgotten")
    older, newer = vitals(at, visit_id).tonight
    assert (older.value, older.is_corrected) == (142_000, True)
    assert (newer.value, newer.is_corrected, newer.corrects_id) == (14_200, False, older.id)
    assert (newer.reason, newer.measured_at) == ("point forgotten", EVENING)
    assert (newer.recorded_by, newer.recorded_at) == ("Rana Khatib", EVENING + timedelta(minutes=3))
    held = vitals(at, visit_id).now(Vital.WEIGHT)
    assert held is not None
    assert held.value == 14_200


def test_a_corrected_value_never_counts_as_the_last_one(at: Evening, visit_id: int) -> None:
    (wrong,) = measure(at, visit_id, {Vital.WEIGHT: 142_000})
    with transaction():
        services.correct(at.nurse, wrong, value=14_200, reason="point forgotten")
    records = chart_ids(at.nurse, at.khaled)
    with clock.frozen(EVENING + timedelta(days=1)):
        later = create_visit(at.registrar, at.khaled, at.points["GP"])
        found = queries.latest_vitals(at.nurse, records, later.id)
        assert found.before["WEIGHT"].value == 14_200
        weight = queries.find_weight(at.nurse, records)
        assert weight is not None
        assert weight.value == 14_200


def test_a_correction_is_itself_corrected_and_not_what_it_corrects(at: Evening, visit_id: int) -> None:
    (wrong,) = measure(at, visit_id, {Vital.WEIGHT: 142_000})
    with transaction():
        second = services.correct(at.nurse, wrong, value=12_400, reason="point forgotten")
    with pytest.raises(AlreadyCorrected), transaction():
        services.correct(at.nurse, wrong, value=14_200, reason="again")
    with transaction():
        services.correct(at.nurse, second, value=14_200, reason="figures turned round")
    assert [one.is_corrected for one in vitals(at, visit_id).tonight] == [True, True, False]


def test_two_who_correct_one_value_at_once_leave_one_correction(app: Flask, at: Evening, visit_id: int) -> None:
    (wrong,) = measure(at, visit_id, {Vital.WEIGHT: 142_000})

    def correct(number: int) -> int:
        with transaction():
            return services.correct((at.nurse, at.doctor)[number], wrong, value=14_200 + number, reason="slip")

    results = at_once(app, 2, correct)
    assert sum(isinstance(result, AlreadyCorrected) for result in results) == 1
    assert len(vitals(at, visit_id).tonight) == 2


def test_a_correction_needs_a_reason(at: Evening, visit_id: int) -> None:
    (wrong,) = measure(at, visit_id, {Vital.WEIGHT: 142_000})
    with pytest.raises(NoReason), transaction():
        services.correct(at.nurse, wrong, value=14_200, reason=" ")
    assert len(vitals(at, visit_id).tonight) == 1


@pytest.mark.parametrize(
    "values",
    [
        {Vital.TEMPERATURE: 3_860},
        {Vital.WEIGHT: 0},
        {Vital.OXYGEN: 101},
        {Vital.SYSTOLIC: 80, Vital.DIASTOLIC: 120},
        {Vital.PULSE: 90, Vital.WEIGHT: 500_000},
    ],
)
def test_what_cannot_be_is_refused_with_all_that_came_with_it(
    at: Evening, visit_id: int, values: dict[Vital | DangerSign, int]
) -> None:
    with pytest.raises(ImpossibleValue):
        measure(at, visit_id, values)
    assert vitals(at, visit_id).tonight == ()


def test_what_cannot_be_is_no_correction_either(at: Evening, visit_id: int) -> None:
    (wrong, sign) = measure(at, visit_id, {Vital.TEMPERATURE: 386, DangerSign.DROWSY: 1})
    with pytest.raises(ImpossibleValue), transaction():
        services.correct(at.nurse, wrong, value=3_860, reason="point forgotten")
    with transaction():
        services.correct(at.nurse, sign, value=0, reason="was asleep")


def test_nothing_is_measured_or_corrected_at_another_site(at: Evening, visit_id: int) -> None:
    (reading,) = measure(at, visit_id, {Vital.TEMPERATURE: 386})
    with pytest.raises(NotFound), transaction():
        services.record_vitals(at.stranger, visit_id, {Vital.PULSE: 90})
    with pytest.raises(NotFound), transaction():
        services.correct(at.stranger, reading, value=370, reason="not mine")
    assert queries.latest_vitals(at.stranger, (at.khaled,), visit_id).tonight == ()
    assert queries.find_weight(at.stranger, (at.khaled,)) is None


@pytest.mark.parametrize("statement", [update(Observation).values(value=1), delete(Observation)])
def test_the_database_changes_and_removes_nothing_that_was_measured(
    at: Evening, visit_id: int, statement: object
) -> None:
    measure(at, visit_id, {Vital.TEMPERATURE: 386})
    with pytest.raises(IntegrityError), transaction() as session:
        session.connection().execute(statement)  # type: ignore[call-overload]  # either of two statements
    assert db.session.scalars(select(Observation.value).where(Observation.visit_id == visit_id)).all() == [386]


def test_a_merged_record_shows_its_measurements_under_the_survivor(at: Evening, visit_id: int) -> None:
    merged = create_patient(at.registrar)
    with clock.frozen(EVENING - timedelta(days=3)):
        earlier = create_visit(at.registrar, merged.id, at.points["GP"])
        measure(at, earlier.id, {Vital.WEIGHT: 15_000})
    with transaction() as session:
        session.merge(merged).survivor_id = at.khaled
    assert vitals(at, visit_id).before["WEIGHT"].value == 15_000


def test_the_records_of_a_person_may_be_a_question_within_the_statement(at: Evening, visit_id: int) -> None:
    weight = queries.find_weight(at.nurse, chart_of(at.nurse, at.khaled))
    found = queries.latest_vitals(at.nurse, chart_of(at.nurse, at.khaled), visit_id)
    assert weight is not None
    assert found.before["WEIGHT"] == weight


def test_all_that_was_measured_comes_in_one_statement(at: Evening, visit_id: int, app: Flask) -> None:
    measure(at, visit_id, {Vital.TEMPERATURE: 386, Vital.PULSE: 100})
    with count_statements(app) as statements:
        queries.latest_vitals(at.nurse, (at.khaled,), visit_id)
    assert len(statements) == 1

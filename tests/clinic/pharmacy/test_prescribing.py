from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from clinic.auth.roles import Role
from clinic.chart import services as chart
from clinic.chart.rules import AllergyGroup, PregnancySource, Severity
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db, transaction
from clinic.kernel.errors import DomainError, NotFound
from clinic.patients.queries import chart_of
from clinic.patients.rules import Sex
from clinic.pharmacy import queries, services
from clinic.pharmacy.models import FormularyEntry, LineProgress, Prescription, PrescriptionLine
from clinic.pharmacy.rules import BadDose, Dose, DoseUnit, Food, TimeOfDay
from clinic.pharmacy.services import NewLine, NoMedicines, Unsafe
from clinic.visits import services as visits
from clinic.visits.queries import board
from clinic.visits.rules import Vital
from inventory.stock.models import Item
from tests import factories

pytestmark = pytest.mark.usefixtures("context")

MORNING_AND_EVENING = (TimeOfDay.MORNING, TimeOfDay.EVENING)


@pytest.fixture
def doctor(context: Flask) -> Scope:
    assert context
    return factories.scope_of(factories.create_user(factories.create_clinic(), Role.DOCTOR, practises=("GP",)))


def create_medicine(inn: str = "amoxicillin", **fields: Any) -> int:  # noqa: ANN401 - any field of the entry
    with transaction() as session:
        count = session.scalar(select(func.count()).select_from(Item)) or 0
        item = Item(
            code=f"MED{count}",
            inn=inn,
            atc=fields.pop("atc", "J01CA04"),
            form="capsule",
            strength="500 mg",
            base_unit="capsule",
            is_perishable=True,
        )
        session.add(item)
        session.flush()
        session.add(FormularyEntry(item_id=item.id, route="oral", mg=Decimal(500), **fields))
        return item.id


def dose(amount: str = "1", **fields: Any) -> Dose:  # noqa: ANN401 - any field of it
    given: dict[str, Any] = {"unit": DoseUnit.CAPSULE, "times": MORNING_AND_EVENING, "food": Food.AFTER, "days": 7}
    return Dose(amount=Decimal(amount), **given | fields)


def arrive(doctor: Scope, **fields: object) -> tuple[int, int]:
    patient_id = factories.create_patient(doctor, **fields).id
    return factories.create_visit(doctor, patient_id, factories.point_of(doctor.site_id, "GP")).id, patient_id


def line(item_id: int | None, **fields: Any) -> NewLine:  # noqa: ANN401 - any field of it
    given: dict[str, Any] = {"name": "L1", "inn": "amoxicillin", "dose": dose()}
    return NewLine(item_id=item_id, **given | fields)


def prescribe(doctor: Scope, visit: tuple[int, int], lines: Sequence[NewLine]) -> int:
    with transaction():
        return services.prescribe(doctor, visit_id=visit[0], patient_id=visit[1], specialty_code="GP", lines=lines)


def refused(doctor: Scope, visit: tuple[int, int], *lines: NewLine) -> DomainError:
    with pytest.raises(DomainError) as refusal:
        prescribe(doctor, visit, lines)
    assert db.session.scalar(select(func.count()).select_from(Prescription)) == 0
    return refusal.value


@pytest.mark.postgres
def test_medicines_are_kept_as_codes_with_their_quantity_and_the_person_waits_at_the_pharmacy(doctor: Scope) -> None:
    amoxicillin, ibuprofen = create_medicine(), create_medicine("ibuprofen", atc="M01AE01")
    visit = arrive(doctor)
    first = prescribe(doctor, arrive(doctor), [line(ibuprofen)])
    second = prescribe(
        doctor,
        visit,
        [
            line(amoxicillin, indication="otitis"),
            line(ibuprofen, dose=dose("2", times=(), is_as_needed=True, max_per_day=3, days=2)),
            line(None, inn="honey", dose=dose(days=1)),
        ],
    )
    rows = db.session.scalars(
        select(PrescriptionLine).where(PrescriptionLine.prescription_id == second).order_by(PrescriptionLine.position)
    ).all()
    assert [(row.inn, row.quantity, row.dose_times, row.is_as_needed, row.indication) for row in rows] == [
        ("amoxicillin", 14, "MORNING EVENING", False, "otitis"),
        ("ibuprofen", 12, "", True, ""),
        ("honey", 0, "MORNING EVENING", False, ""),
    ]
    assert queries.dose_of(rows[0]) == dose()
    progress = db.session.execute(select(LineProgress.line_id, LineProgress.prescribed, LineProgress.given)).all()
    assert {(row.id, row.quantity, 0) for row in rows[:2]} <= {tuple(one) for one in progress}
    assert [db.session.get_one(Prescription, one).number for one in (first, second)] == [1, 2]
    waiting = board(doctor, factories.point_of(doctor.site_id, "PHARMACY"))
    assert visit[0] in [row.visit_id for row in waiting]


@pytest.mark.postgres
def test_a_prescription_stands_as_signed(doctor: Scope) -> None:
    prescribe(doctor, arrive(doctor), [line(create_medicine())])
    for table, values in ((Prescription, {"number": 9}), (PrescriptionLine, {"quantity": 9})):
        with pytest.raises(IntegrityError), transaction() as session:
            session.connection().execute(update(table.__table__).values(values))


def test_what_cannot_be_taken_or_is_not_kept_is_refused_at_its_line(doctor: Scope) -> None:
    visit = arrive(doctor)
    item_id = create_medicine()
    assert isinstance(refused(doctor, visit), NoMedicines)
    wrong = refused(doctor, visit, line(item_id), line(item_id, name="L2", dose=dose(days=0)))
    assert (type(wrong), wrong.field) == (BadDose, "L2-days")
    assert refused(doctor, visit, line(item_id, dose=dose(unit=DoseUnit.TABLET))).field == "L1-amount"
    unknown = refused(doctor, visit, line(999))
    assert (type(unknown), unknown.field) == (NotFound, "L1-amount")
    assert refused(doctor, visit, line(None, dose=dose("0"))).field == "L1-amount"


def test_a_person_of_another_organisation_is_not_found(doctor: Scope) -> None:
    visit = arrive(doctor)
    other = factories.create_patient(factories.create_desk()).id
    assert isinstance(refused(doctor, (visit[0], other), line(create_medicine())), NotFound)


# ---- what stops ----------------------------------------------------------------------------------------------------


def test_an_allergy_stops_until_a_reason_is_written_and_the_pharmacy_reads_it(doctor: Scope) -> None:
    item_id = create_medicine(allergy_group=AllergyGroup.PENICILLIN)
    visit, noise = arrive(doctor), arrive(doctor)
    for person, substance in ((visit, "penicillin (class)"), (noise, "egg")):
        with transaction():
            chart.record_allergy(
                doctor,
                person[1],
                substance=substance,
                severity=Severity.LIFE_THREATENING,
                group=AllergyGroup.PENICILLIN if person is visit else AllergyGroup.EGG,
            )
    stopped = refused(doctor, visit, line(item_id))
    assert (type(stopped), stopped.field) == (Unsafe, "L1-override")
    prescribe(doctor, noise, [line(item_id)])
    prescription_id = prescribe(doctor, visit, [line(item_id, override="desensitised 2025, letter seen")])
    kept = db.session.scalars(select(PrescriptionLine).where(PrescriptionLine.prescription_id == prescription_id)).one()
    assert kept.override_reason == "desensitised 2025, letter seen"


def test_an_allergy_of_a_merged_record_stops_too(doctor: Scope) -> None:
    item_id = create_medicine()
    visit = arrive(doctor)
    old = factories.create_patient(doctor)
    with transaction():
        chart.record_allergy(doctor, old.id, substance="Amoxicillin", severity=Severity.MILD)
    with transaction() as session:
        session.get_one(type(old), old.id).survivor_id = visit[1]
    assert isinstance(refused(doctor, visit, line(item_id)), Unsafe)


def test_a_pregnancy_stops_what_is_contraindicated_only_while_it_lasts(doctor: Scope) -> None:
    item_id = create_medicine("enalapril", pregnancy_caution="CONTRAINDICATED")
    visit = arrive(doctor, sex=Sex.FEMALE)
    with transaction():
        chart.record_pregnancy(doctor, visit[1], lmp_on=clock.today() - timedelta(days=100), source=PregnancySource.LMP)
    assert isinstance(refused(doctor, visit, line(item_id)), Unsafe)
    with transaction():
        chart.end_pregnancy(doctor, visit[1], ended_on=clock.today())
    prescribe(doctor, visit, [line(item_id)])


def test_a_childs_dose_far_above_the_range_stops(doctor: Scope) -> None:
    item_id = create_medicine(mg_kg_day_min=Decimal(40), mg_kg_day_max=Decimal(60), doses_per_day=2)
    child = arrive(doctor, birth_year=2026, birth_month=1, birth_day=5)
    with transaction():
        visits.record_vitals(doctor, child[0], {Vital.WEIGHT: 8_000})
    assert isinstance(refused(doctor, child, line(item_id)), Unsafe)
    prescribe(doctor, arrive(doctor), [line(item_id)])


# ---- what is read back ---------------------------------------------------------------------------------------------


def test_medicines_that_last_from_before_are_those_whose_days_are_not_over(doctor: Scope) -> None:
    long, short = create_medicine("metformin", atc="A10BA02"), create_medicine()
    visit = arrive(doctor)
    prescribe(doctor, arrive(doctor), [line(create_medicine("noise"))])
    with clock.frozen(clock.now() - timedelta(days=10)):
        prescribe(doctor, visit, [line(long, dose=dose(days=30)), line(short)])
    assert [(one.inn, one.atc) for one in queries.list_lasting(chart_of(doctor, visit[1]))] == [
        ("metformin", "A10BA02")
    ]


def test_a_doctors_own_habit_is_remembered_and_no_colleagues(doctor: Scope) -> None:
    item_id = create_medicine()
    visit = arrive(doctor)
    assert queries.find_own_dose(doctor, item_id) is None
    prescribe(doctor, visit, [line(item_id)])
    prescribe(doctor, visit, [line(item_id, dose=dose("2", days=5))])
    colleague = Scope(doctor.organisation_id, doctor.site_id, 99)
    assert queries.find_own_dose(doctor, item_id) == dose("2", days=5)
    assert queries.find_own_dose(colleague, item_id) is None


def test_the_formulary_is_read_with_its_figures_and_without_stock_where_none_came(doctor: Scope) -> None:
    item_id, noise = create_medicine(mg_kg_day_min=Decimal(40), mg_kg_day_max=Decimal(90)), create_medicine("noise")
    rows = queries.get_formulary(doctor, [item_id])
    assert (rows[item_id].medicine.name, rows[item_id].usable, noise in rows) == ("amoxicillin 500 mg", 0, False)
    assert queries.get_medicines([]) == {}
    assert queries.search_formulary(doctor, "") == []

from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask

from clinic.auth.roles import Role
from clinic.chart import services as chart
from clinic.chart.rules import Known, PregnancySource
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db, transaction
from clinic.patients.models import Patient
from clinic.patients.rules import Sex
from clinic.pharmacy.queries.taker import read_taker
from clinic.pharmacy.rules import Medicine
from tests import factories

pytestmark = pytest.mark.usefixtures("context")

IBUPROFEN = Medicine(
    item_id=1,
    inn="ibuprofen",
    atc="M01AE01",
    form="tablet",
    strength="400 mg",
    base_unit="tablet",
    mg=Decimal(400),
    pregnancy_caution="avoid from 20 weeks; contraindicated 3rd trimester",
)


@pytest.fixture
def doctor(context: Flask) -> Scope:
    assert context
    return factories.scope_of(factories.create_user(factories.create_clinic(), Role.DOCTOR, practises=("GP",)))


def test_the_week_of_a_pregnancy_is_what_the_checks_go_by(doctor: Scope) -> None:
    woman, other = (factories.create_patient(doctor, sex=Sex.FEMALE).id for _ in range(2))
    with transaction():
        chart.record_pregnancy(doctor, woman, lmp_on=clock.today() - timedelta(days=196), source=PregnancySource.LMP)

    def known(patient_id: int) -> tuple[Known, int | None]:
        person = db.session.get_one(Patient, patient_id)
        taker = read_taker(doctor, person, [IBUPROFEN])
        return taker.pregnancy, taker.weeks

    assert known(woman) == (Known.PRESENT, 28)
    assert known(other) == (Known.NOT_ASKED, None)
    with transaction():
        chart.end_pregnancy(doctor, woman, ended_on=clock.today())
    assert known(woman)[1] is None

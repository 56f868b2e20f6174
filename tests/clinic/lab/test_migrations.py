from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select, text

from clinic.kernel.access import Scope
from clinic.kernel.audit import acting_as
from clinic.kernel.db import db, transaction
from clinic.kernel.migrating import migrate_down, migrate_to_head
from clinic.lab import services as lab
from clinic.lab.models import LabReading, LabTest
from clinic.lab.queries import get_order
from clinic.lab.rules import CancelReason, Condition
from tests.clinic.consultations.evening import Clinic
from tests.clinic.lab.bench import examined, number, send, verified


@pytest.mark.postgres
def test_what_stood_before_refusals_had_rows_of_their_own_stands_afterwards(
    app: Flask, clinic: Clinic, technician: Scope
) -> None:
    with app.app_context():
        _, order = send(clinic, "POT", "UPROT", "CRP")
        row = examined(technician, order, POT=number("4.2"))
        verified(technician, order)
        urine = next(one for one in row.specimens if one.kind.value == "URINE")
        left = next(one.key for one in row.requests if one.code == "CRP")
        last = get_order(technician, order).last_verified
        assert last is not None
        with transaction(), acting_as(clinic.doctor.user_id):
            lab.reject(technician, order, urine.key, condition=Condition.LEAKED, because="The lid was open")
            lab.cancel(technician, order, [left], CancelReason.DECLINED)
            lab.record_reading(clinic.doctor, order, last.key)
        read_at = db.session.scalars(select(LabReading.at)).one()
        db.session.remove()
    migrate_down(app, "0023")
    with app.app_context():
        told = db.session.execute(
            text("SELECT condition, rejected_because, received_at IS NULL FROM lab_specimen ORDER BY number")
        )
        assert sorted(tuple(one) for one in told) == [("GOOD", "", False), ("LEAKED", "The lid was open", False)]
        db.session.remove()
    migrate_to_head(app)
    with app.app_context():
        row = get_order(technician, order)
        [refused] = row.rejected
        assert (refused.condition, refused.because, refused.received_at) == (
            Condition.LEAKED,
            "The lid was open",
            None,
        )
        assert row.read_until == read_at
        assert [one.number for each in row.requests for one in each.results] == [Decimal("4.2")]
        places = {test.code: test.places for test in db.session.scalars(select(LabTest))}
        assert (places["USG"], places["POT"], places["BHCG"]) == (3, 2, 2)

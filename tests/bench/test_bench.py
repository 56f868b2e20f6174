"""A bench that nobody runs rots: at a thousandth of the size it loads, measures every act, and says so in JSON."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.consultations.models import Consultation
from clinic.consultations.rules import State
from clinic.kernel import clock
from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import Base, db
from clinic.patients.models import NameCode, Patient
from clinic.patients.rules import Names
from clinic.pharmacy.models import Dispense, DispenseLine
from clinic.visits.models import QueuePlace, Visit
from inventory.stock.models import Movement
from inventory.stock.queries.ledger import ledger_differences
from tests.bench import running
from tests.bench.acts import ACTS
from tests.bench.measuring import CLIENTS, Effort, measure
from tests.bench.report import OTHER_RUN, as_json, table
from tests.bench.scale import FULL

TINY = replace(FULL.over(1000), patients=500, visits=200, movements=600)
EFFORT = Effort(alone=1, together=1, first=1)
EACH = 1 + EFFORT.first + EFFORT.alone + CLIENTS + EFFORT.together


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One run, with what stood in its database when the last act was done."""
    counted: dict[str, Any] = {}

    def measured(app: Flask, *args: Any) -> Any:  # noqa: ANN401 - as the measuring itself
        costs = measure(app, *args)
        with app.app_context():
            counted.update({model.__tablename__: count(model) for model in COUNTED})
            counted["signed"] = db.session.scalar(
                select(func.count()).select_from(Consultation).where(Consultation.state == State.SIGNED)
            )
            counted["differences"] = ledger_differences()
            counted["lots of the last"] = db.session.scalars(
                select(func.count(DispenseLine.id))
                .group_by(DispenseLine.dispense_id)
                .order_by(DispenseLine.dispense_id.desc())
            ).first()
            counted["unfound"] = unfound()
        return costs

    patch = pytest.MonkeyPatch()
    patch.setattr(running, "measure", measured)
    patch.setattr(clock, "_offset", timedelta(0))  # which the demo's clock sets for the whole process
    counted["run"] = running.run("sqlite", TINY, EFFORT, tmp_path_factory.mktemp("bench"), say=lambda _: None)
    patch.undo()
    return counted


COUNTED: tuple[type[Base], ...] = (Patient, Visit, QueuePlace, Dispense, DispenseLine, Movement, AuditEvent)


def count(model: type[Base]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def unfound() -> list[int]:
    """Return the people of the load whose names do not stand under their sounds."""
    sounds: dict[int, set[str]] = {}
    for patient_id, code in db.session.execute(select(NameCode.patient_id, NameCode.code)):
        sounds.setdefault(patient_id, set()).add(code)
    people = db.session.scalars(select(Patient).where(Patient.id <= TINY.patients))
    return [one.id for one in people if sounds.get(one.id) != set(Names(**vars(one.names)).codes)]


def test_the_load_holds_what_it_promises_and_every_act_left_its_rows(found: dict[str, Any]) -> None:
    assert found["patient"] == TINY.patients + EACH
    assert found["signed"] == TINY.visits + 2 * EACH
    assert found["dispense"] == TINY.visits + EACH
    assert found["dispense_line"] == TINY.dispense_lines + 2 * EACH
    assert found["lots of the last"] == 2
    assert found["movement"] > TINY.movements
    assert found["audit_event"] > TINY.audit
    assert found["differences"] == []
    assert found["unfound"] == []


def test_every_act_is_measured_and_told_in_json_and_in_the_table(found: dict[str, Any]) -> None:
    run = found["run"]
    told = json.loads(json.dumps(as_json([run])))
    assert set(told) == {"cores", "clients", "runs"}
    [written] = told["runs"]
    assert set(written) == {"engine", "serving", "size", "load_s", "costs", "dispense_lines"}
    assert [cost["name"] for cost in written["costs"]] == [act.name for act in ACTS]
    for cost in written["costs"]:
        assert set(cost) == {
            *("name", "statements", "p50_ms", "p95_ms", "done_alone"),
            *("per_second", "done_together", "peak_mb", "peer"),
        }
        assert cost["statements"] > 0
        assert 0 < cost["p50_ms"] <= cost["p95_ms"]
        assert cost["per_second"] > 0
        assert cost["peak_mb"] > 0
        assert (cost["done_alone"], cost["done_together"]) == (EFFORT.alone, EFFORT.together)
        assert cost["peer"] in {"", *OTHER_RUN}
    printed = table(run)
    assert all(act.name in printed for act in ACTS)
    assert f"{TINY.patients:,} patients" in printed

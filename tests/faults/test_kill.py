"""Killed with -9 in the middle of dispensing: nothing acknowledged is lost, nothing stands half, nothing twice."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from random import Random
from time import monotonic, sleep

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.kernel import chain
from clinic.kernel.db import db, transaction
from clinic.kernel.operations import Operation
from clinic.pharmacy.models import Dispense, DispenseLine, LineProgress
from inventory.stock.models import Balance, Movement
from inventory.stock.queries.ledger import ledger_differences
from tests.clinic.pharmacy.counter import Counter, create_medicine, open_counter, send
from tests.faults.dispenser import Orders
from tests.inventory.stock.shelves import stock_up

ROOT = Path(__file__).resolve().parents[2]
STOCK = 40_000
LOTS = 2
PRESCRIPTIONS = 24
START_LIMIT_S = 30


def _open(app: Flask, folder: Path) -> tuple[Counter, Orders]:
    settings = app.config["CLINIC"]
    with app.app_context():
        counter, item = open_counter(), create_medicine()
        lots = [stock_up(counter.shelf, item, STOCK, batch_no=f"A{number}") for number in range(LOTS)]
        sent = [send(counter, (item, 364)) for _ in range(PRESCRIPTIONS)]
        scope = counter.pharmacist
    environment = {
        "CLINIC_DATABASE_URL": settings.database_url,
        "CLINIC_KEY_DIR": str(settings.key_dir),
        "CLINIC_INSTANCE": str(settings.instance),
    }
    return counter, Orders(
        environment=environment,
        scope=(scope.organisation_id, scope.site_id, scope.user_id),
        prescriptions=[(one.key, one.line_ids[0]) for one in sent],
        lots=[(lot, counter.shelf.shelf_id) for lot in lots],
        jobs=[f"job-{number:05}" for number in range(PRESCRIPTIONS * 364 // LOTS)],
    )


def _kill_once(orders: Orders, folder: Path, chance: Random) -> None:
    """Let the pharmacy go on with what was not acknowledged, and kill it shortly after its first answer."""
    answers = folder / "answers"
    done = _acknowledged(answers)
    left = asdict(orders) | {"jobs": [job for job in orders.jobs if job not in done]}
    (folder / "orders.json").write_text(json.dumps(left), encoding="utf-8")
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "tests.faults.dispenser", str(folder / "orders.json"), str(answers)],
        cwd=ROOT,
        start_new_session=True,
        stderr=subprocess.PIPE,
    )
    deadline = monotonic() + START_LIMIT_S
    while len(_acknowledged(answers)) == len(done):
        assert process.poll() is None, process.stderr.read().decode() if process.stderr else ""
        assert monotonic() < deadline, "the pharmacy did not begin"
        sleep(0.002)
    sleep(chance.uniform(0, 0.05))
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def _acknowledged(answers: Path) -> set[str]:
    """Return the keys of whole lines: a line cut off in the middle was not acknowledged."""
    text = answers.read_text(encoding="ascii") if answers.exists() else ""
    return set(text.split("\n")[:-1])


def _ensure_whole(app: Flask, counter: Counter, acknowledged: set[str]) -> int:
    """Hold every promise against what the database says; return how many dispenses stand."""
    with app.app_context():
        kept = set(db.session.scalars(select(Operation.key).where(Operation.action == "dispense")))
        assert acknowledged <= kept, f"lost: {sorted(acknowledged - kept)}"
        dispenses = db.session.scalar(select(func.count()).select_from(Dispense)) or 0
        assert dispenses == len(kept), "a job was done twice, or a key was kept without its act"
        units = db.session.scalar(select(func.sum(DispenseLine.quantity))) or 0
        given = db.session.scalar(select(func.sum(LineProgress.given))) or 0
        issued = db.session.scalar(select(-func.sum(Movement.quantity)).where(Movement.quantity < 0)) or 0
        lying = db.session.scalar(select(func.sum(Balance.quantity)).where(Balance.place_id == counter.shelf.shelf_id))
        assert units == given == issued == dispenses * LOTS
        assert lying == STOCK * LOTS - issued
        assert ledger_differences() == []
        return dispenses


def _kill_often(app: Flask, folder: Path, times: int) -> None:
    chance = Random(times)  # noqa: S311 - the same moments every time
    counter, orders = _open(app, folder)
    for _ in range(times):
        _kill_once(orders, folder, chance)
        standing = _ensure_whole(app, counter, _acknowledged(folder / "answers"))
    assert standing >= times
    with app.app_context():
        with transaction():
            head = chain.seal()
        assert chain.verify(db.session.connection(), head) == []


@pytest.mark.postgres
@pytest.mark.durable
def test_a_killed_pharmacy_loses_nothing_it_acknowledged(app: Flask, tmp_path: Path) -> None:
    _kill_often(app, tmp_path, times=2)


@pytest.mark.heavy
@pytest.mark.postgres
@pytest.mark.durable
def test_killed_a_hundred_times_it_loses_nothing(app: Flask, tmp_path: Path) -> None:
    _kill_often(app, tmp_path, times=100)

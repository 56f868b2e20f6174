"""Killed with -9 while a batch is sealed: afterwards it is sealed with its paper, or not at all."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from random import Random
from time import monotonic, sleep

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.auth.roles import Role
from clinic.kernel import blobs, clock, jobs
from clinic.kernel.db import db
from inventory.certificates.models import Certificate
from inventory.certificates.queries import chain_differences, get_standing
from inventory.certificates.rules import Standing
from inventory.handovers import services
from inventory.handovers.rules import State
from tests import factories
from tests.faults.sealer import Orders
from tests.inventory.handovers.table import Table, open_table

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT_S = 30
LONGEST_SEAL_S = 1.6


def _orders(app: Flask, table: Table, batch: str) -> Orders:
    settings, scope = app.config["CLINIC"], table.scopes[Role.LOGISTICS]
    return Orders(
        environment={
            "CLINIC_DATABASE_URL": settings.database_url,
            "CLINIC_KEY_DIR": str(settings.key_dir),
            "CLINIC_INSTANCE": str(settings.instance),
        },
        scope=(scope.organisation_id, scope.site_id, scope.user_id),
        batch=batch,
    )


def _kill_once(orders: Orders, folder: Path, chance: Random) -> None:
    """Begin a seal, and kill it at any moment from before its number to after its paper."""
    begun = folder / "begun"
    begun.unlink(missing_ok=True)
    (folder / "orders.json").write_text(json.dumps(asdict(orders)), encoding="utf-8")
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "tests.faults.sealer", str(folder / "orders.json"), str(begun)],
        cwd=ROOT,
        start_new_session=True,
        stderr=subprocess.PIPE,
    )
    deadline = monotonic() + START_LIMIT_S
    while not begun.exists():
        assert process.poll() is None, process.stderr.read().decode() if process.stderr else ""
        assert monotonic() < deadline, "the seal did not begin"
        sleep(0.002)
    sleep(chance.uniform(0, LONGEST_SEAL_S))
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def _resume() -> None:
    """Let the next worker do what the killed one had claimed, once the claim has run out."""
    runs_out = db.session.scalar(select(func.max(jobs.Job.not_before)))
    if runs_out is not None:
        with clock.frozen(runs_out):
            jobs.work_off()


def _kill_often(app: Flask, folder: Path, times: int) -> dict[State, int]:
    chance = Random(times)  # noqa: S311 - the same moments every time
    found = dict.fromkeys((State.INSPECTED, State.SEALING, State.SEALED), 0)
    with app.app_context():
        table = open_table(factories.create_clinic())
        key = table.draft(count=2)
        table.submit(key)
        table.approve(key)
        table.inspect(key)
        orders = _orders(app, table, key)
    for _ in range(times):
        _kill_once(orders, folder, chance)
        with app.app_context():
            found[table.state(key)] += 1
            _resume()
            certificates = db.session.scalars(
                select(Certificate).order_by(Certificate.position).execution_options(populate_existing=True)
            ).all()
            assert [one.number for one in certificates if one.pdf_sha256 is None] == [], "a number without its document"
            assert all(blobs.read(one.pdf_sha256 or "").data.startswith(b"%PDF-") for one in certificates)
            assert [one.position for one in certificates] == list(range(1, len(certificates) + 1))
            assert len({one.number for one in certificates}) <= 1
            assert chain_differences() == []
            assert table.state(key) is (State.SEALED if len(certificates) > _voided(certificates) else State.INSPECTED)
            if table.state(key) is State.SEALED:
                table.act(Role.PROJECT_LEAD, services.unseal, key, because="and once more")
            db.session.rollback()
    return found


def _voided(certificates: Sequence[Certificate]) -> int:
    return sum(get_standing(one) is Standing.VOID for one in certificates)


@pytest.mark.durable
def test_a_seal_that_is_killed_is_resumed_or_never_was(app: Flask, tmp_path: Path) -> None:
    _kill_often(app, tmp_path, times=1)


@pytest.mark.heavy
@pytest.mark.postgres
@pytest.mark.durable
def test_killed_fifty_times_no_number_stands_without_its_document(app: Flask, tmp_path: Path) -> None:
    found = _kill_often(app, tmp_path, times=50)
    assert all(found[state] for state in (State.SEALING, State.SEALED)), found

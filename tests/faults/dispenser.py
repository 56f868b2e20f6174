"""A pharmacy at work in a process of its own, to be killed: hands out job after job and notes each answer it gave.

    python -m tests.faults.dispenser ORDERS ANSWERS

ORDERS is a JSON file (see `Orders`); ANSWERS a file to which each job's key is added once its dispense is committed,
synced to the disk before the next job: what stands there was acknowledged.
"""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from clinic.app import create_app
from clinic.config import read_settings
from clinic.kernel.access import Scope
from clinic.kernel.audit import acting_as
from clinic.kernel.db import transaction
from clinic.kernel.operations import once
from clinic.pharmacy.queries.lines import get_prescription
from clinic.pharmacy.services import Handed, Rest, dispense
from inventory.stock.services import Taken

WRITERS = 6


@dataclass(frozen=True)
class Orders:
    """What to hand out: one unit from each lot for every job, the jobs shared out over the prescriptions."""

    environment: dict[str, str]
    scope: tuple[int, int, int]
    prescriptions: list[tuple[str, int]]
    lots: list[tuple[int, int]]
    jobs: list[str]


def work(orders: Orders, answers: Path) -> None:
    """Do every job, six at a time, the first ones first."""
    app = create_app(read_settings(orders.environment))
    log = os.open(answers, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    scope = Scope(*orders.scope)

    def do(job: str) -> None:
        key, line_id = orders.prescriptions[int(job.rpartition("-")[2]) % len(orders.prescriptions)]
        taken = tuple(Taken(lot_id=lot, place_id=place, quantity=1) for lot, place in orders.lots)
        with app.app_context():
            row = get_prescription(scope, key)
            with transaction(), acting_as(scope.user_id):
                claim = once(scope.user_id, "dispense", job, {"line": line_id})
                if not claim.is_repeat:
                    handed = Handed(line_id=line_id, taken=taken, rest=Rest.WAITS)
                    dispense(scope, row, [handed], operation_id=claim.id)
                    claim.answered("/pharmacy")
        os.write(log, f"{job}\n".encode())
        os.fsync(log)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(do, orders.jobs))


if __name__ == "__main__":
    told = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    work(Orders(**told), Path(sys.argv[2]))

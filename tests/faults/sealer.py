"""A logistician's machine in a process of its own, to be killed: seals a batch and has its certificate printed.

    python -m tests.faults.sealer ORDERS BEGUN

ORDERS is a JSON file (see `Orders`); BEGUN a file that is written when the seal is about to begin.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from clinic.app import create_app
from clinic.config import read_settings
from clinic.kernel import jobs
from clinic.kernel.access import Scope
from clinic.kernel.audit import acting_as
from clinic.kernel.db import transaction
from inventory.handovers.models import Batch
from inventory.handovers.services import begin_seal


@dataclass(frozen=True)
class Orders:
    """Which batch is sealed, by whom."""

    environment: dict[str, str]
    scope: tuple[int, int, int]
    batch: str


def work(orders: Orders, begun: Path) -> None:
    """Seal the batch, then do the job of it."""
    app = create_app(read_settings(orders.environment))
    scope = Scope(*orders.scope)
    with app.app_context():
        begun.write_text("begun", encoding="ascii")
        with acting_as(scope.user_id):
            with transaction() as session:
                seen = session.scalars(select(Batch.version).where(Batch.key == orders.batch)).one()
                begin_seal(scope, orders.batch, seen=seen, check_address="http://localhost")
            jobs.work_off()


if __name__ == "__main__":
    told = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    work(Orders(**told), Path(sys.argv[2]))

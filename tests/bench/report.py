"""The figures of a run as a table and as JSON; the peer's stand beside them, without a verdict."""

import os
from collections.abc import Iterable
from dataclasses import asdict

from tests.bench.measuring import CLIENTS
from tests.bench.running import Run

# GNU Health 5 on PostgreSQL at 100,000 patients, two cores: statements, p50 in ms, per second at 8 clients
OTHER_RUN = {
    "register": (50, 25.6, 70.6),
    "search": (16, 245.0, 7.3),
    "open chart": (45, 16.2, 101.0),
    "consultation": (45, 23.6, 87.9),
    "prescribe + dispense": (158, 112.0, 15.5),
    "list of 50": (20, 30.1, 50.4),
}
_HEAD = f"{'':<22}{'':>11}{'1 client':>18}{f'{CLIENTS} clients':>12}{'server':>9}   {'other run':<27}"
_COLUMNS = f"{'operation':<22}{'statements':>11}{'p50 ms':>9}{'p95 ms':>9}{'per s':>12}{'peak MB':>9}   "
_OTHER = f"{'statements':>10}{'p50 ms':>8}{'per s':>8}"


def table(run: Run) -> str:
    """Return one engine's figures as they are printed."""
    head = f"{run.engine}, {run.serving}, {os.cpu_count()} cores"
    return "\n".join(("", head, _HEAD.rstrip(), _COLUMNS + _OTHER, *_rows(run), *_foot(run)))


def _foot(run: Run) -> Iterable[str]:
    size = run.size
    yield (
        f"{size.patients:,} patients, {size.visits:,} visits, {size.dispense_lines:,} dispense lines, "
        f"{size.movements:,} movements, {size.audit:,} audit rows; loaded once, in {run.load_s} s."
    )
    yield "Over HTTP on this machine, where the clients compete with the server for the cores."
    yield "The page that carries a form is opened beside the watch; a search is the POST and the list it leads to."
    yield "Consultation is the nurse's sheet and the doctor's signature. Peak MB is the server's, up to that row."
    yield "Other run: performance.md's peer, 100,000 patients, on another day: set beside, not compared."


def _rows(run: Run) -> Iterable[str]:
    for cost in run.costs:
        row = f"{cost.name:<22}{cost.statements:>11}{cost.p50_ms:>9.1f}{cost.p95_ms:>9.1f}{cost.per_second:>12.1f}"
        row += f"{cost.peak_mb:>9}"
        if other := OTHER_RUN.get(cost.peer):
            row += f"   {other[0]:>10}{other[1]:>8.1f}{other[2]:>8.1f}"
        yield row


def as_json(runs: Iterable[Run]) -> dict[str, object]:
    """Return the figures as JSON holds them."""
    return {
        "cores": os.cpu_count(),
        "clients": CLIENTS,
        "runs": [asdict(run) | {"dispense_lines": run.size.dispense_lines} for run in runs],
    }

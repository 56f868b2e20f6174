"""Bring a database to the schema that this version of the product stands on.

A new revision, against an empty database at the newest one:

    flask --app wsgi db migrate --rev-id 0002 -m slug

Then read it, tidy it, and test it on data. `migrations/env.py` runs the revisions; here is what decides around them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import Migrate
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from clinic.kernel import guards
from clinic.kernel.db import db
from clinic.kernel.engine import WRITES, install
from clinic.kernel.errors import ProgrammingMistake
from clinic.kernel.turns import write_queue

DIRECTORY = Path(__file__).resolve().parents[2] / "migrations"

_migrate = Migrate(directory=str(DIRECTORY), compare_type=True, render_as_batch=True)


class BrokenMigration(ProgrammingMistake):
    """The schema is not what it must be after the revisions ran; nothing of them was kept."""


def init_app(app: Flask) -> None:
    """Give `app` the `flask db` commands."""
    _migrate.init_app(app, db)


def _configure(config: Config) -> Config:
    """Set here what alembic.ini would say: there is one file of settings, and this is not it."""
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_section_option("post_write_hooks", "hooks", "tidy")
    config.set_section_option("post_write_hooks", "tidy.type", "module")
    config.set_section_option("post_write_hooks", "tidy.module", "ruff")
    config.set_section_option("post_write_hooks", "tidy.options", "format REVISION_SCRIPT_FILENAME")
    return config


_migrate.configure(_configure)


def migrate_to_head(app: Flask) -> None:
    """Bring `app`'s database to the newest revision, all or nothing."""
    migrate_to(app, "head")


def migrate_to(app: Flask, revision: str) -> None:
    """Bring `app`'s database up to `revision`, all or nothing."""
    with app.app_context():
        command.upgrade(_migrate.get_config(), revision)


def migrate_down(app: Flask, revision: str = "-1") -> None:
    """Take `app`'s database back to `revision`, all or nothing."""
    with app.app_context():
        command.downgrade(_migrate.get_config(), revision)


def is_current(connection: Connection) -> bool:
    """Return whether the database stands at the revision that this code was written for."""
    return MigrationContext.configure(connection).get_current_revision() == newest()


@cache
def newest() -> str | None:
    """Return the newest revision in this tree."""
    return ScriptDirectory(str(DIRECTORY)).get_current_head()


def knows(revision: str) -> bool:
    """Return whether this tree has `revision`."""
    return any(script.revision == revision for script in ScriptDirectory(str(DIRECTORY)).walk_revisions())


@contextmanager
def owner_connection(app: Flask) -> Iterator[Connection]:
    """Open the one transaction of a migration as the schema's owner; commit it only where everything is whole.

    SQLite ignores a change of `foreign_keys` inside a transaction, and with them on a rebuilt parent cannot be dropped.
    """
    settings = app.config["CLINIC"]
    engine = create_engine(settings.migration_url, poolclass=NullPool)
    install(engine, is_durable=app.config["DATABASE_IS_DURABLE"])
    with write_queue(engine), engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            _driver(connection).execute("PRAGMA foreign_keys=OFF")
        connection.execution_options(**{WRITES: True})
        with connection.begin():
            yield connection
            _refuse_broken(connection)
            _grant(connection, role=make_url(settings.database_url).username)
    engine.dispose()


def refresh_statistics(app: Flask) -> None:
    """Let `app`'s database count its rows anew: by these it chooses its ways, and SQLite never does it by itself."""
    with owner_connection(app) as connection:
        connection.exec_driver_sql("ANALYZE")


def _driver(connection: Connection) -> Any:  # noqa: ANN401 - the driver's own connection
    return connection.connection.dbapi_connection


def _refuse_broken(connection: Connection) -> None:
    broken = guards.differences(connection)
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        broken += [f"{table} row {row} points at no {parent}" for table, row, parent, _ in rows]
    if broken:
        raise BrokenMigration("; ".join(broken))


def _grant(connection: Connection, role: str | None) -> None:
    """Let the app's own role, where it is not the owner, read and write rows and nothing else."""
    if connection.dialect.name != "postgresql" or role in {None, connection.engine.url.username}:
        return
    quoted = connection.dialect.identifier_preparer.quote_identifier(str(role))
    connection.execute(text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {quoted}"))
    connection.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {quoted}"))

"""How a connection begins: read-only in the database itself, unless the one door asks to write.

Hooks on a session miss text statements and plain connections; what the database refuses, no road leads round.
"""

import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, event

from clinic.kernel.errors import ProgrammingMistake

WRITES = "clinic_writes"

_SQLITE = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1, "busy_timeout": 5000}
_POSTGRESQL = {
    "default_transaction_isolation": {"read committed"},
    "server_encoding": {"UTF8"},
    "session_replication_role": {"origin"},
    "synchronous_commit": {"on", "remote_apply"},
    "fsync": {"on"},
    "full_page_writes": {"on"},
}
_DURABLE = {"synchronous", "synchronous_commit", "fsync", "full_page_writes"}
_SETTINGS = "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)"


class UnsafeDatabase(ProgrammingMistake):
    """The database does not keep a promise that the product rests on; whoever runs the server must set it right."""


def install(engine: Engine, *, is_durable: bool = True) -> None:
    """Make every connection of `engine` begin as this module says, with its settings asserted once.

    `is_durable=False` is for tests: an acknowledged commit may then be lost when the power fails.
    """
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda raw, _record: _open_sqlite(raw, is_durable=is_durable))
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", lambda raw, _record: _open_postgresql(raw, is_durable=is_durable))
        event.listen(engine, "begin", _begin_postgresql)


def writes(connection: Connection) -> bool:
    """Return whether `connection` was opened to write."""
    return bool(connection.get_execution_options().get(WRITES, False))


def _open_sqlite(raw: sqlite3.Connection, *, is_durable: bool) -> None:
    raw.isolation_level = None
    for name, value in _SQLITE.items():
        wanted = value if is_durable or name not in _DURABLE else 0
        raw.execute(f"PRAGMA {name}={wanted}")
        found = raw.execute(f"PRAGMA {name}").fetchone()[0]
        if found != wanted:
            raise UnsafeDatabase(f"SQLite keeps {name} at {found}, not {wanted}")


def _begin_sqlite(connection: Connection) -> None:
    is_writing = writes(connection)
    if connection.info.get(WRITES) != is_writing:
        connection.exec_driver_sql(f"PRAGMA query_only={int(not is_writing)}")
        connection.info[WRITES] = is_writing
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


def _open_postgresql(raw: Any, *, is_durable: bool) -> None:  # noqa: ANN401 - psycopg's generic connection
    raw.execute("SET lock_timeout = '5s'")
    found = dict(raw.execute(_SETTINGS, [list(_POSTGRESQL)]).fetchall())
    raw.commit()
    for name, allowed in _POSTGRESQL.items():
        if found[name] not in allowed and (is_durable or name not in _DURABLE):
            raise UnsafeDatabase(f"PostgreSQL keeps {name} at {found[name]}, not {' or '.join(sorted(allowed))}")


def _begin_postgresql(connection: Connection) -> None:
    raw: Any = connection.connection.dbapi_connection
    is_read_only = not writes(connection)
    if raw.read_only != is_read_only:
        raw.read_only = is_read_only

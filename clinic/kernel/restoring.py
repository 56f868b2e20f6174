"""Put a backup back: read whole before anything is touched, and compared with what was written before it is kept.

The tables are made anew at the backup's own revision, filled while guards and foreign keys are down, and only then
brought to the newest revision: so a backup outlives the version that made it, and the engine that it was made on.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from nacl.public import PrivateKey
from sqlalchemy import Connection, Table, column, delete, func, insert, inspect, select, table, text

from clinic.kernel import guards, migrating
from clinic.kernel.backups import (
    BATCH,
    Contents,
    OtherVersion,
    Say,
    TableEnd,
    list_sequences,
    list_tables,
    read_contents,
    read_lines,
    read_rows,
    untagged,
)
from clinic.kernel.db import db
from clinic.kernel.errors import DomainError, ProgrammingMistake

_FOREIGN_KEYS = text("""
    SELECT c.relname, k.conname, pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace
""")
_MADE_BY = text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table")
_LAST = table("sqlite_sequence", column("name"), column("seq"))


class NotEmpty(DomainError):
    """There is something in the database that a restore would throw away."""

    code = "not_empty"


class Differs(ProgrammingMistake):
    """What stands after a restore is not what was written; nothing of it was kept."""


def restore(
    app: Flask, path: Path, key: PrivateKey, *, replace: bool = False, say: Say = lambda _line: None
) -> Contents:
    """Put a backup into the database, which must be empty unless `replace`, and return what the backup held.

    Needs the schema's owner, and nobody else at work. A restore that is cut off leaves empty tables: begin it again.
    """
    contents = read_contents(path, key)
    if not migrating.knows(contents.revision):
        raise OtherVersion("This backup was made by a newer version of Şifa: restore it with that one.")
    db.session.remove()
    with migrating.owner_connection(app) as connection:
        if not replace and (filled := _first_filled(connection)):
            raise NotEmpty("The database is not empty: there are rows in %(table)s.", table=filled)
        _drop_tables(connection)
    migrating.migrate_to(app, contents.revision)
    with migrating.owner_connection(app) as connection:
        guards.drop_all(connection)
        foreign_keys = _drop_foreign_keys(connection)
        tables = {one.name: one for one in list_tables(connection)}
        _fill(connection, tables, read_lines(path, key))
        for end in contents.tables:
            _refuse_different(connection, tables[end.table], end)
            say(f"  {end.table:<32}{end.rows:>10}")
        _count_on(connection, tables, contents)
        for statement in foreign_keys:
            connection.execute(text(statement))
        guards.create_all(connection)
    migrating.migrate_to_head(app)
    return contents


def _first_filled(connection: Connection) -> str | None:
    """Return the name of a table that has rows."""
    for one in list_tables(connection):
        if connection.execute(select(one).limit(1)).first() is not None:
            return one.name
    return None


def _drop_tables(connection: Connection) -> None:
    guards.drop_all(connection)
    cascade = " CASCADE" if connection.dialect.name == "postgresql" else ""
    for name in inspect(connection).get_table_names():
        connection.execute(text(f"DROP TABLE {_quoted(connection, name)}{cascade}"))
    if connection.dialect.name == "postgresql":
        guards.create_all(connection)  # the function that the guards call, which the end of a migration asks for


def _drop_foreign_keys(connection: Connection) -> list[str]:
    """Take the foreign keys away and return what brings them back; SQLite's are off, and looked at when all is in."""
    if connection.dialect.name != "postgresql":
        return []
    back = []
    for owner, name, definition in connection.execute(_FOREIGN_KEYS).all():
        alter = f"ALTER TABLE {_quoted(connection, owner)}"
        connection.execute(text(f"{alter} DROP CONSTRAINT {_quoted(connection, name)}"))
        back.append(f"{alter} ADD CONSTRAINT {_quoted(connection, name)} {definition}")
    return back


def _fill(connection: Connection, tables: dict[str, Table], lines: Iterator[bytes]) -> None:
    filled: Table | None = None
    names: list[str] = []
    rows: list[dict[str, object]] = []
    for told in map(json.loads, lines):
        if isinstance(told, list):
            rows.append(dict(zip(names, map(untagged, told), strict=True)))
        if filled is not None and rows and (len(rows) == BATCH or not isinstance(told, list)):
            connection.execute(insert(filled).inline(), rows)
            rows = []
        if isinstance(told, dict) and "table" in told:
            filled, names = tables[told["table"]], told["columns"]


def _refuse_different(connection: Connection, filled: Table, end: TableEnd) -> None:
    count, digest = 0, hashlib.sha256()
    for line in read_rows(connection, filled):
        count += 1
        digest.update(line)
    if (count, digest.hexdigest()) != (end.rows, end.sha256):
        raise Differs(f"{end.table} does not stand as it was written: {count} rows of {end.rows}")


def _count_on(connection: Connection, tables: dict[str, Table], contents: Contents) -> None:
    """Let numbers go on after the last that was ever given out, not only after the last that is there."""
    last = {end.table: end.last or 0 for end in contents.tables}
    if connection.dialect.name == "postgresql":
        for name, sequence in list_sequences(connection):
            highest = connection.scalar(select(func.max(tables[name].autoincrement_column))) or 0
            if number := max(highest, last.get(name, 0)):
                connection.execute(select(func.setval(_quoted(connection, sequence), number)))
        return
    for name, number in last.items():
        made = connection.scalar(_MADE_BY, {"table": name}) or ""
        if number and "AUTOINCREMENT" in made.upper():
            connection.execute(delete(_LAST).where(_LAST.c.name == name))
            connection.execute(insert(_LAST).values(name=name, seq=number))


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)

"""Everything that the database holds, as one stream of lines that either engine can give and take.

Table by table in one snapshot, at the revision that stands; each table ends with the count and the hash of its rows.
`restoring` puts it back.
"""

import hashlib
import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import Flask
from nacl.public import PrivateKey, PublicKey
from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    MetaData,
    Row,
    String,
    Table,
    Text,
    cast,
    create_engine,
    event,
    func,
    select,
    text,
)
from sqlalchemy.pool import NullPool
from sqlalchemy.types import UserDefinedType

from clinic.kernel import vault
from clinic.kernel.clock import now
from clinic.kernel.engine import install
from clinic.kernel.errors import DomainError

FORMAT = 1
BATCH = 500
_UNFOLD = 1 << 20
_OF_ALEMBIC = "alembic_version"
_FOREIGN_KEYS = text("""
    SELECT c.relname, k.conname, pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace
""")
_REVISION = text("SELECT version_num FROM alembic_version")
_HAS_SEQUENCES = text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'")
_SEQUENCES = text("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()")

Say = Callable[[str], None]


class OtherVersion(DomainError):
    """The backup was made by a version of the product that knows more than this one."""

    code = "other_version"


@dataclass(frozen=True, kw_only=True)
class TableEnd:
    """What a table's last line says: how many rows there were, their hash, and the last number it gave out."""

    table: str
    rows: int
    sha256: str
    last: int | None


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a backup holds, as its first line and the ends of its tables tell."""

    revision: str
    made_at: str
    engine: str
    tables: tuple[TableEnd, ...]

    @property
    def count(self) -> int:
        """How many rows there are in all."""
        return sum(end.rows for end in self.tables)


class RawJson(UserDefinedType[str]):
    """JSON as the text that stands in the database, to the letter; SQL's NULL is not JSON's."""

    cache_ok = True

    def get_col_spec(self, **_kw: object) -> str:
        """Return the type's name."""
        return "JSON"

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[str]:
        """Let neither driver read it."""
        return cast(column, Text)


# ---- out ------------------------------------------------------------------------------------------------------------


def back_up(app: Flask, path: Path, key: PublicKey, *, say: Say = lambda _line: None) -> Contents:
    """Write everything into `path`, readable with the private half of `key` alone, and return what was written."""
    engine = create_engine(app.config["CLINIC"].database_url, poolclass=NullPool)
    install(engine, is_durable=app.config["DATABASE_IS_DURABLE"])
    told = _Told()
    squeeze = zlib.compressobj()
    with vault.writing_to(path, key) as file, engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        for line in _lines(connection):
            if (end := told.take(line)) is not None:
                say(f"  {end.table:<32}{end.rows:>10}")
            file.write(squeeze.compress(line))
        file.write(squeeze.flush())
    engine.dispose()
    return told.contents()


def _lines(connection: Connection) -> Iterator[bytes]:
    revision = connection.execute(_REVISION).scalar_one()
    at = now().isoformat()
    yield _line({"format": FORMAT, "revision": revision, "made_at": at, "engine": connection.dialect.name})
    last = _last_numbers(connection)
    for table in list_tables(connection):
        yield _line({"table": table.name, "columns": [column.name for column in table.columns]})
        count, digest = 0, hashlib.sha256()
        for line in read_rows(connection, table):
            count += 1
            digest.update(line)
            yield line
        end = {"end": table.name, "rows": count, "sha256": digest.hexdigest(), "last": last.get(table.name)}
        yield _line(end)
    yield _line({"complete": True})


def read_rows(connection: Connection, table: Table) -> Iterator[bytes]:
    """Return the rows as lines, in an order that both engines agree on."""
    is_postgresql = connection.dialect.name == "postgresql"
    order = [
        column.collate("C") if is_postgresql and isinstance(column.type, String) else column
        for column in table.primary_key or table.columns
    ]
    statement = select(*table.columns).order_by(*order).execution_options(yield_per=BATCH)
    return (_line(list(row)) for row in connection.execute(statement))


def list_tables(connection: Connection) -> list[Table]:
    """Return the tables that stand, by name, whatever the models say."""
    metadata = MetaData()
    event.listen(metadata, "column_reflect", _leave_json)
    metadata.reflect(connection)
    return [table for name, table in sorted(metadata.tables.items()) if name != _OF_ALEMBIC]


def _leave_json(_inspector: object, _table: object, column: dict[str, Any]) -> None:
    if isinstance(column["type"], JSON):
        column["type"] = RawJson()


def _last_numbers(connection: Connection) -> dict[str, int]:
    """Return the last number that each table gave out, where the database keeps one beside the rows."""
    if connection.dialect.name == "postgresql":
        last = _pairs(connection.execute(_SEQUENCES))
        return {table: last[sequence] for table, sequence in list_sequences(connection) if sequence in last}
    if connection.execute(_HAS_SEQUENCES).first() is None:
        return {}
    return _pairs(connection.execute(text("SELECT name, seq FROM sqlite_sequence")))


def _pairs(rows: Iterable[Row[str, int]]) -> dict[str, int]:
    return {name: number for name, number in rows if number is not None}


def list_sequences(connection: Connection) -> Iterator[tuple[str, str]]:
    """Return each table whose rows are numbered, and the sequence that numbers them."""
    for table in list_tables(connection):
        if (column := table.autoincrement_column) is not None:
            name = connection.dialect.identifier_preparer.quote(table.name)
            found = connection.scalar(select(func.pg_get_serial_sequence(name, column.name)))
            if found is not None:
                yield table.name, found.rpartition(".")[2].strip('"')


# ---- the stream -----------------------------------------------------------------------------------------------------


class _Told:
    """Reads a stream's lines, and holds each table to the count and hash that its last line claims."""

    def __init__(self) -> None:
        self._head: dict[str, Any] = {}
        self._ends: list[TableEnd] = []
        self._count, self._digest = 0, hashlib.sha256()
        self._is_complete = False

    def take(self, line: bytes) -> TableEnd | None:
        """Take one line; return a table's end where it is one."""
        told = json.loads(line)
        if isinstance(told, list):
            self._count += 1
            self._digest.update(line)
        elif "format" in told:
            if told["format"] != FORMAT:
                raise OtherVersion("This backup was made by a newer version of Şifa: restore it with that one.")
            self._head = told
        elif "table" in told:
            self._count, self._digest = 0, hashlib.sha256()
        elif "end" in told:
            return self._end(told)
        else:
            self._is_complete = True
        return None

    def _end(self, told: dict[str, Any]) -> TableEnd:
        if (told["rows"], told["sha256"]) != (self._count, self._digest.hexdigest()):
            raise vault.Unreadable("This backup is not whole in %(table)s: take an older one.", table=told["end"])
        end = TableEnd(table=told["end"], rows=told["rows"], sha256=told["sha256"], last=told["last"])
        self._ends.append(end)
        return end

    def contents(self) -> Contents:
        """Return what the whole stream held."""
        if not self._is_complete:
            raise vault.Unreadable("This backup was cut off: take an older one.")
        head = self._head
        return Contents(
            revision=head["revision"], made_at=head["made_at"], engine=head["engine"], tables=tuple(self._ends)
        )


def read_contents(path: Path, key: PrivateKey) -> Contents:
    """Return what a backup holds, having read the whole of it and found it in order."""
    told = _Told()
    for line in read_lines(path, key):
        told.take(line)
    return told.contents()


def read_lines(path: Path, key: PrivateKey) -> Iterator[bytes]:
    """Return the lines of a backup; those before its end are not yet known to be whole."""
    unfold, rest = zlib.decompressobj(), b""
    with path.open("rb") as file:
        for part in vault.parts(file, key):
            while part:
                rest += unfold.decompress(part, _UNFOLD)
                part = unfold.unconsumed_tail  # noqa: PLW2901 - what is left of it
                *lines, rest = rest.split(b"\n")
                yield from (line + b"\n" for line in lines)
    for line in (rest + unfold.flush()).splitlines():
        yield line + b"\n"


def _line(told: object) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), default=_tagged).encode() + b"\n"


def _tagged(value: object) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"b": b64encode(value).decode()}
    if isinstance(value, Decimal):
        return {"n": str(value)}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    raise TypeError(f"a backup cannot hold {type(value).__name__}")


_UNTAG: dict[str, Callable[[str], object]] = {"b": b64decode, "n": Decimal, "d": date.fromisoformat}


def untagged(value: object) -> object:
    """Return what a cell held before it was written as JSON."""
    if not isinstance(value, dict):
        return value
    ((tag, plain),) = value.items()
    return _UNTAG[tag](plain)

"""What the database itself must refuse: the registry of seals, and the triggers that hold them.

Batch migrations on SQLite drop triggers without a word, so every migration runs between `drop_all` and `create_all`
and ends with `differences`. A guard is refused to nobody by politeness: an IntegrityError on both engines.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Dialect, MetaData, Table, inspect, text

from clinic.kernel.db import Base

_ALWAYS = ""
_seals: dict[Table, str] = {}
_may_go: set[Table] = set()

_FUNCTION = "guard_refuse"
_FUNCTION_BODY = (
    " BEGIN RAISE EXCEPTION 'sealed: % of % refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END "
)
_CREATE_FUNCTION = f"CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $${_FUNCTION_BODY}$$"

_SQLITE_FOUND = (
    r"SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard\_%' ESCAPE '\'"
)
_POSTGRESQL_FOUND = r"""
    SELECT t.tgname, c.relname, pg_get_triggerdef(t.oid, true) || ' enabled ' || t.tgenabled::text
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND t.tgname LIKE 'guard\_%' AND c.relnamespace = current_schema()::regnamespace
"""


@dataclass(frozen=True, kw_only=True)
class Guard:
    """One trigger: what makes it, on which table."""

    name: str
    table: str
    ddl: str


def seal(table: Table, once: str | None = None, *, may_go: bool = False) -> None:
    """Let the database refuse every UPDATE and DELETE of `table`.

    With `once`, an SQL condition on the OLD row, and the NEW one, such as `OLD.state <> 'OPEN'`, an UPDATE is refused
    only where it holds; a condition that comes out NULL does not hold. DELETE is refused always, or with `may_go` where
    the condition, then of the OLD row alone, holds.
    """
    _seals[table] = once or _ALWAYS
    if once and may_go:
        _may_go.add(table)


def wanted(dialect: Dialect, metadata: MetaData = Base.metadata) -> list[Guard]:
    """Return the guards that a database with all of `metadata` must have."""
    build = _sqlite_guards if dialect.name == "sqlite" else _postgresql_guards
    return [
        guard
        for table in metadata.sorted_tables
        if table in _seals
        for guard in build(table, dialect.identifier_preparer.quote(table.name))
    ]


def drop_all(connection: Connection) -> None:
    """Drop every guard there is, known or not."""
    quote = connection.dialect.identifier_preparer.quote
    for name, (table, _) in _found(connection).items():
        on_table = "" if connection.dialect.name == "sqlite" else f" ON {quote(table)}"
        connection.exec_driver_sql(f"DROP TRIGGER {quote(name)}{on_table}")


def create_all(connection: Connection, metadata: MetaData = Base.metadata) -> None:
    """Create the guards of every table that stands; at an older revision some do not yet."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_escaped(_CREATE_FUNCTION))
    for guard in _wanted_here(connection, metadata):
        connection.exec_driver_sql(_escaped(guard.ddl))
        if connection.dialect.name == "postgresql":
            quote = connection.dialect.identifier_preparer.quote
            connection.exec_driver_sql(f"ALTER TABLE {quote(guard.table)} ENABLE ALWAYS TRIGGER {quote(guard.name)}")


def differences(connection: Connection, metadata: MetaData = Base.metadata) -> list[str]:
    """Return one line for each guard that is missing, changed, disabled or unknown; none when all is well.

    On PostgreSQL `connection` must be one that may write: the expected triggers are made on a scratch table and undone.
    """
    found, expected = _found(connection), _wanted_here(connection, metadata)
    lines = []
    for guard in expected:
        if guard.name not in found:
            lines.append(f"{guard.name} is missing")
        elif found[guard.name] != (guard.table, _definition(connection, guard)):
            lines.append(f"{guard.name} is not what it must be: {found[guard.name][1]}")
    lines += [f"{name} is not in the registry" for name in sorted(found.keys() - {guard.name for guard in expected})]
    if connection.dialect.name == "postgresql" and _function_body(connection) != _FUNCTION_BODY:
        lines.append(f"{_FUNCTION}() is not what it must be")
    return lines


def missing(connection: Connection, metadata: MetaData = Base.metadata) -> list[str]:
    """Return the names of the guards that are not there or do not always fire; a mere read, unlike `differences`."""
    found = _found(connection)
    if connection.dialect.name == "postgresql":
        found = {name: told for name, told in found.items() if told[1].endswith(" enabled A")}
    return [guard.name for guard in _wanted_here(connection, metadata) if guard.name not in found]


def _sqlite_guards(table: Table, name: str) -> Iterator[Guard]:
    refuse = f"BEGIN SELECT RAISE(ABORT, 'sealed: {table.name}'); END"
    once = _seals[table]
    once_held = f" WHEN {once}" if once else ""
    when = {"update": once_held, "delete": once_held if table in _may_go else ""}
    if not once:
        # REPLACE deletes without a DELETE trigger on a connection that has not asked for recursive ones
        same = " AND ".join(f"{column.name} = NEW.{column.name}" for column in table.primary_key)
        when["insert"] = f" WHEN EXISTS (SELECT 1 FROM {name} WHERE {same})"  # noqa: S608 - names of our own tables
    for act, condition in when.items():
        ddl = f"CREATE TRIGGER guard_{table.name}_{act} BEFORE {act.upper()} ON {name}{condition} {refuse}"
        yield Guard(name=f"guard_{table.name}_{act}", table=table.name, ddl=ddl)


def _postgresql_guards(table: Table, name: str) -> Iterator[Guard]:
    once = _seals[table]
    once_held = f"FOR EACH ROW WHEN ({once})" if once else "FOR EACH STATEMENT"
    each = {"update": once_held} | ({"delete": once_held} if table in _may_go else {})
    for act in ("update", "delete", "truncate"):
        ddl = (
            f"CREATE TRIGGER guard_{table.name}_{act} BEFORE {act.upper()} ON {name} "
            f"{each.get(act, 'FOR EACH STATEMENT')} EXECUTE FUNCTION {_FUNCTION}()"
        )
        yield Guard(name=f"guard_{table.name}_{act}", table=table.name, ddl=ddl)


def _wanted_here(connection: Connection, metadata: MetaData) -> list[Guard]:
    standing = set(inspect(connection).get_table_names())
    return [guard for guard in wanted(connection.dialect, metadata) if guard.table in standing]


def _found(connection: Connection) -> dict[str, tuple[str, str]]:
    query = _SQLITE_FOUND if connection.dialect.name == "sqlite" else _POSTGRESQL_FOUND
    return {name: (table, definition) for name, table, definition in connection.execute(text(query))}


def _definition(connection: Connection, guard: Guard) -> str:
    """Return `guard` as the database would tell it."""
    if connection.dialect.name == "sqlite":
        return guard.ddl
    quote = connection.dialect.identifier_preparer.quote
    scratch = connection.begin_nested()
    connection.exec_driver_sql(f"CREATE TEMP TABLE guard_scratch (LIKE {quote(guard.table)})")
    connection.exec_driver_sql(_escaped(guard.ddl.replace(f" ON {quote(guard.table)} ", " ON guard_scratch ", 1)))
    definition: str = connection.execute(
        text("SELECT pg_get_triggerdef(oid, true) FROM pg_trigger WHERE tgrelid = 'pg_temp.guard_scratch'::regclass")
    ).scalar_one()
    scratch.rollback()
    return definition.replace(" ON guard_scratch ", f" ON {quote(guard.table)} ", 1) + " enabled A"


def _function_body(connection: Connection) -> str | None:
    body = text("SELECT prosrc FROM pg_proc WHERE proname = :name AND pronamespace = current_schema()::regnamespace")
    return connection.execute(body, {"name": _FUNCTION}).scalar_one_or_none()


def _escaped(ddl: str) -> str:
    """Return `ddl` with its percent signs safe from the driver."""
    return ddl.replace("%", "%%")

"""Whether the tables that stand are, to the last check and index, those that the models say.

A batch migration on SQLite can lose an unnamed check or the word AUTOINCREMENT, which a comparison of columns misses.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, MetaData, create_engine, inspect, text
from sqlalchemy.pool import StaticPool

from clinic.kernel.db import Base

_POSTGRESQL = text("""
    SELECT c.relname || '.' || a.attname,
           concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NOT NULL' END,
                     'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid))
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
    UNION ALL
    SELECT c.relname || ' ' || k.conname, pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE k.contype <> 'n' AND k.connamespace = current_schema()::regnamespace
    UNION ALL
    SELECT tablename || ' ' || indexname, replace(indexdef, ' ' || schemaname || '.', ' ')
    FROM pg_indexes WHERE schemaname = current_schema()
""")
_SQLITE_INDEXES = text(
    "SELECT tbl_name || ' ' || name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
)
_SQLITE_TABLES = text("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
_OF_ALEMBIC = "alembic_version"


def differences(connection: Connection, metadata: MetaData = Base.metadata) -> list[str]:
    """Return one line for each column, constraint or index that is missing, changed or unknown; none when all is well.

    On PostgreSQL `connection` must be one that may write: the expected tables are made in a scratch schema and undone.
    """
    found, expected = shape(connection), _expected(connection, metadata)
    return [
        f"{name}: expected {expected.get(name)}, found {found.get(name)}"
        for name in sorted(found.keys() | expected.keys())
        if found.get(name) != expected.get(name)
    ]


def shape(connection: Connection) -> dict[str, str]:
    """Return what stands in the current schema: the definition of each column, constraint and index by its name."""
    parts = connection.execute(_POSTGRESQL) if connection.dialect.name == "postgresql" else _sqlite_parts(connection)
    return {name: definition for name, definition in parts if not name.startswith(_OF_ALEMBIC)}


def _expected(connection: Connection, metadata: MetaData) -> dict[str, str]:
    if connection.dialect.name == "postgresql":
        scratch = connection.begin_nested()
        connection.execute(text("CREATE SCHEMA shape_scratch"))
        connection.execute(text("SET LOCAL search_path TO shape_scratch"))
        metadata.create_all(connection)
        expected = shape(connection)
        scratch.rollback()
        return expected
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.connect() as blank:
        metadata.create_all(blank)
        expected = shape(blank)
    engine.dispose()
    return expected


def _sqlite_parts(connection: Connection) -> Iterator[tuple[str, str]]:
    for name, sql in connection.execute(_SQLITE_INDEXES):
        yield name, " ".join(sql.split())
    inspector = inspect(connection)
    for table, sql in connection.execute(_SQLITE_TABLES).all():
        yield f"{table} AUTOINCREMENT", str("AUTOINCREMENT" in sql.upper())
        for column in inspector.get_columns(table):
            yield f"{table}.{column['name']}", f"{column['type']} {column['nullable']} {column['default']}"
        yield f"{table} primary key", str(inspector.get_pk_constraint(table))
        for kind, constraints in (
            ("foreign key", inspector.get_foreign_keys(table)),
            ("unique", inspector.get_unique_constraints(table)),
            ("check", inspector.get_check_constraints(table)),
        ):
            for constraint in constraints:
                yield f"{table} {kind} {constraint['name']}", " ".join(str(constraint).split())

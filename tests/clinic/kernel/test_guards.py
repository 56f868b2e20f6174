import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Date,
    ForeignKeyConstraint,
    LargeBinary,
    Table,
    TypeDecorator,
    create_engine,
    make_url,
    text,
)
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.pool import NullPool
from sqlalchemy.types import JSON, TypeEngine

from clinic.kernel import guards
from clinic.kernel.db import Base, db, transaction
from clinic.kernel.engine import WRITES, install
from clinic.kernel.migrating import migrate_to_head
from tests.clinic.kernel.boxes import Box, BoxBase, Leaving, create_box

pytestmark = pytest.mark.postgres


@pytest.fixture
def filled(boxes: Flask) -> Iterator[Flask]:
    """The kernel's own test tables, with one open box, one closed box and one unit that left."""
    with boxes.app_context():
        create_box(name="open", state="OPEN")
        closed_id = create_box(name="closed", state="CLOSED")
        with transaction() as session:
            session.add(Leaving(box_id=closed_id))
        yield boxes


def is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def run(*statements: str) -> None:
    with transaction() as session:
        for statement in statements:
            session.connection().exec_driver_sql(statement)


def found(*statements: str) -> list[str]:
    """Return what is found amiss after `statements`, which are undone."""
    with transaction() as session:
        nested = session.begin_nested()
        for statement in statements:
            session.connection().exec_driver_sql(statement)
        differences = guards.differences(session.connection(), BoxBase.metadata)
        nested.rollback()
    return [line for line in differences if "not in the registry" not in line]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE leaving SET units = 2",
        "DELETE FROM leaving",
        "INSERT INTO leaving (id, box_id, units) VALUES (1, 1, 5) ON CONFLICT (id) DO UPDATE SET units = 5",
        "UPDATE box SET name = 'x' WHERE state = 'CLOSED'",
        "UPDATE box SET name = 'x'",
        "DELETE FROM box WHERE state = 'OPEN'",
        "DELETE FROM box WHERE state = 'CLOSED'",
    ],
)
def test_a_sealed_row_is_neither_changed_nor_removed(statement: str) -> None:
    with pytest.raises(IntegrityError, match="sealed"):
        run(statement)


@pytest.mark.usefixtures("filled")
def test_a_row_that_may_change_until_it_is_closed_changes_until_then() -> None:
    run("UPDATE box SET name = 'y', state = 'CLOSED' WHERE state = 'OPEN'")
    with pytest.raises(IntegrityError, match="sealed"):
        run("UPDATE box SET state = 'OPEN' WHERE name = 'y'")


@pytest.mark.usefixtures("filled")
def test_the_session_too_meets_the_seal() -> None:
    with pytest.raises(IntegrityError, match="sealed"), transaction() as session:
        session.get_one(Leaving, 1).units = 3
    with pytest.raises(IntegrityError, match="sealed"), transaction() as session:
        session.delete(session.get_one(Box, 1))


@pytest.mark.only_on("sqlite")
@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO leaving (id, box_id, units) VALUES (1, 1, 5)",
        "UPDATE OR REPLACE leaving SET id = 1",
        "INSERT OR REPLACE INTO box (id, key, version, name, units, state) VALUES (2, 'k', 1, '', 5, 'OPEN')",
    ],
)
def test_sqlite_cannot_replace_a_sealed_row(statement: str) -> None:
    with pytest.raises(IntegrityError, match="sealed"):
        run(statement)


@pytest.mark.only_on("sqlite")
@pytest.mark.usefixtures("filled")
def test_a_tool_that_asks_for_no_recursive_triggers_cannot_replace_a_sealed_row_either() -> None:
    foreign = sqlite3.connect(str(db.engine.url.database))
    with pytest.raises(sqlite3.IntegrityError, match="sealed"):
        foreign.execute("INSERT OR REPLACE INTO leaving (id, box_id, units) VALUES (1, 1, 5)")
    foreign.close()


@pytest.mark.only_on("postgresql")
@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    "statements",
    [
        ["TRUNCATE leaving"],
        ["TRUNCATE box CASCADE"],
        ["SET LOCAL session_replication_role = replica", "UPDATE leaving SET units = 2"],
        ["SET LOCAL session_replication_role = replica", "DELETE FROM box"],
    ],
)
def test_postgresql_neither_truncates_nor_looks_away(statements: list[str]) -> None:
    with pytest.raises(IntegrityError, match="sealed"):
        run(*statements)


@pytest.mark.usefixtures("filled")
def test_all_is_well_when_nobody_touched_the_guards() -> None:
    assert found() == []


@pytest.mark.usefixtures("filled")
def test_a_guard_that_was_dropped_changed_or_added_is_named() -> None:
    if is_sqlite():
        dropped = found("DROP TRIGGER guard_leaving_delete")
        changed = found(
            "DROP TRIGGER guard_leaving_delete",
            "CREATE TRIGGER guard_leaving_delete BEFORE DELETE ON leaving WHEN 0 BEGIN SELECT RAISE(ABORT, 'x'); END",
        )
    else:
        dropped = found("DROP TRIGGER guard_leaving_delete ON leaving")
        changed = found("ALTER TABLE leaving DISABLE TRIGGER guard_leaving_delete")
        assert [line[:35] for line in found("ALTER TABLE box ENABLE TRIGGER guard_box_update")] == [
            "guard_box_update is not what it mus"
        ]
        assert found(
            "CREATE OR REPLACE FUNCTION guard_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"
        ) == ["guard_refuse() is not what it must be"]
    assert dropped == ["guard_leaving_delete is missing"]
    assert [line.partition(" must be")[0] for line in changed] == ["guard_leaving_delete is not what it"]


@pytest.mark.usefixtures("filled")
def test_a_guard_that_nobody_registered_is_named() -> None:
    with transaction() as session:
        assert "guard_leaving_delete is not in the registry" in guards.differences(session.connection())


def test_every_sealed_table_of_the_product_refuses_a_forbidden_write(app: Flask) -> None:
    sealed = sorted({guard.table for guard in guards.wanted(_dialect(app))})
    assert {"audit_event", "audit_block"} <= set(sealed)
    with app.app_context(), db.engine.connect() as connection:
        _loosen(connection)
        connection.execution_options(**{WRITES: True})
        for name in sealed:
            _insert_anything(connection, Base.metadata.tables[name])
        held = {(name, act) for name in sealed for act in _forbidden(connection) if _is_refused(connection, name, act)}
        assert held == {(name, act) for name in sealed for act in _forbidden(connection)}


@pytest.mark.only_on("postgresql")
def test_the_apps_own_role_reads_and_writes_but_cannot_disarm_a_guard(app: Flask) -> None:
    with app.app_context():
        run("CREATE ROLE clinic_app LOGIN")
    settings = app.config["CLINIC"]
    theirs = make_url(settings.database_url).set(username="clinic_app").render_as_string(hide_password=False)
    app.config["CLINIC"] = replace(settings, database_url=theirs)
    migrate_to_head(app)
    engine = create_engine(theirs, poolclass=NullPool)
    install(engine, is_durable=False)
    with engine.connect() as connection:
        connection.execution_options(**{WRITES: True})
        connection.execute(text("INSERT INTO operation (user_id, action, key, digest, at) VALUES (1, '', '', '', 1)"))
        for statement in (
            "TRUNCATE operation",
            "ALTER TABLE audit_event DISABLE TRIGGER guard_audit_event_update",
            "DROP TRIGGER guard_audit_event_update ON audit_event",
            "CREATE OR REPLACE FUNCTION guard_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            "SET session_replication_role = replica",
        ):
            with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), connection.begin_nested():
                connection.exec_driver_sql(statement)
        with pytest.raises(IntegrityError, match="sealed"), connection.begin_nested():
            connection.exec_driver_sql("UPDATE audit_event SET act = 'NOTHING'")
        connection.rollback()
    with app.app_context():
        run("DROP OWNED BY clinic_app", "DROP ROLE clinic_app")


def _dialect(app: Flask) -> Any:  # noqa: ANN401 - of either engine
    with app.app_context():
        return db.engine.dialect


def _loosen(connection: Connection) -> None:
    """Let rows stand that no rule but the seals would let stand."""
    if connection.dialect.name == "sqlite":
        raw: Any = connection.connection.dbapi_connection
        raw.execute("PRAGMA foreign_keys=OFF")
        raw.execute("PRAGMA ignore_check_constraints=ON")
        return
    run(
        *(
            f'ALTER TABLE "{table.name}" DROP CONSTRAINT "{constraint.name}"'
            for table in Base.metadata.sorted_tables
            for constraint in table.constraints
            if isinstance(constraint, CheckConstraint | ForeignKeyConstraint)
        )
    )


def _insert_anything(connection: Connection, table: Table) -> None:
    values = {column.name: _anything(column) for column in table.columns}
    names, places = ", ".join(f'"{name}"' for name in values), ", ".join(f":{name}" for name in values)
    connection.execute(text(f'INSERT INTO "{table.name}" ({names}) VALUES ({places})'), values)  # noqa: S608


def _anything(column: Column[Any]) -> object:
    kind: TypeEngine[Any] = column.type
    while isinstance(kind, TypeDecorator):
        kind = kind.impl_instance
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Date):
        return date(2026, 1, 1).isoformat()
    if isinstance(kind, LargeBinary):
        return b"x"
    if isinstance(kind, JSON):
        return "{}"
    return 7 if kind.python_type is int else "7"


def _forbidden(connection: Connection) -> list[str]:
    common = ['UPDATE "{0}" SET "{1}" = "{1}"', 'DELETE FROM "{0}"']
    return common if connection.dialect.name == "sqlite" else [*common, 'TRUNCATE "{0}" CASCADE']


def _is_refused(connection: Connection, name: str, act: str) -> bool:
    column = next(iter(Base.metadata.tables[name].columns)).name
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(act.format(name, column))
    except IntegrityError as error:
        return "sealed" in str(error)
    except DBAPIError:
        return False
    return False

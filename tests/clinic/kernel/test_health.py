from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from clinic.app import create_app
from clinic.config import Settings
from clinic.kernel.db import db

WHOLE = {"database": True, "migration": True, "guards": True}


@pytest.mark.postgres
def test_a_whole_installation_says_so_to_anybody(client: FlaskClient) -> None:
    answer = client.get("/health")
    assert (answer.status_code, answer.json) == (200, WHOLE)


@pytest.mark.postgres
def test_a_lost_guard_is_told(app: Flask, database: str) -> None:
    engine = create_engine(database)
    with engine.begin() as connection:
        table = "" if connection.dialect.name == "sqlite" else " ON audit_event"
        name = connection.execute(text(_GUARD[connection.dialect.name])).scalars().first()
        connection.execute(text(f"DROP TRIGGER {name}{table}"))
    engine.dispose()
    answer = app.test_client().get("/health")
    assert (answer.status_code, answer.json) == (503, WHOLE | {"guards": False})


_GUARD = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_event'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit_event'::regclass AND NOT tgisinternal",
}


@pytest.mark.only_on("postgresql")
def test_a_guard_that_was_put_to_sleep_is_told(app: Flask, database: str) -> None:
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_event DISABLE TRIGGER guard_audit_event_delete"))
    engine.dispose()
    assert app.test_client().get("/health").json == WHOLE | {"guards": False}


@pytest.mark.postgres
def test_an_older_schema_is_told(app: Flask, database: str) -> None:
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()
    answer = app.test_client().get("/health")
    assert (answer.status_code, answer.json) == (503, WHOLE | {"migration": False})


def test_a_database_that_is_not_there_is_told(settings: Settings, tmp_path: Path) -> None:
    app = create_app(replace(settings, database_url=f"sqlite:///{tmp_path}/nowhere/clinic.sqlite3"))
    answer = app.test_client().get("/health")
    assert (answer.status_code, answer.json) == (503, dict.fromkeys(WHOLE, False))
    with app.app_context():
        db.engine.dispose()
    app.extensions["clinic_side_engine"].dispose()

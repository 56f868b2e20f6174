"""The restore drill: everything out, everything back into an empty database of either engine, and the clinic opens."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, MetaData, Table, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from clinic.app import create_app
from clinic.auth.roles import Role
from clinic.cli import BACKUP_KEY
from clinic.config import Settings, make_key
from clinic.kernel import backups, blobs, chain, clock, jobs, migrating, restoring, vault
from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import db, transaction
from clinic.kernel.migrating import migrate_down, owner_connection
from tests.databases import Databases
from tests.desk import DeskClient
from tests.factories import EVENING, PASSWORD, create_desk
from tests.walks.world import World, open_world

PICTURE = bytes(range(256)) * 100
Counts = dict[str, tuple[int, str]]


def run(app: Flask, *arguments: str, code: int = 0) -> str:
    result = app.test_cli_runner().invoke(args=["clinic", *arguments])
    assert result.exit_code == code, result.output
    return result.output


@contextmanager
def opened(settings: Settings, url: str) -> Iterator[Flask]:
    settings = replace(settings, database_url=url, migration_url=url)
    app = create_app(settings, TESTING=True, DATABASE_IS_DURABLE=False)
    app.test_client_class = DeskClient
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    app.extensions["clinic_side_engine"].dispose()


@contextmanager
def database(request: pytest.FixtureRequest, engine: str) -> Iterator[str]:
    databases: Databases = request.getfixturevalue(engine)
    url = databases.make()
    yield url
    databases.drop(url)


@pytest.fixture
def keys(settings: Settings, tmp_path: Path) -> Settings:
    """The settings with a folder of keys of this test's own, and a pair for backups in it."""
    vault.make_keys(tmp_path / "keys", BACKUP_KEY)
    make_key(tmp_path / "keys")
    return replace(settings, key_dir=tmp_path / "keys")


def live(app: Flask) -> World:
    """Let a clinic work an evening, and leave something in every corner: evidence, a job, a number given back."""
    with app.app_context():
        world = open_world()
        with transaction():
            blobs.keep(PICTURE, media_type=blobs.JPEG)
            at = clock.now()
            db.session.add(jobs.Job(kind="print", key="a", not_before=at, enqueued_at=at))
        with transaction():
            chain.seal()
        with owner_connection(app) as connection:  # an event that was given a number and is no longer there
            last = connection.scalar(select(func.max(AuditEvent.id))) or 0
            row = {"last": last + 5}
            if connection.dialect.name == "sqlite":
                connection.execute(text("UPDATE sqlite_sequence SET seq = :last WHERE name = 'audit_event'"), row)
            else:
                connection.execute(text("SELECT setval('audit_event_id_seq', :last)"), row)
    return world


def held(app: Flask, *, but: frozenset[str] = frozenset()) -> Counts:
    """Return each table's count of rows and a hash of them that owes nothing to the code under test."""
    with app.app_context(), db.engine.connect() as connection:
        metadata = MetaData()
        metadata.reflect(connection)
        return {name: told(connection, table) for name, table in metadata.tables.items() if name not in but}


def told(connection: Connection, table: Table) -> tuple[int, str]:
    rows = [[str(value) for value in row] for row in connection.execute(select(table))]
    return len(rows), str(sorted(rows))


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("sqlite", "postgresql"),
        ("postgresql", "sqlite"),
        pytest.param("sqlite", "sqlite", marks=pytest.mark.heavy),
        pytest.param("postgresql", "postgresql", marks=pytest.mark.heavy),
    ],
)
def test_the_drill(request: pytest.FixtureRequest, keys: Settings, tmp_path: Path, source: str, target: str) -> None:
    file = tmp_path / "evening.sifa"
    with database(request, source) as url, opened(keys, url) as app:
        world = live(app)
        before = held(app)
        (keys.key_dir / f"{BACKUP_KEY}.key").rename(tmp_path / "usb.key")  # the private half is somewhere safe
        assert f"rows in {len(before) - 1} tables" in run(app, "backup", str(file))
        with app.app_context():
            head, last = chain.head(), db.session.scalar(select(func.max(AuditEvent.id))) or 0
            assert db.session.scalar(select(AuditEvent.act).where(AuditEvent.id == last)) == "BACKUP"
    with database(request, target) as url, opened(keys, url) as app:
        output = run(app, "restore", str(file), "--key", str(tmp_path / "usb.key"))
        assert "NO " not in output
        assert f"head {head}" in output
        after = held(app)
        changed = {name for name, rows in before.items() if after[name] != rows}
        assert changed == {"user_session", "audit_event"}
        assert after["user_session"][0] == before["user_session"][0]
        assert after["audit_event"][0] == before["audit_event"][0] + 1
        with app.app_context():
            assert db.session.scalars(select(AuditEvent.id).where(AuditEvent.act == "RESTORE")).all() == [last]
            assert blobs.read(hashlib.sha256(PICTURE).hexdigest()).data == PICTURE
            username = db.session.scalar(text("SELECT username FROM app_user WHERE id = :id"), {"id": nurse(world)})
            with pytest.raises(IntegrityError, match="sealed"), transaction() as session:
                session.connection().execute(text("DELETE FROM audit_event"))
        client: Any = app.test_client()
        old = app.test_client()
        with old.session_transaction() as cookie:
            cookie["_user_id"] = world.here.staff[Role.NURSE].token
        assert "/sign-in" in old.get("/triage").location
        assert client.submit("/sign-in", {"username": username, "password": PASSWORD}).status_code == 302
        assert client.get("/triage").status_code == 200
        run(app, "verify", "--seal", "--head", head)


def nurse(world: World) -> int:
    return world.here.staff[Role.NURSE].scope.user_id


@pytest.fixture
def clinic(app: Flask, keys: Settings) -> Flask:
    """A small clinic that can be backed up."""
    app.config["CLINIC"] = replace(app.config["CLINIC"], key_dir=keys.key_dir)
    with app.app_context():
        create_desk(Role.NURSE)
    return app


@pytest.mark.postgres
def test_a_restore_throws_nothing_away_unless_asked(clinic: Flask, tmp_path: Path) -> None:
    file = str(tmp_path / "b.sifa")
    run(clinic, "backup", file)
    with clinic.app_context():
        create_desk(Role.DOCTOR)
    later = held(clinic)
    assert "The database is not empty" in run(clinic, "restore", file, code=1)
    assert held(clinic) == later
    assert "NO " not in run(clinic, "restore", file, "--replace")
    assert held(clinic)["app_user"][0] == later["app_user"][0] - 1


@pytest.mark.postgres
def test_a_backup_of_an_older_version_is_brought_up_to_this_one(
    clinic: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(tmp_path / "b.sifa")
    before = held(clinic)
    migrate_down(clinic, "0009")
    run(clinic, "backup", file)
    assert "NO " not in run(clinic, "restore", file, "--replace")
    after = held(clinic)
    assert after["app_user"] == before["app_user"]
    assert after.keys() == before.keys()


def test_a_backup_of_a_newer_version_is_refused(clinic: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = str(tmp_path / "b.sifa")
    run(clinic, "backup", file)
    before = held(clinic)
    with monkeypatch.context() as patch:
        patch.setattr(migrating, "knows", lambda _revision: False)
        assert "newer version" in run(clinic, "restore", file, "--replace", code=1)
    monkeypatch.setattr(backups, "FORMAT", 0)
    assert "newer version" in run(clinic, "restore", file, "--replace", code=1)
    assert held(clinic) == before


@pytest.mark.postgres
def test_a_damaged_or_cut_backup_touches_nothing(clinic: Flask, tmp_path: Path) -> None:
    good, bad = tmp_path / "b.sifa", tmp_path / "c.sifa"
    run(clinic, "backup", str(good))
    before = held(clinic)
    content = good.read_bytes()
    for wrong in (
        content[:-1],
        content[: len(content) // 2],
        content[:200] + bytes([content[200] ^ 1]) + content[201:],
        b"",
        b"PK\x03\x04",
    ):
        bad.write_bytes(wrong)
        assert "backup" in run(clinic, "restore", str(bad), "--replace", code=1)
    assert held(clinic) == before


def test_a_file_that_claims_other_rows_than_it_has_is_refused(
    clinic: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "b.sifa"
    told = backups._lines

    def cut(connection: Connection) -> Iterator[bytes]:
        yield from (line for line in told(connection) if b"DOCTOR" not in line and b"NURSE" not in line)

    monkeypatch.setattr(backups, "_lines", cut)
    assert "not whole in" in run(clinic, "backup", str(file), code=1)
    assert not file.exists()


@pytest.mark.postgres
def test_a_restore_that_does_not_stand_as_it_was_written_keeps_nothing(
    clinic: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "b.sifa"
    run(clinic, "backup", str(file))
    monkeypatch.setattr(restoring, "untagged", lambda value: "OTHER" if value == "NURSE" else value)
    with clinic.app_context(), pytest.raises(restoring.Differs, match="role_grant"):
        restoring.restore(clinic, file, vault.read_private(keys_of(clinic) / "backup.key"), replace=True)
    assert {rows for name, (rows, _) in held(clinic).items() if name != "alembic_version"} == {0}
    monkeypatch.undo()
    assert "NO " not in run(clinic, "restore", str(file))


def keys_of(app: Flask) -> Path:
    folder: Path = app.config["CLINIC"].key_dir
    return folder


def test_a_backup_needs_the_public_key_alone_and_is_never_written_over(clinic: Flask, tmp_path: Path) -> None:
    folder, file = keys_of(clinic), tmp_path / "b.sifa"
    (folder / "backup.key").unlink()
    run(clinic, "backup", str(file))
    content = file.read_bytes()
    assert "stands there already" in run(clinic, "backup", str(file), code=1)
    assert "Nothing was written" in run(clinic, "backup", str(tmp_path / "nowhere" / "b.sifa"), code=1)
    assert file.read_bytes() == content
    assert "There is no key" in run(clinic, "restore", str(file), code=1)
    (folder / "backup.pub").unlink()
    assert "There is no key" in run(clinic, "backup", str(tmp_path / "c.sifa"), code=1)
    assert "Take backup.key off this machine" in run(clinic, "backup-key")
    assert "already" in run(clinic, "backup-key", code=1)
    assert "another key" in run(clinic, "restore", str(file), "--replace", code=1)


@pytest.mark.postgres
def test_a_backup_is_of_one_moment_though_the_clinic_works_on(
    clinic: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written while the backup reads its first table stands in none of its later ones."""
    file, came = tmp_path / "b.sifa", []
    read = backups.read_rows

    def read_slowly(connection: Connection, table: Table) -> Iterator[bytes]:
        yield from read(connection, table)
        if table.name == "allergy":
            with clinic.app_context():
                came.append(create_desk(Role.DOCTOR).user_id)

    monkeypatch.setattr(backups, "read_rows", read_slowly)
    users = held(clinic)["app_user"][0]
    run(clinic, "backup", str(file))
    assert held(clinic)["app_user"][0] == users + 1
    contents = backups.read_contents(file, vault.read_private(keys_of(clinic) / "backup.key"))
    assert {end.table: end.rows for end in contents.tables}["app_user"] == users
    assert contents.made_at == EVENING.isoformat()


@pytest.mark.postgres
def test_json_and_nothing_are_told_apart_and_letters_survive(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        connection = session.connection()
        connection.execute(text("CREATE TABLE note (id INTEGER PRIMARY KEY, told JSON, name VARCHAR(20))"))
        table = next(table for table in backups.list_tables(connection) if table.name == "note")
        told = ('{"b": 1, "a": "ı İ ş رنا 😀"}', "null", "5", '"x"', None)
        notes = [{"id": number, "told": one, "name": "line\nbreak"} for number, one in enumerate(told)]
        connection.execute(insert(table), notes)
        rows = list(backups.read_rows(connection, table))
        connection.execute(text("DELETE FROM note"))
        stream = [b'{"table":"note","columns":["id","told","name"]}', *rows, b'{"end":"note"}']
        restoring._fill(connection, {"note": table}, iter(stream))
        assert list(backups.read_rows(connection, table)) == rows
        assert [row[1] for row in map(json.loads, rows)] == list(told)
        assert connection.scalars(text("SELECT id FROM note WHERE told IS NULL")).all() == [4]

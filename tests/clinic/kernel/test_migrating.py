import shutil
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent, indent

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import Connection, func, inspect, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from clinic.kernel import audit, guards, migrating, shape
from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import Base, db, transaction
from clinic.kernel.migrating import BrokenMigration, is_current, migrate_down, migrate_to_head, newest

pytestmark = pytest.mark.postgres

Upgrade = Callable[[str], None]

HEAD = """
import sqlalchemy as sa
from alembic import context, op

revision, down_revision = "9999", "NEWEST"
rebuild = "always" if context.get_context().dialect.name == "sqlite" else "never"

def upgrade():
"""


@pytest.fixture
def upgrade(app: Flask, tmp_path: Path) -> Upgrade:
    """Run one more revision, whose body the test writes, through the product's own env.py."""

    def run(body: str) -> None:
        folder = tmp_path / "migrations"
        shutil.copytree(migrating.DIRECTORY, folder, ignore=shutil.ignore_patterns("__pycache__"))
        text = HEAD.replace("NEWEST", str(newest())) + indent(dedent(body), "    ")
        (folder / "versions" / "9999_one_more.py").write_text(text, encoding="utf-8")
        with app.app_context():
            command.upgrade(app.extensions["migrate"].migrate.get_config(str(folder)), "head")

    return run


@pytest.fixture
def recorded(context: Flask) -> Flask:
    """The application in its context, with two events on the record."""
    with transaction():
        audit.record("SIGN_IN", "app_user", 1)
        audit.record("SIGN_OUT", "app_user", 1)
    return context


def unlike_the_models(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return [
        *compare_metadata(context, Base.metadata),
        *shape.differences(connection),
        *guards.differences(connection),
    ]


def revision_of(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@pytest.mark.usefixtures("context")
def test_a_migrated_database_holds_what_the_models_say_to_the_last_check() -> None:
    with transaction() as session:
        assert is_current(session.connection())
        assert unlike_the_models(session.connection()) == []


def test_the_newest_revision_can_be_taken_back_and_made_again(app: Flask) -> None:
    migrate_down(app)
    with app.app_context(), transaction() as session:
        assert not is_current(session.connection())
        assert guards.differences(session.connection()) == []
    migrate_to_head(app)
    with app.app_context(), transaction() as session:
        assert unlike_the_models(session.connection()) == []


def test_all_can_be_taken_back_to_nothing_and_made_again(app: Flask) -> None:
    migrate_down(app, "base")
    with app.app_context(), db.engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    migrate_to_head(app)
    with app.app_context(), transaction() as session:
        assert unlike_the_models(session.connection()) == []


@pytest.mark.usefixtures("recorded")
def test_a_rebuilt_sealed_table_keeps_its_rows_its_guards_and_its_counting(upgrade: Upgrade) -> None:
    upgrade("""
        kept = {"sqlite_autoincrement": True}
        with op.batch_alter_table("audit_event", recreate=rebuild, table_kwargs=kept) as batch:
            batch.add_column(sa.Column("more", sa.Integer()))
    """)
    assert db.session.scalars(select(AuditEvent.act).order_by(AuditEvent.id)).all() == ["SIGN_IN", "SIGN_OUT"]
    with transaction() as session:
        assert guards.differences(session.connection()) == []
        assert shape.differences(session.connection()) == [
            f"audit_event.more: expected None, found {'INTEGER True None' if is_sqlite() else 'integer'}"
        ]
    with pytest.raises(IntegrityError, match="sealed"), transaction() as session:
        session.execute(text("UPDATE audit_event SET act = 'NOTHING'"))


@pytest.mark.usefixtures("recorded")
def test_a_rebuilt_table_that_lost_its_counting_is_named(upgrade: Upgrade) -> None:
    upgrade("""
        with op.batch_alter_table("audit_event", recreate=rebuild) as batch:
            batch.alter_column("act", type_=sa.String(50))
    """)
    with transaction() as session:
        named = [line.partition(":")[0] for line in shape.differences(session.connection())]
    assert named == (["audit_event AUTOINCREMENT", "audit_event.act"] if is_sqlite() else ["audit_event.act"])


@pytest.mark.usefixtures("recorded")
def test_a_parent_is_rebuilt_under_its_children(upgrade: Upgrade) -> None:
    upgrade("""
        op.create_table("mother", sa.Column("id", sa.Integer(), primary_key=True))
        op.create_table(
            "child", sa.Column("mother_id", sa.Integer(), sa.ForeignKey("mother.id", ondelete="CASCADE"))
        )
        op.execute("INSERT INTO mother VALUES (1)")
        op.execute("INSERT INTO child VALUES (1)")
        with op.batch_alter_table("mother", recreate=rebuild) as batch:
            batch.add_column(sa.Column("name", sa.String(20)))
    """)
    assert db.session.execute(text("SELECT mother_id FROM child")).scalars().all() == [1]


DANGLING = (IntegrityError, BrokenMigration)
HALF = """
op.create_table("half", sa.Column("id", sa.Integer(), primary_key=True))
op.execute("INSERT INTO half VALUES (1)")
op.drop_table("role_grant")
"""


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize(
    ("flaw", "error"),
    [
        ("raise RuntimeError('no')", RuntimeError),
        ("op.execute('SELECT * FROM nowhere')", DBAPIError),
        ("op.execute('INSERT INTO name_code (organisation_id, code, patient_id) VALUES (1, 1, 1)')", DANGLING),
    ],
)
def test_a_revision_that_fails_leaves_nothing(
    upgrade: Upgrade, flaw: str, error: type[Exception] | tuple[type[Exception], ...]
) -> None:
    before = revision_of(db.session.connection())
    with pytest.raises(error):
        upgrade(HALF + flaw)
    db.session.rollback()
    with transaction() as session:
        assert revision_of(session.connection()) == before
        assert unlike_the_models(session.connection()) == []
        assert session.scalar(select(func.count()).select_from(AuditEvent)) == 2
        assert is_sqlite() is False or session.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_a_guard_that_a_revision_left_undone_stops_it(
    app: Flask, upgrade: Upgrade, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guards, "create_all", lambda _connection: None)
    with pytest.raises(BrokenMigration, match="guard_audit_event_update is missing"):
        upgrade("pass")
    monkeypatch.undo()
    with app.app_context(), transaction() as session:
        assert unlike_the_models(session.connection()) == []


def is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"

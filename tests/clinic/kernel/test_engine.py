import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from clinic.kernel.db import db, transaction
from clinic.kernel.engine import UnsafeDatabase, install
from tests.clinic.kernel.boxes import Box, create_box

pytestmark = pytest.mark.postgres


def connect(url: str) -> None:
    engine = create_engine(url, poolclass=NullPool)
    install(engine)
    engine.connect().close()


@pytest.mark.durable
@pytest.mark.only_on("sqlite")
def test_sqlite_waits_for_the_disk_and_holds_its_rules(app: Flask) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1, "busy_timeout": 5000}
    with app.app_context():
        for engine in (db.engine, app.extensions["clinic_side_engine"]):
            with engine.connect() as connection:
                found = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in wanted}
                assert found == wanted


@pytest.mark.durable
@pytest.mark.only_on("postgresql")
def test_postgresql_that_waits_for_the_disk_is_taken_as_it_is(boxes: Flask) -> None:
    with boxes.app_context():
        create_box()
        assert db.session.execute(text("SHOW fsync")).scalar() == "on"
        assert db.session.execute(text("SHOW lock_timeout")).scalar() == "5s"


@pytest.mark.only_on("postgresql")
def test_postgresql_that_does_not_wait_for_the_disk_is_refused_at_the_start(database: str) -> None:
    with pytest.raises(UnsafeDatabase, match="keeps fsync at off, not on"):
        connect(database)


@pytest.mark.durable
@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize(
    ("name", "value"), [("synchronous_commit", "off"), ("default_transaction_isolation", "serializable")]
)
def test_a_setting_that_breaks_a_promise_is_refused_at_the_start(context: Flask, name: str, value: str) -> None:
    url = context.config["SQLALCHEMY_DATABASE_URI"]
    with transaction() as session:
        session.connection().exec_driver_sql(f"ALTER DATABASE {db.engine.url.database} SET {name} = {value}")
    with pytest.raises(UnsafeDatabase, match=f"keeps {name} at {value}"):
        connect(url)


@pytest.mark.usefixtures("desk")
def test_a_connection_that_wrote_reads_only_when_it_is_used_again() -> None:
    create_box()
    with db.engine.connect() as connection:
        info = connection.info
    with transaction():
        pass
    with db.engine.connect() as connection:
        assert connection.info is info, "one connection serves in turn"
        with pytest.raises(Exception, match=r"readonly|read-only"):
            connection.execute(text("DELETE FROM box"))
    assert db.session.get_one(Box, 1).units == 10

"""One world for all walks, put back as it was before each of them."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from clinic.app import create_app
from clinic.config import Settings
from clinic.kernel import clock
from clinic.kernel.db import db
from tests.databases import Sqlite
from tests.desk import DeskClient
from tests.factories import EVENING
from tests.walks.addresses import list_addresses
from tests.walks.ground import Walk, let_go
from tests.walks.world import open_world


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each walk the addresses that it walks: all, those that are read, those that are written to."""
    for name, methods in (("address", {"GET", "POST"}), ("page", {"GET"}), ("act", {"POST"})):
        if name in metafunc.fixturenames:
            found = [one for one in list_addresses() if one.method in methods]
            metafunc.parametrize(name, found, ids=str)


@pytest.fixture(scope="session")
def opened(sqlite: Sqlite, settings: Settings) -> Iterator[Walk]:
    """The world, made once."""
    url = sqlite.make()
    file = Path(url.removeprefix("sqlite:///"))
    app = create_app(replace(settings, database_url=url, migration_url=url), TESTING=True, DATABASE_IS_DURABLE=False)
    app.test_client_class = DeskClient
    with clock.frozen(EVENING), app.app_context():
        world = open_world()
        with db.engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    let_go(app)
    kept = file.with_suffix(".kept")
    shutil.copyfile(file, kept)
    yield Walk(app, world, file, kept)
    let_go(app)


@pytest.fixture
def walk(opened: Walk) -> Walk:
    """The world as it was at first."""
    opened.put_back()
    return opened

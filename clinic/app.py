"""The composition root: the one file that knows every part and puts them together."""

import os
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from flask import Blueprint, Flask

import clinic
import inventory
from clinic import cli, frame
from clinic.auth import identity
from clinic.auth.views import blueprint as auth
from clinic.config import BadSetting, Settings, read_settings
from clinic.consultations.views import blueprint as consultations
from clinic.evening.views import blueprint as evening
from clinic.kernel import access, assets, audit, db, i18n, logs, migrating, web
from clinic.lab.views import blueprint as laboratory
from clinic.nursing.views import blueprint as nursing
from clinic.pharmacy.views import blueprint as pharmacy
from clinic.registration.views import blueprint as registration
from clinic.reports.views import blueprint as reports
from clinic.specialties.views import blueprint as specialties
from clinic.visits.views.interpreting import blueprint as interpreting
from clinic.visits.views.triage import blueprint as triage
from inventory.assets.views import blueprint as equipment
from inventory.certificates.views import blueprint as certificates
from inventory.handovers.views import blueprint as handovers
from inventory.stock.views import blueprint as stock

_KERNEL_TABLES = ("blobs", "chain", "jobs", "numbering", "operations")


def create_app(settings: Settings | None = None, **config: object) -> Flask:
    """Return the application for `settings`, or for those of the environment; `config` adds to Flask's own (tests)."""
    settings = settings or read_settings()
    app = Flask(__name__, instance_path=str(settings.instance), static_folder=None)
    app.config.from_mapping(
        SECRET_KEY=_key(settings),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        CLINIC=settings,
    )
    app.config.from_mapping(config)
    logs.init_app(app)
    _load_models()
    db.init_app(app)
    audit.init_app(app)
    migrating.init_app(app)
    i18n.init_app(app)
    assets.init_app(app)
    web.init_app(app)
    identity.init_app(app)
    access.init_app(app)
    frame.init_app(app)
    for blueprint in _blueprints():
        app.register_blueprint(blueprint)
    app.cli.add_command(cli.clinic)
    return app


def _key(settings: Settings) -> str | None:
    """Return the key of the cookies; a command of `flask` may come before there is one, and `serve` asks again."""
    try:
        return settings.secret_key()
    except BadSetting:
        if os.environ.get("FLASK_RUN_FROM_CLI") == "true":
            return None
        raise


def _blueprints() -> list[Blueprint]:
    """Return every feature's pages."""
    desks = [registration, triage, interpreting, consultations, laboratory, nursing, pharmacy]
    stores = [stock, equipment, handovers, certificates]
    return [auth, specialties, *desks, *stores, evening, reports]


def _load_models() -> None:
    """Import every table's module, so that tables know one another and a migration sees them all."""
    for module in _KERNEL_TABLES:
        import_module(f"clinic.kernel.{module}")
    for house in (clinic, inventory):
        for feature in iter_modules(house.__path__, f"{house.__name__}."):
            if feature.ispkg and find_spec(f"{feature.name}.models"):
                import_module(f"{feature.name}.models")

"""The composition root: the one file that knows every part and puts them together."""

from flask import Flask

from clinic.config import Settings, read_settings


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application for `settings`, or for those of the environment."""
    settings = settings or read_settings()
    app = Flask(__name__, instance_path=str(settings.instance), static_folder=None)
    app.config.from_mapping(
        SECRET_KEY=settings.secret_key(),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        CLINIC=settings,
    )
    return app

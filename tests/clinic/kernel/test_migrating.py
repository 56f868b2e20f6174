import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from clinic.kernel.db import Base, db
from clinic.kernel.migrating import is_current, migrate_down, migrate_to_head

pytestmark = pytest.mark.postgres


def test_a_migrated_database_holds_what_the_models_say(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        assert is_current(connection)
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_the_newest_revision_can_be_taken_back_and_made_again(app: Flask) -> None:
    migrate_down(app)
    with app.app_context(), db.engine.connect() as connection:
        assert not is_current(connection)
    migrate_to_head(app)
    with app.app_context(), db.engine.connect() as connection:
        assert is_current(connection)

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Connection

from clinic.kernel import guards
from clinic.kernel.db import db
from clinic.kernel.engine import WRITES
from tests.clinic.kernel.boxes import BoxBase


@pytest.fixture
def boxes(app: Flask) -> Flask:
    """The application with the test's own tables beside its own, guarded."""
    with app.app_context(), db.engine.connect() as connection:
        opened: Connection = connection.execution_options(**{WRITES: True})
        with opened.begin():
            BoxBase.metadata.create_all(opened)
            guards.create_all(opened, BoxBase.metadata)
    return app


@pytest.fixture
def desk(boxes: Flask) -> Iterator[Flask]:
    """The same, with its context open."""
    with boxes.app_context():
        yield boxes

import pytest
from flask import Flask
from sqlalchemy import inspect, select

from clinic.kernel.db import db
from clinic.kernel.migrating import migrate_down, migrate_to_head
from clinic.sites.models import ServicePoint
from tests.factories import create_clinic


@pytest.mark.postgres
def test_rooms_that_stood_before_rooms_could_close_are_open_afterwards(app: Flask) -> None:
    with app.app_context():
        create_clinic()
        before = db.session.scalars(select(ServicePoint.key).order_by(ServicePoint.id)).all()
        db.session.remove()
    migrate_down(app, "0013")
    with app.app_context(), db.engine.connect() as connection:
        assert "is_open" not in [column["name"] for column in inspect(connection).get_columns("service_point")]
    migrate_to_head(app)
    with app.app_context():
        rooms = db.session.execute(select(ServicePoint.key, ServicePoint.is_open).order_by(ServicePoint.id))
        assert [tuple(room) for room in rooms] == [(key, True) for key in before]

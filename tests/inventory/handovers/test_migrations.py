import pytest
from flask import Flask
from sqlalchemy import inspect

from clinic.auth.roles import Role
from clinic.kernel.db import db
from clinic.kernel.migrating import migrate_down, migrate_to_head
from inventory.handovers.queries import get_whole
from inventory.handovers.rules import Answer
from tests import factories
from tests.inventory.handovers.table import open_table


@pytest.mark.postgres
def test_lines_of_before_keep_the_units_that_they_held_and_who_inspected_them(app: Flask) -> None:
    with app.app_context():
        table = open_table(factories.create_clinic())
        logistics, inspector = (table.scopes[role] for role in (Role.LOGISTICS, Role.INSPECTOR))
        key = table.sealed(tracking="bulk", serial_pattern="LOT-1", qty=24, line_total_eur="24000.00")
        table.sign(key)
        [lot] = table.assets(key)
        table.answer(key, {lot.tag: Answer(accepted=20, rejected=4, remark="damaged")})
        db.session.remove()
    migrate_down(app, "0021")
    with app.app_context(), db.engine.connect() as connection:
        assert "quantity" not in [column["name"] for column in inspect(connection).get_columns("handover_line")]
    migrate_to_head(app)
    with app.app_context():
        [one] = get_whole(logistics, key).lines
        assert (one.line.quantity, one.line.line_cents, one.line.inspected_by_id) == (24, 24_000_00, inspector.user_id)
        assert one.asset.quantity == 20

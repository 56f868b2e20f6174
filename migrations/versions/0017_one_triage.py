"""One triage, laboratory and pharmacy a site; sites and rooms that two people may change at once."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

SINGLE = sa.text("kind IN ('TRIAGE', 'LABORATORY', 'PHARMACY')")


def upgrade() -> None:
    for table in ("site", "service_point"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column("version", server_default=None)
    op.create_index(
        "uq_service_point_single",
        "service_point",
        ["site_id", "kind"],
        unique=True,
        sqlite_where=SINGLE,
        postgresql_where=SINGLE,
    )


def downgrade() -> None:
    op.drop_index("uq_service_point_single", "service_point")
    for table in ("service_point", "site"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("version")

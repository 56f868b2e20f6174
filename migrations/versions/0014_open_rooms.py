"""Rooms that may be closed; every room that stands is open."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("service_point", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_open", sa.Boolean(), server_default=sa.true(), nullable=False))
    with op.batch_alter_table("service_point", schema=None) as batch_op:
        batch_op.alter_column("is_open", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("service_point", schema=None) as batch_op:
        batch_op.drop_column("is_open")

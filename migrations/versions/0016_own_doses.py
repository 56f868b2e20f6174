"""A prescriber's own last dose of a medicine is found without walking every prescription."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_prescription_line_item", "prescription_line", ["item_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_prescription_line_item", table_name="prescription_line")

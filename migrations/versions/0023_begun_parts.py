"""Parts of the doctor's note that nurses began."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "begun_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_begun_part_author_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_begun_part_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_begun_part")),
    )
    with op.batch_alter_table("begun_part", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_begun_part_visit_id"), ["visit_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("begun_part", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_begun_part_visit_id"))

    op.drop_table("begun_part")

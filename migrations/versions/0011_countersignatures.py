"""A second person's consent to an act."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "countersignature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("beside_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("payload_hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["beside_id"], ["app_user.id"], name=op.f("fk_countersignature_beside_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_countersignature_site_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_countersignature_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_countersignature")),
    )
    with op.batch_alter_table("countersignature", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_countersignature_payload_hash"), ["payload_hash"], unique=False)


def downgrade() -> None:
    op.drop_table("countersignature")

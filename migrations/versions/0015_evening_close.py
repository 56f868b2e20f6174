"""That an evening was closed."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evening_close",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_by_id", sa.Integer(), nullable=False),
        sa.Column("left_count", sa.Integer(), nullable=False),
        sa.Column("left", sa.JSON(), nullable=False),
        sa.Column("because", sa.String(length=200), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "left_count = 0 OR because <> ''", name=op.f("ck_evening_close_what_is_left_has_its_reason")
        ),
        sa.ForeignKeyConstraint(["closed_by_id"], ["app_user.id"], name=op.f("fk_evening_close_closed_by_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_evening_close_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evening_close")),
        sa.UniqueConstraint("site_id", "day", name=op.f("uq_evening_close_site_id_day")),
    )


def downgrade() -> None:
    op.drop_table("evening_close")

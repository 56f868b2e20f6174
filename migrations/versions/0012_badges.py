"""Shared PCs, badges and PINs."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "computer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("enrolled_by_id", sa.Integer(), nullable=False),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(["enrolled_by_id"], ["app_user.id"], name=op.f("fk_computer_enrolled_by_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_computer_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_computer")),
        sa.UniqueConstraint("key", name=op.f("uq_computer_key")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_computer_token_hash")),
    )
    with op.batch_alter_table("computer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_computer_site_id"), ["site_id"], unique=False)
    op.create_table(
        "badge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("given_by_id", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["given_by_id"], ["app_user.id"], name=op.f("fk_badge_given_by_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_badge_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_badge_token_hash")),
    )
    with op.batch_alter_table("badge", schema=None) as batch_op:
        batch_op.create_index(
            "uq_badge_good",
            ["user_id"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )
    op.create_table(
        "pin",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("pin_hash", sa.String(length=255), nullable=False),
        sa.Column("chosen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_pin_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_pin")),
    )
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("computer_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_user_session_computer_id"), "computer", ["computer_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_user_session_computer_id"), ["computer_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_session_computer_id"))
        batch_op.drop_constraint(batch_op.f("fk_user_session_computer_id"), type_="foreignkey")
        batch_op.drop_column("computer_id")
    op.drop_table("pin")
    op.drop_table("badge")
    op.drop_table("computer")

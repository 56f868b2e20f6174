"""Photos, nameplates, proofs of purchase and calibration certificates of equipment."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "asset_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=60), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "kind <> 'CALIBRATION' OR dated_on IS NOT NULL", name=op.f("ck_asset_evidence_calibrated_on_a_day")
        ),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_asset_evidence_asset_id")),
        sa.ForeignKeyConstraint(["by_id"], ["app_user.id"], name=op.f("fk_asset_evidence_by_id")),
        sa.ForeignKeyConstraint(["sha256"], ["blob.sha256"], name=op.f("fk_asset_evidence_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset_evidence")),
        sa.UniqueConstraint("key", name=op.f("uq_asset_evidence_key")),
    )
    with op.batch_alter_table("asset_evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_asset_evidence_asset_id"), ["asset_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("asset_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_asset_evidence_asset_id"))

    op.drop_table("asset_evidence")

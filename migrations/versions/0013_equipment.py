"""Agreements, and the register of equipment."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agreement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("donor_id", sa.Integer(), nullable=False),
        sa.Column("rate_policy", sa.String(length=120), nullable=False),
        sa.Column("estimate_cents", sa.Integer(), nullable=False),
        sa.Column("budget_cents", sa.Integer(), nullable=False),
        sa.Column("threshold_cents", sa.Integer(), nullable=False),
        sa.Column("is_threshold_included", sa.Boolean(), nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.CheckConstraint("estimate_cents >= 0 AND budget_cents >= 0", name=op.f("ck_agreement_amounts")),
        sa.ForeignKeyConstraint(["donor_id"], ["party.id"], name=op.f("fk_agreement_donor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("code", name=op.f("uq_agreement_code")),
        sa.UniqueConstraint("key", name=op.f("uq_agreement_key")),
    )
    op.create_table(
        "asset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column(
            "tag", sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=160), nullable=False),
        sa.Column("name_tr", sa.String(length=160), nullable=False),
        sa.Column("name_ar", sa.String(length=160), nullable=False),
        sa.Column("maker", sa.String(length=80), nullable=False),
        sa.Column("model", sa.String(length=80), nullable=False),
        sa.Column("maker_key", sa.String(length=170), nullable=False),
        sa.Column("tracking", sa.String(length=10), nullable=False),
        sa.Column("serial", sa.String(length=80), nullable=False),
        sa.Column(
            "serial_key",
            sa.String(length=80).with_variant(sa.String(length=80, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("unit_cents", sa.Integer(), nullable=False),
        sa.Column("line_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("original_cents", sa.Integer(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=14, scale=6), nullable=False),
        sa.Column("rate_source", sa.String(length=80), nullable=False),
        sa.Column("bought_in", sa.Date(), nullable=False),
        sa.Column("warranty_months", sa.Integer(), nullable=True),
        sa.Column("service_months", sa.Integer(), nullable=True),
        sa.Column("calibration_months", sa.Integer(), nullable=True),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=30), nullable=False),
        sa.Column("operability", sa.String(length=30), nullable=False),
        sa.Column("whereabouts", sa.String(length=30), nullable=False),
        sa.Column("certificate", sa.String(length=40), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "title <> 'TRANSFERRED' OR certificate IS NOT NULL", name=op.f("ck_asset_transferred_by_a_certificate")
        ),
        sa.CheckConstraint("tracking <> 'serial' OR quantity = 1", name=op.f("ck_asset_serial_is_one")),
        sa.CheckConstraint("tracking <> 'serial' OR serial_key <> ''", name=op.f("ck_asset_serial_is_told")),
        sa.CheckConstraint("line_cents = quantity * unit_cents", name=op.f("ck_asset_line_is_its_units")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_asset_quantity")),
        sa.CheckConstraint("unit_cents > 0 AND original_cents > 0 AND rate > 0", name=op.f("ck_asset_price")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_asset_agreement_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_asset_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset")),
        sa.UniqueConstraint("key", name=op.f("uq_asset_key")),
        sa.UniqueConstraint("tag", name=op.f("uq_asset_tag")),
    )
    with op.batch_alter_table("asset", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_asset_agreement_id"), ["agreement_id"], unique=False)
        batch_op.create_index("ix_asset_place", ["site_id", "place"], unique=False)
        batch_op.create_index(batch_op.f("ix_asset_serial_key"), ["serial_key"], unique=False)
        batch_op.create_index("ix_asset_title", ["site_id", "title", "id"], unique=False)
        batch_op.create_index(
            "uq_asset_serial",
            ["maker_key", "serial_key"],
            unique=True,
            sqlite_where=sa.text("serial_key <> ''"),
            postgresql_where=sa.text("serial_key <> ''"),
        )

    op.create_table(
        "asset_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("axis", sa.String(length=20), nullable=False),
        sa.Column("was", sa.String(length=80), nullable=False),
        sa.Column("became", sa.String(length=80), nullable=False),
        sa.Column("because", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_asset_event_asset_id")),
        sa.ForeignKeyConstraint(["by_id"], ["app_user.id"], name=op.f("fk_asset_event_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset_event")),
    )
    with op.batch_alter_table("asset_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_asset_event_asset_id"), ["asset_id"], unique=False)

    op.create_table(
        "asset_word",
        sa.Column(
            "word", sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_asset_word_asset_id")),
        sa.PrimaryKeyConstraint("word", "asset_id", name=op.f("pk_asset_word")),
    )
    with op.batch_alter_table("asset_word", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_asset_word_asset_id"), ["asset_id"], unique=False)


def downgrade() -> None:
    for table in ("asset_word", "asset_event", "asset", "agreement"):
        op.drop_table(table)

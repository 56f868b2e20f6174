"""Parties, items, lots, balances and the ledger."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "party",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
        sa.UniqueConstraint("name", name=op.f("uq_party_name")),
    )
    op.create_table(
        "item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("inn", sa.String(length=120), nullable=False),
        sa.Column("atc", sa.String(length=10), nullable=False),
        sa.Column("form", sa.String(length=60), nullable=False),
        sa.Column("strength", sa.String(length=60), nullable=False),
        sa.Column("base_unit", sa.String(length=40), nullable=False),
        sa.Column("is_perishable", sa.Boolean(), nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("code", name=op.f("uq_item_code")),
        sa.UniqueConstraint("key", name=op.f("uq_item_key")),
    )
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_item_atc"), ["atc"], unique=False)
    op.create_table(
        "item_word",
        sa.Column(
            "word",
            sa.String(length=60).with_variant(postgresql.VARCHAR(60, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_word_item_id")),
        sa.PrimaryKeyConstraint("word", "item_id", name=op.f("pk_item_word")),
    )
    with op.batch_alter_table("item_word", schema=None) as batch_op:
        batch_op.create_index("ix_item_word_item_id", ["item_id"], unique=False)
    op.create_table(
        "item_pack",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("factor", sa.Integer(), nullable=False),
        sa.CheckConstraint("factor > 1", name=op.f("ck_item_pack_factor")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_pack_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_pack")),
        sa.UniqueConstraint("item_id", "factor", name=op.f("uq_item_pack_item_id_factor")),
    )
    op.create_table(
        "stock_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_stock_place_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_place")),
        sa.UniqueConstraint("site_id", "name", name=op.f("uq_stock_place_site_id_name")),
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("batch_no", sa.String(length=40), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(length=30), nullable=False),
        sa.Column("status_because", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_batch_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint("item_id", "batch_no", name=op.f("uq_batch_item_id_batch_no")),
        sa.UniqueConstraint("key", name=op.f("uq_batch_key")),
    )
    op.create_table(
        "lot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("donor_id", sa.Integer(), nullable=False),
        sa.Column("unit_cost", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_lot_batch_id")),
        sa.ForeignKeyConstraint(["donor_id"], ["party.id"], name=op.f("fk_lot_donor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint(
            "batch_id", "donor_id", "unit_cost", "currency", name=op.f("uq_lot_batch_id_donor_id_unit_cost_currency")
        ),
    )
    op.create_table(
        "balance",
        sa.Column("lot_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("is_blocked", sa.Boolean(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_balance_never_negative")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_balance_lot_id")),
        sa.ForeignKeyConstraint(["place_id"], ["stock_place.id"], name=op.f("fk_balance_place_id")),
        sa.PrimaryKeyConstraint("lot_id", "place_id", name=op.f("pk_balance")),
    )
    with op.batch_alter_table("balance", schema=None) as batch_op:
        batch_op.create_index("ix_balance_place", ["place_id"], unique=False)
    op.create_table(
        "stock_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("operation_id", sa.Integer(), nullable=True),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_stock_document_operation_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["app_user.id"], name=op.f("fk_stock_document_recorded_by_id")),
        sa.ForeignKeyConstraint(["reverses_id"], ["stock_document.id"], name=op.f("fk_stock_document_reverses_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_stock_document_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_document")),
        sa.UniqueConstraint("key", name=op.f("uq_stock_document_key")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_stock_document_reverses_id")),
    )
    with op.batch_alter_table("stock_document", schema=None) as batch_op:
        batch_op.create_index("ix_stock_document_site", ["site_id", "id"], unique=False)
    op.create_table(
        "movement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("entered_quantity", sa.Integer(), nullable=True),
        sa.Column("entered_pack_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_movement_moves_something")),
        sa.ForeignKeyConstraint(["document_id"], ["stock_document.id"], name=op.f("fk_movement_document_id")),
        sa.ForeignKeyConstraint(["entered_pack_id"], ["item_pack.id"], name=op.f("fk_movement_entered_pack_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_movement_item_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_movement_lot_id")),
        sa.ForeignKeyConstraint(["place_id"], ["stock_place.id"], name=op.f("fk_movement_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movement")),
        sa.UniqueConstraint("document_id", "line_no", name=op.f("uq_movement_document_id_line_no")),
    )
    with op.batch_alter_table("movement", schema=None) as batch_op:
        batch_op.create_index("ix_movement_item", ["item_id", "id"], unique=False)
        batch_op.create_index("ix_movement_lot_place", ["lot_id", "place_id"], unique=False)
    op.create_table(
        "ledger_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=False),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.Column("last_movement_id", sa.Integer(), nullable=False),
        sa.Column("differences", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["checked_by_id"], ["app_user.id"], name=op.f("fk_ledger_check_checked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_check")),
    )


def downgrade() -> None:
    op.drop_table("ledger_check")
    op.drop_table("movement")
    op.drop_table("stock_document")
    op.drop_table("balance")
    op.drop_table("lot")
    op.drop_table("batch")
    op.drop_table("stock_place")
    op.drop_table("item_pack")
    op.drop_table("item_word")
    op.drop_table("item")
    op.drop_table("party")

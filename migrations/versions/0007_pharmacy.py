"""The formulary, prescriptions, dispenses and owings."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "formulary_entry",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("route", sa.String(length=20), nullable=False),
        sa.Column("mg", sa.Numeric(precision=10, scale=4), nullable=True),
        sa.Column("per_ml", sa.Numeric(precision=10, scale=4), nullable=True),
        sa.Column("pack_ml", sa.Numeric(precision=10, scale=4), nullable=True),
        sa.Column("in_use_days", sa.Integer(), nullable=True),
        sa.Column("is_divisible", sa.Boolean(), nullable=False),
        sa.Column("is_controlled", sa.Boolean(), nullable=False),
        sa.Column("is_essential", sa.Boolean(), nullable=False),
        sa.Column("ven", sa.String(length=1), nullable=False),
        sa.Column("mg_kg_day_min", sa.Numeric(precision=10, scale=4), nullable=True),
        sa.Column("mg_kg_day_max", sa.Numeric(precision=10, scale=4), nullable=True),
        sa.Column("doses_per_day", sa.Integer(), nullable=True),
        sa.Column("max_mg_day", sa.Numeric(precision=10, scale=4), nullable=True),
        sa.Column("min_age_months", sa.Integer(), nullable=True),
        sa.Column("child_note", sa.String(length=200), nullable=False),
        sa.Column("pregnancy_caution", sa.String(length=120), nullable=False),
        sa.Column("allergy_group", sa.String(length=30), nullable=True),
        sa.Column("storage", sa.String(length=120), nullable=False),
        sa.Column("advice_tr", sa.String(length=250), nullable=False),
        sa.Column("advice_ar", sa.String(length=250), nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("ven IN ('', 'V', 'E', 'N')", name=op.f("ck_formulary_entry_ven")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_formulary_entry_item_id")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_formulary_entry")),
    )
    op.create_table(
        "prescription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("prescriber_id", sa.Integer(), nullable=False),
        sa.Column("specialty_code", sa.String(length=10), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_prescription_patient_id")),
        sa.ForeignKeyConstraint(["prescriber_id"], ["app_user.id"], name=op.f("fk_prescription_prescriber_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_prescription_site_id")),
        sa.ForeignKeyConstraint(["specialty_code"], ["specialty.code"], name=op.f("fk_prescription_specialty_code")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_prescription_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prescription")),
        sa.UniqueConstraint("key", name=op.f("uq_prescription_key")),
        sa.UniqueConstraint("site_id", "number", name=op.f("uq_prescription_site_id_number")),
    )
    with op.batch_alter_table("prescription", schema=None) as batch_op:
        batch_op.create_index("ix_prescription_patient", ["patient_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_prescription_visit_id"), ["visit_id"], unique=False)
    op.create_table(
        "prescription_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("prescription_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("inn", sa.String(length=120), nullable=False),
        sa.Column("dose_amount", sa.Numeric(precision=8, scale=3), nullable=False),
        sa.Column("dose_unit", sa.String(length=20), nullable=False),
        sa.Column("dose_times", sa.String(length=60), nullable=False),
        sa.Column("every_hours", sa.Integer(), nullable=True),
        sa.Column("is_as_needed", sa.Boolean(), nullable=False),
        sa.Column("max_per_day", sa.Integer(), nullable=True),
        sa.Column("food", sa.String(length=10), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("indication", sa.String(length=200), nullable=False),
        sa.Column("override_reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("quantity > 0 OR item_id IS NULL", name=op.f("ck_prescription_line_quantity")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_prescription_line_item_id")),
        sa.ForeignKeyConstraint(
            ["prescription_id"], ["prescription.id"], name=op.f("fk_prescription_line_prescription_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prescription_line")),
        sa.UniqueConstraint("prescription_id", "position", name=op.f("uq_prescription_line_prescription_id_position")),
    )
    op.create_table(
        "line_progress",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("prescribed", sa.Integer(), nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_because", sa.String(length=30), nullable=True),
        sa.Column("closed_note", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_because IS NULL)", name=op.f("ck_line_progress_closed_has_its_reason")
        ),
        sa.CheckConstraint("given BETWEEN 0 AND prescribed", name=op.f("ck_line_progress_never_more_than_prescribed")),
        sa.ForeignKeyConstraint(["line_id"], ["prescription_line.id"], name=op.f("fk_line_progress_line_id")),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_line_progress")),
    )
    op.create_table(
        "dispense",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("prescription_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("stock_document_id", sa.Integer(), nullable=True),
        sa.Column("dispensed_at", sa.BigInteger(), nullable=False),
        sa.Column("dispensed_by_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(["dispensed_by_id"], ["app_user.id"], name=op.f("fk_dispense_dispensed_by_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_dispense_patient_id")),
        sa.ForeignKeyConstraint(["prescription_id"], ["prescription.id"], name=op.f("fk_dispense_prescription_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_dispense_site_id")),
        sa.ForeignKeyConstraint(
            ["stock_document_id"], ["stock_document.id"], name=op.f("fk_dispense_stock_document_id")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_dispense_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispense")),
        sa.UniqueConstraint("key", name=op.f("uq_dispense_key")),
        sa.UniqueConstraint("stock_document_id", name=op.f("uq_dispense_stock_document_id")),
    )
    with op.batch_alter_table("dispense", schema=None) as batch_op:
        batch_op.create_index("ix_dispense_patient", ["patient_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dispense_prescription_id"), ["prescription_id"], unique=False)
    op.create_table(
        "dispense_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dispense_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["dispense_id"], ["dispense.id"], name=op.f("fk_dispense_line_dispense_id")),
        sa.ForeignKeyConstraint(["line_id"], ["prescription_line.id"], name=op.f("fk_dispense_line_line_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_dispense_line_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispense_line")),
    )
    with op.batch_alter_table("dispense_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dispense_line_dispense_id"), ["dispense_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dispense_line_line_id"), ["line_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dispense_line_lot_id"), ["lot_id"], unique=False)
    op.create_table(
        "passed_over",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dispense_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=False),
        sa.Column("because", sa.String(length=30), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["dispense_id"], ["dispense.id"], name=op.f("fk_passed_over_dispense_id")),
        sa.ForeignKeyConstraint(["line_id"], ["prescription_line.id"], name=op.f("fk_passed_over_line_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_passed_over_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passed_over")),
    )
    with op.batch_alter_table("passed_over", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_passed_over_dispense_id"), ["dispense_id"], unique=False)
    op.create_table(
        "owing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_owing_owes_something")),
        sa.ForeignKeyConstraint(["line_id"], ["prescription_line.id"], name=op.f("fk_owing_line_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_owing_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owing")),
        sa.UniqueConstraint("site_id", "number", name=op.f("uq_owing_site_id_number")),
    )
    with op.batch_alter_table("owing", schema=None) as batch_op:
        batch_op.create_index(
            "uq_owing_open_line",
            ["line_id"],
            unique=True,
            sqlite_where=sa.text("state = 'OPEN'"),
            postgresql_where=sa.text("state = 'OPEN'"),
        )


def downgrade() -> None:
    op.drop_table("owing")
    op.drop_table("passed_over")
    op.drop_table("dispense_line")
    op.drop_table("dispense")
    op.drop_table("line_progress")
    op.drop_table("prescription_line")
    op.drop_table("prescription")
    op.drop_table("formulary_entry")

"""The laboratory: its list of tests, orders, specimens, results, who was told and who read them."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lab_test",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("loinc", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("specimen", sa.String(length=30), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("name_tr", sa.String(length=120), nullable=False),
        sa.Column("name_ar", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lab_test")),
        sa.UniqueConstraint("code", name=op.f("uq_lab_test_code")),
        sa.UniqueConstraint("key", name=op.f("uq_lab_test_key")),
    )
    op.create_table(
        "lab_range",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("test_id", sa.Integer(), nullable=False),
        sa.Column("sex", sa.String(length=1), nullable=False),
        sa.Column("from_days", sa.Integer(), nullable=False),
        sa.Column("until_days", sa.Integer(), nullable=True),
        sa.Column("low", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("high", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("critical_low", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("critical_high", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("text", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["test_id"], ["lab_test.id"], name=op.f("fk_lab_range_test_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lab_range")),
    )
    with op.batch_alter_table("lab_range", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lab_range_test_id"), ["test_id"], unique=False)

    op.create_table(
        "lab_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("ordered_by_id", sa.Integer(), nullable=False),
        sa.Column("ordered_at", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(["ordered_by_id"], ["app_user.id"], name=op.f("fk_lab_order_ordered_by_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_lab_order_patient_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_lab_order_site_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_lab_order_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lab_order")),
        sa.UniqueConstraint("key", name=op.f("uq_lab_order_key")),
        sa.UniqueConstraint("site_id", "number", name=op.f("uq_lab_order_site_id_number")),
    )
    with op.batch_alter_table("lab_order", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lab_order_patient_id"), ["patient_id"], unique=False)
        batch_op.create_index("ix_lab_order_doctor", ["ordered_by_id", "ordered_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_lab_order_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "lab_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["app_user.id"], name=op.f("fk_lab_reading_by_id")),
        sa.ForeignKeyConstraint(["order_id"], ["lab_order.id"], name=op.f("fk_lab_reading_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lab_reading")),
    )
    with op.batch_alter_table("lab_reading", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lab_reading_order_id"), ["order_id"], unique=False)

    op.create_table(
        "lab_specimen",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("collected_at", sa.BigInteger(), nullable=False),
        sa.Column("collected_by_id", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=True),
        sa.Column("received_by_id", sa.Integer(), nullable=True),
        sa.Column("condition", sa.String(length=30), nullable=True),
        sa.Column("rejected_because", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "rejected_because = '' OR received_at IS NOT NULL", name=op.f("ck_lab_specimen_rejected_once_seen")
        ),
        sa.CheckConstraint(
            "(received_at IS NULL) = (condition IS NULL)", name=op.f("ck_lab_specimen_received_in_a_condition")
        ),
        sa.ForeignKeyConstraint(["collected_by_id"], ["app_user.id"], name=op.f("fk_lab_specimen_collected_by_id")),
        sa.ForeignKeyConstraint(["order_id"], ["lab_order.id"], name=op.f("fk_lab_specimen_order_id")),
        sa.ForeignKeyConstraint(["received_by_id"], ["app_user.id"], name=op.f("fk_lab_specimen_received_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lab_specimen")),
        sa.UniqueConstraint("key", name=op.f("uq_lab_specimen_key")),
    )
    with op.batch_alter_table("lab_specimen", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lab_specimen_order_id"), ["order_id"], unique=False)

    op.create_table(
        "lab_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("test_id", sa.Integer(), nullable=False),
        sa.Column("specimen_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "state = 'ORDERED' OR specimen_id IS NOT NULL", name=op.f("ck_lab_request_taken_from_something")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["lab_order.id"], name=op.f("fk_lab_request_order_id")),
        sa.ForeignKeyConstraint(["specimen_id"], ["lab_specimen.id"], name=op.f("fk_lab_request_specimen_id")),
        sa.ForeignKeyConstraint(["test_id"], ["lab_test.id"], name=op.f("fk_lab_request_test_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lab_request")),
        sa.UniqueConstraint("key", name=op.f("uq_lab_request_key")),
        sa.UniqueConstraint("order_id", "test_id", name=op.f("uq_lab_request_order_id_test_id")),
    )
    with op.batch_alter_table("lab_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lab_request_specimen_id"), ["specimen_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lab_request_state"), ["state"], unique=False)

    op.create_table(
        "lab_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("low", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("high", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("flag", sa.String(length=30), nullable=False),
        sa.Column("is_critical", sa.Boolean(), nullable=False),
        sa.Column("because", sa.String(length=200), nullable=False),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=False),
        sa.Column("verified_at", sa.BigInteger(), nullable=True),
        sa.Column("verified_by_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.CheckConstraint("number IS NOT NULL OR words <> ''", name=op.f("ck_lab_result_says_something")),
        sa.CheckConstraint("version = 1 OR because <> ''", name=op.f("ck_lab_result_corrected_with_a_reason")),
        sa.CheckConstraint(
            "(verified_at IS NULL) = (verified_by_id IS NULL)", name=op.f("ck_lab_result_verified_by_somebody")
        ),
        sa.ForeignKeyConstraint(["entered_by_id"], ["app_user.id"], name=op.f("fk_lab_result_entered_by_id")),
        sa.ForeignKeyConstraint(["request_id"], ["lab_request.id"], name=op.f("fk_lab_result_request_id")),
        sa.ForeignKeyConstraint(["verified_by_id"], ["app_user.id"], name=op.f("fk_lab_result_verified_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lab_result")),
        sa.UniqueConstraint("key", name=op.f("uq_lab_result_key")),
        sa.UniqueConstraint("request_id", "version", name=op.f("uq_lab_result_request_id_version")),
    )
    op.create_table(
        "lab_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("result_id", sa.Integer(), nullable=False),
        sa.Column("told", sa.String(length=80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["app_user.id"], name=op.f("fk_lab_call_by_id")),
        sa.ForeignKeyConstraint(["result_id"], ["lab_result.id"], name=op.f("fk_lab_call_result_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lab_call")),
    )
    with op.batch_alter_table("lab_call", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lab_call_result_id"), ["result_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("lab_call", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lab_call_result_id"))

    op.drop_table("lab_call")
    op.drop_table("lab_result")
    with op.batch_alter_table("lab_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lab_request_state"))
        batch_op.drop_index(batch_op.f("ix_lab_request_specimen_id"))

    op.drop_table("lab_request")
    with op.batch_alter_table("lab_specimen", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lab_specimen_order_id"))

    op.drop_table("lab_specimen")
    with op.batch_alter_table("lab_reading", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lab_reading_order_id"))

    op.drop_table("lab_reading")
    with op.batch_alter_table("lab_order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lab_order_visit_id"))
        batch_op.drop_index("ix_lab_order_doctor")
        batch_op.drop_index(batch_op.f("ix_lab_order_patient_id"))

    op.drop_table("lab_order")
    with op.batch_alter_table("lab_range", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lab_range_test_id"))

    op.drop_table("lab_range")
    op.drop_table("lab_test")

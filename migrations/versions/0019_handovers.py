"""Handovers: batches, their certificates and signatures; what an agreement says of them; who keeps equipment."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed_by_id", sa.Integer(), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=True),
        sa.Column("rendered_at", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "(pdf_sha256 IS NULL) = (rendered_at IS NULL)", name=op.f("ck_certificate_printed_at_a_time")
        ),
        sa.ForeignKeyConstraint(["pdf_sha256"], ["blob.sha256"], name=op.f("fk_certificate_pdf_sha256")),
        sa.ForeignKeyConstraint(["sealed_by_id"], ["app_user.id"], name=op.f("fk_certificate_sealed_by_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_certificate_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("key", name=op.f("uq_certificate_key")),
        sa.UniqueConstraint("number", "version", name=op.f("uq_certificate_number_version")),
        sa.UniqueConstraint("position", name=op.f("uq_certificate_position")),
        sa.UniqueConstraint("previous", name=op.f("uq_certificate_previous")),
        sa.UniqueConstraint("sha256", name=op.f("uq_certificate_sha256")),
    )
    op.create_table(
        "certificate_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("standing", sa.String(length=30), nullable=False),
        sa.Column("because", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["app_user.id"], name=op.f("fk_certificate_event_by_id")),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_event_certificate_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_event")),
    )
    with op.batch_alter_table("certificate_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certificate_event_certificate_id"), ["certificate_id"], unique=False)

    op.create_table(
        "certificate_signature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("party", sa.String(length=30), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("countersignature_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_signature_certificate_id")
        ),
        sa.ForeignKeyConstraint(
            ["countersignature_id"], ["countersignature.id"], name=op.f("fk_certificate_signature_countersignature_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_certificate_signature_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_signature")),
        sa.UniqueConstraint(
            "certificate_id", "party", "user_id", name=op.f("uq_certificate_signature_certificate_id_party_user_id")
        ),
    )
    op.create_table(
        "handover_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("receiver_id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=160), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("purpose", sa.String(length=300), nullable=False),
        sa.Column("handed_over_on", sa.Date(), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("inspected_by_id", sa.Integer(), nullable=True),
        sa.Column("certificate_id", sa.Integer(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state NOT IN ('SEALED', 'SIGNED', 'ACCEPTED', 'PARTLY', 'REJECTED', 'WITHDRAWN') "
            "OR certificate_id IS NOT NULL",
            name=op.f("ck_handover_batch_sealed_with_a_certificate"),
        ),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_handover_batch_agreement_id")),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"], name=op.f("fk_handover_batch_certificate_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["app_user.id"], name=op.f("fk_handover_batch_created_by_id")),
        sa.ForeignKeyConstraint(["inspected_by_id"], ["app_user.id"], name=op.f("fk_handover_batch_inspected_by_id")),
        sa.ForeignKeyConstraint(["receiver_id"], ["organisation.id"], name=op.f("fk_handover_batch_receiver_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_handover_batch_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_batch")),
        sa.UniqueConstraint("key", name=op.f("uq_handover_batch_key")),
        sa.UniqueConstraint("site_id", "number", name=op.f("uq_handover_batch_site_id_number")),
    )
    with op.batch_alter_table("handover_batch", schema=None) as batch_op:
        batch_op.create_index("ix_handover_batch_receiver", ["receiver_id", "state"], unique=False)

    op.create_table(
        "handover_approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("office", sa.String(length=30), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["handover_batch.id"], name=op.f("fk_handover_approval_batch_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_handover_approval_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_approval")),
        sa.UniqueConstraint(
            "batch_id", "submission", "office", name=op.f("uq_handover_approval_batch_id_submission_office")
        ),
    )
    op.create_table(
        "handover_discrepancy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["handover_batch.id"], name=op.f("fk_handover_discrepancy_batch_id")),
        sa.ForeignKeyConstraint(["by_id"], ["app_user.id"], name=op.f("fk_handover_discrepancy_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_discrepancy")),
    )
    with op.batch_alter_table("handover_discrepancy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handover_discrepancy_batch_id"), ["batch_id"], unique=False)

    op.create_table(
        "handover_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=30), nullable=False),
        sa.Column("became", sa.String(length=30), nullable=False),
        sa.Column("because", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["handover_batch.id"], name=op.f("fk_handover_event_batch_id")),
        sa.ForeignKeyConstraint(["by_id"], ["app_user.id"], name=op.f("fk_handover_event_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_event")),
    )
    with op.batch_alter_table("handover_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handover_event_batch_id"), ["batch_id"], unique=False)

    op.create_table(
        "handover_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("grade", sa.String(length=30), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("photo_sha256", sa.String(length=64), nullable=True),
        sa.Column("erasure", sa.String(length=30), nullable=True),
        sa.Column("erasure_note", sa.String(length=200), nullable=False),
        sa.Column("inspected_at", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "grade IS NULL OR grade IN ('A', 'B') OR photo_sha256 IS NOT NULL",
            name=op.f("ck_handover_line_fault_is_shown"),
        ),
        sa.CheckConstraint("(grade IS NULL) = (inspected_at IS NULL)", name=op.f("ck_handover_line_graded_at_a_time")),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_handover_line_asset_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["handover_batch.id"], name=op.f("fk_handover_line_batch_id")),
        sa.ForeignKeyConstraint(["photo_sha256"], ["blob.sha256"], name=op.f("fk_handover_line_photo_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_line")),
        sa.UniqueConstraint("batch_id", "asset_id", name=op.f("uq_handover_line_batch_id_asset_id")),
        sa.UniqueConstraint("key", name=op.f("uq_handover_line_key")),
    )
    with op.batch_alter_table("handover_line", schema=None) as batch_op:
        batch_op.create_index(
            "uq_handover_line_open",
            ["asset_id"],
            unique=True,
            sqlite_where=sa.text("is_open"),
            postgresql_where=sa.text("is_open"),
        )

    op.create_table(
        "handover_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("remark", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("accepted >= 0 AND rejected >= 0 AND missing >= 0", name=op.f("ck_handover_answer_figures")),
        sa.ForeignKeyConstraint(["line_id"], ["handover_line.id"], name=op.f("fk_handover_answer_line_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_handover_answer_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_answer")),
        sa.UniqueConstraint("line_id", "user_id", name=op.f("uq_handover_answer_line_id_user_id")),
    )
    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("instrument", sa.String(length=80), server_default="", nullable=False))
        batch_op.add_column(sa.Column("legal_basis", sa.String(length=300), server_default="", nullable=False))
        batch_op.add_column(sa.Column("authorisation", sa.String(length=200), server_default="", nullable=False))
        batch_op.add_column(sa.Column("giver", sa.String(length=160), server_default="", nullable=False))
        batch_op.add_column(sa.Column("starts_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("extended_until", sa.Date(), nullable=True))

    with op.batch_alter_table("asset", schema=None) as batch_op:
        batch_op.add_column(sa.Column("custodian", sa.String(length=160), server_default="", nullable=False))
    for table, columns in (
        ("agreement", ("instrument", "legal_basis", "authorisation", "giver")),
        ("asset", ("custodian",)),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.alter_column(column, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("asset", schema=None) as batch_op:
        batch_op.drop_column("custodian")

    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.drop_column("extended_until")
        batch_op.drop_column("starts_on")
        batch_op.drop_column("giver")
        batch_op.drop_column("authorisation")
        batch_op.drop_column("legal_basis")
        batch_op.drop_column("instrument")

    op.drop_table("handover_answer")
    with op.batch_alter_table("handover_line", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_handover_line_open", sqlite_where=sa.text("is_open"), postgresql_where=sa.text("is_open")
        )

    op.drop_table("handover_line")
    with op.batch_alter_table("handover_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handover_event_batch_id"))

    op.drop_table("handover_event")
    with op.batch_alter_table("handover_discrepancy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handover_discrepancy_batch_id"))

    op.drop_table("handover_discrepancy")
    op.drop_table("handover_approval")
    with op.batch_alter_table("handover_batch", schema=None) as batch_op:
        batch_op.drop_index("ix_handover_batch_receiver")

    op.drop_table("handover_batch")
    op.drop_table("certificate_signature")
    with op.batch_alter_table("certificate_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_event_certificate_id"))

    op.drop_table("certificate_event")
    op.drop_table("certificate")

"""Diagnosis codes, consultations, drafts and signed notes."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "icd_code",
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("title_en", sa.String(length=250), nullable=False),
        sa.Column("title_tr", sa.String(length=250), nullable=False),
        sa.Column("title_ar", sa.String(length=250), nullable=False),
        sa.Column("report_group", sa.String(length=20), nullable=False),
        sa.Column("translation_status", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_icd_code")),
    )
    op.create_table(
        "icd_word",
        sa.Column(
            "word",
            sa.String(length=60).with_variant(sa.String(length=60, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["icd_code.code"], name=op.f("fk_icd_word_code")),
        sa.PrimaryKeyConstraint("word", "code", name=op.f("pk_icd_word")),
    )
    op.create_index(op.f("ix_icd_word_code"), "icd_word", ["code"])
    op.create_table(
        "quick_pick",
        sa.Column("specialty_code", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["icd_code.code"], name=op.f("fk_quick_pick_code")),
        sa.ForeignKeyConstraint(["specialty_code"], ["specialty.code"], name=op.f("fk_quick_pick_specialty_code")),
        sa.PrimaryKeyConstraint("specialty_code", "code", name=op.f("pk_quick_pick")),
    )
    op.create_table(
        "consultation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("specialty_code", sa.String(length=10), nullable=False),
        sa.Column("clinician_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=True),
        sa.Column("abandoned_because", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "(state = 'ABANDONED') = (abandoned_because <> '')", name=op.f("ck_consultation_abandoned_has_its_reason")
        ),
        sa.CheckConstraint(
            "(state = 'SIGNED') = (signed_at IS NOT NULL)", name=op.f("ck_consultation_signed_has_its_time")
        ),
        sa.ForeignKeyConstraint(["clinician_id"], ["app_user.id"], name=op.f("fk_consultation_clinician_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_consultation_patient_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_consultation_site_id")),
        sa.ForeignKeyConstraint(["specialty_code"], ["specialty.code"], name=op.f("fk_consultation_specialty_code")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_consultation_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation")),
        sa.UniqueConstraint("key", name=op.f("uq_consultation_key")),
    )
    with op.batch_alter_table("consultation", schema=None) as batch_op:
        batch_op.create_index(
            "uq_consultation_one",
            ["visit_id", "specialty_code", "clinician_id"],
            unique=True,
            sqlite_where=sa.text("state <> 'ABANDONED'"),
            postgresql_where=sa.text("state <> 'ABANDONED'"),
        )
        batch_op.create_index("ix_consultation_clinician", ["clinician_id", "signed_at"], unique=False)
        batch_op.create_index("ix_consultation_site", ["site_id", "signed_at"], unique=False)
        batch_op.create_index("ix_consultation_state", ["site_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_consultation_patient_id"), ["patient_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_consultation_visit_id"), ["visit_id"], unique=False)
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_draft_author_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_draft_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("author_id", "visit_id", name=op.f("uq_draft_author_id_visit_id")),
    )
    op.create_table(
        "note_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_note_part_author_id")),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name=op.f("fk_note_part_consultation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_part")),
        sa.UniqueConstraint("consultation_id", "kind", name=op.f("uq_note_part_consultation_id_kind")),
    )
    op.create_table(
        "diagnosis",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=250), nullable=False),
        sa.Column("case_type", sa.String(length=30), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["icd_code.code"], name=op.f("fk_diagnosis_code")),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name=op.f("fk_diagnosis_consultation_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_diagnosis_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_diagnosis")),
        sa.UniqueConstraint("consultation_id", "code", name=op.f("uq_diagnosis_consultation_id_code")),
    )
    with op.batch_alter_table("diagnosis", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_diagnosis_patient_id"), ["patient_id"], unique=False)
    op.create_table(
        "amendment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("amended_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_amendment_author_id")),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name=op.f("fk_amendment_consultation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
    )
    with op.batch_alter_table("amendment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_amendment_consultation_id"), ["consultation_id"], unique=False)
    op.create_table(
        "consultation_order",
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("prescription_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_consultation_order_consultation_id")
        ),
        sa.ForeignKeyConstraint(
            ["prescription_id"], ["prescription.id"], name=op.f("fk_consultation_order_prescription_id")
        ),
        sa.PrimaryKeyConstraint("consultation_id", "prescription_id", name=op.f("pk_consultation_order")),
    )


def downgrade() -> None:
    op.drop_table("consultation_order")
    op.drop_table("amendment")
    op.drop_table("diagnosis")
    op.drop_table("note_part")
    op.drop_table("draft")
    op.drop_table("consultation")
    op.drop_table("quick_pick")
    op.drop_index(op.f("ix_icd_word_code"), table_name="icd_word")
    op.drop_table("icd_word")
    op.drop_table("icd_code")

"""Allergies and pregnancies; specialties and who practises them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "allergy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("substance", sa.String(length=120), nullable=False),
        sa.Column("allergy_group", sa.String(length=30), nullable=True),
        sa.Column("reaction", sa.String(length=200), nullable=False),
        sa.Column("severity", sa.String(length=30), nullable=False),
        sa.Column("told_by", sa.String(length=30), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_because", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_because = '')", name=op.f("ck_allergy_ended_with_a_reason")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_allergy_patient_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["app_user.id"], name=op.f("fk_allergy_recorded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allergy")),
        sa.UniqueConstraint("key", name=op.f("uq_allergy_key")),
    )
    with op.batch_alter_table("allergy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_allergy_patient_id"), ["patient_id"], unique=False)
    op.create_table(
        "allergy_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["app_user.id"], name=op.f("fk_allergy_answer_asked_by_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_allergy_answer_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allergy_answer")),
    )
    with op.batch_alter_table("allergy_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_allergy_answer_patient_id"), ["patient_id"], unique=False)
    op.create_table(
        "pregnancy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("lmp_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.CheckConstraint("lmp_on IS NOT NULL OR due_on IS NOT NULL", name=op.f("ck_pregnancy_dated")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_pregnancy_patient_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["app_user.id"], name=op.f("fk_pregnancy_recorded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pregnancy")),
        sa.UniqueConstraint("key", name=op.f("uq_pregnancy_key")),
    )
    with op.batch_alter_table("pregnancy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pregnancy_patient_id"), ["patient_id"], unique=False)
    op.create_table(
        "pregnancy_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["app_user.id"], name=op.f("fk_pregnancy_answer_asked_by_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_pregnancy_answer_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pregnancy_answer")),
    )
    with op.batch_alter_table("pregnancy_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pregnancy_answer_patient_id"), ["patient_id"], unique=False)
    op.create_table(
        "specialty",
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("name_tr", sa.String(length=120), nullable=False),
        sa.Column("name_ar", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_specialty")),
    )
    op.create_table(
        "specialty_point",
        sa.Column("service_point_id", sa.Integer(), nullable=False),
        sa.Column("specialty_code", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_point_id"], ["service_point.id"], name=op.f("fk_specialty_point_service_point_id")
        ),
        sa.ForeignKeyConstraint(["specialty_code"], ["specialty.code"], name=op.f("fk_specialty_point_specialty_code")),
        sa.PrimaryKeyConstraint("service_point_id", name=op.f("pk_specialty_point")),
    )
    with op.batch_alter_table("specialty_point", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_specialty_point_specialty_code"), ["specialty_code"], unique=False)
    op.create_table(
        "practice",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("specialty_code", sa.String(length=10), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["specialty_code"], ["specialty.code"], name=op.f("fk_practice_specialty_code")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_practice_user_id")),
        sa.PrimaryKeyConstraint("user_id", "specialty_code", name=op.f("pk_practice")),
    )


def downgrade() -> None:
    op.drop_table("practice")
    op.drop_table("specialty_point")
    op.drop_table("specialty")
    op.drop_table("pregnancy_answer")
    op.drop_table("pregnancy")
    op.drop_table("allergy_answer")
    op.drop_table("allergy")

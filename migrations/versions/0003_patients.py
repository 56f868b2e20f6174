"""Patients, their numbers and the sounds of their names."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "household",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_household_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household")),
    )
    op.create_table(
        "patient",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("record_number", sa.Integer(), nullable=False),
        sa.Column("given_ar", sa.String(length=60), nullable=False),
        sa.Column("father_ar", sa.String(length=60), nullable=False),
        sa.Column("family_ar", sa.String(length=60), nullable=False),
        sa.Column("given_latin", sa.String(length=60), nullable=False),
        sa.Column("father_latin", sa.String(length=60), nullable=False),
        sa.Column("family_latin", sa.String(length=60), nullable=False),
        sa.Column("mother", sa.String(length=60), nullable=False),
        sa.Column("sex", sa.String(length=30), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("birth_month", sa.Integer(), nullable=True),
        sa.Column("birth_day", sa.Integer(), nullable=True),
        sa.Column("birth_precision", sa.String(length=30), nullable=False),
        sa.Column("birth_as_on_document", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=3), nullable=False),
        sa.Column("label_language", sa.String(length=2), nullable=False),
        sa.Column("legal_status", sa.String(length=30), nullable=False),
        sa.Column("nationality", sa.String(length=2), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("phone_reversed", sa.String(length=20), nullable=False),
        sa.Column("district", sa.String(length=80), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=True),
        sa.Column("survivor_id", sa.Integer(), nullable=True),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.Column("registered_by_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("birth_year IS NOT NULL OR birth_precision = 'UNKNOWN'", name=op.f("ck_patient_birth_year")),
        sa.CheckConstraint("given_ar <> '' OR given_latin <> ''", name=op.f("ck_patient_has_a_name")),
        sa.CheckConstraint("birth_day IS NULL OR birth_day BETWEEN 1 AND 31", name=op.f("ck_patient_birth_day")),
        sa.CheckConstraint("birth_month IS NULL OR birth_month BETWEEN 1 AND 12", name=op.f("ck_patient_birth_month")),
        sa.CheckConstraint("survivor_id IS NULL OR survivor_id <> id", name=op.f("ck_patient_survives_another")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_patient_household_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_patient_organisation_id")),
        sa.ForeignKeyConstraint(["registered_by_id"], ["app_user.id"], name=op.f("fk_patient_registered_by_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_patient_site_id")),
        sa.ForeignKeyConstraint(["survivor_id"], ["patient.id"], name=op.f("fk_patient_survivor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
        sa.UniqueConstraint("key", name=op.f("uq_patient_key")),
        sa.UniqueConstraint("organisation_id", "record_number", name=op.f("uq_patient_organisation_id_record_number")),
    )
    with op.batch_alter_table("patient", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_patient_household_id"), ["household_id"], unique=False)
        batch_op.create_index(
            "ix_patient_birth", ["organisation_id", "birth_year", "birth_month", "birth_day"], unique=False
        )
        batch_op.create_index("ix_patient_phone_end", ["organisation_id", "phone_reversed"], unique=False)
        batch_op.create_index("ix_patient_survivor", ["survivor_id"], unique=False)
    op.create_table(
        "patient_identifier",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(length=30), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("doubt", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_patient_identifier_organisation_id")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_patient_identifier_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_identifier")),
        sa.UniqueConstraint(
            "organisation_id", "system", "value", name=op.f("uq_patient_identifier_organisation_id_system_value")
        ),
    )
    with op.batch_alter_table("patient_identifier", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_patient_identifier_patient_id"), ["patient_id"], unique=False)
    op.create_table(
        "name_code",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_name_code_organisation_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_name_code_patient_id")),
        sa.PrimaryKeyConstraint("organisation_id", "code", "patient_id", name=op.f("pk_name_code")),
    )
    with op.batch_alter_table("name_code", schema=None) as batch_op:
        batch_op.create_index("ix_name_code_patient_id", ["patient_id"], unique=False)


def downgrade() -> None:
    op.drop_table("name_code")
    op.drop_table("patient_identifier")
    op.drop_table("patient")
    op.drop_table("household")

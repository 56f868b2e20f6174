"""Nursing contacts, and what was added to them."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "nursing_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("nurse_id", sa.Integer(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_nursing_contact_says_something")),
        sa.ForeignKeyConstraint(["nurse_id"], ["app_user.id"], name=op.f("fk_nursing_contact_nurse_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_nursing_contact_patient_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_nursing_contact_site_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_nursing_contact_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nursing_contact")),
        sa.UniqueConstraint("key", name=op.f("uq_nursing_contact_key")),
    )
    with op.batch_alter_table("nursing_contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_nursing_contact_patient_id"), ["patient_id"], unique=False)
        batch_op.create_index("ix_nursing_contact_site", ["site_id", "signed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_nursing_contact_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "nursing_addition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("text <> '' AND reason <> ''", name=op.f("ck_nursing_addition_says_why")),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_nursing_addition_author_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["nursing_contact.id"], name=op.f("fk_nursing_addition_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nursing_addition")),
    )
    with op.batch_alter_table("nursing_addition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_nursing_addition_contact_id"), ["contact_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("nursing_addition", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_nursing_addition_contact_id"))

    op.drop_table("nursing_addition")
    with op.batch_alter_table("nursing_contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_nursing_contact_visit_id"))
        batch_op.drop_index("ix_nursing_contact_site")
        batch_op.drop_index(batch_op.f("ix_nursing_contact_patient_id"))

    op.drop_table("nursing_contact")

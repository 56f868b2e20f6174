"""Visits, places in queues and observations."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("arrived_at", sa.BigInteger(), nullable=False),
        sa.Column("checked_in_by_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=3), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(["checked_in_by_id"], ["app_user.id"], name=op.f("fk_visit_checked_in_by_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_visit_patient_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_visit_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("key", name=op.f("uq_visit_key")),
        sa.UniqueConstraint("site_id", "day", "number", name=op.f("uq_visit_site_id_day_number")),
    )
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_patient_id"), ["patient_id"], unique=False)
        batch_op.create_index(
            "uq_visit_one_open",
            ["patient_id", "site_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
    op.create_table(
        "queue_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("service_point_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("priority", sa.String(length=30), nullable=False),
        sa.Column("is_returning", sa.Boolean(), nullable=False),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column("called_at", sa.BigInteger(), nullable=True),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("served_by_id", sa.Integer(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(["served_by_id"], ["app_user.id"], name=op.f("fk_queue_place_served_by_id")),
        sa.ForeignKeyConstraint(
            ["service_point_id"], ["service_point.id"], name=op.f("fk_queue_place_service_point_id")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_queue_place_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_place")),
        sa.UniqueConstraint("key", name=op.f("uq_queue_place_key")),
    )
    with op.batch_alter_table("queue_place", schema=None) as batch_op:
        batch_op.create_index("ix_queue_place_board", ["service_point_id", "state"], unique=False)
        batch_op.create_index("ix_queue_place_served", ["service_point_id", "done_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_queue_place_visit_id"), ["visit_id"], unique=False)
        batch_op.create_index(
            "uq_queue_place_one_open",
            ["visit_id", "service_point_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('WAITING', 'CALLED', 'IN_ROOM')"),
            postgresql_where=sa.text("state IN ('WAITING', 'CALLED', 'IN_ROOM')"),
        )
    op.create_table(
        "observation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("measured_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("corrects_id IS NULL OR corrects_id < id", name=op.f("ck_observation_corrects_older")),
        sa.ForeignKeyConstraint(["corrects_id"], ["observation.id"], name=op.f("fk_observation_corrects_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_observation_patient_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["app_user.id"], name=op.f("fk_observation_recorded_by_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_observation_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_observation_corrects_id")),
    )
    with op.batch_alter_table("observation", schema=None) as batch_op:
        batch_op.create_index("ix_observation_patient_kind", ["patient_id", "kind", "measured_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_observation_visit_id"), ["visit_id"], unique=False)


def downgrade() -> None:
    op.drop_table("observation")
    op.drop_table("queue_place")
    op.drop_table("visit")

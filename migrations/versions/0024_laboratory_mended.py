"""The laboratory: how far a reading goes, decimals, refused specimens, tests that are not done; and first waits."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lab_reading", sa.Column("until", sa.BigInteger(), nullable=True))
    op.execute("UPDATE lab_reading SET until = at")
    with op.batch_alter_table("lab_reading", schema=None) as batch_op:
        batch_op.alter_column("until", existing_type=sa.BigInteger(), nullable=False)

    op.add_column("lab_test", sa.Column("places", sa.Integer(), nullable=True))
    op.execute("UPDATE lab_test SET places = 2")
    _count_decimals(op.get_bind())
    with op.batch_alter_table("lab_test", schema=None) as batch_op:
        batch_op.alter_column("places", existing_type=sa.Integer(), nullable=False)

    op.create_table(
        "lab_rejection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("specimen_id", sa.Integer(), nullable=False),
        sa.Column("condition", sa.String(length=30), nullable=False),
        sa.Column("because", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["app_user.id"], name=op.f("fk_lab_rejection_by_id")),
        sa.ForeignKeyConstraint(["specimen_id"], ["lab_specimen.id"], name=op.f("fk_lab_rejection_specimen_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lab_rejection")),
        sa.UniqueConstraint("specimen_id", name=op.f("uq_lab_rejection_specimen_id")),
    )
    op.execute(
        "INSERT INTO lab_rejection (specimen_id, condition, because, at, by_id)"
        " SELECT id, condition, rejected_because, received_at, received_by_id FROM lab_specimen"
        " WHERE rejected_because <> ''"
    )
    with op.batch_alter_table("lab_specimen", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_lab_specimen_rejected_once_seen"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_lab_specimen_received_in_a_condition"), type_="check")
        batch_op.drop_column("rejected_because")
        batch_op.drop_column("condition")
    op.execute(
        "UPDATE lab_specimen SET received_at = NULL, received_by_id = NULL"
        " WHERE id IN (SELECT specimen_id FROM lab_rejection)"
    )

    with op.batch_alter_table("lab_request", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_lab_request_taken_from_something"), type_="check")
        batch_op.add_column(sa.Column("cancel_reason", sa.String(length=30), nullable=True))
        batch_op.add_column(sa.Column("cancelled_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("cancelled_by_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_lab_request_cancelled_by_id"), "app_user", ["cancelled_by_id"], ["id"]
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_lab_request_taken_from_something"),
            "state IN ('ORDERED', 'CANCELLED') OR specimen_id IS NOT NULL",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_lab_request_not_done_for_a_reason"), "(state = 'CANCELLED') = (cancel_reason IS NOT NULL)"
        )

    op.add_column("queue_place", sa.Column("first_queued_at", sa.BigInteger(), nullable=True))
    op.add_column("queue_place", sa.Column("first_called_at", sa.BigInteger(), nullable=True))


def _count_decimals(connection: sa.Connection) -> None:
    """Let a test have as many decimals as its own limits, where these have more than two."""
    limits = [sa.column(name, sa.Numeric(12, 4)) for name in ("low", "high", "critical_low", "critical_high")]
    ranges = sa.table("lab_range", sa.column("test_id"), *limits)
    tests = sa.table("lab_test", sa.column("id"), sa.column("places"))
    places: dict[int, int] = {}
    for test_id, *found in connection.execute(sa.select(ranges)):
        written = [f"{limit:.4f}".rstrip("0").partition(".")[2] for limit in found if limit is not None]
        places[test_id] = max([places.get(test_id, 2), *map(len, written)])
    for test_id, most in places.items():
        connection.execute(tests.update().where(tests.c.id == test_id).values(places=most))


def downgrade() -> None:
    op.drop_column("queue_place", "first_called_at")
    op.drop_column("queue_place", "first_queued_at")

    with op.batch_alter_table("lab_request", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_lab_request_not_done_for_a_reason"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_lab_request_taken_from_something"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_lab_request_cancelled_by_id"), type_="foreignkey")
        batch_op.drop_column("cancelled_by_id")
        batch_op.drop_column("cancelled_at")
        batch_op.drop_column("cancel_reason")
    op.execute("UPDATE lab_request SET state = 'ORDERED' WHERE state = 'CANCELLED'")
    with op.batch_alter_table("lab_request", schema=None) as batch_op:
        batch_op.create_check_constraint(
            batch_op.f("ck_lab_request_taken_from_something"), "state = 'ORDERED' OR specimen_id IS NOT NULL"
        )

    op.add_column("lab_specimen", sa.Column("condition", sa.String(length=30), nullable=True))
    op.add_column("lab_specimen", sa.Column("rejected_because", sa.String(length=200), nullable=True))
    op.execute("UPDATE lab_specimen SET rejected_because = ''")
    op.execute("UPDATE lab_specimen SET condition = 'GOOD' WHERE received_at IS NOT NULL")
    op.execute(
        "UPDATE lab_specimen SET (condition, rejected_because, received_at, received_by_id) ="
        " (SELECT condition, because, at, by_id FROM lab_rejection WHERE specimen_id = lab_specimen.id)"
        " WHERE id IN (SELECT specimen_id FROM lab_rejection)"
    )
    with op.batch_alter_table("lab_specimen", schema=None) as batch_op:
        batch_op.alter_column("rejected_because", existing_type=sa.String(length=200), nullable=False)
        batch_op.create_check_constraint(
            batch_op.f("ck_lab_specimen_rejected_once_seen"), "rejected_because = '' OR received_at IS NOT NULL"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_lab_specimen_received_in_a_condition"), "(received_at IS NULL) = (condition IS NULL)"
        )
    op.drop_table("lab_rejection")

    with op.batch_alter_table("lab_test", schema=None) as batch_op:
        batch_op.drop_column("places")
    with op.batch_alter_table("lab_reading", schema=None) as batch_op:
        batch_op.drop_column("until")

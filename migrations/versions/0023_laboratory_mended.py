"""A reading says up to when it read, a test how many decimals it has."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0021"
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


def _count_decimals(connection: sa.Connection) -> None:
    """Let a test have as many decimals as its own limits, where these have more than two."""
    ranges = sa.table(
        "lab_range", sa.column("test_id"), *map(sa.column, ("low", "high", "critical_low", "critical_high"))
    )
    tests = sa.table("lab_test", sa.column("id"), sa.column("places"))
    places: dict[int, int] = {}
    for test_id, *limits in connection.execute(sa.select(ranges)):
        written = [f"{limit:.4f}".rstrip("0").partition(".")[2] for limit in limits if limit is not None]
        places[test_id] = max([places.get(test_id, 2), *map(len, written)])
    for test_id, most in places.items():
        connection.execute(tests.update().where(tests.c.id == test_id).values(places=most))


def downgrade() -> None:
    with op.batch_alter_table("lab_test", schema=None) as batch_op:
        batch_op.drop_column("places")
    with op.batch_alter_table("lab_reading", schema=None) as batch_op:
        batch_op.drop_column("until")

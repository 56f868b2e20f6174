"""Lines of a handover keep their own units and worth, and who inspected them; being sealed has a certificate too."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

SEALED = (
    "state NOT IN ('SEALING', 'SEALED', 'SIGNED', 'ACCEPTED', 'PARTLY', 'REJECTED', 'WITHDRAWN') "
    "OR certificate_id IS NOT NULL"
)
SEALED_BEFORE = (
    "state NOT IN ('SEALED', 'SIGNED', 'ACCEPTED', 'PARTLY', 'REJECTED', 'WITHDRAWN') OR certificate_id IS NOT NULL"
)
# A lot that was accepted in part has fewer units on the register by now: its answer tells how many the line held.
UNITS = """
    UPDATE handover_line SET quantity = COALESCE(
        (SELECT MAX(accepted + rejected + missing) FROM handover_answer WHERE line_id = handover_line.id),
        (SELECT quantity FROM asset WHERE asset.id = handover_line.asset_id))
"""
WORTH = """
    UPDATE handover_line SET line_cents = quantity * (SELECT unit_cents FROM asset WHERE asset.id = asset_id)
"""
INSPECTOR = """
    UPDATE handover_line SET inspected_by_id =
        (SELECT inspected_by_id FROM handover_batch WHERE handover_batch.id = handover_line.batch_id)
    WHERE inspected_at IS NOT NULL
"""
INSPECTOR_BEFORE = """
    UPDATE handover_batch SET inspected_by_id =
        (SELECT MAX(inspected_by_id) FROM handover_line WHERE handover_line.batch_id = handover_batch.id)
"""


def upgrade() -> None:
    with op.batch_alter_table("handover_line", schema=None) as batch_op:
        batch_op.add_column(sa.Column("quantity", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("line_cents", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("inspected_by_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_handover_line_inspected_by_id"), "app_user", ["inspected_by_id"], ["id"])
    for statement in (UNITS, WORTH, INSPECTOR):
        op.execute(statement)
    with op.batch_alter_table("handover_line", schema=None) as batch_op:
        batch_op.alter_column("quantity", server_default=None)
        batch_op.alter_column("line_cents", server_default=None)
        batch_op.drop_constraint(op.f("ck_handover_line_graded_at_a_time"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_handover_line_graded_at_a_time"),
            "(grade IS NULL) = (inspected_at IS NULL) AND (grade IS NULL) = (inspected_by_id IS NULL)",
        )
    with op.batch_alter_table("handover_batch", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_handover_batch_inspected_by_id"), type_="foreignkey")
        batch_op.drop_column("inspected_by_id")
        batch_op.drop_constraint(op.f("ck_handover_batch_sealed_with_a_certificate"), type_="check")
        batch_op.create_check_constraint(op.f("ck_handover_batch_sealed_with_a_certificate"), SEALED)


def downgrade() -> None:
    with op.batch_alter_table("handover_batch", schema=None) as batch_op:
        batch_op.add_column(sa.Column("inspected_by_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_handover_batch_inspected_by_id"), "app_user", ["inspected_by_id"], ["id"])
        batch_op.drop_constraint(op.f("ck_handover_batch_sealed_with_a_certificate"), type_="check")
        batch_op.create_check_constraint(op.f("ck_handover_batch_sealed_with_a_certificate"), SEALED_BEFORE)
    op.execute(INSPECTOR_BEFORE)
    with op.batch_alter_table("handover_line", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_handover_line_graded_at_a_time"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_handover_line_graded_at_a_time"), "(grade IS NULL) = (inspected_at IS NULL)"
        )
        batch_op.drop_constraint(op.f("fk_handover_line_inspected_by_id"), type_="foreignkey")
        for column in ("inspected_by_id", "line_cents", "quantity"):
            batch_op.drop_column(column)

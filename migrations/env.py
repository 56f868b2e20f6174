"""Run revisions in one transaction: guards down, revisions, guards up, everything checked, and only then kept."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext
from alembic.operations.ops import MigrationScript
from flask import current_app

from clinic.kernel import guards
from clinic.kernel.db import Base, Coded, Instant
from clinic.kernel.migrating import owner_connection


def _render(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Write a revision in plain types: it must read the same when the code has moved on."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.BigInteger()"
    if kind == "type" and isinstance(item, Coded):
        return f"sa.String(length={item.impl_instance.length})"
    return False


def _drop_empty(_context: MigrationContext, _revision: object, scripts: list[MigrationScript]) -> None:
    """Write no file where the models ask for no change."""
    asked = scripts[0].upgrade_ops
    if getattr(context.config.cmd_opts, "autogenerate", False) and asked is not None and asked.is_empty():
        scripts.clear()


with owner_connection(current_app) as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transactional_ddl=True,
        render_item=_render,
        process_revision_directives=_drop_empty,
        **current_app.extensions["migrate"].configure_args,
    )
    guards.drop_all(connection)
    with context.begin_transaction():
        context.run_migrations()
    guards.create_all(connection)

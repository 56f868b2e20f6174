"""Where the walks stand: the application with its world."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from clinic.kernel.db import Base, db
from tests.walks.world import World

# what a request may write though it changes nothing: the record of reads, and that someone was there
RECORDS_OF_READING = frozenset({"audit_event", "user_session", "remembered"})

Rows = dict[str, list[tuple[object, ...]]]


@dataclass(frozen=True)
class Walk:
    """The application with its world, which `put_back` makes as it was."""

    app: Flask
    world: World
    file: Path
    kept: Path

    def put_back(self) -> None:
        """Make the world as it was at first."""
        let_go(self.app)
        for rest in self.file.parent.glob(f"{self.file.name}-*"):
            rest.unlink()
        shutil.copyfile(self.kept, self.file)

    def rows(self, *, but: frozenset[str] = RECORDS_OF_READING) -> Rows:
        """Return every row of every table, but for those of `but`."""
        tables = (table for table in Base.metadata.tables.values() if table.name not in but)
        with closing(sqlite3.connect(self.file)) as connection:
            return {table.name: connection.execute(str(select(table))).fetchall() for table in tables}


def changed(before: Rows, after: Rows) -> list[str]:
    """Return the names of the tables whose rows differ."""
    return [name for name in before if before[name] != after[name]]


def let_go(app: Flask) -> None:
    """Close every connection of `app`."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    app.extensions["clinic_side_engine"].dispose()

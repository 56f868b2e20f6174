"""How many SQL statements an act or a page costs."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import event

from clinic.kernel.db import db

_NOT_COUNTED = ("PRAGMA", "BEGIN")


@contextmanager
def count_statements(app: Flask) -> Iterator[list[str]]:
    """Collect every statement that `app` sends inside the block, the record of reads included; BEGIN is not one."""
    told: list[str] = []

    def tell(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(_NOT_COUNTED):
            told.append(statement)

    with app.app_context():
        engines = [db.engine, app.extensions["clinic_side_engine"]]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", tell)
    try:
        yield told
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", tell)

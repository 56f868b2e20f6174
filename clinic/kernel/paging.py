"""Long lists by the page: each page begins where the last one ended, however many rows came or went meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, literal, select, tuple_
from sqlalchemy.orm import QueryableAttribute

from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.i18n import _, number

SIZE = 50
COUNTED = 500


@dataclass(frozen=True)
class Page:
    """Some rows of a long list, and the key that the address of the next page names; None at the end."""

    rows: Sequence[Row[Any]]
    next_key: str | None


def read_page(
    statement: Select[*tuple[Any, ...]],
    *,
    by: Sequence[QueryableAttribute[Any]],
    key: QueryableAttribute[str],
    after: str | None = None,
    size: int = SIZE,
    descending: bool = False,
) -> Page:
    """Return the page that follows the row whose `key` is `after`, in the order of `by`.

    The columns of `by` are never NULL, and the last of them is unique. The address carries a row's opaque key alone,
    never what the list is sorted by: that may be a name. Raises NotFound where the row is gone.
    """
    if after:
        statement = statement.where(_beyond(by, _place(by, key, after), descending=descending))
    order = [column.desc() if descending else column.asc() for column in by]
    statement = statement.add_columns(key.label("page_key")).order_by(*order).limit(size + 1)
    rows = db.session.execute(statement).all()
    return Page(rows[:size], rows[size - 1].page_key if len(rows) > size else None)


def count_up_to(statement: Select[*tuple[Any, ...]], most: int = COUNTED) -> int:
    """Return how many rows there are, counting no further than one beyond `most`."""
    rows = statement.order_by(None).limit(most + 1).subquery()
    return db.session.scalars(select(func.count()).select_from(rows)).one()


def counted(found: int, most: int = COUNTED) -> str:
    """Return a count in words: "312", or "more than 500"."""
    return _("more than %(num)s", num=number(most)) if found > most else number(found)


def _place(by: Sequence[QueryableAttribute[Any]], key: QueryableAttribute[str], after: str) -> Row[Any]:
    place = db.session.execute(select(*by).where(key == after)).one_or_none()
    if place is None:
        raise NotFound("The list has changed. Open it from its beginning.")
    return place


def _beyond(by: Sequence[QueryableAttribute[Any]], place: Row[Any], *, descending: bool) -> ColumnElement[bool]:
    here = tuple_(*by)
    there = tuple_(*(literal(value, column.type) for column, value in zip(by, place, strict=True)))
    return here < there if descending else here > there

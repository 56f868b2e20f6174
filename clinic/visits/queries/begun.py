"""What nurses began of the doctor's note on a visit, each part under its author."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from clinic.auth.models import User
from clinic.kernel.db import db
from clinic.visits.models import BegunPart
from clinic.visits.rules import BegunKind

WRITTEN = (
    BegunPart.author_id.label("begun_by_id"),
    User.name_latin.label("begun_by"),
    User.name_ar.label("begun_by_ar"),
    BegunPart.at.label("begun_at"),
    BegunPart.kind.label("begun_kind"),
    BegunPart.text.label("begun_text"),
)


@dataclass(kw_only=True)
class Begun:
    """What one nurse began: the newest text of each part, and when the last of them was written."""

    author_id: int
    name_latin: str
    name_ar: str
    at: datetime
    parts: dict[BegunKind, str] = field(default_factory=dict)


def list_begun(visit_id: int, *, until: datetime | None = None) -> list[Begun]:
    """Return what was begun on a visit, as it stood at an instant or stands now. One statement."""
    rows = db.session.execute(
        select(*WRITTEN)
        .join(User, User.id == BegunPart.author_id)
        .where(BegunPart.visit_id == visit_id, *([BegunPart.at <= until] if until else []))
        .order_by(BegunPart.id)
    )
    return gather(rows)


def gather(rows: Iterable[Sequence[Any]]) -> list[Begun]:
    """Return by author what rows of WRITTEN hold, given in the order of writing; whoever began first stands first."""
    found: dict[int, Begun] = {}
    for author_id, name_latin, name_ar, at, kind, text in rows:
        one = found.setdefault(author_id, Begun(author_id=author_id, name_latin=name_latin, name_ar=name_ar, at=at))
        one.at, one.parts[kind] = at, text
    for one in found.values():
        one.parts = {kind: one.parts[kind] for kind in BegunKind if one.parts.get(kind)}
    return [one for one in found.values() if one.parts]

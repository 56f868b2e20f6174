"""A chain over the audit's events, so that none can be changed, dropped or moved afterwards unseen.

Each block names its members, hashes them in order, and hashes the block before. The head is printed on the closing
sheet and leaves the house with it: without a printed head, a tail that was cut off with its blocks is not missed.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, TypeAlias

from sqlalchemy import JSON, Connection, Row, String, bindparam, insert, select, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.kernel import guards
from clinic.kernel.audit import AuditEvent
from clinic.kernel.clock import now
from clinic.kernel.db import Base, Instant, db, writer

Ranges: TypeAlias = list[list[int]]

START = "0" * 64
LATE = timedelta(days=2)
"""How long after a later one an event may still come to light: it took its number, and its commit was slow."""

_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('audit_block'))")


class AuditBlock(Base):
    """A link of the chain: which events stand in it, their hash over the link before, and when it was made."""

    __tablename__ = "audit_block"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    members: Mapped[Any] = mapped_column(JSON)
    event_count: Mapped[int]
    previous: Mapped[str] = mapped_column(String(64), unique=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)


guards.seal(AuditBlock.__table__)

_event = AuditEvent.__table__.c
_BLOCKS = select(AuditBlock.__table__).order_by(AuditBlock.id)
_ROWS = select(AuditEvent.__table__).where(_event.id.between(bindparam("first"), bindparam("last"))).order_by(_event.id)
_IDS_ABOVE = select(_event.id).where(_event.id > bindparam("floor")).order_by(_event.id)
_IDS_UP_TO = select(_event.id).where(_event.id <= bindparam("floor")).order_by(_event.id)


def seal() -> str:
    """Close every committed event that stands in no block into a new one, inside `transaction()`; return the head.

    What the same transaction records joins the next block. With nothing to close the head stays what it is.
    """
    connection = writer().connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK)
    blocks = connection.execute(_BLOCKS).all()
    head: str = blocks[-1].digest if blocks else START
    at = now()
    floor = _settled(blocks, before=at - LATE)
    members = _ranges(_outside(connection.scalars(_IDS_ABOVE, {"floor": floor}), blocks))
    if members:
        count, digest = _digest(connection, members, at=at, previous=head)
        row = {"at": at, "members": members, "event_count": count, "previous": head, "digest": digest}
        connection.execute(insert(AuditBlock.__table__).inline(), row)
        head = digest
    return head


def head() -> str:
    """Return the newest block's hash, as the last seal printed it."""
    newest = db.session.scalars(select(AuditBlock.digest).order_by(AuditBlock.id.desc()).limit(1)).first()
    return newest or START


def verify(connection: Connection, head: str | None) -> list[str]:
    """Return one line for each place where the events are not what was sealed; none when all is well.

    `head` is a printed one, of any evening: it must still stand in the chain.
    """
    wrong = []
    blocks = connection.execute(_BLOCKS).all()
    previous = START
    for block in blocks:
        if block.previous != previous:
            wrong.append(f"block {block.id} does not follow the block before it")
        count, digest = _digest(connection, block.members, at=block.at, previous=block.previous)
        if count != block.event_count:
            wrong.append(f"block {block.id} has {count} of its {block.event_count} events")
        elif digest != block.digest:
            wrong.append(f"block {block.id} is not what was sealed")
        previous = block.digest
    if head is not None and head not in {START, *(block.digest for block in blocks)}:
        wrong.append("the printed head stands in no block: the end of the chain was cut off or made anew")
    floor = _settled(blocks, before=now() - LATE)
    strangers = _outside(connection.scalars(_IDS_UP_TO, {"floor": floor}), blocks)
    return wrong + [f"event {number} stands in no block" for number in strangers]


def _digest(connection: Connection, members: Ranges, *, at: datetime, previous: str) -> tuple[int, str]:
    """Return how many of `members` there are, and the hash over them and the block before."""
    sha, count = hashlib.sha256(), 0
    for line in chain([[previous, at.isoformat(), members]], _rows(connection, members)):
        sha.update(json.dumps(line, sort_keys=True, separators=(",", ":")).encode() + b"\n")
        count += 1
    return count - 1, sha.hexdigest()


def _rows(connection: Connection, members: Ranges) -> Iterator[list[Any]]:
    for first, last in members:
        for row in connection.execute(_ROWS, {"first": first, "last": last}):
            yield [value.isoformat() if isinstance(value, datetime) else value for value in row]


def _settled(blocks: Sequence[Row[Any]], *, before: datetime) -> int:
    """Return the number up to which every event stands in a block that was made before `before`."""
    return max((block.members[-1][-1] for block in blocks if block.at < before), default=0)


def _outside(ids: Iterable[int], blocks: Sequence[Row[Any]]) -> Iterator[int]:
    """Return those of `ids`, which ascend, that stand in no block."""
    ranges = iter(sorted(members for block in blocks for members in block.members))
    first, last = next(ranges, (0, 0))
    for number in ids:
        while last and last < number:
            first, last = next(ranges, (0, 0))
        if not last or number < first:
            yield number


def _ranges(ids: Iterable[int]) -> Ranges:
    """Return ascending `ids` as first and last of each unbroken run."""
    runs: Ranges = []
    for number in ids:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return runs

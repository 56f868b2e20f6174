"""A form that is sent twice acts once."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum

from sqlalchemy import String, UniqueConstraint, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from clinic.kernel.clock import now
from clinic.kernel.db import Base, Instant, Session, before_commit, writer
from clinic.kernel.errors import DomainError, ProgrammingMistake

_OPEN = "operations_open"


class OtherContent(DomainError):
    """The same form came again with other answers, after it had been saved."""

    code = "other_content"


class Operation(Base):
    """One act of one user under one key, the digest of what was asked, and the place where the answer stands."""

    __tablename__ = "operation"
    __table_args__ = (UniqueConstraint("user_id", "action", "key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int]
    action: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    answer: Mapped[str | None] = mapped_column(String(300))
    at: Mapped[datetime] = mapped_column(Instant, index=True)


_operation = Operation.__table__.c
_CLAIM = {
    "sqlite": sqlite.insert(Operation.__table__).on_conflict_do_nothing().returning(_operation.id),
    "postgresql": postgresql.insert(Operation.__table__).on_conflict_do_nothing().returning(_operation.id),
}
_FIRST = select(_operation.id, _operation.digest, _operation.answer).where(
    *(_operation[name] == bindparam(name) for name in ("user_id", "action", "key"))
)
_ANSWER = update(Operation.__table__).where(_operation.id == bindparam("number")).values(answer=bindparam("place"))


@dataclass
class Once:
    """A claim on one act: whether it was done before, and where its answer stands."""

    id: int
    answer: str = ""
    is_repeat: bool = False

    def answered(self, place: str) -> None:
        """Keep `place`, the address of the answer, for those who send the same form again."""
        if self.is_repeat:
            raise ProgrammingMistake("a repeat has its answer already")
        writer().connection().execute(_ANSWER, {"number": self.id, "place": place})
        self.answer = place


def once(user_id: int, action: str, key: str, content: Mapping[str, object], *, answer: str = "") -> Once:
    """Claim the act under `key`, as the first statement inside `transaction()`; `answer` where it is known beforehand.

    A key is spent by a commit alone, so a refused form may be corrected and sent again. Whoever comes second waits for
    the first, and is told its answer where `content` (parsed, without token and key) is the same; else OtherContent.
    """
    session = writer()
    connection = session.connection()
    asked = {"user_id": user_id, "action": action, "key": key}
    digest = _digest(content)
    claim = _CLAIM[connection.dialect.name]
    claims = {**asked, "digest": digest, "at": now(), "answer": answer or None}
    number = connection.execute(claim, claims).scalar_one_or_none()
    if number is not None:
        claimed = Once(id=number, answer=answer)
        session.info.setdefault(_OPEN, []).append(claimed)
        return claimed
    first = connection.execute(_FIRST, asked).one()
    if first.digest != digest:
        raise OtherContent("This form was saved before, with other answers. Open it anew to save these.")
    return Once(id=first.id, answer=first.answer, is_repeat=True)


def forget(before: datetime) -> int:
    """Drop the keys of acts done before an instant, inside `transaction()`; return how many."""
    result = writer().connection().execute(delete(Operation.__table__).where(_operation.at < before))
    return result.rowcount


def _refuse_unanswered(session: Session) -> None:
    if any(not claimed.answer for claimed in session.info.get(_OPEN, [])):
        raise ProgrammingMistake("an act was done once() and its answer kept nowhere: call .answered(place)")


before_commit.append(_refuse_unanswered)


def _digest(content: Mapping[str, object]) -> str:
    text = json.dumps(content, sort_keys=True, default=_plain, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | time | Decimal):
        return f"{type(value).__name__} {value}"
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    raise TypeError(f"a form's content cannot hold {type(value).__name__}")

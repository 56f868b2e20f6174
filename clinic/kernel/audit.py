"""Who changed what, and who looked: an append-only record, written with the act or before the answer.

Every flush of an `Audited` row is collected, and `transaction()` writes what was collected by one INSERT before it
commits. Statements that would pass the collection are refused, unless they say that they write their record by hand.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from enum import Enum
from typing import Any, TypeAlias

from flask import Flask, g, has_app_context
from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    FromClause,
    Index,
    Integer,
    String,
    UpdateBase,
    event,
    insert,
    inspect,
    select,
)
from sqlalchemy.orm import Mapped, Mapper, SessionTransaction, UOWTransaction, mapped_column

from clinic.kernel import guards
from clinic.kernel.clock import now, today
from clinic.kernel.db import (
    Base,
    Instant,
    Keyed,
    ReadingSession,
    Session,
    before_commit,
    db,
    flushing,
    side_transaction,
    writer,
)
from clinic.kernel.errors import ProgrammingMistake

BY_HAND = "audit_by_hand"

Detail: TypeAlias = str | Mapping[str, object]

_BIG = BigInteger().with_variant(Integer(), "sqlite")
_COLLECTED, _MARKS = "audit_collected", "audit_marks"
_audited: set[FromClause] = set()
_actor: ContextVar[int | None] = ContextVar("actor", default=None)


class UnrecordedWrite(ProgrammingMistake):
    """A statement would change audited rows and leave no record."""


class Audited:
    """A row whose every change is recorded: the names of changed fields, and values where `audit_values` says so."""

    audit_values = False


class AuditEvent(Base):
    """One act on one record: never changed, never removed."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_table_name_row_key", "table_name", "row_key"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(_BIG, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    actor_id: Mapped[int | None]
    site_id: Mapped[int | None]
    act: Mapped[str] = mapped_column(String(40))
    table_name: Mapped[str] = mapped_column(String(60))
    row_key: Mapped[str] = mapped_column(String(120))
    detail: Mapped[Any] = mapped_column(JSON)


guards.seal(AuditEvent.__table__)
_INSERT = insert(AuditEvent.__table__).inline()


def init_app(app: Flask) -> None:
    """Refuse, on `app`'s engine, what would change audited rows past the collection."""
    with app.app_context():
        event.listen(db.engine, "before_execute", _refuse_unrecorded)


@contextmanager
def acting_as(user_id: int) -> Iterator[None]:
    """Let what is written inside the block be recorded as `user_id`'s: for commands and jobs, never for a request."""
    token = _actor.set(user_id)
    try:
        yield
    finally:
        _actor.reset(token)


def actor_id() -> int | None:
    """Return who acts: of `acting_as`, else the user of the request (`g.actor_id`, set anew in each), else None."""
    return _actor.get() or _of_request("actor_id")


def record(act: str, table: str, key: object, detail: Detail = "") -> None:
    """Record an act that no changed row tells of (a sign-in, a print), with the transaction that it belongs to.

    Beside a page's reads it is `record_read`.
    """
    _collected(writer()).append(_event(act, table, str(key), detail))


def record_read(what: str, key: object, detail: Detail = "", *, act: str = "READ") -> None:
    """Record at once, before the answer, that someone looked (printed, exported, was refused); never while writing.

    It is the one commit beside `transaction()`, on a connection of its own: nothing that the page has read expires.
    """
    with side_transaction() as connection:
        connection.execute(_INSERT, _event(act, what, str(key), detail))


def record_read_once(what: str, key: object) -> None:
    """Record a person's first look of the day at what changes under their eyes all evening, such as a board."""
    looked = f"{key} {today():%Y-%m-%d}"
    seen = select(AuditEvent.id).where(
        AuditEvent.table_name == what,
        AuditEvent.row_key == looked,
        AuditEvent.actor_id == actor_id(),
        AuditEvent.act == "READ",
    )
    if db.session.execute(seen.limit(1)).first() is None:
        record_read(what, looked)


def _event(act: str, table: str, key: str, detail: Detail) -> dict[str, Any]:
    return {
        "at": now(),
        "actor_id": actor_id(),
        "site_id": _of_request("site_id"),
        "act": act,
        "table_name": table,
        "row_key": key,
        "detail": detail,
    }


def _of_request(name: str) -> int | None:
    return g.get(name) if has_app_context() else None


def _collected(session: Session) -> list[dict[str, Any]]:
    collected: list[dict[str, Any]] = session.info.setdefault(_COLLECTED, [])
    return collected


@event.listens_for(ReadingSession, "before_flush")
def _read_what_goes(session: Session, _context: UOWTransaction, _rows: object) -> None:
    for row in session.deleted:
        if isinstance(row, Audited) and inspect(row).expired_attributes:
            session.refresh(row)


@event.listens_for(ReadingSession, "after_flush")
def _collect(session: Session, _context: UOWTransaction) -> None:
    """Tell of each audited row while its history still stands and its key is known."""
    for act, rows in (("CREATE", session.new), ("UPDATE", session.dirty), ("DELETE", session.deleted)):
        for row in rows:
            if not isinstance(row, Audited):
                continue
            fields = _changed(row) if act == "UPDATE" else _held(row)
            if fields or act != "UPDATE":
                mapper = inspect(row).mapper
                key = row.key if isinstance(row, Keyed) else ",".join(map(str, mapper.primary_key_from_instance(row)))
                _collected(session).append(_event(act, str(mapper.local_table), key, _detail(act, row, fields)))


def _changed(row: Audited) -> dict[str, object]:
    """Return the changed fields, each with its value before and after."""
    state = inspect(row)
    fields: dict[str, object] = {}
    for attribute in state.mapper.column_attrs:
        history = state.attrs[attribute.key].history
        if history.has_changes() and attribute.columns[0] is not state.mapper.version_id_col:
            fields[attribute.key] = [_plain(_first(history.deleted)), _plain(_first(history.added))]
    return fields


def _held(row: Audited) -> dict[str, object]:
    """Return the fields that a row which comes or goes holds."""
    state = inspect(row)
    return {one.key: _plain(state.dict[one.key]) for one in state.mapper.column_attrs if one.key in state.dict}


def _detail(act: str, row: Audited, fields: Mapping[str, object]) -> Detail:
    if row.audit_values:
        return {"values": fields}
    return {"changed": list(fields)} if act == "UPDATE" else ""


def _first(values: Sequence[object] | None) -> object:
    return values[0] if values else None


def _plain(value: object) -> object:
    """Return `value` as JSON can hold it."""
    if isinstance(value, Enum):
        return value.value
    return value if isinstance(value, str | int | float | None) else str(value)


@event.listens_for(ReadingSession, "after_transaction_create")
def _mark(session: Session, opened: SessionTransaction) -> None:
    if opened.nested:
        session.info.setdefault(_MARKS, {})[opened] = len(_collected(session))


@event.listens_for(ReadingSession, "after_soft_rollback")
def _cut_back(session: Session, undone: SessionTransaction) -> None:
    """Forget what a rolled-back savepoint had collected; of a whole transaction nothing is kept anyway."""
    if undone.nested:
        del _collected(session)[session.info[_MARKS].pop(undone) :]


def _write(session: Session) -> None:
    if events := _collected(session):
        session.connection().execute(_INSERT, events)


before_commit.append(_write)


@event.listens_for(Mapper, "after_mapper_constructed")
def _note_audited(mapper: Mapper[Any], mapped: type[Any]) -> None:
    if issubclass(mapped, Audited):
        _audited.add(mapper.local_table)


@event.listens_for(Mapper, "after_configured")
def _refuse_secondary() -> None:
    """Refuse a many-to-many shortcut on an audited class: its rows come and go without a flush of the class."""
    for mapper in Base.registry.mappers:
        if issubclass(mapper.class_, Audited) and any(link.secondary is not None for link in mapper.relationships):
            raise UnrecordedWrite(f"{mapper.class_.__name__} has a `secondary` table: map the link as a class")


def _refuse_unrecorded(
    _connection: Connection, statement: object, _many: object, _one: object, options: Mapping[str, Any]
) -> None:
    if not isinstance(statement, UpdateBase) or statement.table not in _audited:
        return
    if not flushing() and not options.get(BY_HAND):
        raise UnrecordedWrite(f"{statement.table} is audited: write through the session, or the record by hand")

"""The database: its session, which reads, and the one door through which anything is written."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Never

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.orm.exc import StaleDataError

from clinic.kernel.engine import WRITES, install
from clinic.kernel.errors import DomainError, ProgrammingMistake
from clinic.kernel.tables import Base, Coded, Instant, Keyed, Versioned, ensure_version, new_key, stale
from clinic.kernel.turns import busy, write_queue

__all__ = [
    "Base",
    "Coded",
    "Instant",
    "Keyed",
    "NestedTransaction",
    "ReadingSession",
    "Session",
    "Versioned",
    "WriteOutsideTransaction",
    "before_commit",
    "db",
    "ensure_version",
    "flushing",
    "init_app",
    "keep_though_refused",
    "new_key",
    "side_transaction",
    "transaction",
    "writer",
    "writing",
]


class WriteOutsideTransaction(ProgrammingMistake):
    """Something was written, or about to be, outside `transaction()`."""


class NestedTransaction(ProgrammingMistake):
    """A transaction was opened inside another: only the edge may commit."""


_writer: ContextVar[Session | Connection | None] = ContextVar("writer", default=None)
_REFUSED = "kept_though_refused"
_is_flushing: ContextVar[bool] = ContextVar("is_flushing", default=False)

before_commit: list[Callable[[Session], None]] = []
"""What runs inside every `transaction()` after its last flush, before its commit: the audit's rows, for one.

What such a hook gathers in `session.info` lives as long as the transaction.
"""


class ReadingSession(Session):
    """A session that reads; it writes only while `transaction()` holds it."""

    def bulk_save_objects(self, *_: object, **__: object) -> Never:
        """Refuse: it passes every hook."""
        raise WriteOutsideTransaction("the legacy bulk methods pass the hooks; use insert() or update()")

    bulk_insert_mappings = bulk_update_mappings = bulk_save_objects

    def flush(self, objects: Sequence[object] | None = None) -> None:
        """Write what has changed, and let the engine's listeners know that it is the session that writes."""
        token = _is_flushing.set(True)
        try:
            super().flush(objects)
        finally:
            _is_flushing.reset(token)


@event.listens_for(ReadingSession, "before_flush")
def _refuse_flush(session: Session, _context: object, _instances: Sequence[object] | None) -> None:
    if _writer.get() is not session:
        changed = [*session.new, *session.dirty, *session.deleted]
        raise WriteOutsideTransaction(f"{type(changed[0]).__name__} was changed outside transaction()")


@event.listens_for(ReadingSession, "do_orm_execute")
def _refuse_statement(state: ORMExecuteState) -> None:
    if (state.is_insert or state.is_update or state.is_delete) and _writer.get() is not state.session:
        raise WriteOutsideTransaction("a statement that writes was executed outside transaction()")


@event.listens_for(ReadingSession, "before_commit")
def _refuse_commit(session: Session) -> None:
    if not session.in_nested_transaction() and not session.info.get("is_committing"):
        raise WriteOutsideTransaction("only transaction() commits")


db = SQLAlchemy(model_class=Base, session_options={"class_": ReadingSession})


def init_app(app: Flask) -> None:
    """Give `app` its two engines: one for requests, and a small one for the record of reads."""
    is_durable = app.config.setdefault("DATABASE_IS_DURABLE", True)
    options = {
        "pool_timeout": 10,
        "pool_pre_ping": app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"),
        "hide_parameters": True,  # an exception quotes its statement, never a patient's name
    }
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {"pool_size": 10, "max_overflow": 10, **options})
    db.init_app(app)
    with app.app_context():
        side = create_engine(db.engine.url, pool_size=2, max_overflow=0, **options)
        for engine in (db.engine, side):
            install(engine, is_durable=is_durable)
    app.extensions["clinic_side_engine"] = side


def writing() -> bool:
    """Return whether a transaction is open to write."""
    return _writer.get() is not None


def writer() -> Session:
    """Return the session that `transaction()` holds; raises WriteOutsideTransaction where it holds none."""
    session = _writer.get()
    if not isinstance(session, Session):
        raise WriteOutsideTransaction("this stands inside transaction()")
    return session


def flushing() -> bool:
    """Return whether a session is writing its rows at this moment."""
    return _is_flushing.get()


@contextmanager
def transaction() -> Iterator[Session]:
    """Open the database to write, and commit once at the end; on any refusal nothing is kept.

    What was read before is forgotten, so that the block decides by what is true under its lock. Never nests.
    Raises Busy where the turn to write does not come, Stale where a version has moved on.
    """
    kept: list[Callable[[], None]] = []
    try:
        with _one_transaction(kept) as session:
            yield session
    except DomainError:
        if kept:
            with _one_transaction([]):
                for write in kept:
                    write()
        raise


def keep_though_refused(write: Callable[[], None]) -> None:
    """Let `write` run in a transaction of its own where this one is refused: a wrong password counts all the same."""
    writer().info[_REFUSED].append(write)


@contextmanager
def _one_transaction(kept: list[Callable[[], None]]) -> Iterator[Session]:
    session: Session = db.session()
    _refuse_to_nest()
    if _has_changes(session):
        raise WriteOutsideTransaction("rows were changed before transaction() opened")
    session.rollback()
    session.expire_all()
    with write_queue(db.engine), _as_writer(session):
        try:
            session.info[_REFUSED] = kept
            session.connection(execution_options={WRITES: True})
            opened = session.get_transaction()
            yield session
            if session.get_transaction() is not opened:
                raise ProgrammingMistake("a service ended the transaction that it was called in")
            session.flush()
            for hook in before_commit:
                hook(session)
            if _has_changes(session):
                raise ProgrammingMistake("a hook changed rows after the last flush")
            session.info["is_committing"] = True
            session.commit()
        except StaleDataError as error:
            raise stale() from error
        except (OperationalError, NoConnectionFree) as error:
            if _is_lock(error):
                raise busy() from error
            raise
        finally:
            session.rollback()
            session.info.clear()


@contextmanager
def side_transaction() -> Iterator[Connection]:
    """Open a connection of its own to write one record beside a page's reads, and commit it.

    Only the kernel calls it: nothing that the page has loaded expires, and no request starves another of a connection.
    """
    _refuse_to_nest()
    engine: Engine = current_app.extensions["clinic_side_engine"]
    with (
        write_queue(engine),
        engine.connect().execution_options(**{WRITES: True}) as connection,
        _as_writer(connection),
    ):
        try:
            yield connection
            connection.commit()
        except (OperationalError, NoConnectionFree) as error:
            if _is_lock(error):
                raise busy() from error
            raise


def _has_changes(session: Session) -> bool:
    return bool(session.new or session.deleted) or any(session.is_modified(row) for row in session.dirty)


def _refuse_to_nest() -> None:
    if writing():
        raise NestedTransaction("transaction() never nests: only the edge commits")


@contextmanager
def _as_writer(owner: Session | Connection) -> Iterator[None]:
    token = _writer.set(owner)
    try:
        yield
    finally:
        _writer.reset(token)


def _is_lock(error: OperationalError | NoConnectionFree) -> bool:
    """Return whether a lock, not the statement, was the trouble: the act may be tried again as it stands."""
    cause = getattr(error, "orig", None)
    name = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or ""
    return isinstance(error, NoConnectionFree) or name.startswith("SQLITE_BUSY") or name in {"55P03", "40P01", "40001"}

"""Work that outlives a request: a row written with the act that needs it, done afterwards by a worker.

A worker claims a job for a while, does it outside any transaction, and says so. One that is killed leaves a claim that
runs out, and the next worker does the job again: so a job is written to be resumed, each of its own transactions
deciding anew by what is true under its lock.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Event, Thread

from flask import Flask
from sqlalchemy import Index, String, Text, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, mapped_column

from clinic.kernel.audit import acting_as, actor_id
from clinic.kernel.clock import now
from clinic.kernel.db import Base, Coded, Instant, db, transaction, writer
from clinic.kernel.errors import DomainError, ProgrammingMistake

MOST_TRIES = 8
CLAIM = timedelta(minutes=2)
FIRST_WAIT = timedelta(seconds=5)
MOST_WAIT = timedelta(minutes=15)
LOOK_EVERY_S = 1.0

Run = Callable[[str], None]

_log = logging.getLogger(__name__)
_kinds: dict[str, Run] = {}


class JobState(StrEnum):
    """Whether a job is still to be done, was done, or was given up."""

    WAITING = "WAITING"
    DONE = "DONE"
    FAILED = "FAILED"


class Job(Base):
    """One thing to do: `asked` counts how often it was asked for, `tries` how often it was begun."""

    __tablename__ = "job"
    __table_args__ = (
        Index(
            "uq_job_waiting",
            "kind",
            "key",
            unique=True,
            sqlite_where=text("state = 'WAITING'"),
            postgresql_where=text("state = 'WAITING'"),
        ),
        Index("ix_job_state_not_before", "state", "not_before"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(64))
    state: Mapped[JobState] = mapped_column(Coded(JobState), default=JobState.WAITING)
    asked: Mapped[int] = mapped_column(default=1)
    tries: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime] = mapped_column(Instant)
    error: Mapped[str] = mapped_column(Text, default="")
    actor_id: Mapped[int | None]
    enqueued_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A job that this worker does now."""

    id: int
    kind: str
    key: str
    asked: int
    tries: int
    actor_id: int | None


def job(kind: str) -> Callable[[Run], Run]:
    """Register what does the jobs of `kind`: called with the job's key, outside a transaction, to be resumable."""

    def register(run: Run) -> Run:
        if _kinds.setdefault(kind, run) is not run:
            raise ProgrammingMistake(f"two do the job {kind}")
        return run

    return register


def enqueue(kind: str, key: str) -> None:
    """Ask for a job, with the act that needs it; it is done as whoever acts now.

    One that waits already is not asked for twice; one that is being done at this moment will be done once more.
    """
    if kind not in _kinds:
        raise ProgrammingMistake(f"nobody does the job {kind}")
    session = writer()
    waiting = session.scalar(
        select(Job).where(Job.kind == kind, Job.key == key, Job.state == JobState.WAITING).with_for_update()
    )
    if waiting is not None:
        waiting.asked += 1
    else:
        at = now()
        session.add(Job(kind=kind, key=key, not_before=at, enqueued_at=at, actor_id=actor_id()))
    session.flush()


def work_off(limit: int | None = None) -> int:
    """Do what is due, the longest-waiting first, at most `limit` jobs; return how many were begun."""
    begun = 0
    while (limit is None or begun < limit) and (claim := _claim()):
        begun += 1
        _do(claim)
    return begun


def work(app: Flask, stop: Event) -> None:
    """Do what is due, as it falls due, until `stop` is set; the job in hand is finished first."""
    while not stop.is_set():
        with app.app_context():
            try:
                while not stop.is_set() and work_off(limit=1):
                    pass
            except (DBAPIError, DomainError):
                _log.exception("the database does not answer the worker")
        stop.wait(LOOK_EVERY_S)


@contextmanager
def worker(app: Flask) -> Iterator[None]:
    """Work in a thread of this process inside the block: for a demo, or a clinic with one small machine."""
    stop = Event()
    thread = Thread(target=work, args=(app, stop), name="jobs", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=10)


def _claim() -> Claim | None:
    """Take the next due job for a while, so that no other worker begins it; None where nothing is due."""
    due = (
        select(Job.id)
        .where(Job.state == JobState.WAITING, Job.not_before <= now(), Job.kind.in_(_kinds))
        .order_by(Job.not_before, Job.id)
        .limit(1)
    )
    is_due = db.session.scalar(due) is not None  # looked at without the turn to write: mostly there is nothing to do
    db.session.rollback()
    if not is_due:
        return None
    with transaction() as session:
        taken = session.scalar(select(Job).where(Job.id.in_(due)).with_for_update(skip_locked=True))
        if taken is None:
            return None
        taken.tries += 1
        taken.not_before = now() + CLAIM
        session.flush()
        return Claim(
            id=taken.id,
            kind=taken.kind,
            key=taken.key,
            asked=taken.asked,
            tries=taken.tries,
            actor_id=taken.actor_id,
        )


def _do(claim: Claim) -> None:
    try:
        with acting_as(claim.actor_id) if claim.actor_id is not None else nullcontext():
            _kinds[claim.kind](claim.key)
    except Exception as error:  # noqa: BLE001 - whatever befell one job, the others are done; it is kept and logged
        _log.warning("job %s %s, try %s", claim.kind, claim.id, claim.tries, exc_info=error)
        _failed(claim, f"{type(error).__name__}: {error}")
    else:
        _done(claim)


def _done(claim: Claim) -> None:
    with transaction() as session:
        mine = session.get_one(Job, claim.id, with_for_update=True)
        mine.error = ""
        if mine.asked == claim.asked:
            mine.state, mine.ended_at = JobState.DONE, now()
        else:
            mine.tries, mine.not_before = 0, now()


def _failed(claim: Claim, error: str) -> None:
    with transaction() as session:
        mine = session.get_one(Job, claim.id, with_for_update=True)
        mine.error = error
        if claim.tries >= MOST_TRIES:
            mine.state, mine.ended_at = JobState.FAILED, now()
        else:
            mine.not_before = now() + min(FIRST_WAIT * 2 ** (claim.tries - 1), MOST_WAIT)

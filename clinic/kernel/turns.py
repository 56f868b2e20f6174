"""Writers before one SQLite file take turns: first come, first served in a process, then a file lock across processes.

SQLite itself lets one writer in and makes the others poll, which is neither fair nor quick. Nothing here decides what
is true: `BEGIN IMMEDIATE` does. PostgreSQL needs no turns.
"""

import fcntl
import os
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from time import monotonic

from sqlalchemy import Engine

from clinic.kernel.errors import Busy

LIMIT_S = 5.0

_turns: dict[str, "Turns"] = {}
os.register_at_fork(after_in_child=_turns.clear)


def write_queue(engine: Engine, limit_s: float = LIMIT_S) -> AbstractContextManager[None]:
    """Hold the turn to write to `engine`'s database inside the block; raises Busy after `limit_s` seconds in line."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return nullcontext()
    path = os.path.realpath(engine.url.database)
    return _turns.setdefault(path, Turns(f"{path}-turn")).turn(limit_s)


def busy() -> Busy:
    """Return the refusal of one who waited in vain."""
    return Busy("Not saved: others are saving at this moment. Nothing you typed is lost; save again.")


@dataclass
class _Grab:
    """A thread that waits for the file lock on behalf of whoever is first in line."""

    descriptor: int
    is_wanted: bool = True
    is_done: Event = field(default_factory=Event)


class Turns:
    """The writers of one process before one lock file.

    The kernel frees the file lock of a process that is killed. A holder that is alive but stopped makes the others
    Busy, each within the limit; one thread goes on waiting for the lock, and the next in line takes it over.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._mutex = Lock()
        self._is_taken = False
        self._waiting: deque[Lock] = deque()
        self._grab: _Grab | None = None

    @contextmanager
    def turn(self, limit_s: float) -> Iterator[None]:
        """Wait in line, then for the file, `limit_s` seconds in all."""
        deadline = monotonic() + limit_s
        self._step_up(limit_s)
        try:
            descriptor = self._lock_file(max(0.0, deadline - monotonic()))
            try:
                yield
            finally:
                os.close(descriptor)
        finally:
            self._step_down()

    def _step_up(self, limit_s: float) -> None:
        with self._mutex:
            if not self._is_taken:
                self._is_taken = True
                return
            mine = Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=limit_s):
            return
        with self._mutex:
            if mine in self._waiting:
                self._waiting.remove(mine)
                raise busy()

    def _step_down(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False

    def _lock_file(self, limit_s: float) -> int:
        with self._mutex:
            grab = self._grab
            if grab is not None:
                grab.is_wanted = True
        if grab is None:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                grab = self._grab = _Grab(descriptor)
                Thread(target=self._wait_for_file, args=(grab,), daemon=True, name="write-turn").start()
            else:
                return descriptor
        grab.is_done.wait(limit_s)
        with self._mutex:
            if not grab.is_done.is_set():
                grab.is_wanted = False
                raise busy()
            self._grab = None
        return grab.descriptor

    def _wait_for_file(self, grab: _Grab) -> None:
        fcntl.flock(grab.descriptor, fcntl.LOCK_EX)
        with self._mutex:
            if grab.is_wanted:
                grab.is_done.set()
            else:
                self._grab = None
                os.close(grab.descriptor)

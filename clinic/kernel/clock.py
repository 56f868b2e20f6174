"""The only source of time: instants in UTC, days in the clinic's zone."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Istanbul")

_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)
_offset = timedelta(0)


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC) + _offset  # noqa: TID251 - this is the one place that asks the machine


def today() -> date:
    """Return the present day in the clinic's zone."""
    return local(now()).date()


def local(instant: datetime) -> datetime:
    """Return `instant` as the clinic's wall clock shows it."""
    return instant.astimezone(ZONE)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """Return the UTC instant of a wall-clock time in the clinic's zone."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def start_at(instant: datetime) -> None:
    """Let the whole process's clock run on from `instant`: a demo clinic has an evening of its own."""
    global _offset  # noqa: PLW0603 - one clock a process, set once by the composition root
    _offset = instant - datetime.now(UTC)  # noqa: TID251


@contextmanager
def frozen(instant: datetime) -> Iterator[None]:
    """Hold the clock still at `instant` inside the block."""
    token = _frozen.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)

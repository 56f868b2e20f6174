"""What the evening comes to: pace, how many can still be seen, and whether a service is full.

Everything is reckoned from what happened tonight; what tonight does not show yet is None, never a guess.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median, quantiles

PACE_OF_LAST = 8
FEWEST_FOR_PACE = 3
FEWEST_FOR_BAND = 4
NEARLY_FULL_FROM = 0.85
# Sphere Handbook 2018, health systems standard 1.1: fewer than 50 consultations per clinician and day.
SPHERE_CEILING = 50
WAIT_EDGES_MIN = (0, 10, 20, 30, 40, 50, 60)
LONG_WAIT_MIN = 40


class Outlook(StrEnum):
    """How a service stands against closing time."""

    IDLE = "IDLE"
    IN_TIME = "IN_TIME"
    NEARLY_FULL = "NEARLY_FULL"
    OVER = "OVER"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, kw_only=True)
class Stay:
    """One person's place at a service: from the queue to the doctor, done or gone."""

    queued_at: datetime
    called_at: datetime | None = None
    ended_at: datetime | None = None
    was_seen: bool = False
    has_left: bool = False
    calls: int = 0

    @property
    def is_waiting(self) -> bool:
        """Whether the person still waits to be called."""
        return self.called_at is None and self.ended_at is None

    @property
    def is_with_doctor(self) -> bool:
        """Whether the person was called and is not done."""
        return self.called_at is not None and self.ended_at is None


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """How many of a service's people can be seen by closing, with its band; None where there is no pace yet."""

    pace_min: float | None
    can_finish: int | None
    at_least: int | None
    at_most: int | None


def pace(stays: Sequence[Stay]) -> list[float]:
    """Return the minutes that each of the last people seen took, oldest first."""
    seen = sorted(
        (stay for stay in stays if stay.was_seen and stay.called_at), key=lambda stay: stay.ended_at or stay.queued_at
    )
    return [_minutes(stay.called_at, stay.ended_at) for stay in seen[-PACE_OF_LAST:]]


def forecast(stays: Sequence[Stay], left: timedelta) -> Forecast:
    """Return how many more people a service sees in the time that is left, at its own pace tonight."""
    minutes = pace(stays)
    if len(minutes) < FEWEST_FOR_PACE:
        return Forecast(pace_min=None, can_finish=None, at_least=None, at_most=None)
    usual = median(minutes)
    quick, slow = usual, usual
    if len(minutes) >= FEWEST_FOR_BAND:
        quick, _, slow = quantiles(minutes, n=4)
    return Forecast(
        pace_min=usual,
        can_finish=_how_many(left, usual),
        at_least=_how_many(left, slow),
        at_most=_how_many(left, quick),
    )


def outlook(waiting: int, can_finish: int | None) -> Outlook:
    """Return how a service with so many waiting stands."""
    if not waiting:
        return Outlook.IDLE
    if can_finish is None:
        return Outlook.UNKNOWN
    if waiting > can_finish:
        return Outlook.OVER
    return Outlook.NEARLY_FULL if waiting >= can_finish * NEARLY_FULL_FROM else Outlook.IN_TIME


def queue_steps(stays: Sequence[Stay]) -> list[tuple[datetime, int]]:
    """Return how long the queue was, from each change of it to the next."""
    changes: dict[datetime, int] = {}
    for stay in stays:
        changes[stay.queued_at] = changes.get(stay.queued_at, 0) + 1
        gone_at = stay.called_at or stay.ended_at
        if gone_at is not None:
            changes[gone_at] = changes.get(gone_at, 0) - 1
    steps, length = [], 0
    for at in sorted(changes):
        length += changes[at]
        steps.append((at, length))
    return steps


def waits(stays: Sequence[Stay]) -> list[float]:
    """Return the minutes from the queue to the doctor of everybody who was called."""
    return [_minutes(stay.queued_at, stay.called_at) for stay in stays if stay.called_at is not None]


def wait_counts(minutes: Sequence[float]) -> list[int]:
    """Return how many waits fall between each two edges; the last holds all that were longer."""
    counts = [0] * (len(WAIT_EDGES_MIN) - 1)
    for wait in minutes:
        place = max(index for index, edge in enumerate(WAIT_EDGES_MIN) if wait >= edge)
        counts[min(place, len(counts) - 1)] += 1
    return counts


def _how_many(left: timedelta, pace_min: float) -> int:
    minutes = max(0.0, left.total_seconds() / 60)
    return int(minutes // pace_min) if pace_min > 0 else 0


def _minutes(since: datetime | None, until: datetime | None) -> float:
    return max(0.0, (until - since).total_seconds() / 60) if since and until else 0.0

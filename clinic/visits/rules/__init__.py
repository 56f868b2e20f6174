"""The evening's rules: who is next, what a measured value means, what may not be left out. Pure."""

from clinic.visits.rules.kinds import PlaceState, Priority, VisitReason
from clinic.visits.rules.queue import (
    CALLS_BEFORE_LEFT,
    OPEN_STATES,
    AlreadyHere,
    NobodyWaits,
    NotYetLeft,
    PlaceOver,
    Taken,
    VisitOver,
    ensure_may_leave,
    ensure_open,
    ensure_takes,
    most_urgent,
    queue_order,
)

__all__ = [
    "CALLS_BEFORE_LEFT",
    "OPEN_STATES",
    "AlreadyHere",
    "NobodyWaits",
    "NotYetLeft",
    "PlaceOver",
    "PlaceState",
    "Priority",
    "Taken",
    "VisitOver",
    "VisitReason",
    "ensure_may_leave",
    "ensure_open",
    "ensure_takes",
    "most_urgent",
    "queue_order",
]

"""Places in a queue: who is next, who may be called, and when somebody has left."""

from collections.abc import Iterable
from datetime import datetime

from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_
from clinic.visits.rules.kinds import PlaceState, Priority

OPEN_STATES = (PlaceState.WAITING, PlaceState.CALLED, PlaceState.IN_ROOM)
CALLS_BEFORE_LEFT = 3

_BY_URGENCY = tuple(Priority)


class AlreadyHere(DomainError):
    """The person has a visit tonight that is not over; its number and its key are among the values."""

    code = "already_here"


class RoomClosed(DomainError):
    """The administrator has closed the room; who waits there is still served."""

    code = "room_closed"


class VisitOver(DomainError):
    """The visit ended on an earlier evening, or the person has begun another."""

    code = "visit_over"


class PlaceOver(DomainError):
    """Nobody waits at this place any more: it is done, left or not needed."""

    code = "place_over"


class Taken(DomainError):
    """A colleague has called this person, or has them in the room."""

    code = "taken"


class NobodyWaits(DomainError):
    """There is nobody to be called."""

    code = "nobody_waits"


class NotYetLeft(DomainError):
    """The person has not been called often enough to be written down as gone."""

    code = "not_yet_left"


def queue_order(priority: Priority, *, is_returning: bool, queued_at: datetime, number: int) -> tuple[object, ...]:
    """Return what a queue is sorted by: emergency, then priority, then back from the laboratory, then by arrival."""
    return _BY_URGENCY.index(priority), not is_returning, queued_at, number


def most_urgent(priorities: Iterable[Priority]) -> Priority:
    """Return the most urgent of these, ROUTINE where there is none."""
    return min((*priorities, Priority.ROUTINE), key=_BY_URGENCY.index)


def ensure_open(state: PlaceState, number: int) -> None:
    """Refuse to go on with a place at which nobody waits any more."""
    if state not in OPEN_STATES:
        raise PlaceOver(N_("No. %(number)s does not wait here any more."), number=number)


def ensure_takes(state: PlaceState, *, is_mine: bool, number: int, name: str, at: datetime | None) -> None:
    """Refuse one who reaches for a person whom a colleague took first; say who, and when.

    `is_mine` tells whether it is the caller who called last; `name` and `at` are of whoever did.
    """
    ensure_open(state, number)
    if state is not PlaceState.WAITING and not is_mine:
        raise Taken(N_("No. %(number)s went to %(name)s at %(at)s."), number=number, name=name, at=at)


def ensure_may_leave(calls: int, number: int) -> None:
    """Refuse to write down as gone a person who was not called three times."""
    if calls < CALLS_BEFORE_LEFT:
        raise NotYetLeft(
            N_("Calls for no. %(number)s so far: %(calls)s. After %(needed)s you can note that the person left."),
            number=number,
            calls=calls,
            needed=CALLS_BEFORE_LEFT,
        )

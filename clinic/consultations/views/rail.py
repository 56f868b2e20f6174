"""The queue at the side of every page of the desk: who waits, how long, and the queues that a doctor may open."""

from dataclasses import dataclass
from datetime import timedelta

from flask import request, url_for

from clinic.kernel import clock, i18n
from clinic.kernel.access import Scope
from clinic.kernel.errors import NotFound
from clinic.kernel.i18n import _, ngettext
from clinic.kernel.text import N_
from clinic.lab.queries import Unread, count_unread
from clinic.patients.words import age_words, short_name
from clinic.specialties.queries import Desk, list_desks
from clinic.visits.queries import PlaceRow, board
from clinic.visits.rules import PlaceState, Priority

Flag = tuple[str, str, str]


@dataclass(frozen=True)
class RailPlace:
    """One person in the queue: a number, a short name, one line, and at most one flag (words, state, symbol)."""

    number: int
    name: str
    line: str
    flag: Flag | None
    href: str
    is_mine: bool
    is_here: bool


@dataclass(frozen=True)
class Rail:
    """The queue of one specialty as its doctors see it."""

    desks: list[Desk]
    open_desk: Desk
    places: list[RailPlace]
    waiting: int
    longest: timedelta | None
    unread: Unread

    @property
    def with_me(self) -> RailPlace | None:
        """Whom this doctor has called, if anybody."""
        return next((place for place in self.places if place.is_mine), None)

    @property
    def can_call(self) -> bool:
        """Whether anybody waits who could be called."""
        return self.waiting > 0

    @property
    def summary(self) -> str:
        """How many wait, and how long the longest."""
        if self.longest is None:
            return _("Nobody waits.")
        waiting = ngettext("%(num)s waits", "%(num)s wait", self.waiting)
        return _("%(waiting)s · longest %(duration)s", waiting=waiting, duration=i18n.duration(self.longest))


def read_rail(scope: Scope, *, point_id: int | None = None, here: str = "", unread: Unread | None = None) -> Rail:
    """Return the queue of a point, or that which the address asks for (`at`), or the usual one.

    Two statements, and one for the results to read where `unread` is not known.
    """
    desks = list_desks(scope)
    chosen = _chosen(desks, request.values.get("at", ""), point_id)
    rows = board(scope, chosen.point_id)
    waiting = [row.queued_at for row in rows if row.state is PlaceState.WAITING]
    return Rail(
        desks=desks,
        open_desk=chosen,
        places=[_place(row, scope, here, is_cover=not chosen.is_practised) for row in rows],
        waiting=len(waiting),
        longest=clock.now() - min(waiting) if waiting else None,
        unread=unread or count_unread(scope),
    )


def _chosen(desks: list[Desk], asked: str, point_id: int | None) -> Desk:
    usual = sorted(desks, key=lambda desk: (not desk.is_usual, not desk.is_practised))
    wanted = [desk for desk in usual if desk.point_id == point_id or (point_id is None and desk.point_key == asked)]
    if not usual:
        raise NotFound(N_("No specialty is practised at this site yet."))
    return (wanted or usual)[0]


def _place(row: PlaceRow, scope: Scope, here: str, *, is_cover: bool) -> RailPlace:
    """Return a place as the rail shows it; where the doctor only covers, the chart opens with the call."""
    is_mine = row.served_by_id == scope.user_id and row.state is not PlaceState.WAITING
    return RailPlace(
        number=row.number,
        name=short_name(
            given_latin=row.given_latin, family_latin=row.family_latin, given_ar=row.given_ar, family_ar=row.family_ar
        ),
        line=f"{age_words(row.birth)} · {_since(row, is_mine=is_mine)}",
        flag=_flag(row),
        href=(
            url_for("consultations.place", place_key=row.key)
            if is_cover and not is_mine
            else url_for("consultations.desk", visit_key=row.visit_key)
        ),
        is_mine=is_mine,
        is_here=row.visit_key == here,
    )


def _since(row: PlaceRow, *, is_mine: bool) -> str:
    at = i18n.clock_time(row.called_at) if row.called_at else ""
    if row.state is PlaceState.WAITING:
        return i18n.duration(clock.now() - row.queued_at)
    if row.state is PlaceState.CALLED:
        return _("called %(time)s", time=at)
    if is_mine:
        return _("with you since %(time)s", time=at)
    return _("with %(name)s", name=row.served_by)


def _flag(row: PlaceRow) -> Flag | None:
    if row.priority is Priority.EMERGENCY:
        return _("Emergency"), "stop", "exclamation-triangle"
    if row.is_elsewhere and row.state is PlaceState.WAITING:
        return _("At another desk now"), "", "people"
    if row.priority is Priority.PRIORITY:
        return _("Priority"), "look", "exclamation-triangle"
    if row.is_returning:
        return _("Back again"), "", "arrow-repeat"
    if not row.is_measured and row.state is PlaceState.WAITING:
        return _("not measured"), "quiet", "clock"
    return None

"""The queue: a visit begins, waits, is called, served and over.

Every act holds its visit first (FOR UPDATE where the engine has it), so that of two who reach for one person the
second decides by what the first has done.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from clinic.auth.models import User
from clinic.kernel.access import Scope
from clinic.kernel.clock import now, today
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.numbering import next_number
from clinic.kernel.text import N_
from clinic.patients.models import Patient
from clinic.patients.queries import chart_ids
from clinic.sites.models import ServicePoint
from clinic.sites.queries import list_points
from clinic.sites.rules import PointKind
from clinic.visits.models import QueuePlace, Visit
from clinic.visits.queries import board
from clinic.visits.rules import (
    OPEN_STATES,
    AlreadyHere,
    NobodyWaits,
    PlaceOver,
    PlaceState,
    Priority,
    RoomClosed,
    Taken,
    VisitOver,
    VisitReason,
    ensure_may_leave,
    ensure_open,
    ensure_takes,
    most_urgent,
)

UNFINISHED = (*OPEN_STATES, PlaceState.AWAY)
_AFRESH: dict[str, Any] = {"execution_options": {"populate_existing": True}}


def check_in(
    scope: Scope,
    *,
    patient_id: int,
    point_id: int,
    reason: VisitReason | str,
    priority: Priority = Priority.ROUTINE,
) -> int:
    """Begin a person's visit at a service point, give it tonight's next number, and return its id.

    One who comes for a specialty stands in the queue of triage too. A visit that an earlier evening left open ends
    first. Raises NotFound, AlreadyHere.
    """
    point = _get_point(scope, point_id)
    patient = _hold_patient(scope, patient_id)
    _end_forgotten(scope, patient.id)
    visit = Visit(
        site_id=scope.site_id,
        patient_id=patient.id,
        day=today(),
        number=next_number(f"visit:{scope.site_id}:{today():%Y-%m-%d}"),
        reason=VisitReason(reason),
        arrived_at=now(),
        checked_in_by_id=scope.user_id,
        language=patient.language,
    )
    db.session.add(visit)
    db.session.flush()
    triage = list_points(scope, PointKind.TRIAGE)[:1] if point.kind is PointKind.SPECIALTY else ()
    for stop in (*triage, point):
        _add_place(visit, stop.id, priority)
    db.session.flush()
    return visit.id


def open_place(
    scope: Scope, visit_id: int, point_id: int, *, priority: Priority | None = None, is_returning: bool = False
) -> int:
    """Let a visit wait at one more service point and return the place's id; a place that is not over there stays.

    One who was sent away from there comes back by what the laboratory brings. Without `priority` the place is as urgent
    as the visit's most urgent one. A visit that ended this evening goes on.
    Raises NotFound, VisitOver.
    """
    point = _get_point(scope, point_id)
    visit, places = hold_visit(scope, Visit.id == visit_id)
    _take_up_again(scope, visit)
    for place in places:
        if place.service_point_id == point.id and place.state in UNFINISHED:
            place.is_returning = place.is_returning or is_returning
            place.priority = most_urgent((place.priority, priority or place.priority))
            db.session.flush()
            return place.id
    opened = _add_place(
        visit, point.id, priority or most_urgent(place.priority for place in places), is_returning=is_returning
    )
    db.session.flush()
    return opened.id


def call(scope: Scope, place: str | int) -> int:
    """Call the person who waits at `place` (its key or id) to the caller's desk, or once more; return the place's id.

    Raises NotFound, PlaceOver, and Taken where a colleague was first.
    """
    visit, chosen, _ = hold_place(scope, place)
    ensure_free(scope, visit, chosen)
    if chosen.state is not PlaceState.IN_ROOM:
        chosen.state = PlaceState.CALLED
    chosen.called_at, chosen.calls, chosen.served_by_id = now(), chosen.calls + 1, scope.user_id
    db.session.flush()
    return chosen.id


def call_next(scope: Scope, point_id: int) -> str:
    """Call whoever is next at a service point and is at no other desk; return the place's key.

    One whom a colleague calls at the same moment is passed over, and one who comes back to a colleague.
    Raises NobodyWaits.
    """
    for row in board(scope, point_id):
        comes_back_to_another = row.is_returning and row.served_by_id not in (None, scope.user_id)
        if row.state is not PlaceState.WAITING or row.is_elsewhere or comes_back_to_another:
            continue
        try:
            call(scope, row.id)
        except (Taken, PlaceOver):
            continue
        return row.key
    raise NobodyWaits(N_("Nobody waits here whom you could call."))


def start(scope: Scope, place: str | int) -> int:
    """Note that the person of `place` is in the room with the caller, called or not; return the place's id.

    Raises NotFound, PlaceOver, Taken.
    """
    visit, chosen, _ = hold_place(scope, place)
    ensure_free(scope, visit, chosen)
    chosen.state, chosen.served_by_id = PlaceState.IN_ROOM, scope.user_id
    chosen.called_at = chosen.called_at or now()
    db.session.flush()
    return chosen.id


def put_back(scope: Scope, place: str | int) -> int:
    """Let the person of `place` wait again, whoever called them, the calls still counted; return the place's id.

    One who was noted as gone and comes back the same evening waits from where they stood. Raises NotFound, PlaceOver,
    VisitOver.
    """
    visit, chosen, _ = hold_place(scope, place)
    if chosen.state is PlaceState.LEFT:
        _take_up_again(scope, visit)
    else:
        ensure_open(chosen.state, visit.number)
    chosen.state, chosen.served_by_id, chosen.done_at = PlaceState.WAITING, None, None
    db.session.flush()
    return chosen.id


def finish(scope: Scope, place: str | int) -> int:
    """Note that the person of `place` was served by the caller; the visit ends with its last place.

    Raises NotFound, PlaceOver, Taken.
    """
    visit, chosen, places = hold_place(scope, place)
    return serve(scope, visit, chosen, places)


def pass_on(scope: Scope, place: str | int, kind: PointKind) -> int:
    """Note that the person of `place` was served by the caller, and let them wait at the site's first point of a kind.

    One act under one hold; a place that is open there already stays. Return that place's id. Raises NotFound,
    PlaceOver, Taken.
    """
    return _hand_on(scope, place, kind, PlaceState.DONE)


def send_away(scope: Scope, place: str | int, kind: PointKind) -> int:
    """Note that the person of `place` is with the caller and comes back, and let them wait at the point of a kind.

    Return that place's id. Raises NotFound, PlaceOver, Taken.
    """
    return _hand_on(scope, place, kind, PlaceState.AWAY)


def bring_back(scope: Scope, visit_id: int, doctor_id: int) -> list[int]:
    """Let a visit wait again for a doctor who sent it away, before those who come anew; return these places' ids.

    The second wait begins now. Where the person waits at that point already, the place that was left for the laboratory
    is done. Raises NotFound.
    """
    visit, places = hold_visit(scope, Visit.id == visit_id)
    open_at = {each.service_point_id for each in places if each.state in OPEN_STATES}
    back = []
    for each in places:
        if each.state is not PlaceState.AWAY or each.served_by_id != doctor_id:
            continue
        if each.service_point_id in open_at:
            end(visit, each, places, PlaceState.DONE)
            continue
        each.first_queued_at = each.first_queued_at or each.queued_at
        each.first_called_at = each.first_called_at or each.called_at
        each.state, each.is_returning, each.queued_at = PlaceState.WAITING, True, now()
        each.called_at, each.calls = None, 0
        back.append(each.id)
    db.session.flush()
    return back


def end_away(scope: Scope, visit_id: int, *, has_left: bool = False) -> None:
    """Note that the caller, who sent a visit away, has no need to see it again, also where it is back and waits.

    Nothing where nobody was sent away.
    """
    visit, places = hold_visit(scope, Visit.id == visit_id)
    for place in places:
        is_back = place.state is PlaceState.WAITING and place.is_returning
        if (is_back or place.state is PlaceState.AWAY) and place.served_by_id == scope.user_id:
            end(visit, place, places, PlaceState.LEFT if has_left else PlaceState.DONE)


def _hand_on(scope: Scope, place: str | int, kind: PointKind, state: PlaceState) -> int:
    visit = _hold(scope, Visit.id.in_(select(QueuePlace.visit_id).where(_names(place))))
    first = select(ServicePoint.id).where(ServicePoint.site_id == scope.site_id, ServicePoint.kind == kind)
    first = first.order_by(ServicePoint.position, ServicePoint.id).limit(1)
    rows = db.session.execute(_places_of(visit).add_columns(first.scalar_subquery()), **_AFRESH).all()
    places, point_id = [row[0] for row in rows], rows[0][1]
    if point_id is None:
        raise NotFound(N_("There is no such room at this site."))
    chosen = next(each for each in places if place in (each.key, each.id))
    ensure_free(scope, visit, chosen)
    chosen.called_at = chosen.called_at or now()
    chosen.served_by_id = scope.user_id
    chosen.state, chosen.done_at = state, now() if state is PlaceState.DONE else None
    waiting = [each for each in places if each.service_point_id == point_id and each.state in OPEN_STATES]
    opened = waiting[0] if waiting else _add_place(visit, point_id, most_urgent(each.priority for each in places))
    db.session.flush()
    return opened.id


def leave(scope: Scope, place: str | int, *, has_said_so: bool = False) -> int:
    """Note that the person of `place` left before being seen: called three times, or having said so.

    Triage alone is no reason to stay: it is not needed any more. Raises NotFound, PlaceOver, NotYetLeft.
    """
    visit, chosen, places = hold_place(scope, place)
    ensure_open(chosen.state, visit.number)
    if not has_said_so:
        ensure_may_leave(chosen.calls, visit.number)
    rest = [other for other in places if other is not chosen and other.state in UNFINISHED]
    triage = {point.id for point in list_points(scope, PointKind.TRIAGE)}
    if all(other.service_point_id in triage for other in rest):
        for other in rest:
            other.state, other.done_at = PlaceState.CANCELLED, now()
    return end(visit, chosen, places, PlaceState.LEFT)


def cancel(scope: Scope, place: str | int) -> int:
    """Note that the person of `place` need not be seen there after all; return the place's id.

    Raises NotFound, PlaceOver.
    """
    visit, chosen, places = hold_place(scope, place)
    ensure_open(chosen.state, visit.number)
    return end(visit, chosen, places, PlaceState.CANCELLED)


def set_priority(scope: Scope, visit_id: int, priority: Priority) -> None:
    """Let a visit be as urgent as the nurse or doctor decides, in every queue where it stands and will stand.

    Raises NotFound.
    """
    _, places = hold_visit(scope, Visit.id == visit_id)
    make_urgent(places, priority)
    db.session.flush()


def make_urgent(places: Iterable[QueuePlace], priority: Priority) -> None:
    """Let the places that are held and not over be as urgent as is decided."""
    for place in places:
        if place.state in UNFINISHED:
            place.priority = Priority(priority)


def _get_point(scope: Scope, point_id: int) -> ServicePoint:
    point = db.session.get(ServicePoint, point_id)
    if point is None or point.site_id != scope.site_id:
        raise NotFound(N_("There is no such room at this site."))
    if not point.is_open:
        raise RoomClosed(N_("That room takes nobody new. Choose another."), field="point")
    return point


def _hold_patient(scope: Scope, patient_id: int) -> Patient:
    """Return the person, the survivor of a merge, held against a second check-in at the same moment."""
    survivor_id, *_ = chart_ids(scope, patient_id)
    return db.session.get_one(Patient, survivor_id, with_for_update={"key_share": True})


def _end_forgotten(scope: Scope, patient_id: int) -> None:
    """End a visit that an earlier evening left open; refuse where tonight's is not over.

    Whoever was in the room or sent to the laboratory then was seen; all others left.
    """
    chosen = Visit.patient_id.in_(chart_ids(scope, patient_id)) & Visit.closed_at.is_(None)
    if db.session.scalar(select(Visit.id).where(Visit.site_id == scope.site_id, chosen)) is None:
        return
    visit, places = hold_visit(scope, chosen)
    if visit.day == today():
        raise AlreadyHere(
            N_("This person is checked in tonight already, as no. %(number)s."), number=visit.number, visit=visit.key
        )
    for place in places:
        if place.state in UNFINISHED:
            was_seen = place.state in {PlaceState.IN_ROOM, PlaceState.AWAY}
            place.state, place.done_at = PlaceState.DONE if was_seen else PlaceState.LEFT, now()
    visit.closed_at = now()
    db.session.flush()


def _take_up_again(scope: Scope, visit: Visit) -> None:
    """Let a visit that ended this evening go on."""
    if visit.closed_at is None:
        return
    other = select(Visit.id).where(
        Visit.patient_id.in_(chart_ids(scope, visit.patient_id)),
        Visit.site_id == scope.site_id,
        Visit.closed_at.is_(None),
    )
    if visit.day != today() or db.session.scalar(other) is not None:
        raise VisitOver(N_("That visit, no. %(number)s, is over. Check the person in anew."), number=visit.number)
    visit.closed_at = None


def _add_place(visit: Visit, point_id: int, priority: Priority, *, is_returning: bool = False) -> QueuePlace:
    place = QueuePlace(
        visit_id=visit.id,
        service_point_id=point_id,
        state=PlaceState.WAITING,
        priority=Priority(priority),
        is_returning=is_returning,
        queued_at=now(),
    )
    db.session.add(place)
    return place


def hold_visit(scope: Scope, which: ColumnElement[bool]) -> tuple[Visit, list[QueuePlace]]:
    """Return a visit of the site, held, and its places as they are once it is held."""
    visit = _hold(scope, which)
    return visit, list(db.session.scalars(_places_of(visit), **_AFRESH))


def _hold(scope: Scope, which: ColumnElement[bool]) -> Visit:
    visit: Visit | None = db.session.scalar(
        select(Visit).where(Visit.site_id == scope.site_id, which).with_for_update(key_share=True), **_AFRESH
    )
    if visit is None:
        raise NotFound(N_("There is no such visit here."))
    return visit


def _places_of(visit: Visit) -> Select[QueuePlace]:
    return select(QueuePlace).where(QueuePlace.visit_id == visit.id).order_by(QueuePlace.id)


def hold_place(scope: Scope, place: str | int) -> tuple[Visit, QueuePlace, list[QueuePlace]]:
    """Return a place with its visit, held, and with all the visit's places."""
    visit, places = hold_visit(scope, Visit.id.in_(select(QueuePlace.visit_id).where(_names(place))))
    return visit, next(each for each in places if place in (each.key, each.id)), places


def _names(place: str | int) -> ColumnElement[bool]:
    return QueuePlace.key == place if isinstance(place, str) else QueuePlace.id == place


def ensure_free(scope: Scope, visit: Visit, place: QueuePlace) -> None:
    """Refuse a place that is over or a colleague's. Raises PlaceOver, Taken."""
    is_mine = place.served_by_id == scope.user_id
    is_others = place.state in OPEN_STATES and place.state is not PlaceState.WAITING and not is_mine
    name = db.session.scalar(select(User.name_latin).where(User.id == place.served_by_id)) if is_others else ""
    ensure_takes(place.state, is_mine=is_mine, number=visit.number, name=name or "", at=place.called_at)


def serve(scope: Scope, visit: Visit, place: QueuePlace, places: Iterable[QueuePlace]) -> int:
    """End a place that is held as served by the caller. Raises PlaceOver, Taken."""
    ensure_free(scope, visit, place)
    place.called_at = place.called_at or now()
    place.served_by_id = scope.user_id
    return end(visit, place, places, PlaceState.DONE)


def end(visit: Visit, place: QueuePlace, places: Iterable[QueuePlace], state: PlaceState) -> int:
    """End a place, and with its last place the visit."""
    place.state, place.done_at = state, now()
    if not any(each.state in UNFINISHED for each in places):
        visit.closed_at = now()
    db.session.flush()
    return place.id

"""What the evening comes to: who waits, at what pace, how many can still be seen, and whether a service is full.

Everything is reckoned from what happened tonight; what tonight does not show yet is None, never a guess.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import sqrt
from statistics import median, quantiles

from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_

PACE_OF_LAST = 8
FEWEST_FOR_PACE = 3
FEWEST_FOR_BAND = 4
# Nobody is seen faster: notes signed one after another at the end of an evening are no pace.
LEAST_PACE_MIN = 1.0
NEARLY_FULL_FROM = 0.85
ABSENT_AFTER = timedelta(minutes=30)
ARRIVALS_OF = timedelta(minutes=60)
FEWEST_FOR_ARRIVALS = timedelta(minutes=15)
DRAWN_EVERY = timedelta(minutes=10)
# Sphere Handbook 2018, health systems standard 1.1: fewer than 50 consultations per clinician and day.
SPHERE_CEILING = 50
WAIT_EDGES_MIN = (0, 10, 20, 30, 40, 50, 60)
LONG_WAIT_MIN = 40
# Whoever is still at work before five in the morning is at work on the evening before.
NIGHT = timedelta(hours=5)
LEAST_REASON = 10


class CannotClose(DomainError):
    """The evening has not begun or is closed already, or something is left open without a reason."""

    code = "cannot_close"


class Outlook(StrEnum):
    """How a service stands against closing time; DESERTED where people wait and no doctor calls anybody."""

    IDLE = "IDLE"
    IN_TIME = "IN_TIME"
    NEARLY_FULL = "NEARLY_FULL"
    OVER = "OVER"
    DESERTED = "DESERTED"
    UNKNOWN = "UNKNOWN"


class Where(StrEnum):
    """Where one visit stands with the doctors."""

    INSIDE = "INSIDE"
    WAITING = "WAITING"
    AWAY = "AWAY"
    SEEN = "SEEN"
    LEFT = "LEFT"
    NOT_FOR_DOCTORS = "NOT_FOR_DOCTORS"


@dataclass(frozen=True, kw_only=True)
class Stay:
    """One person's place in one queue: waiting, called, done, gone, or away at the laboratory until the results.

    Of one who is back from there the wait before stands apart, from the queue to the call.
    """

    visit_id: int
    queued_at: datetime
    called_at: datetime | None = None
    ended_at: datetime | None = None
    was_seen: bool = False
    has_left: bool = False
    is_away: bool = False
    is_emergency: bool = False
    calls: int = 0
    server_id: int | None = None
    first_wait: tuple[datetime, datetime] | None = None

    @property
    def came_at(self) -> datetime:
        """When the person first stood here."""
        return self.first_wait[0] if self.first_wait else self.queued_at

    @property
    def is_waiting(self) -> bool:
        """Whether the person still waits to be called."""
        return self.called_at is None and self.ended_at is None and not self.is_away

    @property
    def is_inside(self) -> bool:
        """Whether the person was called and is not done."""
        return self.called_at is not None and self.ended_at is None


@dataclass(frozen=True, kw_only=True)
class Span:
    """A number of people with its band."""

    usual: int
    low: int
    high: int


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """How a service goes on until closing: how many the doctors can finish, and how many of those come to be seen.

    Without a pace yet, or without a doctor at work, neither is known.
    """

    pace_min: float | None
    doctors: frozenset[int]
    can_finish: Span | None
    to_come: Span | None
    outlook: Outlook


def evening_of(local: datetime) -> date:
    """Return the day whose evening a time of the clinic's wall clock is: past midnight, still the day before."""
    return (local - NIGHT).date()


def ensure_may_close(now: datetime, *, opens: datetime, closes: datetime, undecided: int, because: str) -> None:
    """Refuse to close an evening that has not begun, and without a reason one that ends early or with something open.

    Raises CannotClose.
    """
    if now < opens:
        raise CannotClose(N_("This evening has not begun: the clinic opens at %(time)s."), time=opens)
    if len(because) >= LEAST_REASON:
        return
    if undecided:
        raise CannotClose(
            N_("Something is left open. Say why, in at least %(least)s characters."),
            field="because",
            least=LEAST_REASON,
        )
    if now < closes:
        raise CannotClose(
            N_("The clinic is open until %(time)s. Say why the evening ends now, in at least %(least)s characters."),
            field="because",
            time=closes,
            least=LEAST_REASON,
        )


def pace(stays: Iterable[Stay]) -> list[float]:
    """Return the minutes that each of the last eight people seen took, oldest first."""
    seen = sorted((stay.ended_at, _minutes(stay.called_at, stay.ended_at)) for stay in stays if _is_timed(stay))
    return [minutes for _, minutes in seen[-PACE_OF_LAST:]]


def at_work(stays: Iterable[Stay], now: datetime) -> frozenset[int]:
    """Return the doctors at work: with somebody now, or who called or ended somebody within half an hour.

    Where nobody did, the last one is idle, not gone, unless somebody has waited longer than that half hour.
    """
    stays = list(stays)
    last: dict[int, datetime] = {}
    for stay in stays:
        if stay.server_id is not None and stay.called_at is not None:
            act = now if stay.is_inside else stay.ended_at or stay.called_at
            last[stay.server_id] = max(act, last.get(stay.server_id, act))
    recent = frozenset(doctor for doctor, act in last.items() if now - act <= ABSENT_AFTER)
    if recent or not last:
        return recent
    waits_long = any(stay.is_waiting and now - stay.queued_at > ABSENT_AFTER for stay in stays)
    return frozenset() if waits_long else frozenset({max(last, key=lambda doctor: last[doctor])})


def arrivals_to_come(arrived: Iterable[datetime], *, opens: datetime, now: datetime, closes: datetime) -> int:
    """Return how many people still come by closing, at the rate of the last hour, or since opening.

    Nobody is expected in the first quarter of an hour, which says nothing yet, nor before opening or after closing.
    """
    since = max(opens, now - ARRIVALS_OF)
    if now - since < FEWEST_FOR_ARRIVALS or now >= closes:
        return 0
    came = sum(since < at <= now for at in arrived)
    return round(came * ((closes - now) / (now - since)))


def forecast(stays: Sequence[Stay], *, opens: datetime, now: datetime, closes: datetime) -> Forecast:
    """Return how a service goes on until closing, at its own pace tonight and with the doctors now at work.

    `can_finish` is the doctors' time that is left, less what those inside still need, over the median of the last
    eight; its band takes their quartiles. `to_come` adds to those who wait the arrivals of the last hour, with the
    square root of them each way (a Poisson count), and is never more than can be finished.
    """
    minutes, doctors = pace(stays), at_work(stays, now)
    waiting = sum(stay.is_waiting for stay in stays)
    usual = median(minutes) if len(minutes) >= FEWEST_FOR_PACE else 0.0
    if usual < LEAST_PACE_MIN:
        return _without(waiting, None, doctors, now=now, closes=closes)
    if not doctors:
        return _without(waiting, usual, doctors, now=now, closes=closes)
    quick, slow = usual, usual
    if len(minutes) >= FEWEST_FOR_BAND:
        quick, _, slow = quantiles(minutes, n=4)
    inside = [_minutes(stay.called_at, now) for stay in stays if stay.is_inside]
    left = max(timedelta(0), closes - max(now, opens)).total_seconds() / 60 * len(doctors)
    can = Span(
        usual=_how_many(left, usual, inside),
        low=_how_many(left, slow, inside),
        high=_how_many(left, max(quick, LEAST_PACE_MIN), inside),
    )
    come = arrivals_to_come((stay.came_at for stay in stays), opens=opens, now=now, closes=closes)
    give = round(sqrt(come))
    to_come = Span(
        usual=min(can.usual, waiting + come),
        low=min(can.low, waiting + come - give),
        high=min(can.high, waiting + come + give),
    )
    return Forecast(
        pace_min=usual, doctors=doctors, can_finish=can, to_come=to_come, outlook=outlook(waiting, can.usual)
    )


def outlook(waiting: int, can_finish: int | None) -> Outlook:
    """Return how a service with so many waiting stands: nearly full from 85 per cent of what can be finished."""
    if not waiting:
        return Outlook.IDLE
    if can_finish is None:
        return Outlook.UNKNOWN
    if waiting > can_finish:
        return Outlook.OVER
    return Outlook.NEARLY_FULL if waiting >= can_finish * NEARLY_FULL_FROM else Outlook.IN_TIME


def together(parts: Iterable[Span | None], *, already: int) -> Span | None:
    """Return how many will have been seen: those already, and what each service adds; None where none can say."""
    known = [part for part in parts if part is not None]
    if not known:
        return None
    return Span(
        usual=already + sum(part.usual for part in known),
        low=already + sum(part.low for part in known),
        high=already + sum(part.high for part in known),
    )


def shares(forecasts: Iterable[Forecast]) -> dict[int, int | None]:
    """Return how many people each doctor at work still sees; None where one of the doctor's services cannot say.

    Two doctors of one service share its people evenly, the odd one going to the first.
    """
    come: dict[int, int | None] = {}
    for each in forecasts:
        for place, doctor in enumerate(sorted(each.doctors)):
            before = come.get(doctor, 0)
            if each.to_come is None or before is None:
                come[doctor] = None
            else:
                whole, odd = divmod(each.to_come.usual, len(each.doctors))
                come[doctor] = before + whole + (place < odd)
    return come


def expected_loads(signed: Mapping[int, int], coming: Mapping[int, int | None]) -> dict[int, int | None]:
    """Return how many each doctor will have signed by closing; None where nobody can say."""
    return {
        doctor: None if (more := coming.get(doctor, 0)) is None else signed.get(doctor, 0) + more
        for doctor in {**signed, **coming}
    }


def moments(opens: datetime, now: datetime) -> list[datetime]:
    """Return every ten minutes since opening, and now; none before opening."""
    if now < opens:
        return []
    full = [opens + DRAWN_EVERY * step for step in range(int((now - opens) / DRAWN_EVERY) + 1)]
    return [*(full[:-1] if now - full[-1] < timedelta(minutes=1) else full), now]


def queue_lengths(stays: Sequence[Stay], at: Iterable[datetime]) -> list[int]:
    """Return how many waited at each of these moments."""
    waited = [(stay.queued_at, stay.called_at or stay.ended_at) for stay in stays if not stay.is_away]
    waited += [stay.first_wait for stay in stays if stay.first_wait]
    return [sum(since <= moment and (until is None or until > moment) for since, until in waited) for moment in at]


def count_until(happened: Iterable[datetime], at: Iterable[datetime]) -> list[int]:
    """Return how often something had happened by each of these moments."""
    happened = list(happened)
    return [sum(each <= moment for each in happened) for moment in at]


def where_each(visits: Iterable[int], stays: Iterable[Stay]) -> Counter[Where]:
    """Return where the visits stand with the doctors, each counted once, so that the parts add up to all who arrived.

    One who waits or is inside counts so, even if seen before: inside, then waiting, away, seen, left.
    """
    places: dict[int, set[Where]] = {visit: {Where.NOT_FOR_DOCTORS} for visit in visits}
    for stay in stays:
        places[stay.visit_id].add(_where(stay))
    order = list(Where)
    return Counter(min(each, key=order.index) for each in places.values())


def waits(stays: Iterable[Stay]) -> list[float]:
    """Return the minutes from the queue to the doctor of everybody who was called."""
    waited = [(stay.queued_at, stay.called_at) for stay in stays if stay.called_at is not None]
    return [_minutes(*wait) for wait in (*waited, *(stay.first_wait for stay in stays if stay.first_wait))]


def longest_wait(stays: Iterable[Stay], now: datetime) -> float:
    """Return the minutes that whoever waits longest has waited; 0 where nobody does."""
    return max((_minutes(stay.queued_at, now) for stay in stays if stay.is_waiting), default=0.0)


def wait_counts(minutes: Sequence[float]) -> list[int]:
    """Return how many waits fall between each two edges; the last holds all that were longer."""
    counts = [0] * (len(WAIT_EDGES_MIN) - 1)
    for wait in minutes:
        place = max(index for index, edge in enumerate(WAIT_EDGES_MIN) if wait >= edge)
        counts[min(place, len(counts) - 1)] += 1
    return counts


def _without(
    waiting: int, pace_min: float | None, doctors: frozenset[int], *, now: datetime, closes: datetime
) -> Forecast:
    """Return what is said of a service whose pace or doctor is not known; once closed it can see nobody."""
    standing = outlook(waiting, 0 if now >= closes else None)
    if standing is Outlook.UNKNOWN and pace_min is not None:
        standing = Outlook.DESERTED
    return Forecast(pace_min=pace_min, doctors=doctors, can_finish=None, to_come=None, outlook=standing)


def _where(stay: Stay) -> Where:
    if stay.is_inside:
        return Where.INSIDE
    if stay.is_away:
        return Where.AWAY
    if stay.was_seen:
        return Where.SEEN
    return Where.LEFT if stay.has_left else Where.WAITING


def _is_timed(stay: Stay) -> bool:
    return stay.was_seen and stay.called_at is not None and stay.ended_at is not None


def _how_many(left: float, pace_min: float, inside: Sequence[float]) -> int:
    """Return how many whole people the minutes hold once those inside are done, each at the same pace."""
    free = left - sum(max(0.0, pace_min - spent) for spent in inside)
    return int(max(0.0, free) // pace_min)


def _minutes(since: datetime | None, until: datetime | None) -> float:
    return max(0.0, (until - since).total_seconds() / 60) if since and until else 0.0

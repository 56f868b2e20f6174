"""What the board says, in the language of the page."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from clinic.evening.queries import Evening, Name, Overdue, Owed, Written
from clinic.evening.rules import (
    ABSENT_AFTER,
    LONG_WAIT_MIN,
    SPHERE_CEILING,
    Forecast,
    Outlook,
    Span,
    Stay,
    Where,
    longest_wait,
    waits,
)
from clinic.kernel.clock import local, today
from clinic.kernel.i18n import _, clock_time, isolated, language, moment, ngettext, number, spoken_list
from clinic.kernel.text import N_
from clinic.sites.rules import PointKind
from clinic.visits.rules import CALLS_BEFORE_LEFT

LONG_AT_A_ROOM_MIN = 20
_NAMED_MEDICINES = 3
_FINISH = (
    N_("One service finishes in time."),
    N_("Two services finish in time."),
    N_("Three services finish in time."),
    N_("Four services finish in time."),
)


@dataclass(frozen=True, kw_only=True)
class Service:
    """One specialty tonight: its name, who waits and was seen, and how it goes on."""

    code: str
    name: str
    stays: list[Stay]
    expected: Forecast

    @property
    def waiting(self) -> int:
        """How many wait to be called."""
        return sum(stay.is_waiting for stay in self.stays)

    @property
    def looks(self) -> bool:
        """Whether somebody should look."""
        return self.expected.outlook in {Outlook.NEARLY_FULL, Outlook.OVER, Outlook.DESERTED}


@dataclass(frozen=True, kw_only=True)
class Need:
    """One thing that needs somebody; `state` is "stop", "look" or "quiet"."""

    label: str
    words: str
    state: str = "look"
    symbol: str = "clock"
    leads_to_stock: bool = False


def spoken(name: Name) -> str:
    """Return a name in the script of the page, where it is known in it."""
    return name.arabic if language() == "ar" and name.arabic else name.latin


def sentence(services: Sequence[Service], *, opens: datetime, now: datetime, closes: datetime) -> str:
    """Return what the page comes to while the clinic is open, and before and after."""
    waiting = sum(one.waiting for one in services)
    if now >= closes:
        if not waiting:
            return _("The evening is over. Nobody waits for a doctor.")
        return ngettext(
            "It is past closing and one person still waits.",
            "It is past closing and %(num)s people still wait.",
            waiting,
        )
    if not waiting:
        if now < opens:
            return _("Nobody waits for a doctor. The clinic opens at %(time)s.", time=clock_time(opens))
        return _("Nobody waits for a doctor.")
    return " ".join(_standing(services))


def _standing(services: Sequence[Service]) -> Iterable[str]:
    named = {each: [one.name for one in services if one.expected.outlook is each] for each in Outlook}
    good = len(named[Outlook.IN_TIME]) + len(named[Outlook.IDLE])
    if good == len(services):
        yield _("All services finish in time.")
    elif named[Outlook.IN_TIME]:
        yield (
            _(_FINISH[good - 1])
            if good <= len(_FINISH)
            else ngettext("%(num)s service finishes in time.", "%(num)s services finish in time.", good)
        )
    if names := named[Outlook.NEARLY_FULL]:
        yield ngettext(
            "%(services)s is nearly full.", "%(services)s are nearly full.", len(names), services=spoken_list(names)
        )
    if names := named[Outlook.OVER]:
        yield ngettext(
            "%(services)s cannot see everybody tonight.",
            "%(services)s cannot see everybody tonight.",
            len(names),
            services=spoken_list(names),
        )
    if names := named[Outlook.DESERTED]:
        yield _("Nobody calls in %(services)s.", services=spoken_list(names))
    if names := named[Outlook.UNKNOWN]:
        yield (
            _("No pace yet in %(services)s.", services=spoken_list(names))
            if any(one.expected.pace_min for one in services)
            else _("There is no pace yet: too few have been seen to say when the evening ends.")
        )


def totals(places: Counter[Where], services: Sequence[Service], expected: Span | None, closes: datetime) -> list[str]:
    """Return how many arrived and where they are, in parts that add up, and how many will have been seen by closing."""
    told = [
        ngettext("%(num)s arrived", "%(num)s arrived", places.total()),
        ngettext("%(num)s seen", "%(num)s seen", places[Where.SEEN]),
        ngettext("%(num)s with a doctor", "%(num)s with a doctor", places[Where.INSIDE]),
        ngettext("%(num)s waiting", "%(num)s waiting", places[Where.WAITING]),
        ngettext("%(num)s left before being seen", "%(num)s left before being seen", places[Where.LEFT]),
    ]
    if away := places[Where.AWAY]:
        told.append(ngettext("%(num)s at the laboratory", "%(num)s at the laboratory", away))
    if others := places[Where.NOT_FOR_DOCTORS]:
        told.append(ngettext("%(num)s not for a doctor", "%(num)s not for a doctor", others))
    if expected is None:
        return told
    told.append(
        _(
            "%(count)s expected to be seen by %(time)s (%(band)s)",
            count=expected.usual,
            time=clock_time(closes),
            band=isolated(f"{number(expected.low)}–{number(expected.high)}"),
        )
    )
    unknown = [one.name for one in services if one.waiting and one.expected.to_come is None]
    if unknown:
        told[-1] = _("%(expected)s without %(services)s", expected=told[-1], services=spoken_list(unknown))
    return told


def doctors(service: Service, evening: Evening) -> str:
    """Return who sees people in a service, or saw some before."""
    at_work = service.expected.doctors or {stay.server_id for stay in service.stays if stay.server_id is not None}
    names = sorted(spoken(evening.staff[doctor]) for doctor in at_work if doctor in evening.staff)
    return ", ".join(names) or _("no doctor has begun")


def pace(service: Service) -> str:
    """Return the minutes that each person takes, or that there is no pace yet."""
    minutes = service.expected.pace_min
    return _("no pace yet") if minutes is None else _("%(minutes)s min each", minutes=number(minutes, 1))


def unit(service: Service) -> str:
    """Return what stands after the number of people who wait."""
    can = service.expected.can_finish
    return _("waiting") if can is None else _("waiting, %(count)s can finish", count=can.usual)


def flag(service: Service) -> str:
    """Return what is to be done about a service, if anything."""
    can = service.expected.can_finish
    if service.expected.outlook is Outlook.DESERTED:
        return _("nobody calls")
    if service.expected.outlook is Outlook.OVER:
        many = service.waiting - (can.usual if can else 0)
        return ngettext("%(num)s too many for tonight", "%(num)s too many for tonight", many)
    if service.expected.outlook is Outlook.NEARLY_FULL and can is not None:
        more = can.usual - service.waiting
        return (
            ngettext("%(num)s more, then tomorrow", "%(num)s more, then tomorrow", more)
            if more
            else _("full: offer tomorrow")
        )
    return ""


def load(names: Sequence[str]) -> str:
    """Return what Sphere asks for, and who is on the way to more."""
    if not names:
        return _("Sphere asks for fewer than %(ceiling)s a day.", ceiling=SPHERE_CEILING)
    return _("Sphere's %(ceiling)s a day: %(names)s.", names=spoken_list(names), ceiling=SPHERE_CEILING)


def long_waits(services: Sequence[Service]) -> str:
    """Return how many waited long for a doctor, and in which service most of them."""
    counts = [(sum(wait > LONG_WAIT_MIN for wait in waits(one.stays)), one.name) for one in services]
    many = sum(count for count, _name in counts)
    if not many:
        return _("Nobody waited over %(minutes)s minutes.", minutes=LONG_WAIT_MIN)
    most, name = max(counts, key=lambda pair: pair[0])
    told = ngettext(
        "%(num)s person waited over %(minutes)s minutes.",
        "%(num)s people waited over %(minutes)s minutes.",
        many,
        minutes=LONG_WAIT_MIN,
    )
    where = _("Most in %(service)s: %(most)s.", service=name, most=most)
    return f"{told} {where}"


def needs(
    services: Sequence[Service],
    evening: Evening,
    *,
    overdue: Overdue | None,
    written: Iterable[Written],
    owed: Sequence[Owed],
    now: datetime,
) -> list[Need]:
    """Return what needs somebody, the most pressing first; counts and staff alone."""
    return [
        *([_overdue(overdue)] if overdue else []),
        *(need for one in services for need in _needs_of_service(one)),
        *_needs_of_rooms(evening, now),
        *(_open_note(one, one.open_since) for one in written if one.open_since is not None),
        *_owed(owed),
    ]


def _overdue(overdue: Overdue) -> Need:
    return Need(
        label=_("Critical result"),
        words=ngettext(
            "%(num)s critical result of which nobody was told, due by %(time)s.",
            "%(num)s critical results of which nobody was told, the first due by %(time)s.",
            overdue.results,
            time=_since(overdue.since),
        ),
        state="stop",
        symbol="telephone",
    )


def _needs_of_service(one: Service) -> Iterable[Need]:
    if urgent := sum(stay.is_waiting and stay.is_emergency for stay in one.stays):
        since = min(stay.queued_at for stay in one.stays if stay.is_waiting and stay.is_emergency)
        yield Need(
            label=_("Emergency"),
            words=ngettext(
                "%(num)s person waits in %(service)s since %(time)s.",
                "%(num)s people wait in %(service)s, the first since %(time)s.",
                urgent,
                service=one.name,
                time=clock_time(since),
            ),
            state="stop",
            symbol="exclamation-triangle",
        )
    if one.expected.outlook is Outlook.DESERTED:
        yield Need(
            label=_("Nobody calls"),
            words=_(
                "%(service)s: people wait, and no doctor has called anybody for %(minutes)s minutes.",
                service=one.name,
                minutes=int(ABSENT_AFTER.total_seconds() // 60),
            ),
        )
    if often := sum(stay.calls >= CALLS_BEFORE_LEFT and stay.ended_at is None for stay in one.stays):
        yield Need(
            label=_("No answer"),
            words=ngettext(
                "%(num)s person was called three times in %(service)s.",
                "%(num)s people were called three times in %(service)s.",
                often,
                service=one.name,
            ),
        )


def _needs_of_rooms(evening: Evening, now: datetime) -> Iterable[Need]:
    for kind in (PointKind.TRIAGE, PointKind.LABORATORY, PointKind.PHARMACY):
        stays = evening.rooms.get(kind, [])
        longest = longest_wait(stays, now)
        if longest > LONG_AT_A_ROOM_MIN:
            yield Need(
                label=_(kind.label),
                words=ngettext(
                    "%(num)s person waits, for %(minutes)s min.",
                    "%(num)s people wait, the longest for %(minutes)s min.",
                    sum(stay.is_waiting for stay in stays),
                    minutes=number(longest, 0),
                ),
            )


def _open_note(one: Written, since: datetime) -> Need:
    return Need(
        label=_("Not signed"),
        words=ngettext(
            "%(name)s: %(num)s note without its patient, since %(time)s.",
            "%(name)s: %(num)s notes without their patients, the first since %(time)s.",
            one.left_open,
            name=isolated(spoken(one.name)),
            time=_since(since),
        ),
        symbol="pencil",
    )


def _since(at: datetime) -> str:
    return clock_time(at) if local(at).date() == today() else moment(at)


def _owed(owed: Sequence[Owed]) -> Iterable[Need]:
    if not owed:
        return
    named = [f"{isolated(each.inn)} ({number(each.times)})" for each in owed[:_NAMED_MEDICINES]]
    many = sum(each.times for each in owed)
    words = ngettext(
        "%(num)s item owed: %(medicines)s.", "%(num)s items owed: %(medicines)s.", many, medicines=spoken_list(named)
    )
    if len(owed) > _NAMED_MEDICINES:
        words = ngettext(
            "%(num)s item owed, most of all %(medicines)s.",
            "%(num)s items owed, most of all %(medicines)s.",
            many,
            medicines=spoken_list(named),
        )
    yield Need(label=_("Pharmacy"), words=words, leads_to_stock=True)

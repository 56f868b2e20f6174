"""The manager's board: counts of the evening, and no more."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from clinic.auth.roles import Permission
from clinic.evening import drawings, queries
from clinic.evening.drawings import Plot
from clinic.evening.rules import (
    LONG_WAIT_MIN,
    Forecast,
    Outlook,
    Stay,
    forecast,
    outlook,
    queue_steps,
    waits,
)
from clinic.kernel import clock, i18n
from clinic.kernel.access import require, scope, subject
from clinic.kernel.i18n import _, ngettext
from clinic.sites.queries import get_site
from clinic.sites.rules import EVENING, Hours
from clinic.specialties.queries import Desk, list_desks

blueprint = Blueprint("evening", __name__)

CALLED_OFTEN = 3


@dataclass(frozen=True)
class Service:
    """One specialty tonight."""

    desk: Desk
    name: str
    doctors: str
    waiting: int
    expected: Forecast
    outlook: Outlook
    plot: Plot


@blueprint.get("/tonight")
@require(Permission.EVENING_READ)
def tonight() -> ResponseReturnValue:
    """Show tonight in numbers, drawn; it names no patient, so that no read of a record is recorded."""
    mine, now, today = scope(), clock.now(), clock.today()
    hours = _hours()
    closing = clock.at(today, *divmod(hours.closes, 60))
    left = max(timedelta(0), closing - now)
    midnight = clock.at(today, 0)
    stays = queries.list_stays(mine, today)
    seen = queries.list_seen(mine, midnight)
    services = _services(stays, seen, hours=hours, now=now, left=left)
    everybody = [stay for service in stays.values() for stay in service]
    minutes = waits(everybody)
    expected = {one.desk.specialty_code: _to_come(one) for one in services}
    month = queries.count_month(mine, clock.at(today.replace(day=1), 0))
    return render_template(
        "evening/tonight.html",
        sentence=_sentence(services),
        totals=_totals(everybody, services, closing),
        services=services,
        seen=drawings.seen(seen, expected),
        waits=drawings.waits(minutes),
        long_waits=sum(wait > LONG_WAIT_MIN for wait in minutes),
        called_often=sum(stay.calls >= CALLED_OFTEN and stay.ended_at is None for stay in everybody),
        open_notes=[one for one in seen if one.is_open],
        owed=queries.count_owed(mine),
        duty=queries.list_on_duty(mine),
        month=month,
        site=_named(get_site(mine)),
        since=today.replace(day=1),
        today=today,
    )


def _hours() -> Hours:
    person = subject()
    if person.opens is None or person.closes is None:
        return EVENING
    return Hours(person.opens, person.closes)


def _services(
    stays: dict[str, list[Stay]], seen: list[queries.Seen], *, hours: Hours, now: datetime, left: timedelta
) -> list[Service]:
    most = max((length for service in stays.values() for _at, length in queue_steps(service)), default=1)
    services = []
    for desk in list_desks(scope()):
        mine = stays.get(desk.specialty_code, [])
        waiting = sum(stay.is_waiting for stay in mine)
        expected = forecast(mine, left)
        services.append(
            Service(
                desk=desk,
                name=_named(desk),
                doctors=", ".join(one.spoken for one in seen if one.specialty_code == desk.specialty_code),
                waiting=waiting,
                expected=expected,
                outlook=outlook(waiting, expected.can_finish),
                plot=drawings.queue(mine, hours, now, most),
            )
        )
    return services


def _to_come(service: Service) -> int:
    can = service.expected.can_finish
    return service.waiting if can is None else min(service.waiting, can)


def _sentence(services: list[Service]) -> str:
    """Return what the page comes to, in one sentence."""
    over = [one.name for one in services if one.outlook is Outlook.OVER]
    nearly = [one.name for one in services if one.outlook is Outlook.NEARLY_FULL]
    unknown = [one for one in services if one.outlook is Outlook.UNKNOWN]
    if over:
        return _("Not everybody can be seen: %(services)s.", services=" · ".join(over))
    if nearly:
        return _("All finish in time. Nearly full: %(services)s.", services=" · ".join(nearly))
    if unknown:
        return _("There is no pace yet: too few have been seen to say when the evening ends.")
    if any(one.waiting for one in services):
        return _("All services finish in time.")
    return _("Nobody waits for a doctor.")


def _totals(everybody: list[Stay], services: list[Service], closing: datetime) -> list[str]:
    seen = sum(stay.was_seen for stay in everybody)
    waiting = sum(stay.is_waiting for stay in everybody)
    inside = sum(stay.is_with_doctor for stay in everybody)
    gone = sum(stay.has_left for stay in everybody)
    expected = seen + inside + sum(_to_come(one) for one in services)
    return [
        ngettext("%(num)s place taken", "%(num)s places taken", len(everybody)),
        ngettext("%(num)s seen", "%(num)s seen", seen),
        ngettext("%(num)s with a doctor", "%(num)s with a doctor", inside),
        ngettext("%(num)s waiting", "%(num)s waiting", waiting),
        ngettext("%(num)s left before being seen", "%(num)s left before being seen", gone),
        _("%(count)s expected by %(time)s", count=expected, time=i18n.clock_time(closing)),
    ]


def _named(place: object) -> str:
    return str(getattr(place, f"name_{i18n.language()}"))

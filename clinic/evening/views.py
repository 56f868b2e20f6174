"""The manager's board: counts of the evening, and no more."""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic.auth.roles import Permission
from clinic.evening import drawings, queries, words
from clinic.evening.drawings import Axis, Load
from clinic.evening.forms import CloseForm
from clinic.evening.queries import Evening, LeftOver, Written, find_close, get_span, list_left_over
from clinic.evening.rules import (
    SPHERE_CEILING,
    Where,
    evening_of,
    expected_loads,
    forecast,
    shares,
    together,
    waits,
    where_each,
)
from clinic.evening.services import close_evening
from clinic.evening.words import Service
from clinic.kernel import clock, i18n
from clinic.kernel.access import require, scope, subject
from clinic.kernel.acts import act_once
from clinic.kernel.audit import record_read
from clinic.kernel.i18n import _
from clinic.kernel.pdf import render_pdf
from clinic.sites.rules import EVENING
from clinic.specialties.queries import list_desks

blueprint = Blueprint("evening", __name__)


@blueprint.get("/tonight")
@require(Permission.EVENING_READ)
def tonight() -> ResponseReturnValue:
    """Show tonight in numbers, drawn; it names no patient, so that no read of a record is recorded."""
    mine, now, today = scope(), clock.now(), clock.today()
    midnight, first = clock.at(today, 0), today.replace(day=1)
    evening, month = queries.get_evening(mine, today), queries.count_month(mine, clock.at(first, 0))
    written = queries.list_written(mine, midnight)
    axis, is_open = _axis()
    services = [
        Service(
            code=desk.specialty_code,
            name=_named(desk),
            stays=(stays := evening.services.get(desk.specialty_code, [])),
            expected=forecast(stays, opens=axis.opens, now=now, closes=axis.closes if is_open else now),
        )
        for desk in list_desks(mine)
    ]
    places = where_each(evening.arrived, evening.doctors_stays)
    expected = together([one.expected.to_come for one in services], already=places[Where.SEEN] + places[Where.INSIDE])
    loads = _loads(services, evening, written)
    queues, queue_table = drawings.queues([(one.name, one.stays, one.expected.outlook) for one in services], axis)
    minutes = waits(evening.doctors_stays)
    is_shut = not is_open and not evening.arrived
    return render_template(
        "evening/tonight.html",
        sentence=words.sentence(services, **vars(axis)) if is_open else _("The clinic is closed today."),
        totals=words.totals(places, services, expected, axis.closes),
        is_shut=is_shut,
        services=list(zip(services, queues, strict=True)),
        queue_table=queue_table,
        words=words,
        evening=evening,
        finish=drawings.finish(evening, axis, expected),
        closes=i18n.clock_time(axis.closes),
        seen=drawings.seen(loads),
        over=[one.name for one in loads if (one.expected or one.signed) >= SPHERE_CEILING],
        waits=drawings.waits(minutes),
        waited=len(minutes),
        needs=words.needs(
            services,
            evening,
            overdue=queries.find_overdue(mine, now),
            written=written,
            owed=queries.list_owed(mine),
            now=now,
        ),
        duty=queries.list_on_duty(mine, today, midnight),
        month=month,
        site=_named(month.site),
        since=first,
        today=today,
    )


@blueprint.get("/tonight/closing")
@require(Permission.EVENING_CLOSE)
def closing() -> ResponseReturnValue:
    """Show what is still open, by number, and how the evening was closed where it is."""
    return _closing_page(CloseForm(formdata=None), _evening())


@blueprint.post("/tonight/closing")
@require(Permission.EVENING_CLOSE)
def close() -> ResponseReturnValue:
    """Close the evening, what is left with its reason, and seal the record."""
    form, mine, day, here = CloseForm(), scope(), _evening(), url_for("evening.closing")

    def act() -> None:
        close_evening(mine, day, because=form.because.data or "", seen=form.seen.data or "")

    if act_once(form, "evening.close", act, place=here, about=f"{day}"):
        flash(_("The evening is closed."))
        return redirect(here, 303)
    return _closing_page(form, day), form.status


@blueprint.get("/tonight/closing.pdf")
@require(Permission.EVENING_CLOSE)
def closing_sheet() -> ResponseReturnValue:
    """Print the closing sheet: what was left open, and the head of the record that leaves the house with it."""
    mine, day = scope(), _evening()
    closed = find_close(mine, day)
    if closed is None:
        flash(_("The evening is not closed yet."))
        return redirect(url_for("evening.closing"))
    record_read("evening_close", f"{day}", act="PRINT")
    month = queries.count_month(mine, clock.at(day, 0))
    pdf = render_pdf(
        "evening/closing.pdf.html",
        closed=closed,
        who=words.spoken(closed.by),
        left=LeftOver.from_json(closed.left),
        spoken=words.spoken,
        month=month,
        site=_named(month.site),
        day=day,
        is_demo=subject().is_demo,
    )
    name = f'inline; filename="closing-{day}.pdf"'
    return Response(pdf, mimetype="application/pdf", headers={"Content-Disposition": name})


def _closing_page(form: CloseForm, day: date) -> str:
    """Return the page with what is open now: a form that goes out again has that in sight."""
    mine, now = scope(), clock.now()
    left, closed, (opens, closes) = list_left_over(mine, day), find_close(mine, day), get_span(mine, day)
    form.seen.show(left.digest)
    return render_template(
        "evening/closing.html",
        form=form,
        left=left,
        closed=closed,
        who=words.spoken(closed.by) if closed else "",
        spoken=words.spoken,
        day=day,
        opens=opens,
        closes=closes,
        has_begun=now >= opens,
        is_early=now < closes,
    )


def _evening() -> date:
    """Return the day of the evening that is closed now: past midnight, still that of the day before."""
    return evening_of(clock.local(clock.now()))


def _axis() -> tuple[Axis, bool]:
    """Return the hours of today, and whether there are any; on a closed day the usual evening's are drawn."""
    person, today = subject(), clock.today()
    is_open = person.opens is not None and person.closes is not None
    opens, closes = (person.opens, person.closes) if is_open else (EVENING.opens, EVENING.closes)
    return (
        Axis(
            opens=clock.at(today, *divmod(opens or 0, 60)),
            closes=clock.at(today, *divmod(closes or 0, 60)),
            now=clock.now(),
        ),
        is_open,
    )


def _loads(services: Sequence[Service], evening: Evening, written: Sequence[Written]) -> list[Load]:
    """Return what each doctor of tonight signed and has still to come, in the order of the services."""
    names = {
        doctor: evening.staff[doctor]
        for one in services
        for doctor in sorted(one.expected.doctors)
        if doctor in evening.staff
    }
    names |= {one.doctor_id: one.name for one in written if one.signed}
    signed = {one.doctor_id: one.signed for one in written}
    expected = expected_loads(signed, shares([one.expected for one in services]))
    return [
        Load(name=words.spoken(name), signed=signed.get(doctor, 0), expected=expected[doctor])
        for doctor, name in names.items()
    ]


def _named(place: object) -> str:
    return str(getattr(place, f"name_{i18n.language()}"))

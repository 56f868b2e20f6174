"""A number for tonight, and the slip that carries it."""

from flask import Response, flash, get_flashed_messages, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from clinic.auth.roles import Permission
from clinic.kernel import audit, i18n
from clinic.kernel.access import Scope, require, scope
from clinic.kernel.db import transaction
from clinic.kernel.errors import DomainError
from clinic.kernel.operations import once
from clinic.kernel.pdf import render_pdf
from clinic.patients.queries import card_of, get_patient, get_patient_by_id
from clinic.registration.forms import CheckInForm
from clinic.registration.rules import Why
from clinic.registration.slips import Slip
from clinic.registration.views.desk import blueprint, choices, desk_page, open_desk
from clinic.sites.queries import get_point, get_site
from clinic.visits.queries import get_visit, get_visit_by_id, list_stops, tonight
from clinic.visits.rules import Priority, VisitReason
from clinic.visits.services import check_in as begin_visit
from clinic.visits.services import open_place

_JUST_GIVEN = "number given"


@blueprint.post("/<key>/check-in")
@require(Permission.VISIT_CHECK_IN)
def check_in(key: str) -> ResponseReturnValue:
    """Give a person a number for tonight; sent twice, it is still one number."""
    form = CheckInForm()
    form.point.choices = choices(tonight(scope()))
    if form.validate():
        try:
            return redirect(_give_number(key, form), 303)
        except DomainError as refusal:
            form.refuse(refusal)
    return desk_page(open_desk(request.args.get("found", ""), key), form)


def _give_number(key: str, form: CheckInForm) -> str:
    """Check a person in as the form says, and return the address of the number. Raises AlreadyHere, NotFound."""
    mine = scope()
    content = {"patient": key, "point": form.point.data, "why": form.why.data}
    with transaction():
        act = once(mine.user_id, "registration.check_in", form.op.data or "", content)
        if not act.is_repeat:
            act.answered(number_url(begin(mine, get_patient(mine, key).id, form.point.data, form.why.data)))
    return just_given(act.answer)


@blueprint.post("/<key>/also")
@require(Permission.VISIT_CHECK_IN)
def also(key: str) -> ResponseReturnValue:
    """Let tonight's visit wait for one more specialty, under the same number."""
    form, mine = CheckInForm(), scope()
    form.point.choices = choices(tonight(mine))
    form.why.flags.required = False
    if form.validate():
        try:
            with transaction():
                act = once(mine.user_id, "registration.also", form.op.data or "", {"visit": key, "to": form.point.data})
                if not act.is_repeat:
                    open_place(mine, get_visit(mine, key).id, get_point(mine, form.point.data).id)
                    act.answered(url_for("registration.number", key=key))
            return redirect(just_given(act.answer), 303)
        except DomainError as refusal:
            form.refuse(refusal)
    visit = get_visit(mine, key)
    return desk_page(open_desk("", get_patient_by_id(mine, visit.patient_id).key), form)


def begin(mine: Scope, patient_id: int, point_key: str, why: Why) -> str:
    """Begin a visit, at the top of triage where it cannot wait, and return its key."""
    point = get_point(mine, point_key)
    visit_id = begin_visit(
        mine,
        patient_id=patient_id,
        point_id=point.id,
        reason=VisitReason.FOLLOW_UP if why is Why.FOLLOW_UP else VisitReason.NEW_PROBLEM,
        priority=Priority.EMERGENCY if why is Why.CANNOT_WAIT else Priority.ROUTINE,
    )
    return get_visit_by_id(mine, visit_id).key


def number_url(visit_key: str) -> str:
    """Return the address at which a number is shown."""
    return url_for("registration.number", key=visit_key)


def just_given(address: str) -> str:
    """Let the page at `address` know that its number was given this moment: its slip prints by itself, once."""
    flash(address, _JUST_GIVEN)
    return address


@blueprint.get("/number/<key>")
@require(Permission.VISIT_CHECK_IN)
def number(key: str) -> ResponseReturnValue:
    """Show the number that was given, with its slip, and the box for whoever is next."""
    is_new = request.path in get_flashed_messages(category_filter=[_JUST_GIVEN])
    slip = _slip(key)
    audit.record_read("SLIP", key, act="PRINT" if is_new else "READ")
    return desk_page(open_desk(), slip=slip, is_new=is_new)


@blueprint.get("/number/<key>/slip.pdf")
@require(Permission.VISIT_CHECK_IN)
def slip(key: str) -> ResponseReturnValue:
    """Print the slip on A6: for where the browser's own paper will not do. Raises PdfUnavailable."""
    shown = _slip(key)
    with i18n.in_language(shown.language):
        paper = render_pdf("registration/slip.pdf.html", slip=shown)
    audit.record_read("SLIP", key, act="PRINT")
    response: Response = make_response(paper)
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="number-{shown.number}.pdf"'
    return response


def _slip(visit_key: str) -> Slip:
    mine = scope()
    visit = get_visit(mine, visit_key)
    person = card_of(get_patient_by_id(mine, visit.patient_id))
    return Slip(
        visit_key=visit.key,
        number=visit.number,
        arrived_at=visit.arrived_at,
        initials=person.initials,
        language=person.label_language,
        stops=tuple(list_stops(mine, [visit.id])[visit.id]),
        site=get_site(mine),
    )

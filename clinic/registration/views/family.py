"""A family that comes together: each of them a number, one after the other, in one act."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic.auth.roles import Permission
from clinic.kernel import audit
from clinic.kernel.access import Scope, require, scope
from clinic.kernel.db import transaction
from clinic.kernel.errors import DomainError
from clinic.kernel.i18n import ngettext
from clinic.kernel.operations import once
from clinic.patients.queries import PatientCard, card_of, get_patient, list_household
from clinic.registration import words
from clinic.registration.forms import FamilyForm, family_form
from clinic.registration.views.check_in import begin
from clinic.registration.views.desk import blueprint, choices, meant_point
from clinic.visits.queries import LastVisit, Tonight, list_last_visits, tonight


@blueprint.get("/<key>/family")
@require(Permission.VISIT_CHECK_IN)
def family(key: str) -> ResponseReturnValue:
    """Show who lives together, and who of them is here tonight."""
    mine, evening = scope(), tonight(scope())
    people, visits = _household(mine, key)
    return _page(key, people, visits, evening, _form(people, visits, evening))


@blueprint.post("/<key>/family")
@require(Permission.VISIT_CHECK_IN)
def check_in_family(key: str) -> ResponseReturnValue:
    """Give each one who is ticked a number, all or none; sent twice, nobody has two."""
    mine, evening = scope(), tonight(scope())
    people, visits = _household(mine, key)
    form = _form(people, visits, evening)
    if form.validate():
        ids = {one.key: one.id for one in people}
        try:
            with transaction():
                act = once(
                    mine.user_id, "registration.family", form.op.data or "", {"who": form.ticked, "why": form.why.data}
                )
                if not act.is_repeat:
                    for one, point in form.ticked:
                        begin(mine, ids[one], point, form.why.data)
                    act.answered(url_for("registration.family", key=key))
            count = len(form.ticked)
            flash(ngettext("%(num)s number given.", "%(num)s numbers given.", count))
            return redirect(act.answer, 303)
        except DomainError as refusal:
            form.refuse(refusal)
    return _page(key, people, visits, evening, form), 422


def _household(mine: Scope, key: str) -> tuple[list[PatientCard], dict[int, LastVisit]]:
    """Return the people who live together, the eldest first, and when each was last here."""
    patient = get_patient(mine, key)
    people = list_household(mine, patient.household_id) or [card_of(patient)]
    return people, list_last_visits(mine, [one.id for one in people])


def _form(people: list[PatientCard], visits: dict[int, LastVisit], evening: Tonight) -> FamilyForm:
    """Return the form with everybody on it: who is here already is refused by name, not left out of sight."""
    presets = {one.key: meant_point(evening, one, visits.get(one.id)) for one in people}
    return family_form({one.key: one.name for one in people}, choices(evening), presets)


def _page(key: str, people: list[PatientCard], visits: dict[int, LastVisit], evening: Tonight, form: FamilyForm) -> str:
    audit.record_read("FAMILY", key, {"people": [one.key for one in people]})
    return render_template(
        "registration/family.html",
        key=key,
        people=[(one, visits.get(one.id)) for one in people],
        form=form,
        evening=evening,
        words=words,
    )

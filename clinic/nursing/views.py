"""The page of nursing contacts: of one person, tonight's visit open to be written on."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic.auth.roles import Permission
from clinic.kernel import i18n
from clinic.kernel.access import require, scope
from clinic.kernel.acts import act_once
from clinic.kernel.audit import record_read
from clinic.kernel.fields import DeskForm
from clinic.nursing import services
from clinic.nursing.forms import AdditionForm, ContactForm
from clinic.nursing.queries import get_contact, list_contacts
from clinic.patients.queries import chart_ids
from clinic.visits import words
from clinic.visits.queries import banner, get_visit

blueprint = Blueprint("nursing", __name__, url_prefix="/nursing")


@blueprint.get("/<visit_key>")
@require(Permission.TRIAGE)
def contacts(visit_key: str) -> ResponseReturnValue:
    """Show a person's contacts, and the form of a new one."""
    return _page(visit_key)


@blueprint.post("/<visit_key>")
@require(Permission.TRIAGE)
def sign(visit_key: str) -> ResponseReturnValue:
    """Sign a contact."""
    form = ContactForm()

    def act() -> None:
        services.sign_contact(scope(), visit_key, kind=form.kind.data, text=form.text.data or "")

    return _done(visit_key, "nursing.sign", form, act)


@blueprint.post("/<visit_key>/contacts/<contact_key>")
@require(Permission.TRIAGE)
def add(visit_key: str, contact_key: str) -> ResponseReturnValue:
    """Add to one's own signed contact."""
    mine = scope()
    get_contact(mine, chart_ids(mine, get_visit(mine, visit_key).patient_id), contact_key)
    form = AdditionForm(prefix=contact_key)

    def act() -> None:
        services.add_to_contact(mine, visit_key, contact_key, text=form.text.data or "", reason=form.reason.data or "")

    return _done(visit_key, f"nursing.add {contact_key}", form, act)


def _done(visit_key: str, action: str, form: DeskForm, act: Callable[[], None]) -> ResponseReturnValue:
    """Do it and show the page anew; a refusal keeps what was typed."""
    here = url_for("nursing.contacts", visit_key=visit_key)
    if act_once(form, action, act, place=here, about=visit_key):
        flash(i18n._("Signed."))
        return redirect(here, 303)
    return _page(visit_key, form), form.status


def _page(visit_key: str, sent: DeskForm | None = None) -> str:
    mine = scope()
    visit = get_visit(mine, visit_key)
    who = banner(mine, visit.id)
    record_read("CHART", who.patient.key)
    found = list_contacts(who.chart_ids)
    own = [one for one in found if one.nurse_id == mine.user_id]
    return render_template(
        "nursing/contacts.html",
        visit=visit,
        said=words.banner_words(who),
        form=sent if isinstance(sent, ContactForm) else ContactForm(formdata=None),
        contacts=found,
        additions={
            one.key: sent
            if isinstance(sent, AdditionForm) and sent.op.name.startswith(one.key)
            else AdditionForm(formdata=None, prefix=one.key)
            for one in own
        },
        sent=sent,
    )

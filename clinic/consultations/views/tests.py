"""Tests for the laboratory, ordered while the note stays open; and that what came back was read."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic.auth.roles import Permission
from clinic.consultations import forms, services
from clinic.consultations.views.door import blueprint
from clinic.consultations.views.page import open_desk
from clinic.kernel import i18n
from clinic.kernel.access import require, scope
from clinic.kernel.acts import act_once
from clinic.kernel.audit import record_read
from clinic.kernel.fields import DeskForm
from clinic.lab.queries import get_order, list_orders, list_tests
from clinic.visits import words
from clinic.visits.queries import banner


@blueprint.get("/<visit_key>/tests")
@require(Permission.CONSULT)
def tests(visit_key: str) -> ResponseReturnValue:
    """Offer the laboratory's tests."""
    return _page(visit_key, forms.TestsForm(formdata=None))


@blueprint.post("/<visit_key>/tests")
@require(Permission.CONSULT)
def order_tests(visit_key: str) -> ResponseReturnValue:
    """Send tests to the laboratory; then to the next person."""
    form, place = forms.TestsForm(), url_for("consultations.queue")
    form.offer(list_tests())

    def act() -> None:
        services.order_tests(scope(), visit_key, form.tests.data)

    if act_once(form, "desk.tests", act, place=place, about=visit_key):
        flash(i18n._("The laboratory has the order."))
        return redirect(place, 303)
    return _page(visit_key, form), form.status


@blueprint.post("/<visit_key>/tests/<order_key>/read")
@require(Permission.CONSULT)
def read_results(visit_key: str, order_key: str) -> ResponseReturnValue:
    """Note that the doctor has read what the laboratory found."""
    form, here = forms.ReadForm(), url_for("consultations.desk", visit_key=visit_key)
    get_order(scope(), order_key)

    def act() -> None:
        services.read_results(scope(), visit_key, order_key, form.last.data or "")

    if act_once(form, "desk.read_results", act, place=here, about=order_key):
        return redirect(here, 303)
    return _page(visit_key, forms.TestsForm(formdata=None), form), form.status


def _page(visit_key: str, form: forms.TestsForm, refused: DeskForm | None = None) -> str:
    """Offer the tests; `refused` is a form of another kind that came back."""
    mine, found, offered = scope(), open_desk(visit_key), list_tests()
    laboratory = list_orders(mine, found.visit.id)
    form.offer(offered)
    record_read("CHART", found.person.key)
    return render_template(
        "consultations/tests.html",
        desk=found,
        form=form,
        refused=refused or form,
        tests=offered,
        laboratory=laboratory,
        readings=forms.reading_forms(laboratory, mine.user_id),
        said=words.banner_words(banner(mine, found.visit.id)),
    )

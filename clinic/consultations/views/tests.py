"""Tests for the laboratory, ordered while the note stays open; and that what came back was read."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic.auth.roles import Permission
from clinic.consultations import forms, services
from clinic.consultations.views.door import blueprint
from clinic.consultations.views.page import open_desk
from clinic.kernel import i18n
from clinic.kernel.access import require, scope
from clinic.kernel.audit import record_read
from clinic.kernel.db import transaction
from clinic.kernel.errors import DomainError
from clinic.kernel.operations import once
from clinic.lab.queries import list_orders, list_tests
from clinic.visits import words
from clinic.visits.queries import banner

UNPROCESSABLE = 422


@blueprint.get("/<visit_key>/tests")
@require(Permission.CONSULT)
def tests(visit_key: str) -> ResponseReturnValue:
    """Offer the laboratory's tests."""
    return _page(visit_key, forms.TestsForm(formdata=None))


@blueprint.post("/<visit_key>/tests")
@require(Permission.CONSULT)
def order_tests(visit_key: str) -> ResponseReturnValue:
    """Send tests to the laboratory; then to the next person."""
    form, mine = forms.TestsForm(), scope()
    form.offer(list_tests())
    if form.validate():
        try:
            with transaction():
                claim = once(
                    mine.user_id, "desk.tests", form.op.data or "", {"visit": visit_key, "tests": form.tests.data}
                )
                if not claim.is_repeat:
                    services.order_tests(mine, visit_key, form.tests.data)
                    claim.answered(url_for("consultations.queue"))
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            flash(i18n._("The laboratory has the order."))
            return redirect(claim.answer, 303)
    return _page(visit_key, form), UNPROCESSABLE


@blueprint.post("/<visit_key>/tests/<order_key>/read")
@require(Permission.CONSULT)
def read_results(visit_key: str, order_key: str) -> ResponseReturnValue:
    """Note that the doctor has read what the laboratory found."""
    with transaction():
        services.read_results(scope(), visit_key, order_key)
    return redirect(url_for("consultations.desk", visit_key=visit_key), 303)


def _page(visit_key: str, form: forms.TestsForm) -> str:
    mine, found, offered = scope(), open_desk(visit_key), list_tests()
    form.offer(offered)
    record_read("CHART", found.person.key)
    return render_template(
        "consultations/tests.html",
        desk=found,
        form=form,
        tests=offered,
        laboratory=list_orders(mine, found.visit.id),
        said=words.banner_words(banner(mine, found.visit.id)),
    )

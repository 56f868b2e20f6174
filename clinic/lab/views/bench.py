"""Who waits, one order at the bench, and its report."""

from collections.abc import Callable

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic.auth.roles import Permission
from clinic.kernel import clock, i18n
from clinic.kernel.access import require, scope, subject
from clinic.kernel.acts import act_once
from clinic.kernel.audit import record_read, record_read_once
from clinic.kernel.fields import DeskForm
from clinic.kernel.pdf import render_pdf
from clinic.lab import queries, services
from clinic.lab.forms import (
    CallForm,
    CancelForm,
    CorrectionForm,
    RejectForm,
    ResultsForm,
    VerifyForm,
    cancel_form,
    correction_form,
    results_form,
)
from clinic.lab.queries import OrderRow
from clinic.lab.rules import RequestState, Told
from clinic.lab.views.blueprint import blueprint
from clinic.sites.queries import get_site


@blueprint.get("")
@require(Permission.LAB)
def waiting() -> ResponseReturnValue:
    """Show who waits, and what is to be taken, examined, verified and told."""
    mine = scope()
    record_read_once("BOARD", f"laboratory {get_site(mine).key}")
    return render_template("lab/waiting.html", work=queries.worklist(mine), now=clock.now())


@blueprint.get("/<key>")
@require(Permission.LAB)
def order(key: str) -> ResponseReturnValue:
    """Show one order at the bench."""
    return _page(queries.get_order(scope(), key))


@blueprint.post("/<key>/collect")
@require(Permission.LAB)
def collect(key: str) -> ResponseReturnValue:
    """Note that the specimens are taken."""
    return _done(key, "lab.collect", DeskForm(), lambda: services.collect(scope(), key))


@blueprint.post("/<key>/receive")
@require(Permission.LAB)
def receive(key: str) -> ResponseReturnValue:
    """Note that the specimens lie on the bench."""
    return _done(key, "lab.receive", DeskForm(), lambda: services.receive(scope(), key))


@blueprint.post("/<key>/specimens/<specimen>/reject")
@require(Permission.LAB)
def reject(key: str, specimen: str) -> ResponseReturnValue:
    """Refuse a specimen, and have it taken anew."""
    queries.ensure_part(queries.get_order(scope(), key), specimen)
    form = RejectForm(prefix=specimen)

    def act() -> None:
        services.reject(scope(), key, specimen, condition=form.condition.data, because=form.because.data or "")

    return _done(key, "lab.reject", form, act)


@blueprint.post("/<key>/cancel")
@require(Permission.LAB)
def cancel(key: str) -> ResponseReturnValue:
    """Note that tests are not done, and why."""
    form = cancel_form(queries.get_order(scope(), key), is_sent=True)
    return _done(key, "lab.cancel", form, lambda: services.cancel(scope(), key, form.tests.data, form.reason.data))


@blueprint.post("/<key>/results")
@require(Permission.LAB)
def enter(key: str) -> ResponseReturnValue:
    """Write results down."""
    shown = [one for one in queries.get_order(scope(), key).requests if f"seen-{one.key}" in request.form]
    form = results_form(shown, is_sent=True)
    return _done(key, "lab.enter", form, lambda: services.enter(scope(), key, form.told, seen=form.marks))


@blueprint.post("/<key>/verify")
@require(Permission.LAB)
def verify(key: str) -> ResponseReturnValue:
    """Verify what is written down; with the last of it the person goes back to the doctor."""
    form = VerifyForm()
    return _done(key, "lab.verify", form, lambda: services.verify(scope(), key, seen=form.seen.data))


@blueprint.post("/<key>/tests/<request_key>/correct")
@require(Permission.LAB)
def correct(key: str, request_key: str) -> ResponseReturnValue:
    """Put a newer version beside a verified result."""
    corrected = queries.get_request(queries.get_order(scope(), key), request_key)
    form = correction_form(corrected, is_sent=True)

    def act() -> None:
        told, seen = form.answer(corrected) or Told(), form.seen(corrected).data
        services.correct(scope(), key, request_key, told, because=form.because.data or "", seen=seen)

    return _done(key, "lab.correct", form, act)


@blueprint.post("/<key>/results/<result>/told")
@require(Permission.LAB)
def call(key: str, result: str) -> ResponseReturnValue:
    """Note who was told of a critical result."""
    queries.ensure_part(queries.get_order(scope(), key), result)
    form = CallForm(prefix=result)
    return _done(key, "lab.call", form, lambda: services.record_call(scope(), key, result, told=form.told.data or ""))


@blueprint.get("/<key>/report.pdf")
@require(Permission.LAB)
def report(key: str) -> ResponseReturnValue:
    """Print what is verified, in the language of the person's papers."""
    found = queries.get_order(scope(), key)
    record_read("CHART", found.patient.key, {"order": found.key}, act="PRINT")
    with i18n.in_language(found.language):
        paper = render_pdf(
            "lab/report.pdf.html", order=found, site=get_site(scope()), now=clock.now(), is_demo=subject().is_demo
        )
    name = f'inline; filename="laboratory-{found.number}.pdf"'
    return Response(paper, mimetype="application/pdf", headers={"Content-Disposition": name})


def _done(key: str, action: str, form: DeskForm, act: Callable[[], object]) -> ResponseReturnValue:
    """Do one thing about an order and show it anew; a refusal keeps what was typed."""
    here = url_for("lab.order", key=key)
    if act_once(form, action, act, place=here, about=key):
        flash(i18n._("Saved."))
        return redirect(here, 303)
    return _page(queries.get_order(scope(), key), form), form.status


def _to_be_answered(found: OrderRow) -> list[queries.RequestRow]:
    return [one for one in found.of(RequestState.COLLECTED, RequestState.ENTERED) if one.is_received]


def _page(found: OrderRow, sent: DeskForm | None = None) -> str:
    """Draw an order; `sent` is the form that came back refused."""
    record_read("CHART", found.patient.key, {"order": found.key})
    if isinstance(sent, ResultsForm):
        sent.renew(found.requests)
    is_results = isinstance(sent, ResultsForm) and not isinstance(sent, CorrectionForm)
    return render_template(
        "lab/order.html",
        order=found,
        sent=sent,
        results=sent if is_results else results_form(_to_be_answered(found)),
        act=DeskForm(formdata=None),
        verify_form=VerifyForm(formdata=None, data={"seen": found.written}),
        corrections={
            one.key: sent if isinstance(sent, CorrectionForm) and one in sent.requests else correction_form(one)
            for one in found.of(RequestState.VERIFIED)
        },
        rejections={one.key: _own(sent, RejectForm, one.key) for one in found.may_be_rejected},
        cancelling=sent if isinstance(sent, CancelForm) else cancel_form(found),
        calls={result.key: _own(sent, CallForm, result.key) for _, result in found.calls},
        work=queries.worklist(scope()),
        now=clock.now(),
    )


def _own(sent: DeskForm | None, kind: type[DeskForm], key: str) -> DeskForm:
    """Return the form of one row: the one that was sent where it is of this row."""
    is_sent = isinstance(sent, kind) and sent.op.name.startswith(key)
    return sent if is_sent and sent is not None else kind(formdata=None, prefix=key)

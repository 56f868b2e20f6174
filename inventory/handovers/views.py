"""The pages of handovers: the batches, one batch with what can be done about it now, its certificate."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import Blueprint, Response, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic.auth.roles import Permission
from clinic.kernel import blobs, i18n
from clinic.kernel.access import can, require, scope, subject
from clinic.kernel.acts import act_once
from clinic.kernel.audit import record_read
from clinic.kernel.db import new_key
from clinic.kernel.errors import DomainError, NotFound
from clinic.kernel.fields import DeskForm
from clinic.kernel.text import N_
from clinic.kernel.uploads import takes_files
from inventory.agreements.queries import list_agreements
from inventory.assets.views import hand_out, read_strip
from inventory.certificates.rules import Party
from inventory.handovers import forms, queries, services
from inventory.handovers.queries import Whole
from inventory.handovers.rules import Office
from inventory.handovers.words import lacking, steps

blueprint = Blueprint("handovers", __name__, url_prefix="/handovers")
blueprint.add_app_template_global(lacking)

_PARTIES = {Permission.SIGN_GIVER: Party.GIVER, Permission.SIGN_CUSTODIAN: Party.CUSTODIAN}
_OFFICES = {Permission.BATCH_FINANCE: Office.FINANCE, Permission.BATCH_LEAD: Office.PROJECT_LEAD}
Offering = TypeVar("Offering", bound=forms.BatchForm)


class NoAgreement(DomainError):
    """No agreement is on file under which anything could be handed over."""

    code = "no_agreement"
    status = 422


@blueprint.get("")
@require(Permission.BATCH_READ)
def batches() -> ResponseReturnValue:
    """List the batches that the caller may see."""
    strip = read_strip(scope()) if can(Permission.ASSET_READ) else {}
    return render_template("handovers/batches.html", batches=queries.list_batches(scope()), **strip)


@blueprint.get("/new")
@require(Permission.BATCH_WRITE)
def new_batch() -> ResponseReturnValue:
    """Show the form of a new batch."""
    return render_template("handovers/new.html", form=_new_form())


@blueprint.post("/new")
@require(Permission.BATCH_WRITE)
def open_batch() -> ResponseReturnValue:
    """Begin a batch."""
    form, mine, key = _new_form(), scope(), new_key()

    def act() -> None:
        services.open_batch(mine, agreement_code=form.agreement.data, key=key, **_told(form))

    if place := act_once(form, "handovers.open", act, place=url_for("handovers.batch", key=key)):
        return redirect(place, 303)
    return render_template("handovers/new.html", form=form), form.status


@blueprint.get("/<key>/change")
@require(Permission.BATCH_WRITE)
def change(key: str) -> ResponseReturnValue:
    """Show the form of a draft."""
    batch, receiver_code = queries.get_draft(scope(), key)
    told = {name: getattr(batch, name) for name in ("unit", "place", "purpose", "on", "version")}
    form = _offering(forms.ChangeForm(formdata=None, data=told | {"receiver": receiver_code}))
    return render_template("handovers/change.html", form=form, batch=batch)


@blueprint.post("/<key>/change")
@require(Permission.BATCH_WRITE)
def change_batch(key: str) -> ResponseReturnValue:
    """Write a draft anew."""
    form, mine = _offering(forms.ChangeForm()), scope()
    (batch, _), here = queries.get_draft(mine, key), url_for("handovers.batch", key=key)

    def act() -> None:
        services.change_batch(mine, key, seen=form.version.data or 0, **_told(form))

    if act_once(form, "handovers.change", act, place=here, about=key):
        flash(i18n._("Saved."))
        return redirect(here, 303)
    return render_template("handovers/change.html", form=form, batch=batch), form.status


@blueprint.get("/<key>")
@require(Permission.BATCH_READ)
def batch(key: str) -> ResponseReturnValue:
    """Show one batch."""
    return _page(key)


@blueprint.post("/<key>/lines")
@require(Permission.BATCH_WRITE)
def add_line(key: str) -> ResponseReturnValue:
    """Put a record of the register into a draft."""
    form = forms.TagForm()
    return _done(key, "add", form, lambda: services.add_line(scope(), key, form.tag.data or ""))


@blueprint.post("/<key>/lines/dear")
@require(Permission.BATCH_WRITE)
def add_dear_lines(key: str) -> ResponseReturnValue:
    """Put every record into a draft of which proof goes with the final report."""
    warned: list[str] = []

    def act() -> None:
        if left_out := services.add_dear_lines(scope(), key):
            warned.append(i18n._("Not ready, and left out: %(tags)s", tags=i18n.listed(left_out)))

    return _done(key, "add_dear", DeskForm(), act, warned)


@blueprint.post("/<key>/lines/<line>/remove")
@require(Permission.BATCH_WRITE)
def remove_line(key: str, line: str) -> ResponseReturnValue:
    """Take a record out of a draft."""
    return _done(key, f"remove {line}", DeskForm(), lambda: services.remove_line(scope(), key, line))


@blueprint.post("/<key>/submit")
@require(Permission.BATCH_WRITE)
def submit(key: str) -> ResponseReturnValue:
    """Ask for two approvals."""
    return _done(key, "submit", DeskForm(), lambda: services.submit(scope(), key))


@blueprint.post("/<key>/return")
@require(Permission.BATCH_FINANCE, Permission.BATCH_LEAD)
def send_back(key: str) -> ResponseReturnValue:
    """Let a batch be a draft again."""
    form = forms.ReasonForm(prefix="return")
    return _done(key, "return", form, lambda: services.send_back(scope(), key, because=form.because.data or ""))


@blueprint.post("/<key>/approve")
@require(Permission.BATCH_FINANCE, Permission.BATCH_LEAD)
def approve(key: str) -> ResponseReturnValue:
    """Approve in the name of one's office."""
    form, offices = forms.ActForm(), [office for permission, office in _OFFICES.items() if can(permission)]
    return _done(key, "approve", form, lambda: services.approve(scope(), key, *offices, seen=form.version.data or 0))


@blueprint.post("/<key>/inspect")
@require(Permission.BATCH_INSPECT)
@takes_files
def inspect(key: str) -> ResponseReturnValue:
    """Write down how one thing was found."""
    form, warned = forms.InspectForm(), list[str]()

    def act() -> None:
        is_line = services.inspect_line(
            scope(),
            key,
            form.tag.data or "",
            grade=form.grade.data,
            erasure=form.erasure.data,
            note=form.note.data or "",
            erasure_note=form.erasure_note.data or "",
            photo=form.photo.data,
        )
        if not is_line:
            warned.append(
                i18n._("%(tag)s is no line of this batch: it is on the list of discrepancies.", tag=form.tag.data)
            )

    return _done(key, "inspect", form, act, warned)


@blueprint.post("/<key>/seal")
@require(Permission.BATCH_WRITE)
def seal(key: str) -> ResponseReturnValue:
    """Freeze the certificate and have it printed."""
    settings = current_app.config["CLINIC"]
    address = settings.verify_url or (settings.public_url if subject().is_demo else "")
    form = forms.ActForm()

    def act() -> None:
        services.begin_seal(scope(), key, seen=form.version.data or 0, check_address=address)

    return _done(key, "seal", form, act)


@blueprint.post("/<key>/print-again")
@require(Permission.BATCH_WRITE)
def print_again(key: str) -> ResponseReturnValue:
    """Ask anew for a paper that was not printed."""
    return _done(key, "print_again", DeskForm(), lambda: services.print_again(scope(), key))


@blueprint.post("/<key>/unseal")
@require(Permission.BATCH_LEAD)
def unseal(key: str) -> ResponseReturnValue:
    """Make a certificate void that nobody has signed."""
    form = forms.ReasonForm(prefix="unseal")
    return _done(key, "unseal", form, lambda: services.unseal(scope(), key, because=form.because.data or ""))


@blueprint.post("/<key>/sign")
@require(Permission.SIGN_GIVER, Permission.SIGN_CUSTODIAN)
def sign(key: str) -> ResponseReturnValue:
    """Sign in the name of one's party."""
    form = forms.SignForm()
    return _done(key, "sign", form, lambda: services.sign(scope(), key, *_parties(), sha256=form.sha256.data or ""))


@blueprint.post("/<key>/sign-beside")
@require(Permission.BATCH_WRITE)
def sign_beside(key: str) -> ResponseReturnValue:
    """Let the giver or the custodian sign at this PC."""
    form = forms.BesideForm(prefix="beside")

    def act() -> None:
        services.sign_beside(
            scope(),
            key,
            {permission.value: party for permission, party in _PARTIES.items()},
            username=form.username.data or "",
            secret=form.secret.data or "",
            sha256=form.sha256.data or "",
        )

    return _done(key, "sign_beside", form, act)


@blueprint.post("/<key>/answer")
@require(Permission.RECEIVE)
def answer(key: str) -> ResponseReturnValue:
    """Take the receiver's answer to every line, with the second receiver's password."""
    form = _answer_form(queries.get_whole(scope(), key))

    def act() -> None:
        services.answer(
            scope(),
            key,
            form.answers(),
            username=form.username.data or "",
            secret=form.secret.data or "",
            sha256=form.sha256.data or "",
            permission=Permission.RECEIVE,
        )

    return _done(key, "answer", form, act)


@blueprint.post("/<key>/cancel")
@require(Permission.BATCH_LEAD)
def cancel(key: str) -> ResponseReturnValue:
    """End a batch that nobody has signed."""
    form = forms.ReasonForm(prefix="cancel")
    return _done(key, "cancel", form, lambda: services.cancel(scope(), key, because=form.because.data or ""))


@blueprint.post("/<key>/withdraw")
@require(Permission.SIGN_GIVER)
def withdraw(key: str) -> ResponseReturnValue:
    """Take a batch back before the receiver answers."""
    form = forms.ReasonForm(prefix="withdraw")
    return _done(key, "withdraw", form, lambda: services.withdraw(scope(), key, because=form.because.data or ""))


@blueprint.get("/<key>/certificate.pdf")
@require(Permission.BATCH_READ)
def certificate(key: str) -> ResponseReturnValue:
    """Give out the certificate, the bytes that were stored at the seal."""
    found = queries.find_certificate(scope(), key)
    if found is None or found.pdf_sha256 is None:
        raise NotFound(N_("The certificate is not printed yet."))
    record_read("certificate", found.key, act="PRINT")
    name = f'inline; filename="{found.number}-v{found.version}.pdf"'
    paper = blobs.read(found.pdf_sha256).data
    return Response(paper, mimetype="application/pdf", headers={"Content-Disposition": name})


@blueprint.get("/<key>/files/<sha256>")
@require(Permission.BATCH_READ)
def file(key: str, sha256: str) -> ResponseReturnValue:
    """Give out a photo or a paper that shows a line of the batch."""
    shown = queries.get_file(scope(), key, sha256)
    record_read("handover_file", shown)
    return hand_out(shown)


def _done(
    key: str, action: str, form: DeskForm, act: Callable[[], object], warned: Sequence[str] = ()
) -> ResponseReturnValue:
    """Do one thing about a batch and show it anew; a refusal keeps what was typed. `warned` is filled by the act."""
    queries.get_batch(scope(), key)
    here = url_for("handovers.batch", key=key)
    if act_once(form, f"handovers.{action}", act, place=here, about=key):
        for words in warned:
            flash(words, "look")
        if not warned:
            flash(i18n._("Saved."))
        return redirect(here, 303)
    return _page(key, form), form.status


def _page(key: str, sent: DeskForm | None = None) -> str:
    """Draw a batch; `sent` is the form that came back refused."""
    mine = scope()
    found = queries.get_whole(mine, key, i18n.language())
    record_read("handover_batch", found.batch.key)
    shown = found.certificate.sha256 if found.certificate else "0" * 64
    reasons = {name: _own(sent, forms.ReasonForm, name) for name in ("return", "unseal", "cancel", "withdraw")}
    return render_template(
        "handovers/batch.html",
        whole=found,
        sent=sent,
        steps=steps(found),
        act=DeskForm(formdata=None),
        seen_form=forms.ActForm(formdata=None, data={"version": found.batch.version}),
        tag_form=_sent(sent, forms.TagForm) or forms.TagForm(formdata=None),
        inspect_form=_sent(sent, forms.InspectForm) or forms.InspectForm(formdata=None),
        sign_form=forms.SignForm(formdata=None, data={"sha256": shown}),
        beside_form=_own(sent, forms.BesideForm, "beside", sha256=shown),
        form_of_answers=sent if isinstance(sent, forms.AnswerForm) else _answer_form(found),
        reasons=reasons,
        may_sign=found.is_ours and any(not found.has_signed(party) for party in _parties()),
        is_receiver=found.batch.receiver_id == mine.organisation_id,
        **(read_strip(mine) if can(Permission.ASSET_READ) else {}),
    )


def _parties() -> list[Party]:
    """Return in whose name the caller may sign."""
    return [party for permission, party in _PARTIES.items() if can(permission)]


def _sent(sent: DeskForm | None, kind: type[Any]) -> Any:  # noqa: ANN401 - a form of that kind
    return sent if type(sent) is kind else None


def _own(sent: DeskForm | None, kind: type[Any], prefix: str, **data: str) -> Any:  # noqa: ANN401 - a form of that kind
    is_sent = type(sent) is kind and sent is not None and sent.op.name.startswith(prefix)
    return sent if is_sent else kind(formdata=None, prefix=prefix, data=data)


def _answer_form(found: Whole) -> forms.AnswerForm:
    return forms.answer_form(found.lines, found.certificate.sha256 if found.certificate else "0" * 64)


def _new_form() -> forms.NewBatchForm:
    form = _offering(forms.NewBatchForm())
    agreements = list_agreements()
    if not agreements:
        form.refuse(NoAgreement(N_("There is no agreement on file. Whoever keeps the server puts it there.")))
    form.agreement.choices = [(one.code, f"{one.code}: {one.title}") for one in agreements]
    if len(agreements) == 1 and not form.is_submitted():
        form.agreement.data = agreements[0].code
    return form


def _offering(form: Offering) -> Offering:
    """Return a form of a batch with the receivers that it may go to."""
    name = f"name_{i18n.language()}"
    form.receiver.choices = [(one.code, getattr(one, name)) for one in queries.list_receivers(scope())]
    return form


def _told(form: forms.BatchForm) -> dict[str, Any]:
    return {
        "receiver_code": form.receiver.data,
        "unit": form.unit.data or "",
        "place": form.place.data or "",
        "purpose": form.purpose.data or "",
        "on": form.on.data,
    }

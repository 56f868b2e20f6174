"""Sitting down with badge and PIN at a shared PC, and what the administrator gives and takes for it."""

import segno
from flask import Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user
from markupsafe import Markup

from clinic.auth import forms, queries, rules
from clinic.auth.identity import SignedIn, find_computer, keep_computer
from clinic.auth.roles import Permission
from clinic.auth.services import badges
from clinic.auth.views.accounts import account_page
from clinic.auth.views.blueprint import blueprint
from clinic.kernel import i18n
from clinic.kernel.access import find_subject, public, require, scope, signed_in, subject
from clinic.kernel.db import transaction
from clinic.kernel.errors import DomainError
from clinic.kernel.operations import once
from clinic.kernel.pdf import render_pdf
from clinic.kernel.text import N_
from clinic.kernel.web import safe_next
from clinic.sites.queries import get_site

# ---- sitting down ---------------------------------------------------------------------------------------------------


@blueprint.get("/badge")
@public
def badge() -> ResponseReturnValue:
    """Ask for a badge, on an enrolled PC; elsewhere lead to the door."""
    if find_computer() is None:
        return redirect(url_for("auth.sign_in"))
    return _badge_page(forms.BadgeForm(prefix="badge"))


@blueprint.post("/badge")
@public
def sit_down() -> ResponseReturnValue:
    """Take a badge and ask for its PIN; take both and open a session, with what its owner had parked."""
    form, computer = forms.BadgeForm(prefix="badge"), find_computer()
    if computer is None:
        return redirect(url_for("auth.sign_in"))
    if form.validate():
        number, pin = rules.as_badge(form.badge.data or ""), form.pin.data or ""
        try:
            if pin:
                return _sat_down(computer.id, number=number, pin=pin)
            if queries.find_badge_holder(number) is None:
                raise rules.SwitchRefused(
                    N_("This badge is not known. Scan it again, or use your password."), field="badge"
                )
            return _badge_page(form, number)
        except DomainError as refusal:
            form.refuse(refusal)
            return _badge_page(form, number if pin else ""), 422
    return _badge_page(form), 422


def _badge_page(form: forms.BadgeForm, number: str = "") -> str:
    holder = queries.find_badge_holder(number) if number else None
    return render_template(
        "auth/badge.html", badge_form=form, computer=find_computer(), holder=holder, number=number if holder else ""
    )


def _sat_down(computer_id: int, *, number: str, pin: str) -> ResponseReturnValue:
    before = find_subject()
    with transaction():
        user_id, token = badges.sit_down(
            computer_id,
            number=number,
            pin=pin,
            address=request.remote_addr or "",
            leaving=before.session_id if before else None,
        )
        parked = badges.take_parked(user_id, token=token)
    session.clear()
    login_user(SignedIn(token))
    if parked:
        return redirect(url_for("auth.resume", parked=parked))
    is_same = before is not None and before.user_id == user_id
    return redirect(safe_next(url_for("auth.home")) if is_same else url_for("auth.home"))


@blueprint.get("/resume")
@signed_in
def resume() -> ResponseReturnValue:
    """Show what its owner was sending when a screen locked."""
    parked = queries.recall(subject().session_id, request.args.get("parked", ""))
    return render_template("auth/resume.html", parked=parked) if parked else redirect(url_for("auth.home"))


@blueprint.post("/account/pin")
@signed_in
def choose_pin() -> ResponseReturnValue:
    """Choose one's own PIN."""
    form, person = forms.PinForm(prefix="pin"), subject()
    if form.validate():
        try:
            with transaction():
                badges.choose_pin(person.user_id, password=form.password.data or "", pin=form.pin.data or "")
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            flash(i18n._("Your new PIN holds from now on."))
            return redirect(url_for("auth.account"))
    return account_page(pin_form=form), 422


# ---- what the administrator gives and takes --------------------------------------------------------------------------


@blueprint.get("/computers")
@require(Permission.USERS)
def computers() -> ResponseReturnValue:
    """List the site's shared PCs, and offer to enrol this one."""
    return _computers_page(forms.ComputerForm())


@blueprint.post("/computers")
@require(Permission.USERS)
def enrol_computer() -> ResponseReturnValue:
    """Enrol the PC that this is sent from."""
    form, mine = forms.ComputerForm(), scope()
    if not form.validate():
        return _computers_page(form), 422
    with transaction():
        act = once(mine.user_id, "auth.enrol_computer", form.op.data or "", {"name": form.name.data})
        token = "" if act.is_repeat else badges.enrol_computer(mine, name=form.name.data or "")
        if token:
            act.answered(url_for("auth.computers"))
    flash(i18n._("This computer is enrolled. Badges open it from now on."))
    response = Response(status=303, headers={"Location": url_for("auth.computers")})
    if token:
        keep_computer(response, token)
    return response


@blueprint.post("/computers/<key>/withdraw")
@require(Permission.USERS)
def withdraw_computer(key: str) -> ResponseReturnValue:
    """Take a PC off the list, and end whatever is open there."""
    mine = scope()
    with transaction():
        ended = badges.withdraw_computer(mine, key)
    flash(i18n._("Badges open nothing there any more."))
    if ended:
        flash(i18n.ngettext("One session ended.", "%(num)s sessions ended.", ended))
    return redirect(url_for("auth.computers"))


def _computers_page(form: forms.ComputerForm) -> str:
    return render_template(
        "auth/computers.html", form=form, computers=queries.list_computers(scope()), here=find_computer()
    )


@blueprint.post("/accounts/<key>/badge")
@require(Permission.USERS)
def give_badge(key: str) -> ResponseReturnValue:
    """Print a new badge; the one before it opens nothing any more."""
    mine, number = scope(), badges.new_badge_number()
    user = queries.get_user(mine, key)
    paper = render_pdf(
        "auth/badge.pdf.html",
        user=user,
        roles=sorted(queries.list_roles(mine, user.id)),
        site=get_site(mine),
        code=Markup(segno.make(number, error="m", micro=False).svg_inline(border=0, omitsize=True)),  # noqa: S704 - drawn by us from digits
    )
    with transaction():
        badges.give_badge(mine, key, number=number)
    return Response(paper, mimetype="application/pdf", headers={"Content-Disposition": 'inline; filename="badge.pdf"'})


@blueprint.post("/accounts/<key>/badge/withdraw")
@require(Permission.USERS)
def withdraw_badge(key: str) -> ResponseReturnValue:
    """Let a lost badge open nothing any more."""
    mine = scope()
    with transaction():
        badges.withdraw_badge(mine, key)
    flash(i18n._("The badge opens nothing any more."))
    return redirect(url_for("auth.show_account", key=key))

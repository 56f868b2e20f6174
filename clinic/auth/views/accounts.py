"""Signing in and out, the locked screen, one's own account, and the administrator's accounts."""

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from clinic.auth import forms, queries, rules, services
from clinic.auth.identity import SignedIn, find_computer
from clinic.auth.roles import Permission
from clinic.auth.views.blueprint import blueprint
from clinic.kernel import clock, i18n
from clinic.kernel.access import find_subject, public, require, scope, signed_in, subject
from clinic.kernel.db import transaction
from clinic.kernel.errors import DomainError
from clinic.kernel.operations import once
from clinic.kernel.tabs import tabs
from clinic.kernel.web import safe_next
from clinic.sites.queries import find_installation


@blueprint.get("/")
@signed_in
def home() -> ResponseReturnValue:
    """Lead to the first desk that the person's roles open."""
    doors = tabs()
    return redirect(doors[0][0]) if doors else render_template("auth/home.html")


@blueprint.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """Show the door."""
    return _sign_in_page(forms.SignInForm(data={"username": request.args.get("account")}))


@blueprint.post("/sign-in")
@public
def open_session() -> ResponseReturnValue:
    """Let a person in who knows the password, unless the back-off says to wait."""
    form = forms.SignInForm()
    if form.validate():
        try:
            return _signed_in(form.username.data or "", form.password.data or "")
        except DomainError as refusal:
            form.refuse(refusal)
    return _sign_in_page(form), 422


def _sign_in_page(form: forms.SignInForm) -> str:
    """Show the door; a demo's door names the demo's people, a clinic's own names nobody."""
    installation = find_installation()
    people = queries.list_people_to_show() if installation and installation.is_demo else []
    badge_form = forms.BadgeForm(formdata=None, prefix="badge")
    return render_template(
        "auth/sign_in.html", form=form, people=people, badge_form=badge_form, computer=find_computer()
    )


def _signed_in(typed: str, password: str) -> ResponseReturnValue:
    address = request.remote_addr or ""
    username = rules.as_username(typed)
    now = clock.now()
    failures = queries.list_failures(username, address, now - rules.BACK_OFF_WINDOW)
    rules.refuse_too_soon(failures, now)
    user = queries.find_user(username)
    sites = queries.list_sites(user.id) if user else []
    if user is None or not services.is_right(user, password) or not sites:
        with transaction():
            services.record_failure(username, address=address)
        raise rules.SignInRefused(rules.SIGN_IN_REFUSED, field="password")
    user_id, site_id, computer = user.id, sites[0].id, find_computer()
    computer_id = computer.id if computer else None
    with transaction():
        token = services.open_session(user_id, site_id=site_id, address=address, computer_id=computer_id)
    session.clear()
    login_user(SignedIn(token))
    return redirect(safe_next(url_for("auth.home")))


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> ResponseReturnValue:
    """End the session here and on the server."""
    session_id = subject().session_id
    with transaction():
        services.close_session(session_id)
    logout_user()
    session.clear()
    return redirect(url_for("auth.sign_in"))


@blueprint.post("/lock")
@signed_in
def lock() -> ResponseReturnValue:
    """Lock the screen; nothing about a patient stays on it."""
    session_id = subject().session_id
    with transaction():
        services.lock(session_id)
    return redirect(url_for("auth.unlock"))


@blueprint.get("/locked")
@signed_in
def unlock() -> ResponseReturnValue:
    """Show the locked screen."""
    return _locked_page(forms.UnlockForm())


@blueprint.post("/locked")
@signed_in
def reopen() -> ResponseReturnValue:
    """Open the locked screen to the same person, and hand back what was parked when it locked."""
    form, person = forms.UnlockForm(), subject()
    if form.validate():
        try:
            _check_password(person.username, form.password.data or "")
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            with transaction():
                services.touch(person.session_id)
            parked = queries.recall(person.session_id, request.args.get("parked", ""))
            if parked:
                return render_template("auth/resume.html", parked=parked)
            return redirect(safe_next(url_for("auth.home")))
    return _locked_page(form), 422


def _locked_page(form: forms.UnlockForm) -> str:
    """Show the locked screen; on a shared PC another person's badge opens it too."""
    badge_form = forms.BadgeForm(formdata=None, prefix="badge")
    return render_template("auth/locked.html", form=form, badge_form=badge_form, computer=find_computer())


def _check_password(username: str, password: str) -> None:
    """Refuse a wrong password, which counts, and any that comes too soon after wrong ones."""
    address, now = request.remote_addr or "", clock.now()
    rules.refuse_too_soon(queries.list_failures(username, address, now - rules.BACK_OFF_WINDOW), now, field="password")
    if not services.is_right(queries.find_user(username), password):
        with transaction():
            services.record_failure(username, address=address)
        raise rules.SignInRefused(rules.SIGN_IN_REFUSED, field="password")


@blueprint.post("/language")
@public
def language() -> ResponseReturnValue:
    """Show the pages in another language from now on."""
    code = request.form.get("language", "")
    if code not in i18n.LANGUAGES:
        return redirect(url_for("auth.home"))
    i18n.choose_language(code)
    person = find_subject()
    if person:
        with transaction():
            services.choose_language(person.user_id, code)
    return redirect(safe_next(url_for("auth.home")))


@blueprint.get("/account")
@signed_in
def account() -> ResponseReturnValue:
    """Show a person's own account."""
    return account_page()


@blueprint.post("/account")
@signed_in
def change_password() -> ResponseReturnValue:
    """Change a person's own password."""
    form, person = forms.PasswordForm(), subject()
    if form.validate():
        try:
            with transaction():
                services.change_password(person.user_id, old=form.old.data or "", new=form.new.data or "")
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            flash(i18n._("Your new password holds from now on."))
            return redirect(url_for("auth.home"))
    return account_page(form), 422


def account_page(form: forms.PasswordForm | None = None, pin_form: forms.PinForm | None = None) -> str:
    """Show a person's own account with whichever form is to be looked at again."""
    return render_template(
        "auth/account.html",
        form=form or forms.PasswordForm(formdata=None),
        pin_form=pin_form or forms.PinForm(formdata=None, prefix="pin"),
        holder=queries.get_holder(subject().user_id),
    )


@blueprint.post("/account/keys")
@signed_in
def switch_keys() -> ResponseReturnValue:
    """Switch the product's own keys off or on for one person (WCAG 2.1.4)."""
    person = subject()
    with transaction():
        services.switch_keys(person.user_id, off=not person.keys_off)
    return redirect(url_for("auth.account"))


@blueprint.get("/accounts")
@require(Permission.USERS)
def accounts() -> ResponseReturnValue:
    """List the organisation's accounts."""
    return render_template("auth/accounts.html", accounts=queries.list_accounts(scope()))


@blueprint.get("/accounts/new")
@require(Permission.USERS)
def new_account() -> ResponseReturnValue:
    """Show the form of a new account."""
    return render_template("auth/new_account.html", form=forms.NewAccountForm(data={"language": i18n.language()}))


@blueprint.post("/accounts/new")
@require(Permission.USERS)
def open_account() -> ResponseReturnValue:
    """Open an account and show its first password, once."""
    form = forms.NewAccountForm()
    if form.validate():
        try:
            key, first = _open_account(form)
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            return _show_first_password(key, first)
    return render_template("auth/new_account.html", form=form), 422


def _open_account(form: forms.NewAccountForm) -> tuple[str, str]:
    mine = scope()
    with transaction():
        act = once(mine.user_id, "auth.open_account", form.op.data or "", {"username": form.username.data})
        if act.is_repeat:
            return act.answer, ""
        user_id, first = services.create_user(
            organisation_id=mine.organisation_id,
            username=form.username.data or "",
            name_latin=form.name_latin.data or "",
            name_ar=form.name_ar.data or "",
            language=form.language.data,
        )
        key = queries.get_user_by_id(mine, user_id).key
        services.set_roles(mine, key, frozenset(form.roles.data))
        act.answered(key)
    return key, first


def _show_first_password(key: str, first: str) -> ResponseReturnValue:
    """Show a password that is stored nowhere; a repeated post shows that it cannot be shown again."""
    return render_template("auth/first_password.html", account=queries.get_user(scope(), key), first=first)


@blueprint.get("/accounts/<key>")
@require(Permission.USERS)
def show_account(key: str) -> ResponseReturnValue:
    """Show one account."""
    user = queries.get_user(scope(), key)
    form = forms.ChangeAccountForm(obj=user, data={"roles": queries.list_roles(scope(), user.id)})
    return _account_page(key, form)


@blueprint.post("/accounts/<key>")
@require(Permission.USERS)
def change_account(key: str) -> ResponseReturnValue:
    """Change an account and the roles it holds here; both hold from its next request on."""
    form, mine = forms.ChangeAccountForm(), scope()
    if form.validate():
        try:
            with transaction():
                services.change_user(
                    mine,
                    key,
                    name_latin=form.name_latin.data or "",
                    name_ar=form.name_ar.data or "",
                    language=form.language.data,
                    is_active=form.is_active.data,
                )
                services.set_roles(mine, key, frozenset(form.roles.data))
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            flash(i18n._("Saved."))
            return redirect(url_for("auth.accounts"))
    return _account_page(key, form), 422


def _account_page(key: str, form: forms.ChangeAccountForm) -> str:
    user = queries.get_user(scope(), key)
    sessions, holder = queries.list_sessions(user.id), queries.get_holder(user.id)
    return render_template("auth/change_account.html", form=form, account=user, sessions=sessions, holder=holder)


@blueprint.post("/accounts/<key>/sessions")
@require(Permission.USERS)
def end_sessions(key: str) -> ResponseReturnValue:
    """End every session of a user at once."""
    mine = scope()
    with transaction():
        ended = services.close_sessions(mine, key)
    flash(i18n.ngettext("One session ended.", "%(num)s sessions ended.", ended))
    return redirect(url_for("auth.accounts"))


@blueprint.post("/accounts/<key>/password")
@require(Permission.USERS)
def reset_password(key: str) -> ResponseReturnValue:
    """Give a user a new first password, shown once; every session of that user ends."""
    mine = scope()
    with transaction():
        first = services.reset_password(mine, key)
    return _show_first_password(key, first)

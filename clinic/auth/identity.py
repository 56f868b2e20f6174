"""Flask-Login's side of a session: a token in the cookie, everything else read from the database each time."""

from flask import Flask, Response, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user

from clinic.auth import queries, rules, services
from clinic.auth.models import Computer
from clinic.kernel import clock
from clinic.kernel.access import Subject
from clinic.kernel.db import transaction

ALWAYS_OPEN = frozenset(
    {"auth.unlock", "auth.reopen", "auth.sign_out", "auth.language", "auth.sign_in", "auth.badge", "auth.sit_down"}
)
FIRST_PASSWORD_OPENS = frozenset({"auth.account", "auth.change_password", "auth.lock"})

UNPARKED = frozenset({"csrf_token", "new", "old", "password", "pin", "secret"})


class SignedIn(UserMixin):  # type: ignore[misc]  # flask-login ships no types
    """Whoever holds a token; `subject` says who that is."""

    def __init__(self, token: str, subject: Subject | None = None) -> None:
        self.token = token
        self.subject = subject

    def get_id(self) -> str:
        """Return what the cookie carries."""
        return self.token


def init_app(app: Flask) -> None:
    """Read the session before every request, and guard it with the lock and the first password's change."""
    manager = LoginManager(app)
    manager.session_protection = None  # the session is the database's, and tablets change networks
    manager.user_loader(_load)
    manager.unauthorized_handler(_unauthorized)
    app.before_request(_identify)


def find_computer() -> Computer | None:
    """Return the enrolled PC that this request comes from."""
    token = request.cookies.get(_computer_cookie())
    return queries.find_computer(token) if token else None


def keep_computer(response: Response, token: str) -> None:
    """Let the browser keep the token of its PC, where no script can read it."""
    response.set_cookie(
        _computer_cookie(),
        token,
        max_age=rules.COMPUTER_KEPT,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )


def _computer_cookie() -> str:
    return "__Host-computer" if current_app.config["SESSION_COOKIE_SECURE"] else "computer"


def _load(token: str) -> SignedIn | None:
    person = queries.find_subject(token, clock.now(), clock.today().weekday())
    return SignedIn(token, person) if person else None


def _identify() -> ResponseReturnValue | None:
    person: Subject | None = current_user.subject if current_user.is_authenticated else None
    g.subject = person
    g.actor_id = person.user_id if person else None
    g.site_id = person.site_id if person else None
    g.address = request.remote_addr or ""
    if person is None or request.endpoint in ALWAYS_OPEN:
        return None
    if person.is_locked:
        return _lock_out(person)
    if person.must_change_password and request.endpoint not in FIRST_PASSWORD_OPENS:
        return redirect(url_for("auth.account"))
    if clock.now() - person.seen_at >= rules.SEEN_EVERY and "X-Poll" not in request.headers:
        with transaction():
            services.touch(person.session_id)
    return None


def _lock_out(person: Subject) -> ResponseReturnValue:
    """Lead to the locked screen; what was being sent is parked and handed back after it."""
    if request.method != "POST":
        return _go(url_for("auth.unlock", next=request.full_path.rstrip("?")))
    fields = [
        [name, value] for name, value in request.form.items(multi=True) if name.rpartition("-")[2] not in UNPARKED
    ]
    session_id, path = person.session_id, request.full_path.rstrip("?")
    with transaction():
        parked = services.remember(session_id, {"path": path, "fields": fields})
    return _go(url_for("auth.unlock", parked=parked))


def _unauthorized() -> ResponseReturnValue:
    session.clear()
    wanted = request.full_path.rstrip("?") if request.method == "GET" and request.path != "/" else None
    return _go(url_for("auth.sign_in", next=wanted))


def _go(url: str) -> ResponseReturnValue:
    if "HX-Request" in request.headers:
        return "", 401, {"HX-Redirect": url}
    return redirect(url)

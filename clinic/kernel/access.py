"""Who may pass: every route states its policy, and a route that states none lets nobody in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, has_app_context, request
from flask.typing import ResponseReturnValue

from clinic.kernel import audit

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Scope:
    """Whose rows a query may see: those of one organisation, and of one site within it."""

    organisation_id: int
    site_id: int
    user_id: int


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The signed-in person of this request, as read from the database for this request."""

    user_id: int
    session_id: int
    organisation_id: int
    site_id: int
    roles: frozenset[str]
    permissions: frozenset[str]
    username: str
    name_latin: str
    name_ar: str
    language: str
    colour: int
    keys_off: bool
    must_change_password: bool
    is_locked: bool
    seen_at: datetime
    opens: int | None
    closes: int | None
    is_demo: bool

    @property
    def scope(self) -> Scope:
        """What this person's queries may see."""
        return Scope(self.organisation_id, self.site_id, self.user_id)


@dataclass(frozen=True)
class Policy:
    """Who may pass a route: anybody, anybody signed in, or holders of one of `permissions`."""

    is_public: bool = False
    permissions: frozenset[str] = frozenset()

    def admits(self, held: frozenset[str]) -> bool:
        """Whether a signed-in person with the permissions `held` may pass."""
        return not self.permissions or bool(self.permissions & held)


def require(*permissions: str) -> Callable[[View], View]:
    """Mark a view as open to holders of any one of `permissions`."""
    return _mark(Policy(permissions=frozenset(permissions)))


def public(view: View) -> View:
    """Mark a view as open to everybody, signed in or not."""
    return _mark(Policy(is_public=True))(view)


def signed_in(view: View) -> View:
    """Mark a view as open to everybody who is signed in."""
    return _mark(Policy())(view)


def policy_of(view: Callable[..., Any]) -> Policy | None:
    """Return the policy that `view` states, or None."""
    return getattr(view, "access_policy", None)


def subject() -> Subject:
    """Return the signed-in person; refuse with 401 where there is none."""
    found = find_subject()
    if found is None:
        abort(401)
    return found


def find_subject() -> Subject | None:
    """Return the signed-in person, or None."""
    found: Subject | None = g.get("subject")
    return found


def scope() -> Scope:
    """Return what the signed-in person's queries may see."""
    return subject().scope


def address() -> str:
    """Return where this request came from; of a command or a job, nothing."""
    found: str = g.get("address", "") if has_app_context() else ""
    return found


def can(permission: str) -> bool:
    """Whether the signed-in person holds `permission`."""
    found = find_subject()
    return found is not None and permission in found.permissions


def init_app(app: Flask) -> None:
    """Put the check before every request; whoever sets `g.subject` must be registered earlier."""
    app.before_request(_check)
    app.jinja_env.globals.update(can=can, subject=find_subject)


def _mark(policy: Policy) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.access_policy = policy  # type: ignore[attr-defined]  # read back by policy_of alone
        return view

    return mark


def _check() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None
    policy = policy_of(current_app.view_functions[request.endpoint])
    if policy is None:
        abort(403)
    if policy.is_public:
        return None
    person = find_subject()
    if person is None:
        answer: ResponseReturnValue = current_app.login_manager.unauthorized()  # type: ignore[attr-defined]  # flask-login puts it there
        return answer
    if not policy.admits(person.permissions):
        audit.record_read("route", request.endpoint, act="REFUSED")
        abort(403)
    return None

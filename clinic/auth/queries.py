"""Reads of accounts and sessions."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from clinic.auth import rules
from clinic.auth.models import Remembered, RoleGrant, SignInAttempt, User, UserSession
from clinic.auth.roles import Role, permissions_of
from clinic.kernel.access import Scope, Subject
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from clinic.sites.models import Installation, OpeningHours, Site


@dataclass(frozen=True)
class Account:
    """A user as the administrator's list shows one."""

    key: str
    username: str
    name_latin: str
    name_ar: str
    colour: int
    is_active: bool
    roles: tuple[Role, ...]
    open_sessions: int


def token_hash(token: str) -> str:
    """Return what is kept of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_subject(token: str, now: datetime, weekday: int) -> Subject | None:
    """Return who holds `token` now, in one statement; None once the session has ended or the account is closed."""
    rows = db.session.execute(
        select(UserSession, User, RoleGrant.role, OpeningHours.opens, OpeningHours.closes, Installation.is_demo)
        .join(User, User.id == UserSession.user_id)
        .outerjoin(OpeningHours, (OpeningHours.site_id == UserSession.site_id) & (OpeningHours.weekday == weekday))
        .outerjoin(Installation, Installation.id == 1)
        .outerjoin(RoleGrant, (RoleGrant.user_id == User.id) & (RoleGrant.site_id == UserSession.site_id))
        .where(UserSession.token_hash == token_hash(token), UserSession.ended_at.is_(None), User.is_active)
    ).all()
    if not rows:
        return None
    session, user, _role, opens, closes, is_demo = rows[0]
    if rules.is_over(session.started_at, now):
        return None
    roles = frozenset(row.role for row in rows if row.role is not None)
    return Subject(
        user_id=user.id,
        session_id=session.id,
        organisation_id=user.organisation_id,
        site_id=session.site_id,
        roles=frozenset[str](roles),
        permissions=frozenset[str](permissions_of(roles)),
        username=user.username,
        name_latin=user.name_latin,
        name_ar=user.name_ar,
        language=user.language,
        colour=user.colour,
        keys_off=user.keys_off,
        must_change_password=user.must_change_password,
        is_locked=session.locked_at is not None or rules.is_idle(session.seen_at, now),
        seen_at=session.seen_at,
        opens=opens,
        closes=closes,
        is_demo=bool(is_demo),
    )


def find_user(username: str) -> User | None:
    """Return the user of that name, active or not."""
    return db.session.scalar(select(User).where(User.username == username))


def find_colleague(scope: Scope, username: str) -> User | None:
    """Return the user of that name within the organisation, active or not."""
    return db.session.scalar(
        select(User).where(User.username == username, User.organisation_id == scope.organisation_id)
    )


def get_user(scope: Scope, key: str) -> User:
    """Return the user of that key within the organisation."""
    user = db.session.scalar(select(User).where(User.key == key, User.organisation_id == scope.organisation_id))
    if user is None:
        raise NotFound(N_("There is no such account."))
    return user


def get_user_by_id(scope: Scope, user_id: int) -> User:
    """Return the user of that id within the organisation."""
    user = db.session.get(User, user_id)
    if user is None or user.organisation_id != scope.organisation_id:
        raise NotFound(N_("There is no such account."))
    return user


def list_people_to_show() -> list[Account]:
    """Return everybody who may sign in, for the door of a demo."""
    rows = db.session.execute(
        select(User, RoleGrant.role)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(User.is_active)
        .order_by(User.id, RoleGrant.role)
    ).all()
    people: dict[int, Account] = {}
    for user, role in rows:
        known = people.get(user.id)
        roles = (*(known.roles if known else ()), role)
        people[user.id] = _account(user, roles=roles, open_sessions=0)
    return list(people.values())


def list_sessions(user_id: int) -> Sequence[UserSession]:
    """Return a user's open sessions, newest first."""
    return db.session.scalars(
        select(UserSession)
        .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
        .order_by(UserSession.started_at.desc())
    ).all()


def list_accounts(scope: Scope) -> list[Account]:
    """Return the organisation's accounts by name, each with its roles here and its open sessions."""
    users = db.session.scalars(
        select(User).where(User.organisation_id == scope.organisation_id).order_by(User.name_latin, User.id)
    ).all()
    grants = db.session.execute(
        select(RoleGrant.user_id, RoleGrant.role).where(RoleGrant.site_id == scope.site_id).order_by(RoleGrant.role)
    ).all()
    open_sessions = db.session.scalars(
        select(UserSession.user_id).join(User).where(UserSession.ended_at.is_(None), User.is_active)
    ).all()
    return [
        _account(
            user,
            roles=tuple(role for user_id, role in grants if user_id == user.id),
            open_sessions=open_sessions.count(user.id),
        )
        for user in users
    ]


def _account(user: User, *, roles: tuple[Role, ...], open_sessions: int) -> Account:
    return Account(
        key=user.key,
        username=user.username,
        name_latin=user.name_latin,
        name_ar=user.name_ar,
        colour=user.colour,
        is_active=user.is_active,
        roles=roles,
        open_sessions=open_sessions,
    )


def list_roles(scope: Scope, user_id: int) -> frozenset[Role]:
    """Return the roles that a user holds at the scope's site."""
    return frozenset(
        db.session.scalars(
            select(RoleGrant.role).where(RoleGrant.user_id == user_id, RoleGrant.site_id == scope.site_id)
        )
    )


def list_sites(user_id: int) -> Sequence[Site]:
    """Return the sites at which a user holds a role, the first of which a sign-in opens."""
    return db.session.scalars(
        select(Site).where(Site.id.in_(select(RoleGrant.site_id).where(RoleGrant.user_id == user_id))).order_by(Site.id)
    ).all()


def list_failures(username: str, address: str, since: datetime) -> list[datetime]:
    """Return when wrong passwords came for a name from an address, newest first, since the last right one."""
    failures = []
    for at, is_right in db.session.execute(
        select(SignInAttempt.at, SignInAttempt.is_right)
        .where(SignInAttempt.username == username, SignInAttempt.address == address, SignInAttempt.at > since)
        .order_by(SignInAttempt.at.desc(), SignInAttempt.id.desc())
        .limit(50)
    ):
        if is_right:
            break
        failures.append(at)
    return failures


def recall(session_id: int, key: str) -> dict[str, object] | None:
    """Return what a session remembered under `key`; nobody else's words are ever found."""
    return db.session.scalar(
        select(Remembered.payload).where(Remembered.key == key, Remembered.session_id == session_id)
    )

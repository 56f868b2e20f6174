"""Reads of accounts and sessions."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from clinic.auth import rules
from clinic.auth.models import Badge, Computer, Pin, Remembered, RoleGrant, SignInAttempt, User, UserSession
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


def name_in(language: str) -> ColumnElement[str]:
    """Return the column of a user's name in the script of a language, in Latin letters where it is not known in it."""
    if language != "ar":
        return User.__table__.c.name_latin
    return func.coalesce(func.nullif(User.name_ar, ""), User.name_latin)


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


# ---- badges and the PCs that they open ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Enrolled:
    """A shared PC as the administrator's list shows one."""

    key: str
    name: str
    enrolled_at: datetime
    enrolled_by: str
    open_sessions: int


@dataclass(frozen=True)
class Holder:
    """What there is of a user's badge: since when it is good, and since when a PIN goes with it."""

    badge_since: datetime | None
    pin_since: datetime | None


def find_computer(token: str) -> Computer | None:
    """Return the enrolled PC whose browser holds `token`; None once it was withdrawn."""
    return db.session.scalar(
        select(Computer).where(Computer.token_hash == token_hash(token), Computer.withdrawn_at.is_(None))
    )


def get_computer(scope: Scope, key: str) -> Computer:
    """Return an enrolled PC of the scope's site."""
    computer = db.session.scalar(select(Computer).where(Computer.key == key, Computer.site_id == scope.site_id))
    if computer is None:
        raise NotFound(N_("There is no such computer."))
    return computer


def list_computers(scope: Scope) -> list[Enrolled]:
    """Return the site's enrolled PCs by name, each with how many are signed in there."""
    sessions = (
        select(func.count())
        .where(UserSession.computer_id == Computer.id, UserSession.ended_at.is_(None))
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Computer.key, Computer.name, Computer.enrolled_at, User.name_latin, sessions)
        .join(User, User.id == Computer.enrolled_by_id)
        .where(Computer.site_id == scope.site_id, Computer.withdrawn_at.is_(None))
        .order_by(Computer.name, Computer.id)
    )
    return [Enrolled(*row) for row in rows]


def find_badge_holder(number: str) -> User | None:
    """Return whose badge bears `number`, where it is good and the account open."""
    return db.session.scalar(
        select(User)
        .join(Badge, Badge.user_id == User.id)
        .where(Badge.token_hash == token_hash(number), Badge.withdrawn_at.is_(None), User.is_active)
    )


def find_badge(user_id: int) -> Badge | None:
    """Return a user's good badge."""
    return db.session.scalar(select(Badge).where(Badge.user_id == user_id, Badge.withdrawn_at.is_(None)))


def get_holder(user_id: int) -> Holder:
    """Return what there is of a user's badge and PIN."""
    row = db.session.execute(
        select(Badge.given_at, Pin.chosen_at)
        .select_from(User)
        .outerjoin(Badge, (Badge.user_id == User.id) & Badge.withdrawn_at.is_(None))
        .outerjoin(Pin, Pin.user_id == User.id)
        .where(User.id == user_id)
    ).one()
    return Holder(*row)


def get_session_id(token: str) -> int:
    """Return the session that `token` opens."""
    return db.session.scalars(select(UserSession.id).where(UserSession.token_hash == token_hash(token))).one()


def find_parked(user_id: int, since: datetime) -> Remembered | None:
    """Return what a user was sending when a screen locked, on whatever computer, and has not been offered again."""
    rows = db.session.scalars(
        select(Remembered)
        .join(UserSession, UserSession.id == Remembered.session_id)
        .where(UserSession.user_id == user_id, UserSession.ended_at > since)
        .order_by(Remembered.at.desc())
        .limit(20)
    )
    return next((row for row in rows if "fields" in row.payload and "offered" not in row.payload), None)

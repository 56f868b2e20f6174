"""What is written of accounts and sessions."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import delete, update

from clinic.auth import queries, rules
from clinic.auth.models import Countersignature, Pin, Remembered, RoleGrant, SignInAttempt, User, UserSession
from clinic.auth.roles import Role, permissions_of
from clinic.kernel import audit, clock
from clinic.kernel.access import Scope, address
from clinic.kernel.db import db, keep_though_refused
from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_

_hasher = PasswordHasher()
_nobody = _hasher.hash(secrets.token_hex())


@dataclass(frozen=True, kw_only=True)
class Countersigner:
    """Who countersigned, what that person may do at this site, and the row that says so."""

    id: int
    user_id: int
    name: str
    permissions: frozenset[str]


class NameTaken(DomainError):
    """Another account has that name."""

    code = "name_taken"
    status = 422


def is_right(user: User | None, password: str) -> bool:
    """Whether `password` opens `user`'s account; takes the same time where there is no such user."""
    return is_hash_of(user.password_hash if user else None, password) and user is not None and user.is_active


def is_hash_of(kept: str | None, secret: str) -> bool:
    """Whether `kept` is the hash of `secret`; takes the same time where nothing is kept."""
    try:
        _hasher.verify(kept or _nobody, secret)
    except VerifyMismatchError:
        return False
    return kept is not None


def hash_password(password: str) -> str:
    """Return what is kept of a password (argon2id)."""
    return _hasher.hash(password)


def open_session(user_id: int, *, site_id: int, address: str, computer_id: int | None = None) -> str:
    """Open a session at a site, on an enrolled PC where it is one, and return its token, which is kept nowhere."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    db.session.add(
        UserSession(
            token_hash=queries.token_hash(token),
            user_id=user_id,
            site_id=site_id,
            computer_id=computer_id,
            started_at=now,
            seen_at=now,
        )
    )
    user = db.session.get_one(User, user_id)
    db.session.add(SignInAttempt(username=user.username, address=address, at=now, is_right=True))
    with audit.acting_as(user_id):
        audit.record("SIGN_IN", "app_user", user_id, {"address": address})
    db.session.flush()
    return token


def record_failure(username: str, *, address: str) -> None:
    """Record a wrong password, which the back-off counts."""
    db.session.add(SignInAttempt(username=username[:60], address=address, at=clock.now(), is_right=False))
    audit.record("SIGN_IN_FAILED", "app_user", None, {"username": username[:60], "address": address})
    db.session.flush()


def countersign(scope: Scope, *, username: str, secret: str, payload_hash: str, purpose: str) -> Countersigner:
    """Let another person consent, with their own password at this PC, to exactly what `payload_hash` is the hash of.

    Stands inside the transaction of the act. A wrong password counts in the account's back-off although the act is
    refused. Whether that person may consent to such an act is for the caller to say, by what comes back.
    """
    name, at, place = rules.as_username(username), clock.now(), address()
    rules.refuse_too_soon(queries.list_failures(name, place, at - rules.BACK_OFF_WINDOW), at, field="secret")
    second = queries.find_colleague(scope, name)
    if second is not None and second.id == scope.user_id:
        raise rules.CountersignRefused(
            N_("The second signature is another person's. Ask a colleague."), field="username"
        )
    roles = queries.list_roles(scope, second.id) if second else frozenset()
    if not is_right(second, secret) or second is None or not roles:
        keep_though_refused(lambda: record_failure(name, address=place))
        raise rules.CountersignRefused(rules.SIGN_IN_REFUSED, field="secret")
    if second.must_change_password:
        raise rules.CountersignRefused(
            N_("That person has yet to choose a password of their own, and cannot sign before."), field="username"
        )
    row = Countersignature(
        user_id=second.id,
        beside_id=scope.user_id,
        site_id=scope.site_id,
        purpose=purpose,
        payload_hash=payload_hash,
        at=at,
    )
    db.session.add(row)
    db.session.add(SignInAttempt(username=name, address=place, at=at, is_right=True))
    db.session.flush()
    audit.record("COUNTERSIGN", "countersignature", row.id, {"user": second.id, "purpose": purpose})
    return Countersigner(
        id=row.id, user_id=second.id, name=second.name_latin, permissions=frozenset[str](permissions_of(roles))
    )


def touch(session_id: int) -> None:
    """Record that a session was used now, and that its screen is open."""
    db.session.execute(
        update(UserSession).where(UserSession.id == session_id).values(seen_at=clock.now(), locked_at=None)
    )


def lock(session_id: int) -> None:
    """Lock a session's screen until its password is given again."""
    db.session.execute(update(UserSession).where(UserSession.id == session_id).values(locked_at=clock.now()))


def close_session(session_id: int) -> None:
    """End one session and forget what it remembered."""
    session = db.session.get_one(UserSession, session_id)
    session.ended_at = clock.now()
    db.session.execute(delete(Remembered).where(Remembered.session_id == session_id))
    audit.record("SIGN_OUT", "app_user", session.user_id, {})
    db.session.flush()


def close_sessions(scope: Scope, key: str) -> int:
    """End every open session of a user at once and return how many there were."""
    user = queries.get_user(scope, key)
    ended = db.session.execute(
        update(UserSession)
        .where(UserSession.user_id == user.id, UserSession.ended_at.is_(None))
        .values(ended_at=clock.now())
        .returning(UserSession.id)
    ).all()
    audit.record("SESSIONS_ENDED", "app_user", user.id, {"sessions": len(ended)})
    return len(ended)


def close_all_sessions() -> None:
    """End every open session: after a restore, those that stood in the backup."""
    db.session.execute(update(UserSession).where(UserSession.ended_at.is_(None)).values(ended_at=clock.now()))


def switch_site(session_id: int, *, user_id: int, site_id: int) -> None:
    """Move a session to another site at which its user holds a role."""
    if site_id not in {site.id for site in queries.list_sites(user_id)}:
        raise DomainError(N_("You hold no role at that site."))
    db.session.execute(update(UserSession).where(UserSession.id == session_id).values(site_id=site_id))


def create_user(
    *,
    organisation_id: int,
    username: str,
    name_latin: str,
    name_ar: str = "",
    language: str = "en",
    password: str | None = None,
) -> tuple[int, str]:
    """Create an account and return its id and first password, which is random unless given and works once."""
    username = rules.as_username(username)
    if queries.find_user(username) is not None:
        raise NameTaken(N_("There is an account of that name already."), field="username")
    first = password or secrets.token_urlsafe(12)
    user = User(
        organisation_id=organisation_id,
        username=username,
        name_latin=name_latin,
        name_ar=name_ar,
        language=language,
        password_hash=_hasher.hash(first),
        must_change_password=password is None,
        created_at=clock.now(),
        colour=1,
    )
    db.session.add(user)
    db.session.flush()
    user.colour = user.id % rules.PERSON_COLOURS + 1
    db.session.flush()
    return user.id, first


def grant(user_id: int, *, site_id: int, roles: Iterable[Role]) -> None:
    """Let a user hold further roles at a site."""
    db.session.add_all(RoleGrant(user_id=user_id, site_id=site_id, role=role) for role in roles)
    db.session.flush()


def change_user(scope: Scope, key: str, *, name_latin: str, name_ar: str, language: str, is_active: bool) -> None:
    """Change an account; closing it ends its sessions at once."""
    user = queries.get_user(scope, key)
    if user.id == scope.user_id and not is_active:
        raise DomainError(N_("You cannot close your own account."), field="is_active")
    user.name_latin, user.name_ar, user.language, user.is_active = name_latin, name_ar, language, is_active
    db.session.flush()
    if not is_active:
        close_sessions(scope, key)


def set_roles(scope: Scope, key: str, roles: frozenset[Role]) -> None:
    """Let a user hold exactly `roles` at the scope's site, from the next request on."""
    user = queries.get_user(scope, key)
    if user.id == scope.user_id and Role.ADMINISTRATOR not in roles:
        raise DomainError(N_("You cannot take the administrator's role from yourself."), field="roles")
    held = queries.list_roles(scope, user.id)
    for role in held - roles:
        db.session.delete(db.session.get_one(RoleGrant, (user.id, scope.site_id, role)))
    for role in roles - held:
        db.session.add(RoleGrant(user_id=user.id, site_id=scope.site_id, role=role))
    db.session.flush()


def reset_password(scope: Scope, key: str) -> str:
    """Give a user a new random password that works once, end the user's sessions and PIN, and return it."""
    user = queries.get_user(scope, key)
    first = secrets.token_urlsafe(12)
    user.password_hash, user.must_change_password = _hasher.hash(first), True
    if (pin := db.session.get(Pin, user.id)) is not None:
        db.session.delete(pin)
    db.session.flush()
    close_sessions(scope, key)
    return first


def change_password(user_id: int, *, old: str, new: str) -> None:
    """Change a user's own password."""
    user = db.session.get_one(User, user_id)
    if not is_right(user, old):
        raise rules.SignInRefused(N_("That is not your password now."), field="old")
    rules.check_password(new, user.username)
    user.password_hash, user.must_change_password = _hasher.hash(new), False
    db.session.flush()


def switch_keys(user_id: int, *, off: bool) -> None:
    """Let a user work without, or again with, the product's own keys."""
    db.session.get_one(User, user_id).keys_off = off
    db.session.flush()


def choose_language(user_id: int, language: str) -> None:
    """Let a user read the screen in `language` from now on."""
    db.session.get_one(User, user_id).language = language
    db.session.flush()


def remember(session_id: int, payload: dict[str, object]) -> str:
    """Keep words for a session and return the opaque key under which it alone finds them."""
    row = Remembered(session_id=session_id, payload=payload, at=clock.now())
    db.session.add(row)
    db.session.flush()
    return row.key


def forget_remembered(before: datetime) -> int:
    """Forget what sessions kept for themselves before then, and return how much that was."""
    gone = db.session.execute(delete(Remembered).where(Remembered.at < before).returning(Remembered.key)).all()
    return len(gone)

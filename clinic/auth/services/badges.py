"""Shared PCs, and the badge and PIN with which the next person sits down at one in a few seconds."""

import secrets

from sqlalchemy import update

from clinic.auth import queries, rules, services
from clinic.auth.models import Badge, Computer, Pin, Remembered, User, UserSession
from clinic.auth.roles import Permission, permissions_of
from clinic.kernel import audit, clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db, keep_though_refused
from clinic.kernel.text import N_


def enrol_computer(scope: Scope, *, name: str) -> str:
    """Enrol a PC at the scope's site and return the token that its browser keeps; only its hash stays here."""
    token = secrets.token_urlsafe(32)
    db.session.add(
        Computer(
            site_id=scope.site_id,
            name=name,
            token_hash=queries.token_hash(token),
            enrolled_by_id=scope.user_id,
            enrolled_at=clock.now(),
        )
    )
    db.session.flush()
    return token


def withdraw_computer(scope: Scope, key: str) -> int:
    """Let badges open nothing on a PC any more, end what is open there, and return how many sessions that were."""
    computer = queries.get_computer(scope, key)
    computer.withdrawn_at = computer.withdrawn_at or clock.now()
    db.session.flush()
    ended = db.session.execute(
        update(UserSession)
        .where(UserSession.computer_id == computer.id, UserSession.ended_at.is_(None))
        .values(ended_at=clock.now())
        .returning(UserSession.id)
    ).all()
    return len(ended)


def new_badge_number() -> str:
    """Return the number of a badge that is yet to be printed."""
    return f"{secrets.randbelow(10**rules.BADGE_DIGITS):0{rules.BADGE_DIGITS}d}"


def give_badge(scope: Scope, key: str, *, number: str) -> None:
    """Let the badge that bears `number` be a user's, and the badge before it nobody's."""
    user = queries.get_user(scope, key)
    withdraw_badge(scope, key)
    db.session.add(
        Badge(
            user_id=user.id,
            token_hash=queries.token_hash(number),
            given_by_id=scope.user_id,
            given_at=clock.now(),
        )
    )
    db.session.flush()


def withdraw_badge(scope: Scope, key: str) -> None:
    """Let a user's badge open nothing any more."""
    badge = queries.find_badge(queries.get_user(scope, key).id)
    if badge is not None:
        badge.withdrawn_at = clock.now()
        db.session.flush()


def choose_pin(user_id: int, *, password: str, pin: str) -> None:
    """Let a user choose the PIN that goes with the badge."""
    if not services.is_right(db.session.get_one(User, user_id), password):
        raise rules.SignInRefused(N_("That is not your password now."), field="password")
    digits = rules.check_pin(pin)
    db.session.merge(Pin(user_id=user_id, pin_hash=services.hash_password(digits), chosen_at=clock.now()))
    db.session.flush()


def sit_down(computer_id: int, *, number: str, pin: str, address: str, leaving: int | None) -> tuple[int, str]:
    """Open a new session for whoever holds the badge and knows its PIN, and end `leaving`; return user and token.

    What the one who leaves had typed and not yet sent stays parked for their return. Wrong tries count with those of
    the door. An account that manages accounts is opened by its password alone.
    """
    computer = db.session.get_one(Computer, computer_id)
    user = queries.find_badge_holder(number)
    name, now = user.username if user else "", clock.now()
    rules.refuse_too_soon(queries.list_failures(name, address, now - rules.BACK_OFF_WINDOW), now, field="pin")
    scope = Scope(user.organisation_id, computer.site_id, user.id) if user else None
    roles = queries.list_roles(scope, scope.user_id) if scope else frozenset()
    if user is None or not _knows_pin(user, pin) or not roles or user.must_change_password:
        keep_though_refused(lambda: services.record_failure(name, address=address))
        raise rules.SwitchRefused(rules.SWITCH_REFUSED, field="pin")
    if Permission.USERS in permissions_of(roles):
        raise rules.SwitchRefused(N_("Whoever manages accounts signs in with the password."), field="pin")
    if leaving is not None:
        db.session.get_one(UserSession, leaving).ended_at = now
        audit.record("SWITCH", "computer", computer.key, {"to": user.id})
    token = services.open_session(user.id, site_id=computer.site_id, address=address, computer_id=computer.id)
    return user.id, token


def take_parked(user_id: int, *, token: str) -> str | None:
    """Hand what a user was sending when a screen locked to their new session, once; return its key there."""
    parked = queries.find_parked(user_id, clock.now() - rules.ABSOLUTE)
    if parked is None:
        return None
    session_id = queries.get_session_id(token)
    parked.payload = {**parked.payload, "offered": True}
    row = Remembered(session_id=session_id, payload=parked.payload, at=clock.now())
    db.session.add(row)
    db.session.flush()
    return row.key


def _knows_pin(user: User, pin: str) -> bool:
    kept = db.session.get(Pin, user.id)
    digits = rules.as_badge(pin)
    return services.is_hash_of(kept.pin_hash if kept else None, digits)

"""Accounts, the roles they hold at sites, and their sessions."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.auth.roles import Role
from clinic.kernel import guards
from clinic.kernel.audit import Audited
from clinic.kernel.db import Base, Coded, Instant, Keyed, new_key


class User(Keyed, Audited, Base):
    """A member of staff or a partner's officer who can sign in."""

    __tablename__ = "app_user"
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    username: Mapped[str] = mapped_column(String(60), unique=True)
    name_latin: Mapped[str] = mapped_column(String(120))
    name_ar: Mapped[str] = mapped_column(String(120), default="")
    language: Mapped[str] = mapped_column(String(2), default="en")
    password_hash: Mapped[str] = mapped_column(String(255))
    must_change_password: Mapped[bool] = mapped_column(default=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    colour: Mapped[int] = mapped_column(default=1)
    keys_off: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Instant)


class RoleGrant(Audited, Base):
    """One role that a user holds at one site."""

    __tablename__ = "role_grant"
    audit_values = True
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(Coded(Role), primary_key=True)


class UserSession(Base):
    """One sign-in on one browser; only the hash of its token is kept."""

    __tablename__ = "user_session"
    __table_args__ = (Index("ix_user_session_open", "user_id", "ended_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    computer_id: Mapped[int | None] = mapped_column(ForeignKey("computer.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    locked_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class Computer(Keyed, Audited, Base):
    """A shared PC that an administrator enrolled: on it alone a badge and a PIN open an account."""

    __tablename__ = "computer"
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    enrolled_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    enrolled_at: Mapped[datetime] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)


class Badge(Audited, Base):
    """A badge that was printed for a user, of whose number only the hash is kept; the newest alone is good."""

    __tablename__ = "badge"
    __table_args__ = (
        Index(
            "uq_badge_good",
            "user_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    given_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    given_at: Mapped[datetime] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)


class Pin(Audited, Base):
    """The digits that a user chose to go with the badge (argon2id); useless anywhere but on an enrolled PC."""

    __tablename__ = "pin"
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    pin_hash: Mapped[str] = mapped_column(String(255))
    chosen_at: Mapped[datetime] = mapped_column(Instant)


class SignInAttempt(Base):
    """One try at a password, right or wrong: the back-off counts them here, never in memory."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_username_at", "username", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(45), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    is_right: Mapped[bool]


class Countersignature(Base):
    """A second person's consent to one act, given with their own password at a colleague's PC."""

    __tablename__ = "countersignature"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    beside_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    purpose: Mapped[str] = mapped_column(String(60))
    payload_hash: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(Instant)


guards.seal(Countersignature.__table__)


class Remembered(Base):
    """Words that must not stand in an address, such as a search; kept for one session under an opaque key."""

    __tablename__ = "remembered"
    key: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_key)
    session_id: Mapped[int] = mapped_column(ForeignKey("user_session.id"), index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(Instant)

"""Who changed what: an append-only record of every write, and of the reads that matter."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.kernel import guards
from clinic.kernel.db import Base, Instant

_BIG = BigInteger().with_variant(Integer(), "sqlite")


class Audited:
    """A row whose every change is recorded; names of fields only, and values where `audit_values` says so."""

    audit_values = False


class AuditEvent(Base):
    """One act on one record: never changed, never removed."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_table_name_row_key", "table_name", "row_key"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(_BIG, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    actor_id: Mapped[int | None]
    site_id: Mapped[int | None]
    act: Mapped[str] = mapped_column(String(40))
    table_name: Mapped[str] = mapped_column(String(60))
    row_key: Mapped[str] = mapped_column(String(120))
    detail: Mapped[Any] = mapped_column(JSON)


class AuditBlock(Base):
    """A link of the chain over events: which ones stand in it, their hash, and the link before."""

    __tablename__ = "audit_block"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    members: Mapped[Any] = mapped_column(JSON)
    count: Mapped[int]
    previous: Mapped[str] = mapped_column(String(64), unique=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)


guards.seal(AuditEvent.__table__)
guards.seal(AuditBlock.__table__)

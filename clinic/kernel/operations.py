"""A form that is sent twice acts once."""

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clinic.kernel.db import Base, Instant


class Operation(Base):
    """One act of one user under one key, the digest of what was asked, and the place where the answer stands."""

    __tablename__ = "operation"
    __table_args__ = (UniqueConstraint("user_id", "action", "key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int]
    action: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    answer: Mapped[str | None] = mapped_column(String(300))
    at: Mapped[datetime] = mapped_column(Instant, index=True)

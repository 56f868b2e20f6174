"""That an evening was closed: by whom, what was left open then and why, and the head of the record."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clinic.kernel.audit import Audited
from clinic.kernel.db import Base, Instant
from clinic.kernel.guards import seal


class EveningClose(Audited, Base):
    """The end of one evening at one site; `left` is what stood open then, with its reason."""

    __tablename__ = "evening_close"
    __table_args__ = (
        UniqueConstraint("site_id", "day"),
        CheckConstraint("left_count = 0 OR because <> ''", name="what_is_left_has_its_reason"),
    )
    audit_values = True
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    day: Mapped[date]
    closed_at: Mapped[datetime] = mapped_column(Instant)
    closed_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    left_count: Mapped[int]
    left: Mapped[dict[str, Any]] = mapped_column(JSON)
    because: Mapped[str] = mapped_column(String(200), default="")
    head: Mapped[str] = mapped_column(String(64))


seal(EveningClose.__table__)

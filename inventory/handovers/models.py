"""Batches with their lines, approvals and everything that happened to them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.kernel.audit import Audited
from clinic.kernel.db import Base, Coded, Instant, Keyed, Versioned
from clinic.kernel.guards import seal
from inventory.certificates.rules import Kind
from inventory.handovers.rules import Act, Erasure, Grade, Office, State


class Batch(Keyed, Versioned, Audited, Base):
    """What is handed over together, to whom and for what; `round` counts how often it was submitted."""

    __tablename__ = "handover_batch"
    __table_args__ = (
        UniqueConstraint("site_id", "number"),
        CheckConstraint(
            "state NOT IN ('SEALING', 'SEALED', 'SIGNED', 'ACCEPTED', 'PARTLY', 'REJECTED', 'WITHDRAWN') "
            "OR certificate_id IS NOT NULL",
            name="sealed_with_a_certificate",
        ),
        Index("ix_handover_batch_receiver", "receiver_id", "state"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    number: Mapped[int]
    kind: Mapped[Kind] = mapped_column(Coded(Kind))
    state: Mapped[State] = mapped_column(Coded(State))
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    receiver_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    unit: Mapped[str] = mapped_column(String(160))
    place: Mapped[str] = mapped_column(String(80))
    purpose: Mapped[str] = mapped_column(String(300))
    on: Mapped[date] = mapped_column("handed_over_on")
    round: Mapped[int] = mapped_column("submission", default=0)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    certificate_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"))
    is_demo: Mapped[bool]

    @property
    def name(self) -> str:
        """The batch as people call it: HB-0003."""
        return f"HB-{self.number:04}"


class BatchLine(Keyed, Audited, Base):
    """One record of the register in a batch: its units and worth in cents as they were put in, and how it was found."""

    __tablename__ = "handover_line"
    __table_args__ = (
        UniqueConstraint("batch_id", "asset_id"),
        Index(
            "uq_handover_line_open",
            "asset_id",
            unique=True,
            sqlite_where=text("is_open"),
            postgresql_where=text("is_open"),
        ),
        CheckConstraint(
            "(grade IS NULL) = (inspected_at IS NULL) AND (grade IS NULL) = (inspected_by_id IS NULL)",
            name="graded_at_a_time",
        ),
        CheckConstraint("grade IS NULL OR grade IN ('A', 'B') OR photo_sha256 IS NOT NULL", name="fault_is_shown"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("handover_batch.id"))
    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id"))
    is_open: Mapped[bool] = mapped_column(default=True)
    quantity: Mapped[int]
    line_cents: Mapped[int]
    grade: Mapped[Grade | None] = mapped_column(Coded(Grade))
    note: Mapped[str] = mapped_column(String(200), default="")
    photo_sha256: Mapped[str | None] = mapped_column(ForeignKey("blob.sha256"))
    erasure: Mapped[Erasure | None] = mapped_column(Coded(Erasure))
    erasure_note: Mapped[str] = mapped_column(String(200), default="")
    inspected_at: Mapped[datetime | None] = mapped_column(Instant)
    inspected_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))


class Approval(Audited, Base):
    """That an office approved a batch as it was submitted."""

    __tablename__ = "handover_approval"
    __table_args__ = (UniqueConstraint("batch_id", "submission", "office"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("handover_batch.id"))
    round: Mapped[int] = mapped_column("submission")
    office: Mapped[Office] = mapped_column(Coded(Office))
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    at: Mapped[datetime] = mapped_column(Instant)


class Discrepancy(Audited, Base):
    """A tag that the inspector found beside the batch and that is no line of it."""

    __tablename__ = "handover_discrepancy"
    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("handover_batch.id"), index=True)
    tag: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(Instant)
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))


class LineAnswer(Audited, Base):
    """What one of the receiver's people said of a line."""

    __tablename__ = "handover_answer"
    __table_args__ = (
        UniqueConstraint("line_id", "user_id"),
        CheckConstraint("accepted >= 0 AND rejected >= 0 AND missing >= 0", name="figures"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("handover_line.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    accepted: Mapped[int]
    rejected: Mapped[int]
    missing: Mapped[int]
    remark: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(Instant)


class BatchEvent(Audited, Base):
    """What happened to a batch."""

    __tablename__ = "handover_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("handover_batch.id"), index=True)
    act: Mapped[Act] = mapped_column(Coded(Act))
    became: Mapped[State] = mapped_column(Coded(State))
    because: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[datetime] = mapped_column(Instant)
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))


seal(Approval.__table__)
seal(Discrepancy.__table__)
seal(LineAnswer.__table__)
seal(BatchEvent.__table__)

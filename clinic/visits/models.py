"""Visits, their places in queues, and what is measured or begun for the doctor, never overwritten."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.kernel.audit import Audited
from clinic.kernel.db import Base, Coded, Instant, Keyed
from clinic.kernel.guards import seal
from clinic.visits.rules import BegunKind, PlaceState, Priority, VisitReason

OPEN_PLACE = "state IN ('WAITING', 'CALLED', 'IN_ROOM')"


class Visit(Keyed, Audited, Base):
    """One arrival of one person, from check-in to check-out, with one number for the evening."""

    __tablename__ = "visit"
    __table_args__ = (
        UniqueConstraint("site_id", "day", "number"),
        Index(
            "uq_visit_one_open",
            "patient_id",
            "site_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    day: Mapped[date]
    number: Mapped[int]
    reason: Mapped[VisitReason] = mapped_column(Coded(VisitReason, 20))
    arrived_at: Mapped[datetime] = mapped_column(Instant)
    checked_in_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    language: Mapped[str] = mapped_column(String(3))
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class QueuePlace(Keyed, Audited, Base):
    """A visit's place in the queue of one service point.

    Of one who comes back from the laboratory `queued_at` and `called_at` are of the wait since then, and the first
    wait stands beside them.
    """

    __tablename__ = "queue_place"
    __table_args__ = (
        Index(
            "uq_queue_place_one_open",
            "visit_id",
            "service_point_id",
            unique=True,
            sqlite_where=text(OPEN_PLACE),
            postgresql_where=text(OPEN_PLACE),
        ),
        Index("ix_queue_place_board", "service_point_id", "state"),
        Index("ix_queue_place_served", "service_point_id", "done_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"), index=True)
    service_point_id: Mapped[int] = mapped_column(ForeignKey("service_point.id"))
    state: Mapped[PlaceState] = mapped_column(Coded(PlaceState))
    priority: Mapped[Priority] = mapped_column(Coded(Priority))
    is_returning: Mapped[bool] = mapped_column(default=False)
    queued_at: Mapped[datetime] = mapped_column(Instant)
    called_at: Mapped[datetime | None] = mapped_column(Instant)
    calls: Mapped[int] = mapped_column(default=0)
    served_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    first_queued_at: Mapped[datetime | None] = mapped_column(Instant)
    first_called_at: Mapped[datetime | None] = mapped_column(Instant)


class Observation(Base):
    """One measured fact, in whole units of its kind; a correction is a newer row that names the older."""

    __tablename__ = "observation"
    __table_args__ = (
        Index("ix_observation_patient_kind", "patient_id", "kind", "measured_at"),
        CheckConstraint("corrects_id IS NULL OR corrects_id < id", name="corrects_older"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"), index=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"))
    kind: Mapped[str] = mapped_column(String(30))
    value: Mapped[int]
    reason: Mapped[str] = mapped_column(String(200), default="")
    measured_at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("observation.id"), unique=True)


class BegunPart(Audited, Base):
    """A part of the doctor's note as a nurse began it; written anew it is a newer row, empty if taken back."""

    __tablename__ = "begun_part"
    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"), index=True)
    kind: Mapped[BegunKind] = mapped_column(Coded(BegunKind))
    text: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    at: Mapped[datetime] = mapped_column(Instant)


seal(Observation.__table__)
seal(BegunPart.__table__)

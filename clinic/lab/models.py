"""The catalogue of tests, and orders with their specimens and results: what was told is never overwritten."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clinic.kernel.audit import Audited
from clinic.kernel.db import Base, Coded, Instant, Keyed
from clinic.kernel.guards import seal
from clinic.lab.rules import AnswerKind, CancelReason, Condition, Flag, Range, RequestState, SpecimenKind
from clinic.sites.models import Named

_VALUE = Numeric(12, 4)


class LabTest(Named, Keyed, Base):
    """Something that the laboratory can find out.

    `minutes` is how long it usually takes from order to answer, `places` how many decimals a number has at most.
    """

    __tablename__ = "lab_test"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    loinc: Mapped[str] = mapped_column(String(20))
    unit: Mapped[str] = mapped_column(String(20))
    specimen: Mapped[SpecimenKind] = mapped_column(Coded(SpecimenKind))
    kind: Mapped[AnswerKind] = mapped_column(Coded(AnswerKind))
    minutes: Mapped[int]
    places: Mapped[int]
    position: Mapped[int]
    status: Mapped[str] = mapped_column(String(200))


class LabRange(Base):
    """The limits of a test for one sex and span of ages; results keep a copy of those that held for them."""

    __tablename__ = "lab_range"
    id: Mapped[int] = mapped_column(primary_key=True)
    test_id: Mapped[int] = mapped_column(ForeignKey("lab_test.id"), index=True)
    sex: Mapped[str] = mapped_column(String(1))
    from_days: Mapped[int]
    until_days: Mapped[int | None]
    low: Mapped[Decimal | None] = mapped_column(_VALUE)
    high: Mapped[Decimal | None] = mapped_column(_VALUE)
    critical_low: Mapped[Decimal | None] = mapped_column(_VALUE)
    critical_high: Mapped[Decimal | None] = mapped_column(_VALUE)
    text: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(String(200))

    @property
    def limits(self) -> Range:
        """The limits as the rules read them."""
        return Range(
            sex=self.sex,
            from_days=self.from_days,
            until_days=self.until_days,
            low=self.low,
            high=self.high,
            critical_low=self.critical_low,
            critical_high=self.critical_high,
            text=self.text,
        )


class LabOrder(Keyed, Audited, Base):
    """What a doctor asked of the laboratory on one visit, at once."""

    __tablename__ = "lab_order"
    __table_args__ = (
        UniqueConstraint("site_id", "number"),
        Index("ix_lab_order_doctor", "ordered_by_id", "ordered_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    number: Mapped[int]
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"), index=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    ordered_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    ordered_at: Mapped[datetime] = mapped_column(Instant)


class LabSpecimen(Keyed, Audited, Base):
    """One tube, cup or swab: when it was taken, and when it came to the bench in good condition."""

    __tablename__ = "lab_specimen"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("lab_order.id"), index=True)
    number: Mapped[int]
    kind: Mapped[SpecimenKind] = mapped_column(Coded(SpecimenKind))
    collected_at: Mapped[datetime] = mapped_column(Instant)
    collected_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    received_at: Mapped[datetime | None] = mapped_column(Instant)
    received_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))


class LabRejection(Audited, Base):
    """That a specimen cannot be examined: what is wrong with it, seen on its way to the bench or once it lay there."""

    __tablename__ = "lab_rejection"
    id: Mapped[int] = mapped_column(primary_key=True)
    specimen_id: Mapped[int] = mapped_column(ForeignKey("lab_specimen.id"), unique=True)
    condition: Mapped[Condition] = mapped_column(Coded(Condition))
    because: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(Instant)
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))


class LabRequest(Keyed, Audited, Base):
    """One test of an order, how far it has come, and why it is not done where it is not."""

    __tablename__ = "lab_request"
    __table_args__ = (
        UniqueConstraint("order_id", "test_id"),
        CheckConstraint("state IN ('ORDERED', 'CANCELLED') OR specimen_id IS NOT NULL", name="taken_from_something"),
        CheckConstraint("(state = 'CANCELLED') = (cancel_reason IS NOT NULL)", name="not_done_for_a_reason"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("lab_order.id"))
    test_id: Mapped[int] = mapped_column(ForeignKey("lab_test.id"))
    specimen_id: Mapped[int | None] = mapped_column(ForeignKey("lab_specimen.id"), index=True)
    state: Mapped[RequestState] = mapped_column(Coded(RequestState), index=True)
    cancel_reason: Mapped[CancelReason | None] = mapped_column(Coded(CancelReason))
    cancelled_at: Mapped[datetime | None] = mapped_column(Instant)
    cancelled_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))


class LabResult(Keyed, Audited, Base):
    """One answer with the limits that held for it; a correction is the next version, and the older stays in sight."""

    __tablename__ = "lab_result"
    __table_args__ = (
        UniqueConstraint("request_id", "version"),
        CheckConstraint("number IS NOT NULL OR words <> ''", name="says_something"),
        CheckConstraint("version = 1 OR because <> ''", name="corrected_with_a_reason"),
        CheckConstraint("(verified_at IS NULL) = (verified_by_id IS NULL)", name="verified_by_somebody"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("lab_request.id"))
    version: Mapped[int]
    number: Mapped[Decimal | None] = mapped_column(_VALUE)
    words: Mapped[str] = mapped_column(String(200))
    unit: Mapped[str] = mapped_column(String(20))
    low: Mapped[Decimal | None] = mapped_column(_VALUE)
    high: Mapped[Decimal | None] = mapped_column(_VALUE)
    reference: Mapped[str] = mapped_column(String(120))
    flag: Mapped[Flag] = mapped_column(Coded(Flag))
    is_critical: Mapped[bool]
    because: Mapped[str] = mapped_column(String(200), default="")
    entered_at: Mapped[datetime] = mapped_column(Instant)
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    verified_at: Mapped[datetime | None] = mapped_column(Instant)
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))


class LabCall(Audited, Base):
    """That somebody was told of a critical result: who, by whom, when."""

    __tablename__ = "lab_call"
    id: Mapped[int] = mapped_column(primary_key=True)
    result_id: Mapped[int] = mapped_column(ForeignKey("lab_result.id"), index=True)
    told: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Instant)
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))


class LabReading(Audited, Base):
    """That somebody has read the results of an order that were verified until an instant."""

    __tablename__ = "lab_reading"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("lab_order.id"), index=True)
    until: Mapped[datetime] = mapped_column(Instant)
    at: Mapped[datetime] = mapped_column(Instant)
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))


seal(LabOrder.__table__)
seal(LabSpecimen.__table__, once="OLD.received_at IS NOT NULL")
seal(LabRejection.__table__)
seal(LabResult.__table__, once="OLD.verified_at IS NOT NULL", may_go=True)
seal(LabCall.__table__)
seal(LabReading.__table__)

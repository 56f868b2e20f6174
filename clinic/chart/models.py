"""Allergies and pregnancies: facts with a date and a source; what is over is closed, never deleted."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.chart.rules import AllergyGroup, PregnancySource, Severity, ToldBy
from clinic.kernel.audit import Audited
from clinic.kernel.db import Base, Coded, Instant, Keyed
from clinic.kernel.guards import seal


class Allergy(Keyed, Audited, Base):
    """A substance, or a whole group, that harmed this person; ended with a reason where it proved wrong."""

    __tablename__ = "allergy"
    __table_args__ = (CheckConstraint("(ended_at IS NULL) = (ended_because = '')", name="ended_with_a_reason"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    substance: Mapped[str] = mapped_column(String(120))
    group: Mapped[AllergyGroup | None] = mapped_column("allergy_group", Coded(AllergyGroup))
    reaction: Mapped[str] = mapped_column(String(200), default="")
    severity: Mapped[Severity] = mapped_column(Coded(Severity))
    told_by: Mapped[ToldBy | None] = mapped_column(Coded(ToldBy))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_because: Mapped[str] = mapped_column(String(200), default="")


class AllergyAnswer(Audited, Base):
    """That the person was asked and knows of no allergy, and when."""

    __tablename__ = "allergy_answer"
    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))


class Pregnancy(Keyed, Audited, Base):
    """A pregnancy as a dated fact: it alerts while it lasts, and only then.

    A date that changes is a newer row with its reason, and the older one stays in sight.
    """

    __tablename__ = "pregnancy"
    __table_args__ = (CheckConstraint("lmp_on IS NOT NULL OR due_on IS NOT NULL", name="dated"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    lmp_on: Mapped[date | None]
    due_on: Mapped[date | None]
    source: Mapped[PregnancySource] = mapped_column(Coded(PregnancySource, 20))
    reason: Mapped[str] = mapped_column(String(200), default="")
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    ended_on: Mapped[date | None]


class PregnancyAnswer(Audited, Base):
    """That the person was asked and is not pregnant, and when."""

    __tablename__ = "pregnancy_answer"
    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))


seal(Allergy.__table__, once="OLD.ended_at IS NOT NULL")
seal(AllergyAnswer.__table__)
seal(Pregnancy.__table__, once="OLD.ended_on IS NOT NULL")
seal(PregnancyAnswer.__table__)

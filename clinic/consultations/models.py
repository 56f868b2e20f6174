"""Consultations: a draft while open, sealed rows once signed, amendments beside them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.consultations.rules import CaseType, PartKind, State
from clinic.kernel.audit import Audited
from clinic.kernel.db import Base, Coded, Instant, Keyed, Versioned
from clinic.kernel.guards import seal


class IcdCode(Base):
    """A diagnosis code with its title in three languages."""

    __tablename__ = "icd_code"
    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    title_en: Mapped[str] = mapped_column(String(250))
    title_tr: Mapped[str] = mapped_column(String(250), default="")
    title_ar: Mapped[str] = mapped_column(String(250), default="")
    report_group: Mapped[str] = mapped_column(String(20), default="")
    translation_status: Mapped[str] = mapped_column(String(200), default="")


class IcdWord(Base):
    """One folded word of one of a code's titles, or the code without its dot: search walks these by their beginnings.

    Words are compared letter by letter on both engines, whatever language the database server was set up in.
    """

    __tablename__ = "icd_word"
    word: Mapped[str] = mapped_column(
        String(60).with_variant(String(60, collation="C"), "postgresql"), primary_key=True
    )
    code: Mapped[str] = mapped_column(ForeignKey("icd_code.code"), primary_key=True, index=True)


class QuickPick(Base):
    """A diagnosis that a specialty makes often enough to have at hand."""

    __tablename__ = "quick_pick"
    specialty_code: Mapped[str] = mapped_column(ForeignKey("specialty.code"), primary_key=True)
    code: Mapped[str] = mapped_column(ForeignKey("icd_code.code"), primary_key=True)
    position: Mapped[int]


class Consultation(Keyed, Audited, Base):
    """A doctor's note in one specialty on one visit: OPEN, then SIGNED or ABANDONED, and then final.

    There is one a visit, specialty and doctor, but for those abandoned: who left may come back.
    """

    __tablename__ = "consultation"
    __table_args__ = (
        Index(
            "uq_consultation_one",
            "visit_id",
            "specialty_code",
            "clinician_id",
            unique=True,
            sqlite_where=text("state <> 'ABANDONED'"),
            postgresql_where=text("state <> 'ABANDONED'"),
        ),
        CheckConstraint("(state = 'SIGNED') = (signed_at IS NOT NULL)", name="signed_has_its_time"),
        CheckConstraint("(state = 'ABANDONED') = (abandoned_because <> '')", name="abandoned_has_its_reason"),
        Index("ix_consultation_clinician", "clinician_id", "signed_at"),
        Index("ix_consultation_site", "site_id", "signed_at"),
        Index("ix_consultation_state", "site_id", "state"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"), index=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    specialty_code: Mapped[str] = mapped_column(ForeignKey("specialty.code"))
    clinician_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    state: Mapped[State] = mapped_column(Coded(State))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    signed_at: Mapped[datetime | None] = mapped_column(Instant)
    abandoned_because: Mapped[str] = mapped_column(String(200), default="")


class Draft(Versioned, Base):
    """What an author has typed on a visit and not yet signed; one a visit and author, gone once signed."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("author_id", "visit_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_at: Mapped[datetime] = mapped_column(Instant)


class NotePart(Base):
    """One part of a signed note, with its author."""

    __tablename__ = "note_part"
    __table_args__ = (UniqueConstraint("consultation_id", "kind"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    kind: Mapped[PartKind] = mapped_column(Coded(PartKind))
    text: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))


class Diagnosis(Base):
    """A diagnosis of a signed note, with the title as it read when signed."""

    __tablename__ = "diagnosis"
    __table_args__ = (UniqueConstraint("consultation_id", "code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    code: Mapped[str] = mapped_column(ForeignKey("icd_code.code"))
    title: Mapped[str] = mapped_column(String(250))
    case_type: Mapped[CaseType] = mapped_column(Coded(CaseType))
    position: Mapped[int]


class Amendment(Base):
    """What was added to a signed note afterwards, and why; the note itself stands unchanged."""

    __tablename__ = "amendment"
    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(String(200))
    author_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    amended_at: Mapped[datetime] = mapped_column(Instant)


class ConsultationOrder(Base):
    """That a prescription was sent with a consultation."""

    __tablename__ = "consultation_order"
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), primary_key=True)
    prescription_id: Mapped[int] = mapped_column(ForeignKey("prescription.id"), primary_key=True)


seal(Consultation.__table__, once="OLD.state <> 'OPEN'")
seal(NotePart.__table__)
seal(Diagnosis.__table__)
seal(Amendment.__table__)
seal(ConsultationOrder.__table__)

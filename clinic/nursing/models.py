"""Nursing contacts as they were signed, and what was added afterwards."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.kernel.audit import Audited
from clinic.kernel.db import Base, Coded, Instant, Keyed
from clinic.kernel.guards import seal
from clinic.nursing.rules import ContactKind


class NursingContact(Keyed, Audited, Base):
    """One thing that a nurse did for a person on a visit, signed as it was written."""

    __tablename__ = "nursing_contact"
    __table_args__ = (
        CheckConstraint("text <> ''", name="says_something"),
        Index("ix_nursing_contact_site", "site_id", "signed_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"), index=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    kind: Mapped[ContactKind] = mapped_column(Coded(ContactKind))
    text: Mapped[str] = mapped_column(Text)
    nurse_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    signed_at: Mapped[datetime] = mapped_column(Instant)


class NursingAddition(Audited, Base):
    """What was added to a contact afterwards, and why; the contact itself stands unchanged."""

    __tablename__ = "nursing_addition"
    __table_args__ = (CheckConstraint("text <> '' AND reason <> ''", name="says_why"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("nursing_contact.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(String(200))
    author_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    at: Mapped[datetime] = mapped_column(Instant)


seal(NursingContact.__table__)
seal(NursingAddition.__table__)

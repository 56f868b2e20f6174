"""Certificates with their sealed text and the bytes that were printed, what became of them, and who signed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clinic.kernel.audit import Audited
from clinic.kernel.db import Base, Coded, Instant, Keyed
from clinic.kernel.guards import seal
from inventory.certificates.rules import Party, Standing


class Certificate(Keyed, Audited, Base):
    """One version of one certificate, at its position in the chain: its text never changes, its paper is added once."""

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("number", "version"),
        CheckConstraint("(pdf_sha256 IS NULL) = (rendered_at IS NULL)", name="printed_at_a_time"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    position: Mapped[int] = mapped_column(unique=True)
    number: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    previous: Mapped[str] = mapped_column(String(64), unique=True)
    sealed_at: Mapped[datetime] = mapped_column(Instant)
    sealed_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    pdf_sha256: Mapped[str | None] = mapped_column(ForeignKey("blob.sha256"))
    rendered_at: Mapped[datetime | None] = mapped_column(Instant)


class CertificateEvent(Audited, Base):
    """What became of a certificate; it quotes the hash of what was sealed."""

    __tablename__ = "certificate_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    standing: Mapped[Standing] = mapped_column(Coded(Standing))
    because: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[datetime] = mapped_column(Instant)
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))


class Signature(Audited, Base):
    """That somebody signed in the name of a party, seeing the hash of what was sealed."""

    __tablename__ = "certificate_signature"
    __table_args__ = (UniqueConstraint("certificate_id", "party", "user_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    party: Mapped[Party] = mapped_column(Coded(Party))
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    countersignature_id: Mapped[int | None] = mapped_column(ForeignKey("countersignature.id"))
    at: Mapped[datetime] = mapped_column(Instant)


_SEALED = ("site_id", "position", "number", "version", "text", "sha256", "previous", "sealed_at", "sealed_by_id")
seal(
    Certificate.__table__,
    once=" OR ".join(["OLD.pdf_sha256 IS NOT NULL", *(f"NEW.{column} <> OLD.{column}" for column in _SEALED)]),
)
seal(CertificateEvent.__table__)
seal(Signature.__table__)

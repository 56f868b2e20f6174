"""The register: one row a record, and what happened to each."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.kernel.audit import Audited
from clinic.kernel.db import Base, Coded, Instant, Keyed, Versioned
from clinic.kernel.guards import seal
from inventory.assets.rules import EvidenceKind, Operability, Title, Tracking, Whereabouts


class Asset(Keyed, Versioned, Audited, Base):
    """One record: a unit with its serial number, or a lot of like things; what it cost never changes."""

    __tablename__ = "asset"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("tracking <> 'serial' OR quantity = 1", name="serial_is_one"),
        CheckConstraint("tracking <> 'serial' OR serial_key <> ''", name="serial_is_told"),
        CheckConstraint("line_cents = quantity * unit_cents", name="line_is_its_units"),
        CheckConstraint("unit_cents > 0 AND original_cents > 0 AND rate > 0", name="price"),
        CheckConstraint("title <> 'TRANSFERRED' OR certificate IS NOT NULL", name="transferred_by_a_certificate"),
        Index(
            "uq_asset_serial",
            "maker_key",
            "serial_key",
            unique=True,
            sqlite_where=text("serial_key <> ''"),
            postgresql_where=text("serial_key <> ''"),
        ),
        Index("ix_asset_title", "site_id", "title", "id"),
        Index("ix_asset_place", "site_id", "place"),
    )
    audit_values = True
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"), index=True)
    tag: Mapped[str] = mapped_column(String(20).with_variant(String(20, collation="C"), "postgresql"), unique=True)
    line_no: Mapped[int]
    category: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(160))
    name_tr: Mapped[str] = mapped_column(String(160))
    name_ar: Mapped[str] = mapped_column(String(160))
    maker: Mapped[str] = mapped_column(String(80))
    model: Mapped[str] = mapped_column(String(80))
    maker_key: Mapped[str] = mapped_column(String(170))
    tracking: Mapped[Tracking] = mapped_column(Coded(Tracking, 10))
    serial: Mapped[str] = mapped_column(String(80))
    serial_key: Mapped[str] = mapped_column(
        String(80).with_variant(String(80, collation="C"), "postgresql"), index=True
    )
    quantity: Mapped[int]
    unit: Mapped[str] = mapped_column(String(20))
    unit_cents: Mapped[int]
    line_cents: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    original_cents: Mapped[int]
    rate: Mapped[Decimal] = mapped_column(Numeric(14, 6))
    rate_source: Mapped[str] = mapped_column(String(80))
    bought_in: Mapped[date]
    warranty_months: Mapped[int | None]
    service_months: Mapped[int | None]
    calibration_months: Mapped[int | None]
    place: Mapped[str] = mapped_column(String(80))
    title: Mapped[Title] = mapped_column(Coded(Title), default=Title.PROJECT)
    operability: Mapped[Operability] = mapped_column(Coded(Operability), default=Operability.NEW)
    whereabouts: Mapped[Whereabouts] = mapped_column(Coded(Whereabouts), default=Whereabouts.IN_PLACE)
    certificate: Mapped[str | None] = mapped_column(String(40))
    custodian: Mapped[str] = mapped_column(String(160), default="")
    is_demo: Mapped[bool] = mapped_column(default=False)


class AssetWord(Base):
    """One folded word of a record's names, maker or model: a search walks these by their beginnings."""

    __tablename__ = "asset_word"
    word: Mapped[str] = mapped_column(
        String(40).with_variant(String(40, collation="C"), "postgresql"), primary_key=True
    )
    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id"), primary_key=True, index=True)


class AssetEvidence(Keyed, Audited, Base):
    """A file that shows something of a record; the newest of its kind counts, and none is ever removed."""

    __tablename__ = "asset_evidence"
    __table_args__ = (CheckConstraint("kind <> 'CALIBRATION' OR dated_on IS NOT NULL", name="calibrated_on_a_day"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id"), index=True)
    kind: Mapped[EvidenceKind] = mapped_column(Coded(EvidenceKind))
    sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))
    media_type: Mapped[str] = mapped_column(String(60))
    dated_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[datetime] = mapped_column(Instant)
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))


class AssetEvent(Base):
    """Something that happened to a record: what it was, what it became, why, who says so."""

    __tablename__ = "asset_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id"), index=True)
    axis: Mapped[str] = mapped_column(String(20))
    was: Mapped[str] = mapped_column(String(80))
    became: Mapped[str] = mapped_column(String(80))
    because: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(Instant)
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))


seal(AssetEvent.__table__)
seal(AssetEvidence.__table__)

"""Organisations, sites, hours and service points; and which installation this database is."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.kernel.audit import Audited
from clinic.kernel.db import Base, Coded, Keyed, Versioned
from clinic.sites.rules import PointKind

_SINGLE = f"kind IN ({', '.join(repr(kind.value) for kind in PointKind if kind.is_single)})"


class Installation(Base):
    """The one row that says whether this database is a demo, and which day its demo is held on."""

    __tablename__ = "installation"
    __table_args__ = (
        CheckConstraint("id = 1", name="single"),
        CheckConstraint("is_demo = (demo_day IS NOT NULL)", name="demo_has_its_day"),
    )
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    is_demo: Mapped[bool]
    demo_day: Mapped[date | None]


class Named:
    """A row with a name in each of the three languages."""

    name_en: Mapped[str] = mapped_column(String(120))
    name_tr: Mapped[str] = mapped_column(String(120))
    name_ar: Mapped[str] = mapped_column(String(120))


class Organisation(Named, Audited, Base):
    """A body that runs sites and controls their patients' data."""

    __tablename__ = "organisation"
    audit_values = True
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)


class Site(Named, Keyed, Versioned, Audited, Base):
    """A place of work; every row that it owns names it."""

    __tablename__ = "site"
    audit_values = True
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    phone: Mapped[str] = mapped_column(String(40))


class OpeningHours(Audited, Base):
    """When a site is open on a weekday (Monday is 0), in minutes after midnight there."""

    __tablename__ = "opening_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("0 <= opens AND opens < closes AND closes <= 1440", name="order"),
    )
    audit_values = True
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    opens: Mapped[int]
    closes: Mapped[int]


class ServicePoint(Named, Keyed, Versioned, Audited, Base):
    """A room or desk where people wait for something and are served; a closed one takes nobody new."""

    __tablename__ = "service_point"
    __table_args__ = (
        UniqueConstraint("site_id", "code"),
        Index(
            "uq_service_point_single",
            "site_id",
            "kind",
            unique=True,
            sqlite_where=text(_SINGLE),
            postgresql_where=text(_SINGLE),
        ),
    )
    audit_values = True
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    code: Mapped[str] = mapped_column(String(20))
    kind: Mapped[PointKind] = mapped_column(Coded(PointKind))
    room: Mapped[str] = mapped_column(String(20), default="")
    position: Mapped[int] = mapped_column(default=0)
    is_open: Mapped[bool] = mapped_column(default=True)

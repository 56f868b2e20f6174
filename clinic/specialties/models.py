"""Specialties, their rooms, and who practises which."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.kernel.audit import Audited
from clinic.kernel.db import Base
from clinic.sites.models import Named


class Specialty(Named, Audited, Base):
    """A field in which doctors see patients: GP, PED, GYN, INT, SUR."""

    __tablename__ = "specialty"
    audit_values = True
    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    position: Mapped[int]


class SpecialtyPoint(Audited, Base):
    """The service point at which a specialty is practised at a site."""

    __tablename__ = "specialty_point"
    audit_values = True
    service_point_id: Mapped[int] = mapped_column(ForeignKey("service_point.id"), primary_key=True)
    specialty_code: Mapped[str] = mapped_column(ForeignKey("specialty.code"), index=True)


class Practice(Audited, Base):
    """A specialty that a doctor may practise; cover for an absent colleague is normal."""

    __tablename__ = "practice"
    audit_values = True
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    specialty_code: Mapped[str] = mapped_column(ForeignKey("specialty.code"), primary_key=True)
    is_default: Mapped[bool] = mapped_column(default=False)

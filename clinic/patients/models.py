"""The person, the numbers they carry, and the keys by which they are found."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from clinic.kernel.audit import Audited
from clinic.kernel.db import Base, Coded, Instant, Keyed, Versioned
from clinic.patients.rules import (
    BirthDate,
    BirthPrecision,
    IdentifierSystem,
    LegalStatus,
    Names,
    Particulars,
    Sex,
    reversed_phone,
)


class Household(Base):
    """People who live together and come together."""

    __tablename__ = "household"
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))


class Patient(Keyed, Audited, Versioned, Base):
    """A person whom the clinic has registered; names stand in each script as told, never transliterated by machine.

    A merged record points at its survivor and moves nothing.
    """

    __tablename__ = "patient"
    __table_args__ = (
        UniqueConstraint("organisation_id", "record_number"),
        CheckConstraint("given_ar <> '' OR given_latin <> ''", name="has_a_name"),
        CheckConstraint("survivor_id IS NULL OR survivor_id <> id", name="survives_another"),
        CheckConstraint("birth_month IS NULL OR birth_month BETWEEN 1 AND 12", name="birth_month"),
        CheckConstraint("birth_day IS NULL OR birth_day BETWEEN 1 AND 31", name="birth_day"),
        CheckConstraint("birth_year IS NOT NULL OR birth_precision = 'UNKNOWN'", name="birth_year"),
        Index("ix_patient_survivor", "survivor_id"),
        Index("ix_patient_phone_end", "organisation_id", "phone_reversed"),
        Index("ix_patient_birth", "organisation_id", "birth_year", "birth_month", "birth_day"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    record_number: Mapped[int]
    given_ar: Mapped[str] = mapped_column(String(60), default="")
    father_ar: Mapped[str] = mapped_column(String(60), default="")
    family_ar: Mapped[str] = mapped_column(String(60), default="")
    given_latin: Mapped[str] = mapped_column(String(60), default="")
    father_latin: Mapped[str] = mapped_column(String(60), default="")
    family_latin: Mapped[str] = mapped_column(String(60), default="")
    mother: Mapped[str] = mapped_column(String(60), default="")
    sex: Mapped[Sex] = mapped_column(Coded(Sex))
    birth_year: Mapped[int | None]
    birth_month: Mapped[int | None]
    birth_day: Mapped[int | None]
    birth_precision: Mapped[BirthPrecision] = mapped_column(Coded(BirthPrecision))
    birth_as_on_document: Mapped[str] = mapped_column(String(40), default="")
    language: Mapped[str] = mapped_column(String(3))
    label_language: Mapped[str] = mapped_column(String(2), default="ar")
    legal_status: Mapped[LegalStatus] = mapped_column(Coded(LegalStatus))
    nationality: Mapped[str] = mapped_column(String(2), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    phone_reversed: Mapped[str] = mapped_column(String(20), default="")
    district: Mapped[str] = mapped_column(String(80), default="")
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"), index=True)
    survivor_id: Mapped[int | None] = mapped_column(ForeignKey("patient.id"))
    registered_at: Mapped[datetime] = mapped_column(Instant)
    registered_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    identifiers: Mapped[list["PatientIdentifier"]] = relationship(back_populates="patient", lazy="raise")

    @validates("phone")
    def _turn_round(self, _name: str, phone: str) -> str:
        """Keep the phone's digits from the last to the first as well: a search by the last four walks an index."""
        self.phone_reversed = reversed_phone(phone)
        return phone

    @property
    def names(self) -> Names:
        """The names as told."""
        return Names(
            given_ar=self.given_ar,
            father_ar=self.father_ar,
            family_ar=self.family_ar,
            given_latin=self.given_latin,
            father_latin=self.father_latin,
            family_latin=self.family_latin,
        )

    @property
    def birth(self) -> BirthDate:
        """The birth date as far as it is known."""
        return BirthDate(
            year=self.birth_year,
            month=self.birth_month,
            day=self.birth_day,
            precision=self.birth_precision,
            as_on_document=self.birth_as_on_document,
        )

    @property
    def particulars(self) -> Particulars:
        """All that the person told of themselves."""
        return Particulars(
            names=self.names,
            sex=self.sex,
            birth=self.birth,
            language=self.language,
            label_language=self.label_language,
            legal_status=self.legal_status,
            nationality=self.nationality,
            phone=self.phone,
            district=self.district,
            mother=self.mother,
        )


class PatientIdentifier(Audited, Base):
    """A number that a document gives the person; the same number is held by one person only."""

    __tablename__ = "patient_identifier"
    __table_args__ = (UniqueConstraint("organisation_id", "system", "value"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    system: Mapped[IdentifierSystem] = mapped_column(Coded(IdentifierSystem))
    value: Mapped[str] = mapped_column(String(40))
    doubt: Mapped[str] = mapped_column(String(200), default="")
    patient: Mapped[Patient] = relationship(back_populates="identifiers", lazy="raise")


class NameCode(Base):
    """One sound of one of a person's names; search walks these, never the names themselves."""

    __tablename__ = "name_code"
    __table_args__ = (Index("ix_name_code_patient_id", "patient_id"),)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), primary_key=True)

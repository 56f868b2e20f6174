"""Formulary entries, prescriptions that stand as signed, what was given of them and what is still due."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.chart.rules import AllergyGroup
from clinic.kernel.audit import Audited
from clinic.kernel.db import Base, Coded, Instant, Keyed
from clinic.kernel.guards import seal
from clinic.pharmacy.rules import DoseUnit, Food, NotGiven, OwingState, SkipReason


class FormularyEntry(Audited, Base):
    """What prescribing and labelling need to know of an item; `is_confirmed` only once the pharmacist signed for it.

    `ven` is V (vital), E (essential), N (not essential), or empty where nobody has said.
    """

    __tablename__ = "formulary_entry"
    __table_args__ = (CheckConstraint("ven IN ('', 'V', 'E', 'N')", name="ven"),)
    audit_values = True
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    route: Mapped[str] = mapped_column(String(20))
    mg: Mapped[Decimal | None] = mapped_column(Numeric(10, 4))
    per_ml: Mapped[Decimal | None] = mapped_column(Numeric(10, 4))
    pack_ml: Mapped[Decimal | None] = mapped_column(Numeric(10, 4))
    in_use_days: Mapped[int | None]
    is_divisible: Mapped[bool] = mapped_column(default=False)
    is_controlled: Mapped[bool] = mapped_column(default=False)
    is_essential: Mapped[bool] = mapped_column(default=False)
    ven: Mapped[str] = mapped_column(String(1), default="")
    mg_kg_day_min: Mapped[Decimal | None] = mapped_column(Numeric(10, 4))
    mg_kg_day_max: Mapped[Decimal | None] = mapped_column(Numeric(10, 4))
    doses_per_day: Mapped[int | None]
    max_mg_day: Mapped[Decimal | None] = mapped_column(Numeric(10, 4))
    min_age_months: Mapped[int | None]
    child_note: Mapped[str] = mapped_column(String(200), default="")
    pregnancy_caution: Mapped[str] = mapped_column(String(120), default="")
    allergy_group: Mapped[AllergyGroup | None] = mapped_column(Coded(AllergyGroup))
    storage: Mapped[str] = mapped_column(String(120), default="")
    advice_tr: Mapped[str] = mapped_column(String(250), default="")
    advice_ar: Mapped[str] = mapped_column(String(250), default="")
    is_confirmed: Mapped[bool] = mapped_column(default=False)


class Prescription(Keyed, Base):
    """Orders for medicines, as signed."""

    __tablename__ = "prescription"
    __table_args__ = (UniqueConstraint("site_id", "number"), Index("ix_prescription_patient", "patient_id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    number: Mapped[int]
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"), index=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"))
    prescriber_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    specialty_code: Mapped[str] = mapped_column(ForeignKey("specialty.code"))
    signed_at: Mapped[datetime] = mapped_column(Instant)


class PrescriptionLine(Base):
    """One medicine of a prescription: the dose as codes, the quantity computed from them.

    `item_id` is empty where the clinic does not stock it: then the line is information for the patient.
    """

    __tablename__ = "prescription_line"
    __table_args__ = (
        UniqueConstraint("prescription_id", "position"),
        CheckConstraint("quantity > 0 OR item_id IS NULL", name="quantity"),
        Index("ix_prescription_line_item", "item_id", "id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    prescription_id: Mapped[int] = mapped_column(ForeignKey("prescription.id"))
    position: Mapped[int]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    inn: Mapped[str] = mapped_column(String(120))
    dose_amount: Mapped[Decimal] = mapped_column(Numeric(8, 3))
    dose_unit: Mapped[DoseUnit] = mapped_column(Coded(DoseUnit, 20))
    dose_times: Mapped[str] = mapped_column(String(60), default="")
    every_hours: Mapped[int | None]
    is_as_needed: Mapped[bool] = mapped_column(default=False)
    max_per_day: Mapped[int | None]
    food: Mapped[Food] = mapped_column(Coded(Food, 10))
    days: Mapped[int]
    quantity: Mapped[int]
    indication: Mapped[str] = mapped_column(String(200), default="")
    override_reason: Mapped[str] = mapped_column(String(200), default="")


class LineProgress(Audited, Base):
    """How much of a line has been given; one guarded update keeps it at or under what was prescribed.

    What is not given any more is closed, with the reason.
    """

    __tablename__ = "line_progress"
    __table_args__ = (
        CheckConstraint("given BETWEEN 0 AND prescribed", name="never_more_than_prescribed"),
        CheckConstraint("(closed_at IS NULL) = (closed_because IS NULL)", name="closed_has_its_reason"),
    )
    line_id: Mapped[int] = mapped_column(ForeignKey("prescription_line.id"), primary_key=True)
    prescribed: Mapped[int]
    given: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_because: Mapped[NotGiven | None] = mapped_column(Coded(NotGiven))
    closed_note: Mapped[str] = mapped_column(String(200), default="")


class Dispense(Keyed, Base):
    """One handing out at the counter, with the stock document that moved the boxes."""

    __tablename__ = "dispense"
    __table_args__ = (Index("ix_dispense_patient", "patient_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    prescription_id: Mapped[int] = mapped_column(ForeignKey("prescription.id"), index=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"))
    stock_document_id: Mapped[int | None] = mapped_column(ForeignKey("stock_document.id"), unique=True)
    dispensed_at: Mapped[datetime] = mapped_column(Instant)
    dispensed_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    day: Mapped[date]


class DispenseLine(Base):
    """What was handed out of one lot for one line."""

    __tablename__ = "dispense_line"
    id: Mapped[int] = mapped_column(primary_key=True)
    dispense_id: Mapped[int] = mapped_column(ForeignKey("dispense.id"), index=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("prescription_line.id"), index=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    quantity: Mapped[int]


class PassedOver(Base):
    """A lot that should have gone first and did not, and why."""

    __tablename__ = "passed_over"
    id: Mapped[int] = mapped_column(primary_key=True)
    dispense_id: Mapped[int] = mapped_column(ForeignKey("dispense.id"), index=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("prescription_line.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    because: Mapped[SkipReason] = mapped_column(Coded(SkipReason))
    note: Mapped[str] = mapped_column(String(200), default="")


class Owing(Audited, Base):
    """What the pharmacy could not give and still owes; first in line at the next receipt."""

    __tablename__ = "owing"
    __table_args__ = (
        UniqueConstraint("site_id", "number"),
        CheckConstraint("quantity > 0", name="owes_something"),
        Index(
            "uq_owing_open_line",
            "line_id",
            unique=True,
            sqlite_where=text("state = 'OPEN'"),
            postgresql_where=text("state = 'OPEN'"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    number: Mapped[int]
    line_id: Mapped[int] = mapped_column(ForeignKey("prescription_line.id"))
    quantity: Mapped[int]
    state: Mapped[OwingState] = mapped_column(Coded(OwingState))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


seal(Prescription.__table__)
seal(PrescriptionLine.__table__)
seal(Dispense.__table__)
seal(DispenseLine.__table__)
seal(PassedOver.__table__)

"""Parties to what is given and received, and what was agreed with them."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from clinic.kernel.audit import Audited
from clinic.kernel.db import Base, Keyed


class Party(Audited, Base):
    """A donor, giver or receiver, by the one name it is known under here."""

    __tablename__ = "party"
    audit_values = True
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)


class Agreement(Keyed, Audited, Base):
    """A funding contract and the rules that it sets, as data: amounts in cents."""

    __tablename__ = "agreement"
    __table_args__ = (CheckConstraint("estimate_cents >= 0 AND budget_cents >= 0", name="amounts"),)
    audit_values = True
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    donor_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    donor: Mapped[Party] = relationship(lazy="joined")
    rate_policy: Mapped[str] = mapped_column(String(120))
    estimate_cents: Mapped[int]
    budget_cents: Mapped[int]
    threshold_cents: Mapped[int]
    is_threshold_included: Mapped[bool] = mapped_column(default=True)
    instrument: Mapped[str] = mapped_column(String(80), default="")
    legal_basis: Mapped[str] = mapped_column(String(300), default="")
    authorisation: Mapped[str] = mapped_column(String(200), default="")
    giver: Mapped[str] = mapped_column(String(160), default="")
    starts_on: Mapped[date | None]
    extended_until: Mapped[date | None]

    @property
    def donor_name(self) -> str:
        """Who pays."""
        return self.donor.name

    def needs_proof(self, unit_cents: int) -> bool:
        """Whether proof of the transfer of a unit at this price goes with the final report."""
        return unit_cents > self.threshold_cents or (self.is_threshold_included and unit_cents == self.threshold_cents)

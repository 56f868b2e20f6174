"""Parties to what is given and received."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.kernel.audit import Audited
from clinic.kernel.db import Base


class Party(Audited, Base):
    """A donor, giver or receiver, by the one name it is known under here."""

    __tablename__ = "party"
    audit_values = True
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)

"""Numbers given out once each, in order: record numbers, the evening's numbers, prescriptions."""

from sqlalchemy import String, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.kernel.db import Base, db


class Counter(Base):
    """The last number that a series has given out."""

    __tablename__ = "counter"
    series: Mapped[str] = mapped_column(String(60), primary_key=True)
    last: Mapped[int]


_NEXT = text(
    "INSERT INTO counter (series, last) VALUES (:series, 1) "
    "ON CONFLICT (series) DO UPDATE SET last = counter.last + 1 RETURNING last"
)


def next_number(series: str) -> int:
    """Return the next number of `series`, from 1; a transaction that rolls back gives its number back."""
    return int(db.session.connection().execute(_NEXT, {"series": series}).scalar_one())

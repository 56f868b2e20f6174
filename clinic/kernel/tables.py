"""What every table is made of: the common base, the column types, opaque keys and versions."""

import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Dialect, Integer, MetaData, String, Table, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from clinic.kernel.errors import Stale

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Base(DeclarativeBase):
    """Every table's base: constraints carry names, so that a migration and a guard can find them."""

    __table__: ClassVar[Table]
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Instant(TypeDecorator[datetime]):
    """An instant as whole microseconds since 1970 in UTC: equal on both engines, to the bit."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Refuse an instant that names no zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        return (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the instant in UTC."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class Coded(TypeDecorator[StrEnum]):
    """One word of a `StrEnum`, kept as its text; a word that the enum lacks is never stored."""

    impl = String
    cache_ok = True

    def __init__(self, words: type[StrEnum], length: int = 30) -> None:
        super().__init__(length)
        self.words = words

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Refuse what is no word of the enum."""
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:  # noqa: ARG002
        """Return the word as a member of the enum."""
        return None if value is None else self.words(value)


def new_key() -> str:
    """Return an unguessable key of 128 bits or more, fit for a URL."""
    return secrets.token_urlsafe(16)


class Keyed:
    """A row that URLs name by an opaque key, never by its number or by anything about a person."""

    key: Mapped[str] = mapped_column(String(22), unique=True, default=new_key)


class Versioned:
    """A row that two people may edit: each save counts `version` up, and a save of an old version is Stale."""

    version: Mapped[int] = mapped_column(Integer)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy hands the class
        """Let every UPDATE and DELETE name the version that it read."""
        return {"version_id_col": cls.version}


def ensure_version(row: Versioned, seen: int) -> None:
    """Refuse to go on where `row` is no longer at the version that the form was filled from."""
    if row.version != seen:
        raise stale()


def stale() -> Stale:
    """Return the refusal of one whose page is older than the record."""
    return Stale("Not saved: this record was changed after you opened it. Look at both texts, then save again.")

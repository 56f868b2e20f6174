"""Tables of the kernel's own tests: boxes with units in them, what left them, and a seal."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import ClassVar, TypeVar

from flask import Flask
from sqlalchemy import CheckConstraint, ForeignKey, MetaData, String, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from clinic.kernel import guards
from clinic.kernel.audit import Audited
from clinic.kernel.db import Base, Keyed, Versioned, transaction
from clinic.kernel.errors import DomainError

T = TypeVar("T")


class Short(DomainError):
    """There are fewer units than asked for."""


class BoxBase(DeclarativeBase):
    __table__: ClassVar[Table]
    metadata = MetaData(naming_convention=Base.metadata.naming_convention)


class Box(Keyed, Audited, Versioned, BoxBase):
    __tablename__ = "box"
    __table_args__ = (CheckConstraint("units >= 0", name="units"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), default="")
    units: Mapped[int] = mapped_column(default=10)
    state: Mapped[str] = mapped_column(String(10), default="OPEN")


class Shelf(Audited, BoxBase):
    __tablename__ = "shelf"
    audit_values = True
    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(String(20))


class Leaving(BoxBase):
    __tablename__ = "leaving"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[int] = mapped_column(primary_key=True)
    box_id: Mapped[int] = mapped_column(ForeignKey("box.id"))
    units: Mapped[int] = mapped_column(default=1)


guards.seal(Box.__table__, once="OLD.state <> 'OPEN'")
guards.seal(Leaving.__table__)


def create_box(**values: object) -> int:
    with transaction() as session:
        box = Box(**values)
        session.add(box)
        session.flush()
        return box.id


def take_one(box_id: int) -> None:
    """Take a unit, deciding by what is read under the lock."""
    with transaction() as session:
        box = session.get_one(Box, box_id, with_for_update=True)
        if box.units < 1:
            raise Short("Nothing is left.")
        box.units -= 1
        session.add(Leaving(box_id=box_id))


def at_once(app: Flask, count: int, act: Callable[[int], T]) -> list[T | Exception]:
    """Do `act` in `count` threads that start together, each in a context of its own; return results and refusals."""
    start = Barrier(count)

    def run(number: int) -> T | Exception:
        with app.app_context():
            start.wait(timeout=10)
            try:
                return act(number)
            except Exception as error:  # noqa: BLE001 - what came of it is what is asserted
                return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))

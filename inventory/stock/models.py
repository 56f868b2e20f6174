"""Items, batches and lots; balances guarded by the database; a ledger that cannot be changed."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import VARCHAR
from sqlalchemy.orm import Mapped, mapped_column

from clinic.kernel.audit import Audited
from clinic.kernel.db import Base, Coded, Instant, Keyed
from clinic.kernel.guards import seal
from inventory.stock.rules import BatchStatus, Kind, PlaceKind, Reason

# Beginnings are found between two bounds, which only a collation by code point keeps apart.
_BYTEWISE = String(60).with_variant(VARCHAR(60, collation="C"), "postgresql")


class Item(Keyed, Audited, Base):
    """A kind of thing, counted in whole base units: a tablet, a bottle, an ampoule."""

    __tablename__ = "item"
    audit_values = True
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    inn: Mapped[str] = mapped_column(String(120))
    atc: Mapped[str] = mapped_column(String(10), index=True)
    form: Mapped[str] = mapped_column(String(60))
    strength: Mapped[str] = mapped_column(String(60))
    base_unit: Mapped[str] = mapped_column(String(40))
    is_perishable: Mapped[bool]

    @property
    def name(self) -> str:
        """The medicine as it is read out: substance, strength, form."""
        return " ".join(part for part in (self.inn, self.strength, self.form) if part)


class ItemWord(Base):
    """A word, or the sound of one, by which an item is found; search walks beginnings of these."""

    __tablename__ = "item_word"
    __table_args__ = (Index("ix_item_word_item_id", "item_id"),)
    word: Mapped[str] = mapped_column(_BYTEWISE, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)


class ItemPack(Base):
    """A box in which an item is received or counted, and how many base units it holds."""

    __tablename__ = "item_pack"
    __table_args__ = (UniqueConstraint("item_id", "factor"), CheckConstraint("factor > 1", name="factor"))
    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    factor: Mapped[int]


class StockPlace(Audited, Base):
    """A shelf, or the quarantine from which nothing is ever issued."""

    __tablename__ = "stock_place"
    __table_args__ = (UniqueConstraint("site_id", "name"),)
    audit_values = True
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[PlaceKind] = mapped_column(Coded(PlaceKind))


class Batch(Keyed, Audited, Base):
    """A maker's batch; no expiry only where the item does not perish."""

    __tablename__ = "batch"
    __table_args__ = (UniqueConstraint("item_id", "batch_no"),)
    audit_values = True
    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    batch_no: Mapped[str] = mapped_column(String(40))
    expires_on: Mapped[date | None]
    status: Mapped[BatchStatus] = mapped_column(Coded(BatchStatus))
    status_because: Mapped[str] = mapped_column(String(200), default="")


class Lot(Base):
    """That batch from one donor at one cost."""

    __tablename__ = "lot"
    __table_args__ = (UniqueConstraint("batch_id", "donor_id", "unit_cost", "currency"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    donor_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    unit_cost: Mapped[int]  # ten-thousandths of the currency's unit, for one base unit
    currency: Mapped[str] = mapped_column(String(3))


class Balance(Base):
    """What lies of a lot at a place now; block and expiry stand here so that one guarded update sees them."""

    __tablename__ = "balance"
    __table_args__ = (CheckConstraint("quantity >= 0", name="never_negative"), Index("ix_balance_place", "place_id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("stock_place.id"), primary_key=True)
    quantity: Mapped[int] = mapped_column(BigInteger)
    is_blocked: Mapped[bool] = mapped_column(default=False)
    expires_on: Mapped[date | None]


class StockDocument(Keyed, Base):
    """The header of movements that were posted together, and which earlier document it undoes."""

    __tablename__ = "stock_document"
    __table_args__ = (Index("ix_stock_document_site", "site_id", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    kind: Mapped[Kind] = mapped_column(Coded(Kind))
    operation_id: Mapped[int | None] = mapped_column(ForeignKey("operation.id"))
    occurred_at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("stock_document.id"), unique=True)
    reason: Mapped[Reason] = mapped_column(Coded(Reason))
    reference: Mapped[str] = mapped_column(String(60), default="")
    note: Mapped[str] = mapped_column(String(200), default="")


class Movement(Base):
    """One line of the ledger: so many base units of a lot, in or out of a place."""

    __tablename__ = "movement"
    __table_args__ = (
        UniqueConstraint("document_id", "line_no"),
        CheckConstraint("quantity <> 0", name="moves_something"),
        Index("ix_movement_lot_place", "lot_id", "place_id"),
        Index("ix_movement_item", "item_id", "id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("stock_document.id"))
    line_no: Mapped[int]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    place_id: Mapped[int] = mapped_column(ForeignKey("stock_place.id"))
    quantity: Mapped[int] = mapped_column(BigInteger)
    entered_quantity: Mapped[int | None]
    entered_pack_id: Mapped[int | None] = mapped_column(ForeignKey("item_pack.id"))


class LedgerCheck(Base):
    """That every balance was held against the sum of its movements, up to which movement, and what differed."""

    __tablename__ = "ledger_check"
    id: Mapped[int] = mapped_column(primary_key=True)
    checked_at: Mapped[datetime] = mapped_column(Instant)
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    last_movement_id: Mapped[int]
    differences: Mapped[int]


seal(StockDocument.__table__)
seal(Movement.__table__)
seal(LedgerCheck.__table__)

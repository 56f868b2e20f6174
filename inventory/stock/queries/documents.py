"""Stock documents as they were posted."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from clinic.auth.models import User
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from inventory.agreements.models import Party
from inventory.stock.models import Batch, Item, ItemPack, Lot, Movement, StockDocument


@dataclass(frozen=True, kw_only=True)
class DocumentLine:
    """One movement of a document, and what was typed of it where that was a number of boxes."""

    item: Item
    batch_key: str
    batch_no: str
    expires_on: date | None
    donor: str
    quantity: int
    entered_quantity: int | None
    factor: int | None


@dataclass(frozen=True)
class Document:
    """A document with its lines and who recorded it."""

    header: StockDocument
    lines: list[DocumentLine]
    recorder: User


def document_key(document_id: int) -> str:
    """Return the key by which addresses name a document."""
    return db.session.scalars(select(StockDocument.key).where(StockDocument.id == document_id)).one()


def get_document(scope: Scope, key: str) -> Document:
    """Return the site's document of that key, in two statements."""
    found = db.session.execute(
        select(StockDocument, User)
        .join(User, User.id == StockDocument.recorded_by_id)
        .where(StockDocument.site_id == scope.site_id, StockDocument.key == key)
    ).one_or_none()
    if found is None:
        raise NotFound(N_("There is no such stock document."))
    header, recorder = found
    rows = db.session.execute(
        select(Movement, Item, Batch, Party.name, ItemPack.factor)
        .join(Item, Item.id == Movement.item_id)
        .join(Lot, Lot.id == Movement.lot_id)
        .join(Batch, Batch.id == Lot.batch_id)
        .join(Party, Party.id == Lot.donor_id)
        .outerjoin(ItemPack, ItemPack.id == Movement.entered_pack_id)
        .where(Movement.document_id == header.id)
        .order_by(Movement.line_no)
    )
    lines = [
        DocumentLine(
            item=item,
            batch_key=batch.key,
            batch_no=batch.batch_no,
            expires_on=batch.expires_on,
            donor=donor,
            quantity=movement.quantity,
            entered_quantity=movement.entered_quantity,
            factor=factor,
        )
        for movement, item, batch, donor, factor in rows
    ]
    return Document(header, lines, recorder)

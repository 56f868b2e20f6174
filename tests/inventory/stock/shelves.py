"""Shelves to test on: a site with a shelf and a quarantine, and beside it another site with the same lots."""

from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from sqlalchemy import func, select

from clinic.auth.roles import Role
from clinic.kernel.access import Scope
from clinic.kernel.audit import acting_as
from clinic.kernel.db import db, transaction
from clinic.sites.models import Site
from inventory.stock.models import Balance, Batch, Lot, Movement, StockDocument, StockPlace
from inventory.stock.rules import PlaceKind
from inventory.stock.services import Delivered, ItemFacts, receive, save_items
from tests.factories import create_desk, create_user, scope_of

FAR = date(2031, 12, 31)

_numbers = count(1)


@dataclass(frozen=True)
class Shelf:
    scope: Scope
    shelf_id: int
    quarantine_id: int


def open_shelf() -> Shelf:
    """A site with a shelf and a quarantine, and a pharmacist at work there."""
    scope = create_desk(Role.PHARMACIST)
    with transaction() as session:
        shelf = StockPlace(site_id=scope.site_id, name="Shelf", kind=PlaceKind.SHELF)
        quarantine = StockPlace(site_id=scope.site_id, name="Quarantine", kind=PlaceKind.QUARANTINE)
        session.add_all([shelf, quarantine])
        session.flush()
        return Shelf(scope, shelf.id, quarantine.id)


def create_item(inn: str = "amoxicillin", **fields: Any) -> int:  # noqa: ANN401 - any of the facts
    """A medicine that spoils, counted in capsules."""
    facts: dict[str, Any] = {
        "code": f"ITEM{next(_numbers)}",
        "inn": inn,
        "atc": "J01CA04",
        "form": "capsule",
        "strength": "500 mg",
        "base_unit": "capsule",
        "is_perishable": True,
        "box": 1,
        **fields,
    }
    with transaction():
        return save_items([ItemFacts(**facts)])[facts["code"]]


def colleague(shelf: Shelf, *roles: Role) -> Scope:
    """Another person at work at the shelf's site."""
    return scope_of(create_user(db.session.get_one(Site, shelf.scope.site_id), *roles))


def stock_up(
    shelf: Shelf,
    item_id: int,
    quantity: int,
    *,
    batch_no: str = "A1",
    expires_on: date | None = FAR,
    donor: str = "Donor",
) -> int:
    """Receive so many units of a batch and return the lot."""
    with transaction(), acting_as(shelf.scope.user_id):
        document_id = receive(
            shelf.scope,
            [Delivered(item_id=item_id, batch_no=batch_no, expires_on=expires_on, quantity=quantity)],
            donor=donor,
        )
        return db.session.scalars(select(Movement.lot_id).where(Movement.document_id == document_id)).one()


def quantity_of(lot_id: int, place_id: int) -> int:
    """What lies of a lot at a place."""
    return db.session.scalars(
        select(Balance.quantity).where(Balance.lot_id == lot_id, Balance.place_id == place_id)
    ).one()


def moved(lot_id: int) -> list[int]:
    """Every movement of a lot in the ledger, oldest first."""
    return list(db.session.scalars(select(Movement.quantity).where(Movement.lot_id == lot_id).order_by(Movement.id)))


def batch_key(lot_id: int) -> str:
    """The key of the batch of a lot."""
    return db.session.scalars(select(Batch.key).join(Lot, Lot.batch_id == Batch.id).where(Lot.id == lot_id)).one()


def count_documents() -> int:
    """How many stock documents there are."""
    return db.session.scalars(select(func.count()).select_from(StockDocument)).one()

"""Where stock lies at a site comes to be."""

from sqlalchemy import select

from clinic.kernel.access import Scope
from clinic.kernel.db import db
from inventory.stock.models import StockPlace
from inventory.stock.rules import PlaceKind


def open_places(scope: Scope) -> None:
    """Give the site a shelf and a quarantine, where it has none yet."""
    there = set(db.session.scalars(select(StockPlace.kind).where(StockPlace.site_id == scope.site_id)))
    db.session.add_all(
        StockPlace(site_id=scope.site_id, name=kind.value.title(), kind=kind) for kind in PlaceKind if kind not in there
    )
    db.session.flush()

"""Where stock lies at a site."""

from sqlalchemy import select

from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from inventory.stock.models import StockPlace
from inventory.stock.rules import PlaceKind


def get_shelf_id(scope: Scope) -> int:
    """Return the number of the shelf onto which the site's deliveries go."""
    shelf_id = db.session.scalar(
        select(StockPlace.id)
        .where(StockPlace.site_id == scope.site_id, StockPlace.kind == PlaceKind.SHELF)
        .order_by(StockPlace.id)
        .limit(1)
    )
    if shelf_id is None:
        raise NotFound(N_("This site has no shelf for stock yet."))
    return shelf_id

"""Units go out over the counter."""

from collections.abc import Iterable

from clinic.kernel.access import Scope
from inventory.stock.rules import Kind, Pick, Reason
from inventory.stock.services.posting import Heading, Line, post


def issue(
    scope: Scope,
    taken: Iterable[Pick],
    *,
    reason: Reason = Reason.DISPENSE,
    operation_id: int | None = None,
    reference: str = "",
) -> int:
    """Hand out units of lots on the site's shelves; return the number of the stock document.

    Raises Short, Expired, Recalled or NotIssuable; then none of them has left.
    """
    return post(
        scope,
        Heading(kind=Kind.ISSUE, reason=reason, operation_id=operation_id, reference=reference),
        [Line(lot_id=line.lot_id, place_id=line.place_id, quantity=-line.quantity) for line in taken],
    )

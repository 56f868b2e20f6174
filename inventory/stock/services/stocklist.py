"""A stock list, taken in as receipts from the donors that it names."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from itertools import groupby
from typing import BinaryIO

from sqlalchemy import select

from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.errors import DomainError
from clinic.kernel.operations import once
from clinic.kernel.rows import MOST_BYTES, Mistake, Row, read_rows, refuse
from inventory.stock.models import Batch, Item
from inventory.stock.schemas import StockRowSchema
from inventory.stock.services.places import open_places
from inventory.stock.services.receipts import Delivered, ensure_acceptable, ensure_same_expiry, receive

_ANYBODY = 0
_PLACES_OF_COST = 10_000


@dataclass(frozen=True)
class StockImport:
    """What an import did, or in a dry run would do."""

    receipts: int
    lines: int
    is_repeat: bool = False


def import_stock(
    scope: Scope, file: BinaryIO, *, dry_run: bool = False, progress: Callable[[int, int], None] | None = None
) -> StockImport:
    """Receive onto the site's shelf what a CSV file lists, one receipt from each donor, all or nothing.

    The same file a second time at the same site is told as a repeat and changes nothing. Runs inside `transaction()`,
    a dry run also without. Raises UnreadableFile with the row and column of everything wrong.
    """
    content = file.read(MOST_BYTES + 1)
    rows = read_rows(BytesIO(content), StockRowSchema())
    if not dry_run:
        claim = once(_ANYBODY, f"stock.import:{scope.site_id}", hashlib.sha256(content).hexdigest(), {})
        if claim.is_repeat:
            return StockImport(0, 0, is_repeat=True)
        claim.answered("/stock")
    items = {item.code: item for item in db.session.scalars(select(Item))}
    refuse(_mistakes(rows, items))
    by_donor = [(donor, list(group)) for donor, group in groupby(sorted(rows, key=_donor), key=_donor)]
    if not dry_run:
        open_places(scope)
        done = 0
        for donor, group in by_donor:
            receive(scope, [_delivered(row, items) for row in group], donor=donor, operation_id=claim.id)
            done += len(group)
            if progress is not None:
                progress(done, len(rows))
    return StockImport(len(by_donor), len(rows))


def _donor(row: Row) -> str:
    return str(row.values["donor"])


def _delivered(row: Row, items: Mapping[str, Item]) -> Delivered:
    return Delivered(
        item_id=items[row.values["item_code"]].id,
        batch_no=row.values["batch_no"],
        expires_on=row.values["expires_on"],
        quantity=row.values["quantity"],
        factor=row.values["pack"],
        unit_cost=int(row.values["unit_cost"] * _PLACES_OF_COST),
        currency=row.values["currency"],
    )


def _mistakes(rows: list[Row], items: Mapping[str, Item]) -> Iterator[Mistake]:
    on_file = {(batch.item_id, batch.batch_no): batch for batch in db.session.scalars(select(Batch))}
    dated: dict[tuple[str, str], date | None] = {}
    for row in rows:
        code, batch_no, expires_on = (row.values[name] for name in ("item_code", "batch_no", "expires_on"))
        if code not in items:
            yield Mistake(row.number, "item_code", f"{code} is not in the formulary; import that first")
            continue
        if dated.setdefault((code, batch_no), expires_on) != expires_on:
            yield Mistake(row.number, "expires_on", f"batch {batch_no} stands further up with another last day")
            continue
        delivered = _delivered(row, items)
        try:
            ensure_acceptable(items[code], delivered)
            if batch := on_file.get((items[code].id, batch_no)):
                ensure_same_expiry(batch, delivered)
        except DomainError as refusal:
            yield Mistake(row.number, "expires_on", str(refusal))

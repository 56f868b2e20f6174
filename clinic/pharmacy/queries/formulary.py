"""Reads of the formulary: what may be prescribed here, with what lies on the shelf."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import select

from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.pharmacy.models import FormularyEntry
from clinic.pharmacy.rules import Medicine
from inventory.stock.models import Item
from inventory.stock.queries.items import search_items
from inventory.stock.queries.lots import NOTHING, on_hand

HITS = 12


@dataclass(frozen=True)
class FormularyRow:
    """A medicine of the formulary and how many base units of it may go out at the caller's site."""

    medicine: Medicine
    usable: int


def search_formulary(scope: Scope, words: str, limit: int = HITS) -> list[FormularyRow]:
    """Return the medicines that have all of `words`, as beginnings or as they sound in three languages.

    Those as written first; three statements.
    """
    items = search_items(words, limit)
    return _with_stock(scope, get_medicines([item.id for item in items]).values(), [item.id for item in items])


def get_formulary(scope: Scope, item_ids: Collection[int]) -> dict[int, FormularyRow]:
    """Return the medicines of these items with what lies on the shelf, by item; two statements."""
    return {row.medicine.item_id: row for row in _with_stock(scope, get_medicines(item_ids).values(), list(item_ids))}


def get_medicines(item_ids: Collection[int]) -> dict[int, Medicine]:
    """Return the medicines of these items, by item; one that is not on the formulary is left out. One statement."""
    if not item_ids:
        return {}
    rows = db.session.execute(
        select(Item, FormularyEntry)
        .join(FormularyEntry, FormularyEntry.item_id == Item.id)
        .where(Item.id.in_(item_ids))
    )
    return {item.id: medicine_of(item, entry) for item, entry in rows}


def _with_stock(scope: Scope, medicines: Iterable[Medicine], order: list[int]) -> list[FormularyRow]:
    found = {medicine.item_id: medicine for medicine in medicines}
    stock = on_hand(scope, found) if found else {}
    return [FormularyRow(found[item_id], stock.get(item_id, NOTHING).usable) for item_id in order if item_id in found]


def medicine_of(item: Item, entry: FormularyEntry) -> Medicine:
    """Return the medicine that an item and its entry of the formulary describe."""
    return Medicine(
        item_id=item.id,
        inn=item.inn,
        atc=item.atc,
        form=item.form,
        strength=item.strength,
        base_unit=item.base_unit,
        route=entry.route,
        mg=entry.mg,
        per_ml=entry.per_ml,
        pack_ml=entry.pack_ml,
        in_use_days=entry.in_use_days,
        is_divisible=entry.is_divisible,
        mg_kg_day_min=entry.mg_kg_day_min,
        mg_kg_day_max=entry.mg_kg_day_max,
        doses_per_day=entry.doses_per_day,
        max_mg_day=entry.max_mg_day,
        min_age_months=entry.min_age_months,
        child_note=entry.child_note,
        pregnancy_caution=entry.pregnancy_caution,
        allergy_group=entry.allergy_group,
        is_confirmed=entry.is_confirmed,
    )

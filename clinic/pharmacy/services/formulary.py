"""The formulary, taken in from a list."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from sqlalchemy import select

from clinic.kernel import audit
from clinic.kernel.db import db
from clinic.kernel.rows import Mistake, Row, read_rows, refuse
from clinic.pharmacy.models import FormularyEntry
from clinic.pharmacy.schemas import FormularyRowSchema
from inventory.stock.models import Item
from inventory.stock.services import ItemFacts, find_changed, save_items

_FIELDS = {
    "route": "route",
    "mg": "mg_num",
    "per_ml": "per_ml",
    "pack_ml": "pack_ml",
    "in_use_days": "in_use_days",
    "is_divisible": "divisible",
    "is_controlled": "controlled",
    "is_essential": "eml",
    "ven": "ven",
    "mg_kg_day_min": "paed_mg_kg_day_min",
    "mg_kg_day_max": "paed_mg_kg_day_max",
    "doses_per_day": "paed_doses_per_day",
    "max_mg_day": "paed_max_mg_day",
    "min_age_months": "paed_min_age_months",
    "child_note": "paed_note",
    "pregnancy_caution": "pregnancy_caution",
    "allergy_group": "allergy_group",
    "storage": "storage_flag",
    "advice_tr": "label_tr",
    "advice_ar": "label_ar",
}


@dataclass(frozen=True)
class FormularyImport:
    """What an import did, or in a dry run would do."""

    new: int
    changed: int
    unchanged: int


def import_formulary(
    file: BinaryIO, *, dry_run: bool = False, progress: Callable[[int, int], None] | None = None
) -> FormularyImport:
    """Add and change medicines as a CSV file says, all or nothing; what is new or changed nobody has confirmed.

    Medicines that the file lacks stay: prescriptions hold them. Runs inside `transaction()`, a dry run also without.
    Raises UnreadableFile with the row and column of everything wrong.
    """
    rows = read_rows(file, FormularyRowSchema())
    refuse(_used_twice(rows))
    items = [_facts(row.values) for row in rows]
    new, changed = find_changed(items)
    entries = _entries_by_code()
    changed |= {row.values["code"] for row in rows if _differs(entries.get(row.values["code"]), row.values)} - new
    if not dry_run:
        numbers = save_items(items)
        for done, row in enumerate(rows, 1):
            if (code := row.values["code"]) in new | changed:
                _save_entry(entries.get(code), numbers[code], row.values)
            if progress is not None:
                progress(done, len(rows))
        db.session.flush()
        audit.record("IMPORT", "formulary_entry", "list", {"new": len(new), "changed": len(changed)})
    return FormularyImport(len(new), len(changed), len(rows) - len(new | changed))


def _facts(values: Mapping[str, Any]) -> ItemFacts:
    return ItemFacts(
        code=values["code"],
        inn=values["inn"],
        atc=values["atc_code"],
        form=values["form"],
        strength=values["strength"],
        base_unit=values["unit"],
        is_perishable=values["perishable"],
        box=values["pack_size"],
    )


def _save_entry(entry: FormularyEntry | None, item_id: int, values: Mapping[str, Any]) -> None:
    entry = entry or FormularyEntry(item_id=item_id)
    for field, column in _FIELDS.items():
        setattr(entry, field, values[column])
    entry.is_confirmed = False
    db.session.add(entry)


def _entries_by_code() -> dict[str, FormularyEntry]:
    rows = db.session.execute(select(Item.code, FormularyEntry).join(Item, Item.id == FormularyEntry.item_id))
    return dict(rows.all())


def _differs(entry: FormularyEntry | None, values: Mapping[str, Any]) -> bool:
    return entry is None or any(getattr(entry, field) != values[column] for field, column in _FIELDS.items())


def _used_twice(rows: list[Row]) -> Iterator[Mistake]:
    counts = Counter(row.values["code"] for row in rows)
    for row in rows:
        if counts[row.values["code"]] > 1:
            yield Mistake(row.number, "code", f"{row.values['code']} stands in more than one row")

"""The catalogue of items, as a list of them is taken in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from clinic.kernel.db import db
from inventory.stock.models import Item, ItemPack, ItemWord
from inventory.stock.queries.items import item_words, list_packs

_FIELDS = ("inn", "atc", "form", "strength", "base_unit", "is_perishable")


@dataclass(frozen=True, kw_only=True)
class ItemFacts:
    """What a list says of an item; `box` is how many base units its usual box holds."""

    code: str
    inn: str
    atc: str
    form: str
    strength: str
    base_unit: str
    is_perishable: bool
    box: int


def save_items(listed: Sequence[ItemFacts]) -> dict[str, int]:
    """Add and change items by their codes; return the number of each.

    An item that the list lacks stays: the ledger holds it.
    """
    old = _by_code(facts.code for facts in listed)
    touched = [facts for facts in listed if facts.code not in old or _differs(old[facts.code], facts)]
    for facts in touched:
        item = old.get(facts.code) or Item(code=facts.code)
        for field in _FIELDS:
            setattr(item, field, getattr(facts, field))
        db.session.add(item)
    db.session.flush()
    numbers = {code: item.id for code, item in _by_code(facts.code for facts in listed).items()}
    _write_words({numbers[facts.code]: facts for facts in touched})
    _write_boxes({(numbers[facts.code], facts.box) for facts in listed if facts.box > 1})
    return numbers


def find_changed(listed: Sequence[ItemFacts]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the codes of `listed` that are not on file yet, and those that are on file otherwise."""
    old = _by_code(facts.code for facts in listed)
    new = frozenset(facts.code for facts in listed if facts.code not in old)
    return new, frozenset(facts.code for facts in listed if facts.code in old and _differs(old[facts.code], facts))


def _by_code(codes: Iterable[str]) -> dict[str, Item]:
    return {item.code: item for item in db.session.scalars(select(Item).where(Item.code.in_(tuple(codes))))}


def _differs(item: Item, facts: ItemFacts) -> bool:
    return any(getattr(item, field) != getattr(facts, field) for field in _FIELDS)


def _write_words(touched: dict[int, ItemFacts]) -> None:
    db.session.execute(delete(ItemWord).where(ItemWord.item_id.in_(touched)))
    words = [
        {"word": word, "item_id": item_id}
        for item_id, facts in touched.items()
        for word in sorted(item_words(facts.inn, facts.form, facts.strength, facts.code, facts.atc))
    ]
    if words:
        db.session.execute(insert(ItemWord), words)


def _write_boxes(wanted: set[tuple[int, int]]) -> None:
    known = list_packs(item_id for item_id, _ in wanted)
    db.session.add_all(
        ItemPack(item_id=item_id, factor=factor)
        for item_id, factor in sorted(wanted)
        if factor not in known.get(item_id, [])
    )
    db.session.flush()

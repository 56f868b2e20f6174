"""The catalogue of items: found by word, by the sound of a word in three scripts, by code."""

import re
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Select, and_, case, or_, select

from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_, fold, name_codes
from inventory.stock.models import Item, ItemPack, ItemWord

HITS = 12
MOST_WORDS = 6
LONGEST_WORD = 60
SHORTEST_SOUND = 3

_WORD = re.compile(r"[^\W_]+")
_LAST = "\U0010ffff"
# An international name as it is heard: ciprofloxacin, siprofloksasin and سيبروفلوكساسين are one.
_HEARD = (("ph", "f"), ("th", "t"), ("ch", "k"), ("ae", "e"), ("x", "ks"), ("y", "i"))
_SOFT_C = re.compile("c(?=[ei])")
_SILENT_E = re.compile(r"(?<=\w{4})e\b")


def item_words(*texts: str) -> frozenset[str]:
    """Return what an item is found by: the folded words of `texts`, and in capitals the sounds of the longer ones."""
    words = [word[:LONGEST_WORD] for text in texts for word in _WORD.findall(fold(text))]
    return frozenset(words) | {sound for word in words for sound in _sounds(word, _heard(word))}


def search_items(words: str, limit: int = HITS) -> list[Item]:
    """Return the items that have all of `words`, as beginnings or as they sound, those as written first.

    One statement.
    """
    sought = [word[:LONGEST_WORD] for word in _WORD.findall(fold(words))][:MOST_WORDS]
    if not sought:
        return []
    as_written = and_(*(Item.id.in_(_having([word])) for word in sought))
    return list(
        db.session.scalars(
            select(Item)
            .where(*(Item.id.in_(_having([word, *_sounds(word)])) for word in sought))
            .order_by(case((as_written, 0), else_=1), Item.inn, Item.strength, Item.id)
            .limit(limit)
        )
    )


def list_items() -> list[Item]:
    """Return every item by name, for a list to choose from. One statement."""
    return list(db.session.scalars(select(Item).order_by(Item.inn, Item.strength, Item.id)))


def match_item(typed: str, known: Sequence[Item]) -> Item | None:
    """Return the one item of `known` that a code, or a name that ends in a code, names; else the one that is found."""
    last = typed.rsplit(maxsplit=1)[-1].upper() if typed.strip() else ""
    by_code = next((item for item in known if item.code == last), None)
    if by_code is not None:
        return by_code
    found = search_items(typed, limit=2)
    return found[0] if len(found) == 1 else None


def get_item(key: str) -> Item:
    """Return the item of that key."""
    item = db.session.scalar(select(Item).where(Item.key == key))
    if item is None:
        raise NotFound(N_("There is no such item."))
    return item


def list_packs(item_ids: Iterable[int]) -> dict[int, list[int]]:
    """Return, for each item that has any, how many base units its boxes hold, smallest first. One statement."""
    packs: dict[int, list[int]] = {}
    for item_id, factor in db.session.execute(
        select(ItemPack.item_id, ItemPack.factor)
        .where(ItemPack.item_id.in_(tuple(item_ids)))
        .order_by(ItemPack.item_id, ItemPack.factor)
    ):
        packs.setdefault(item_id, []).append(factor)
    return packs


def _having(beginnings: Sequence[str]) -> Select[int]:
    return select(ItemWord.item_id).where(or_(*(_begins(beginning) for beginning in beginnings)))


def _begins(beginning: str) -> ColumnElement[bool]:
    return and_(ItemWord.word >= beginning, ItemWord.word < beginning + _LAST)


def _heard(word: str) -> str:
    for written, heard in _HEARD:
        word = word.replace(written, heard)
    return _SILENT_E.sub("", _SOFT_C.sub("s", word).replace("c", "k"))


def _sounds(*spellings: str) -> list[str]:
    found = {sound for word in spellings if not word[0].isdigit() for sound in name_codes(word)}
    return sorted(sound for sound in found if len(sound) >= SHORTEST_SOUND)

"""What each glyph of a font means, so that what is copied from paper is what was written on it.

WeasyPrint learns a glyph's meaning where it first meets it. Where several glyphs stand for several letters together, as
in أُ or in Amiri's لخ, one of them gets all the letters and the others none, in the whole document: names lose letters.
The font itself knows better.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import islice, product
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

_ONE_BY_ONE, _APART, _CHOICES, _TOGETHER, _WRAPPED = 1, 2, 3, 4, 7
_READY_MADE = range(0xFB50, 0xFF00)  # whole words, ligatures and joined forms that have a code of their own
_STRETCH = "ـ"
_READINGS = 8


@cache
def meanings(path: Path) -> dict[int, list[str]]:
    """Return the letters that each glyph of the font at `path` may stand for, by its number, the likeliest first."""
    with TTFont(path, lazy=True) as font:
        means: dict[str, set[str]] = defaultdict(set)
        for code, glyph in font.getBestCmap().items():
            letter = chr(code)
            means[glyph].add(unicodedata.normalize("NFKC", letter) if code in _READY_MADE else letter)
        own = frozenset(means)
        tables = [
            table.ExtSubTable if table.LookupType == _WRAPPED else table
            for lookup in font["GSUB"].table.LookupList.Lookup
            for table in lookup.SubTable
        ]
        while _spread(tables, means, own):
            pass
        for glyph in set(_fillers(tables)) - own:
            if means[glyph] <= {_STRETCH}:
                means[glyph] = {""}
        numbers = font.getReverseGlyphMap()
        return {numbers[glyph]: sorted(letters) for glyph, letters in means.items()}


def _spread(tables: list[Any], means: dict[str, set[str]], own: frozenset[str]) -> bool:
    """Let every glyph that is made of others mean what they mean; return whether anything was learned."""
    learned = False
    for table in tables:
        for source, made in _made(table):
            if made not in own and all(glyph in means for glyph in source):
                read = {
                    "".join(parts) for parts in islice(product(*(sorted(means[each]) for each in source)), _READINGS)
                }
                learned |= not read <= means[made]
                means[made] |= read
    return learned


def _made(table: Any) -> Iterator[tuple[tuple[str, ...], str]]:  # noqa: ANN401 - fontTools has no types
    """Yield the glyphs that a rule takes and the one that it puts in their place."""
    if table.LookupType == _ONE_BY_ONE:
        yield from (((taken,), made) for taken, made in table.mapping.items())
    elif table.LookupType == _APART:
        yield from (((taken,), made[0]) for taken, made in table.mapping.items() if made)
    elif table.LookupType == _CHOICES:
        yield from (((taken,), made) for taken, choices in table.alternates.items() for made in choices)
    elif table.LookupType == _TOGETHER:
        for first, rules in table.ligatures.items():
            yield from (((first, *rule.Component), rule.LigGlyph) for rule in rules)


def _fillers(tables: list[Any]) -> Iterator[str]:
    """Yield the glyphs that are only drawn after another, such as the stretch between two letters."""
    for table in tables:
        if table.LookupType == _APART:
            for made in table.mapping.values():
                yield from made[1:]

"""How large the letters of a label may be, so that all of it stands on one. Pure; paper.css has the same sizes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

_PT = 0.3528  # millimetres
# how wide a letter of Plex Sans is at weight 600, in sizes of its font; any other is as wide as a figure
_WIDTHS = (
    dict.fromkeys("ijlıI.,·()f", 0.34)
    | dict.fromkeys("trszşcçvyxL/-", 0.48)
    | dict.fromkeys("ABCDEGHKNOPQRUVXYZ", 0.69)
    | dict.fromkeys("mwMW%½", 0.9)
    | dict.fromkeys(" \N{NO-BREAK SPACE}", 0.25)
)
_OTHERS, _ARABIC = 0.61, 0.45
_LETTERS_OF_ARABIC = frozenset(map(chr, range(0x0600, 0x0700)))
# how high a line is: a little more than measured
_LINE, _LINE_OF_WORDS, _LINE_OF_ARABIC = 1.18, 1.22, 1.36
_RULES_MM = 0.9
_TIMES = 4
_UNIT, _CELL_EDGES_MM = 6, 1.4
_PART_MM = 5.0


class Paper(StrEnum):
    """The labels that printers are fed with, by width and height in millimetres."""

    TALL = "58x40"
    LONG = "62x29"


# what the margins of paper.css leave, in millimetres
_ROOM = {Paper.TALL: (54.0, 37.0), Paper.LONG: (59.0, 26.0)}


class Letters(StrEnum):
    """The sizes of a label's letters."""

    LARGEST = "largest"
    LARGE = "large"
    MIDDLE = "middle"
    SMALLER = "smaller"
    SMALLEST = "smallest"


@dataclass(frozen=True)
class _Sizes:
    """Points of each part; a pictogram, and the row of them with a word beneath each, in millimetres."""

    who: float
    name: float
    words: float
    figure: float
    second: float
    foot: float
    picture_mm: float
    times_mm: float


_SIZES = {
    Letters.LARGEST: _Sizes(who=10, name=13, words=11, figure=12, second=7, foot=6.5, picture_mm=5.4, times_mm=10.4),
    Letters.LARGE: _Sizes(who=9, name=12, words=9.5, figure=10, second=6.5, foot=6, picture_mm=4.2, times_mm=8.6),
    Letters.MIDDLE: _Sizes(who=9, name=10.5, words=8.75, figure=9.5, second=6.5, foot=6, picture_mm=3.8, times_mm=8.1),
    Letters.SMALLER: _Sizes(who=9, name=9, words=8, figure=9, second=6.5, foot=6, picture_mm=3.4, times_mm=7.6),
    Letters.SMALLEST: _Sizes(who=7.5, name=8, words=7.5, figure=8, second=6, foot=6, picture_mm=3, times_mm=6.4),
}


def choose_letters(
    paper: Paper,
    *,
    name: str,
    figures: Sequence[tuple[str, str]],
    words: str,
    second: str,
    lots: Sequence[str],
    warnings: str,
    is_arabic: bool,
) -> Letters:
    """Return the largest letters in which all of it stands on one label; the smallest where none are small enough.

    `figures` are what stands in the slots, each with its unit; words joined by a no-break space stay on one line.
    """
    width, room = _ROOM[paper]
    line = _LINE_OF_ARABIC if is_arabic else _LINE_OF_WORDS
    for letters, sizes in _SIZES.items():
        height = (
            _RULES_MM
            + sizes.who * _PT * line
            + _lines(name.split(" "), sizes.name, width) * sizes.name * _PT * _LINE
            + _times(figures, sizes, width)
            + _lines(words.split(" "), sizes.words, width) * sizes.words * _PT * line
            + _lines(second.split(" "), sizes.second, width) * sizes.second * _PT * _LINE
            + _lines(lots, sizes.foot, width - _PART_MM) * sizes.foot * _PT * _LINE
            + _lines(warnings.split(" "), sizes.foot, width) * sizes.foot * _PT * line
        )
        if height <= room:
            return letters
    return Letters.SMALLEST


def _times(figures: Sequence[tuple[str, str]], sizes: _Sizes, width: float) -> float:
    """Return the height of the pictograms; a figure that has no room beside its own stands beneath it."""
    if not figures:
        return 0
    cell = width / _TIMES - _CELL_EDGES_MM - sizes.picture_mm
    is_beneath = any(_long(figure, sizes.figure) + _long(f" {unit}", _UNIT) > cell for figure, unit in figures)
    return sizes.times_mm + (sizes.figure * _PT * _LINE if is_beneath else 0)


def _lines(parts: Iterable[str], points: float, width: float) -> int:
    """Return on how many lines parts stand that are not broken."""
    lines, used = 0, width
    for part in filter(None, parts):
        taken = _long(part, points)
        if used + taken > width:
            lines, used = lines + 1, 0.0
        used += taken + _long(" ", points)
    return lines


def _long(text: str, points: float) -> float:
    """Return how many millimetres a text takes; joined Arabic letters by what they take together."""
    return (
        sum(_ARABIC if letter in _LETTERS_OF_ARABIC else _WIDTHS.get(letter, _OTHERS) for letter in text) * points * _PT
    )

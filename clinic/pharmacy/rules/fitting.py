"""How large the letters of a label may be, so that all of it stands on one. Pure; paper.css has the same sizes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

WIDTH_MM, HEIGHT_MM = 54.0, 37.0
_PT = 0.3528  # millimetres
# how wide a letter is, in sizes of its font, and how high a line: a little more than measured
_HEAVY, _HEAVY_ARABIC, _PLAIN = 0.54, 0.47, 0.51
_LINE, _LINE_OF_WORDS, _LINE_OF_ARABIC = 1.18, 1.22, 1.36
_RULES_MM = 0.9
# a figure of more letters ("7.5 mL") stands beneath its pictogram, no longer beside it
_BESIDE = 3
_PART_MM = 4.0


class Letters(StrEnum):
    """The sizes of a label's letters."""

    LARGEST = "largest"
    LARGE = "large"
    SMALLER = "smaller"
    SMALLEST = "smallest"


@dataclass(frozen=True)
class _Sizes:
    """Points of each part; the height of a pictogram with its word beneath in millimetres."""

    who: float
    name: float
    words: float
    figure: float
    second: float
    foot: float
    times_mm: float


_SIZES = {
    Letters.LARGEST: _Sizes(who=10, name=13, words=11, figure=12, second=7, foot=6.5, times_mm=10.4),
    Letters.LARGE: _Sizes(who=9, name=12, words=9.5, figure=10, second=6.5, foot=6, times_mm=8.6),
    Letters.SMALLER: _Sizes(who=9, name=9, words=8, figure=9, second=6.5, foot=6, times_mm=7.6),
    Letters.SMALLEST: _Sizes(who=7.5, name=8, words=7.5, figure=8, second=6, foot=6, times_mm=6.4),
}


def choose_letters(
    *,
    name: str,
    figures: Sequence[str],
    words: str,
    second: str,
    lots: Sequence[str],
    warnings: str,
    is_arabic: bool,
) -> Letters:
    """Return the largest letters in which all of it stands on one label; the smallest where none are small enough."""
    line, heavy = (_LINE_OF_ARABIC, _HEAVY_ARABIC) if is_arabic else (_LINE_OF_WORDS, _HEAVY)
    for letters, sizes in _SIZES.items():
        height = (
            _RULES_MM
            + sizes.who * _PT * line
            + _lines(name.split(" "), sizes.name * _HEAVY) * sizes.name * _PT * _LINE
            + _times(figures, sizes)
            + _lines(words.split(" "), sizes.words * heavy) * sizes.words * _PT * line
            + _lines(second.split(" "), sizes.second * _PLAIN) * sizes.second * _PT * _LINE
            + _lines(lots, sizes.foot * _PLAIN, width=WIDTH_MM - _PART_MM) * sizes.foot * _PT * _LINE
            + _lines(warnings.split(" "), sizes.foot * heavy) * sizes.foot * _PT * line
        )
        if height <= HEIGHT_MM:
            return letters
    return Letters.SMALLEST


def _times(figures: Sequence[str], sizes: _Sizes) -> float:
    if not figures:
        return 0
    is_beneath = any(len(figure) > _BESIDE for figure in figures)
    return sizes.times_mm + (sizes.figure * _PT * _LINE if is_beneath else 0)


def _lines(parts: Iterable[str], points: float, *, width: float = WIDTH_MM) -> int:
    """Return on how many lines parts stand that are not broken, with letters so many points wide."""
    lines, used = 0, width
    for part in filter(None, parts):
        taken = (len(part) + 1) * points * _PT
        if used + taken > width:
            lines, used = lines + 1, 0.0
        used += taken
    return lines

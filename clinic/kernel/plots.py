"""Where the lines, bars and words of a plot stand: geometry alone, drawn by templates/_macros/plot.html.

A plot is never mirrored: its axes look the same in all languages, as on the printed card. A tone names a class of
plot.css.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Literal

Tone = Literal["own", "context", "sand", "forecast", "look", "stop", "pale"]
Side = Literal["before", "after", "above", "below"]
Point = tuple[float, float]

_LETTER = 6.6  # the width of a digit at the size of plot labels
_FOOT, _HEAD, _GAP = 24.0, 14.0, 8.0
_BAR, _PITCH = 18.0, 31.0
_GROWS = 1.25
_LEAST_PART, _PART_GAP = 3.0, 2.0


# ---- what is drawn -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Path:
    """A line or an outline."""

    d: str
    css: str
    shape: Literal["path"] = "path"


@dataclass(frozen=True, kw_only=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    css: str
    shape: Literal["box"] = "box"


@dataclass(frozen=True, kw_only=True)
class Dot:
    """A point that was measured."""

    x: float
    y: float
    radius: float
    css: str
    shape: Literal["dot"] = "dot"


@dataclass(frozen=True, kw_only=True)
class Words:
    """A label; `css` says where it is anchored: "start", "middle" or "end"."""

    x: float
    y: float
    text: str
    css: str
    shape: Literal["words"] = "words"


Shape = Path | Box | Dot | Words


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A finished plot; the shapes in the order in which they cover one another."""

    width: float
    height: float
    shapes: tuple[Shape, ...]

    @property
    def widest(self) -> int:
        """The width in pixels beyond which it does not grow: letters stay near the size of the page's."""
        return round(self.width * _GROWS)


# ---- what is told --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Scale:
    """An axis from `low` to `high` with its labelled ticks."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]] = ()

    @classmethod
    def to(cls, most: float, *, write: Callable[[int], str] = str, about: int = 4) -> "Scale":
        """Return an axis from zero in round steps that holds `most`."""
        step = round_step(most / about)
        count = max(1, -(-most // step))
        return cls(
            low=0, high=step * count, ticks=[(step * tick, write(int(step * tick))) for tick in range(int(count) + 1)]
        )


def round_step(rough: float) -> float:
    """Return the round number (1, 2, 5, 10 …) that is `rough` or the next above; at least 1."""
    if rough <= 1:
        return 1
    size = float(10 ** floor(log10(rough)))
    return next(round_ * size for round_ in (1, 2, 5, 10) if round_ * size >= rough)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A series. `words` stand at its last point, or at `words_at`; an area is filled down to zero, an end is a dot."""

    points: Sequence[Point]
    tone: Tone = "own"
    words: str = ""
    words_at: Point | None = None
    words_tone: Tone | None = None
    side: Side = "after"
    is_step: bool = False
    has_area: bool = False
    has_dots: bool = False
    has_end: bool = False
    end_tone: Tone | None = None


@dataclass(frozen=True, kw_only=True)
class Band:
    """What lies between two lines that share their x."""

    low: Sequence[Point]
    high: Sequence[Point]
    tone: Tone = "own"


@dataclass(frozen=True, kw_only=True)
class Level:
    """A threshold across the plot, named at its end."""

    at: float
    words: str
    tone: Tone = "look"


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A thin line of ink from top to bottom: now, or the half."""

    at: float
    words: str
    side: Side = "before"


@dataclass(frozen=True, kw_only=True)
class Note:
    """Words at a place of the plot."""

    at: Point
    words: str
    tone: Tone = "context"
    side: Side = "above"


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch of the base line, as of days without stock."""

    start: float
    end: float
    words: str = ""
    tone: Tone = "stop"


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar lying: what is done, filled, and what is to come, pale, up to `total`."""

    name: str
    done: float
    total: float | None = None
    words: str = ""
    total_words: str = ""


# ---- lines ---------------------------------------------------------------------------------------------------------


class _Field:
    """The inner rectangle of a plot: where a value stands in the drawing."""

    def __init__(self, x: Scale, y: Scale, *, width: float, height: float, start_room: float, end_room: float) -> None:
        self.x, self.y, self.width, self.height = x, y, width, height
        self.start, self.end = start_room, width - end_room
        self.top, self.base = _HEAD, height - _FOOT

    def across(self, value: float) -> float:
        share = (value - self.x.low) / ((self.x.high - self.x.low) or 1)
        return round(self.start + share * (self.end - self.start), 1)

    def up(self, value: float) -> float:
        share = (value - self.y.low) / ((self.y.high - self.y.low) or 1)
        return round(self.base - share * (self.base - self.top), 1)

    def place(self, point: Point) -> Point:
        return self.across(point[0]), self.up(point[1])

    def grid(self) -> Iterator[Shape]:
        for value, words in self.y.ticks:
            height = self.up(value)
            yield Path(d=f"M{self.start} {height}H{self.end}", css="axis" if value == self.y.low else "rule")
            yield Words(x=self.start - 7, y=height + 4, text=words, css="label end")
        yield from self.labels_below()

    def labels_below(self) -> Iterator[Shape]:
        for value, words in self.x.ticks:
            yield Words(x=self.across(value), y=self.base + 17, text=words, css="label middle")


def lines(
    series: Iterable[Line],
    *,
    x: Scale,
    y: Scale,
    marks: Iterable[Band | Level | Moment | Note | Span] = (),
    width: float = 540,
    height: float = 190,
    end_room: float = 14,
) -> Drawing:
    """Return lines over one another, the first undermost; `end_room` keeps place for words at their ends."""
    labels = max((len(words) for _value, words in y.ticks), default=0)
    field = _Field(x, y, width=width, height=height, start_room=_GAP + labels * _LETTER, end_room=end_room)
    marks, series = list(marks), list(series)
    shapes: list[Shape] = [shape for mark in marks if isinstance(mark, Band) for shape in _band(field, mark)]
    shapes += field.grid()
    for mark in marks:
        shapes += _mark(field, mark)
    for line in series:
        shapes += _line(field, line)
    return Drawing(width=width, height=height, shapes=tuple(shapes))


def _band(field: _Field, band: Band) -> Iterator[Shape]:
    there = [field.place(point) for point in band.high]
    back = [field.place(point) for point in reversed(band.low)]
    yield Path(d=_path([*there, *back]) + "Z", css=f"band {band.tone}")


def _mark(field: _Field, mark: Band | Level | Moment | Note | Span) -> Iterator[Shape]:
    match mark:
        case Level():
            height = field.up(mark.at)
            yield Path(d=f"M{field.start} {height}H{field.end}", css=f"level {mark.tone}")
            yield Words(x=field.end + 6, y=height + 4, text=mark.words, css=f"note start {mark.tone}")
        case Moment():
            place = field.across(mark.at)
            yield Path(d=f"M{place} {field.top - 8}V{field.base}", css="moment")
            yield _words((place, field.top), mark.words, mark.side, "ink")
        case Note():
            yield _words(field.place(mark.at), mark.words, mark.side, mark.tone)
        case Span():
            start, end = field.across(mark.start), field.across(mark.end)
            yield Box(x=start, y=field.base - 5, width=round(end - start, 1), height=5, css=f"span {mark.tone}")
            yield Words(x=start - 6, y=field.base - 8, text=mark.words, css=f"note end {mark.tone}")


def _line(field: _Field, line: Line) -> Iterator[Shape]:
    if not line.points:
        return
    places = [field.place(point) for point in line.points]
    drawn = _steps(places) if line.is_step else _path(places)
    if line.has_area:
        yield Path(d=f"{drawn}V{field.base}H{places[0][0]}Z", css=f"area {line.tone}")
    yield Path(d=drawn, css=f"line {line.tone}")
    if line.has_dots:
        yield from (Dot(x=x, y=y, radius=2.6, css=line.tone) for x, y in places)
    if line.has_end:
        yield Dot(x=places[-1][0], y=places[-1][1], radius=4.5, css=line.end_tone or line.tone)
    if line.words:
        yield _words(
            field.place(line.words_at) if line.words_at else places[-1],
            line.words,
            line.side,
            line.words_tone or line.tone,
        )


def _words(at: Point, words: str, side: Side, tone: str) -> Words:
    x, y = at
    anchor, away, lift = {
        "before": ("end", -6.0, 4.0),
        "after": ("start", 6.0, 4.0),
        "above": ("middle", 0.0, -7.0),
        "below": ("middle", 0.0, 15.0),
    }[side]
    return Words(x=round(x + away, 1), y=round(y + lift, 1), text=words, css=f"note {anchor} {tone}")


def _path(places: Sequence[Point]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in places)


def _steps(places: Sequence[Point]) -> str:
    first, *rest = places
    return f"M{first[0]} {first[1]}" + "".join(f"H{x}V{y}" for x, y in rest)


# ---- bars ----------------------------------------------------------------------------------------------------------


def histogram(
    counts: Sequence[float],
    *,
    edges: Sequence[str] = (),
    names: Sequence[str] = (),
    y: Scale,
    look_from: int | None = None,
    middle: tuple[float, str] | None = None,
    width: float = 410,
    height: float = 160,
) -> Drawing:
    """Return standing bars without gaps, `edges` the labels between them (one more than bars), or `names` beneath them.

    Bars from number `look_from` on are amber; `middle` is a place counted in bars, and its words.
    """
    ticks = [*enumerate(edges), *((place + 0.5, name) for place, name in enumerate(names))]
    x = Scale(low=0, high=len(counts), ticks=ticks)
    marks = [Moment(at=middle[0], words=middle[1], side="after")] if middle else []
    ground = lines([], x=x, y=y, width=width, height=height, end_room=20)
    labels = max((len(words) for _value, words in y.ticks), default=0)
    field = _Field(x, y, width=width, height=height, start_room=_GAP + labels * _LETTER, end_room=20)
    bars = [
        Box(
            x=field.across(number) + 0.8,
            y=field.up(count),
            width=round(field.across(number + 1) - field.across(number) - 1.6, 1),
            height=round(field.base - field.up(count), 1),
            css=f"bar {'look' if look_from is not None and number >= look_from else 'own'}",
        )
        for number, count in enumerate(counts)
    ]
    drawn = [shape for mark in marks for shape in _mark(field, mark)]
    return Drawing(width=width, height=height, shapes=(*ground.shapes, *bars, *drawn))


def bars(
    rows: Sequence[Bar],
    *,
    x: Scale,
    limit: tuple[float, str] | None = None,
    name_room: float = 72,
    width: float = 410,
) -> Drawing:
    """Return lying bars, each with its name before it; `limit` is a red line across with its words."""
    height = _HEAD + _PITCH * len(rows) + _FOOT
    field = _Field(x, Scale(low=0, high=1), width=width, height=height, start_room=name_room, end_room=26)
    shapes: list[Shape] = []
    for value, _words_below in x.ticks:
        shapes.append(Path(d=f"M{field.across(value)} {field.top}V{field.base}", css="rule"))
    shapes += field.labels_below()
    for number, row in enumerate(rows):
        shapes += _bar(field, row, field.top + number * _PITCH + (_PITCH - _BAR) / 2)
    if limit:
        place = field.across(limit[0])
        shapes.append(Path(d=f"M{place} {field.top - 10}V{field.base}", css="level stop"))
        shapes.append(Words(x=place + 4, y=field.top, text=limit[1], css="note start stop"))
    return Drawing(width=width, height=height, shapes=tuple(shapes))


def _bar(field: _Field, row: Bar, y: float) -> Iterator[Shape]:
    start, done = field.across(field.x.low), field.across(row.done)
    yield Words(x=start - 6, y=y + 13, text=row.name, css="name end")
    if row.total is not None:
        total = field.across(row.total)
        yield Box(x=done, y=y, width=round(max(0, total - done), 1), height=_BAR, css="bar pale")
        yield Words(x=total + 4, y=y + 13, text=row.total_words, css="note start own")
    yield Box(x=start, y=y, width=round(done - start, 1), height=_BAR, css="bar own")
    inside = done - start > len(row.words) * _LETTER + _GAP
    if row.words and inside:
        yield Words(x=done - 5, y=y + 13, text=row.words, css="note end inside")
    elif row.words and row.total is None:
        yield Words(x=done + 4, y=y + 13, text=row.words, css="note start own")


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A stretch of a row's time; the one that goes on is filled."""

    start: float
    end: float
    words: str = ""
    is_now: bool = False


def stretches(
    rows: Sequence[tuple[str, Sequence[Stretch]]], *, x: Scale, name_room: float = 72, width: float = 410
) -> Drawing:
    """Return who was busy when: one row a name, one box a stretch."""
    height = _HEAD + (_PITCH + 8) * len(rows) + _FOOT
    field = _Field(x, Scale(low=0, high=1), width=width, height=height, start_room=name_room, end_room=16)
    shapes: list[Shape] = [
        Path(d=f"M{field.across(value)} {field.top - 6}V{field.base}", css="rule") for value, _below in x.ticks
    ]
    shapes += field.labels_below()
    for number, (name, busy) in enumerate(rows):
        y = field.top + number * (_PITCH + 8) + 4
        shapes.append(Words(x=field.start - 6, y=y + 15, text=name, css="name end"))
        for stretch in busy:
            start, end = field.across(stretch.start), field.across(stretch.end)
            tone = "own" if stretch.is_now else "pale"
            shapes.append(Box(x=start, y=y, width=round(end - start - 1, 1), height=22, css=f"bar {tone}"))
            middle = round((start + end) / 2, 1)
            inside = "inside" if stretch.is_now else "own"
            shapes.append(Words(x=middle, y=y + 15, text=stretch.words, css=f"note middle {inside}"))
    return Drawing(width=width, height=height, shapes=tuple(shapes))


# ---- parts of a whole, and one value on its scale --------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a strip: where it starts, how wide it is."""

    start: float
    width: float


def strip(amounts: Sequence[float], *, width: float = 1330) -> list[Part]:
    """Return the parts of a strip in their order, with gaps of 2 px; a part that is not nothing is never under 3 px."""
    there = [amount for amount in amounts if amount > 0]
    room = width - _PART_GAP * max(0, len(there) - 1)
    total = sum(there) or 1
    widths = [max(_LEAST_PART, room * amount / total) if amount > 0 else 0.0 for amount in amounts]
    widest = max(range(len(widths)), key=widths.__getitem__, default=0)
    if widths:
        widths[widest] -= sum(widths) - (room if there else 0)
    parts, start = [], 0.0
    for part in widths:
        parts.append(Part(start=round(start, 1), width=round(part, 1)))
        start += part + (_PART_GAP if part else 0)
    return parts


@dataclass(frozen=True, kw_only=True)
class VitalScale:
    """A thin scale of 100: its normal band, and where the measured value stands, held at the ends."""

    band_start: float
    band_width: float
    mark: float | None


def vital_scale(
    value: float | None, *, normal_low: float | None, normal_high: float | None, least: float, most: float
) -> VitalScale:
    """Return where the normal band and the value stand between `least` and `most`; an open end is drawn out."""

    def at(amount: float) -> float:
        return round(min(100.0, max(0.0, (amount - least) / (most - least) * 100)), 1)

    start = at(least if normal_low is None else normal_low)
    end = at(most if normal_high is None else normal_high)
    return VitalScale(
        band_start=start,
        band_width=round(end - start, 1),
        mark=None if value is None else min(98.0, max(2.0, at(value))),
    )

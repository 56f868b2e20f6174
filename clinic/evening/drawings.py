"""The evening's plots, each with the same figures as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median

from clinic.evening.queries import Evening
from clinic.evening.rules import (
    LONG_WAIT_MIN,
    SPHERE_CEILING,
    WAIT_EDGES_MIN,
    Outlook,
    Span,
    Stay,
    count_until,
    moments,
    queue_lengths,
    wait_counts,
)
from clinic.kernel import clock, plots
from clinic.kernel.i18n import _, clock_time, number
from clinic.kernel.plots import Band, Bar, Drawing, Line, Moment, Scale

Table = tuple[Sequence[str], Sequence[Sequence[str]]]

_LOOKS = (Outlook.NEARLY_FULL, Outlook.OVER, Outlook.DESERTED)


@dataclass(frozen=True)
class Axis:
    """The evening from opening to closing, or to now where it goes on longer."""

    opens: datetime
    closes: datetime
    now: datetime

    @property
    def moments(self) -> list[datetime]:
        """Every ten minutes since opening, and now."""
        return moments(self.opens, self.now)

    @property
    def scale(self) -> Scale:
        """The hours under a plot, from the first before opening to the last after closing."""
        low, high = int(_hour(self.opens)), _hour(max(self.closes, self.now))
        return Scale(low=low, high=high, ticks=[(float(tick), str(tick)) for tick in range(low, int(high) + 1)])


@dataclass(frozen=True)
class Plot:
    """A drawing with its figures as a table."""

    drawing: Drawing
    table: Table


@dataclass(frozen=True)
class Load:
    """What one doctor signed, and will have signed by closing; None where nobody can say."""

    name: str
    signed: int
    expected: int | None


def queues(services: Sequence[tuple[str, Sequence[Stay], Outlook]], axis: Axis) -> tuple[list[Drawing], Table]:
    """Draw how long each queue was since opening, all on one height, and return all of them as one table."""
    lengths = [queue_lengths(stays, axis.moments) for _name, stays, _outlook in services]
    height = Scale.to(max((length for each in lengths for length in each), default=0) or 1, about=3)
    drawings = [
        plots.lines(
            [
                Line(
                    points=[(_hour(at), float(length)) for at, length in zip(axis.moments, each, strict=True)],
                    is_step=True,
                    has_area=True,
                    has_end=True,
                    end_tone="look" if outlook in _LOOKS else None,
                )
            ],
            x=axis.scale,
            y=height,
            width=236,
            height=84,
        )
        for (_name, _stays, outlook), each in zip(services, lengths, strict=True)
    ]
    rows = [(clock_time(at), *(number(each[place]) for each in lengths)) for place, at in enumerate(axis.moments)]
    return drawings, ((_("Waiting at"), *(name for name, _stays, _outlook in services)), rows)


def finish(evening: Evening, axis: Axis, expected: Span | None) -> Plot:
    """Draw who arrived and who was seen since opening, and who will have been seen by closing, with its band."""
    at = axis.moments
    arrived = count_until(evening.arrived.values(), at)
    first_seen: dict[int, datetime] = {}
    for stay in evening.doctors_stays:
        if stay.was_seen and stay.ended_at is not None:
            first_seen[stay.visit_id] = min(stay.ended_at, first_seen.get(stay.visit_id, stay.ended_at))
    seen = count_until(first_seen.values(), at)
    most = max([1, *arrived[-1:], *([expected.high] if expected else [])])
    lines: list[Line] = []
    marks: list[Band | Moment] = []
    if at:
        hours = [_hour(each) for each in at]
        lines = [
            _told(hours, arrived, "context", _("arrived"), lift=most * 0.06),
            _told(hours, seen, "own", _("seen"), lift=most * -0.14),
        ]
        marks = [Moment(at=hours[-1], words=_("now %(time)s", time=clock_time(axis.now)))]
    if at and expected is not None and axis.now < axis.closes:
        start, end = (_hour(axis.now), float(seen[-1])), _hour(axis.closes)
        marks.insert(0, Band(low=[start, (end, expected.low)], high=[start, (end, expected.high)], tone="forecast"))
        lines.append(
            Line(
                points=[start, (end, expected.usual)],
                tone="forecast",
                words=f"{number(expected.low)}–{number(expected.high)}",
                words_at=(end, expected.low - most * 0.1),
                side="before",
            )
        )
    drawing = plots.lines(lines, x=axis.scale, y=Scale.to(most), marks=marks, width=410, height=186, end_room=24)
    rows = [(clock_time(each), number(came), number(gone)) for each, came, gone in zip(at, arrived, seen, strict=True)]
    if at and expected is not None and axis.now < axis.closes:
        foreseen = f"{number(expected.usual)} ({number(expected.low)}–{number(expected.high)})"
        rows.append((clock_time(axis.closes), "", foreseen))
    return Plot(drawing, ((_("Until"), _("Arrived"), _("Seen")), rows))


def seen(doctors: Sequence[Load]) -> Plot:
    """Draw what each doctor signed, what is to come, and the ceiling of a day."""
    most = max([SPHERE_CEILING, *(one.expected or one.signed for one in doctors)])
    drawing = plots.bars(
        [
            Bar(
                name=one.name,
                done=one.signed,
                total=one.expected,
                words=number(one.signed),
                total_words="" if one.expected is None else number(one.expected),
            )
            for one in doctors
        ],
        x=Scale.to(most, about=5),
        limit=(SPHERE_CEILING, number(SPHERE_CEILING)),
        name_room=104,
    )
    rows = [
        (one.name, number(one.signed), _("no pace yet") if one.expected is None else number(one.expected))
        for one in doctors
    ]
    return Plot(drawing, ((_("Doctor"), _("Signed"), _("Expected by closing")), rows))


def waits(minutes: Sequence[float]) -> Plot:
    """Draw how long people waited for the doctor, with the half of them marked."""
    counts = wait_counts(minutes)
    edges = [str(edge) for edge in WAIT_EDGES_MIN]
    half = median(minutes) if minutes else None
    drawing = plots.histogram(
        counts,
        edges=edges,
        y=Scale.to(max([1, *counts])),
        look_from=WAIT_EDGES_MIN.index(LONG_WAIT_MIN),
        middle=None
        if half is None
        else (
            min(half / WAIT_EDGES_MIN[1], len(counts)),
            _("half waited under %(minutes)s min", minutes=number(half, 0)),
        ),
        height=164,
    )
    spans = [*(f"{low}–{high}" for low, high in pairwise(edges[:-1])), _("%(low)s or more", low=edges[-2])]
    return Plot(
        drawing,
        ((_("Minutes"), _("People")), [(span, number(count)) for span, count in zip(spans, counts, strict=True)]),
    )


def _told(hours: Sequence[float], counts: Sequence[int], tone: plots.Tone, words: str, *, lift: float) -> Line:
    """Return a line whose words and last figure stand beside its end, lifted off it."""
    return Line(
        points=list(zip(hours, map(float, counts), strict=True)),
        tone=tone,
        words=f"{words} {number(counts[-1])}",
        words_at=(hours[-1], max(counts[-1] + lift, 0)),
    )


def _hour(at: datetime) -> float:
    """Return the hours since the clinic's midnight."""
    local = clock.local(at)
    return local.hour + local.minute / 60 + local.second / 3600

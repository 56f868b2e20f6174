"""The evening's plots and the same figures as tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median

from clinic.evening.queries import Seen
from clinic.evening.rules import LONG_WAIT_MIN, SPHERE_CEILING, WAIT_EDGES_MIN, Stay, queue_steps, wait_counts
from clinic.kernel import clock, plots
from clinic.kernel.i18n import _, clock_time, number
from clinic.kernel.plots import Drawing
from clinic.sites.rules import Hours

Table = tuple[Sequence[str], Sequence[Sequence[str]]]


@dataclass(frozen=True)
class Plot:
    """A drawing with its figures as a table."""

    drawing: Drawing
    table: Table


def queue(stays: Sequence[Stay], hours: Hours, now: datetime, most: int) -> Plot:
    """Draw how long one queue was since opening; all queues share one height."""
    steps = queue_steps(stays)
    points = [(_hour(at), float(length)) for at, length in steps if at <= now]
    if points:
        points.append((_hour(now), points[-1][1]))
    opens, closes = hours.opens / 60, hours.closes / 60
    ticks = [(float(hour), str(hour)) for hour in range(int(opens), int(closes) + 1)]
    drawing = plots.lines(
        [plots.Line(points=points, is_step=True, has_area=True, has_end=True)],
        x=plots.Scale(low=min(opens, *(x for x, _ in points)) if points else opens, high=closes, ticks=ticks),
        y=plots.Scale.to(max(most, 1), about=2),
        width=236,
        height=94,
    )
    return Plot(drawing, ((_("Time"), _("Waiting")), [(clock_time(at), str(length)) for at, length in steps[-12:]]))


def seen(doctors: Sequence[Seen], expected: dict[str, int]) -> Plot:
    """Draw what each doctor signed, what is to come, and the ceiling of a day."""
    rows = [(one, one.signed + expected.get(one.specialty_code, 0)) for one in doctors]
    drawing = plots.bars(
        [
            plots.Bar(
                name=one.spoken, done=one.signed, total=total, words=number(one.signed), total_words=number(total)
            )
            for one, total in rows
        ],
        x=plots.Scale.to(max([SPHERE_CEILING, *(total for _one, total in rows)])),
        limit=(SPHERE_CEILING, str(SPHERE_CEILING)),
        name_room=104,
    )
    heads = (_("Doctor"), _("Signed"), _("Expected by closing"))
    return Plot(drawing, (heads, [(one.spoken, number(one.signed), number(total)) for one, total in rows]))


def waits(minutes: Sequence[float]) -> Plot:
    """Draw how long people waited for the doctor, with the half of them marked."""
    counts = wait_counts(minutes)
    edges = [str(edge) for edge in WAIT_EDGES_MIN]
    half = median(minutes) if minutes else None
    drawing = plots.histogram(
        counts,
        edges=edges,
        y=plots.Scale.to(max([1, *counts])),
        look_from=LONG_WAIT_MIN // WAIT_EDGES_MIN[1],
        middle=None
        if half is None
        else (half / WAIT_EDGES_MIN[1], _("half waited under %(minutes)s min", minutes=round(half))),
    )
    spans = [f"{low}–{high}" for low, high in pairwise(edges)]
    return Plot(drawing, ((_("Minutes"), _("People")), list(zip(spans, map(str, counts), strict=True))))


def _hour(at: datetime) -> float:
    local = clock.local(at)
    return local.hour + local.minute / 60 + local.second / 3600

"""The drawing on an item's card."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from clinic.kernel.i18n import _, month, ngettext, number
from clinic.kernel.plots import Drawing, Line, Note, Scale, Span, lines
from inventory.stock.queries.card import Close

SHORTEST = 14
MOST_RECEIPTS = 3
_EDGE = 0.15
_HEAD_ROOM = 1.15  # for the words above a receipt
_WIDTH, _HEIGHT, _END_ROOM = 955, 238, 96


def draw_shelf(closes: Sequence[Close]) -> Drawing:
    """Draw what lay on the shelf at each close, from the first that anything had come by; never mirrored."""
    shown = _since_first(closes)
    points = [(float(place), float(close.quantity)) for place, close in enumerate(shown)]
    end = points[-1]
    tonight = _("%(figure)s tonight", figure=number(shown[-1].quantity))
    return lines(
        [Line(points=points, is_step=True, has_area=True, has_end=True, words=tonight)],
        x=Scale(low=0, high=max(end[0], 1), ticks=list(_months(shown))),
        y=Scale.to(max(close.quantity for close in shown) * _HEAD_ROOM or 1, write=number),
        marks=[*_receipts(shown), *_gaps(shown)],
        width=_WIDTH,
        height=_HEIGHT,
        end_room=_END_ROOM,
    )


def monthly(closes: Sequence[Close]) -> list[tuple[str, str, str, str]]:
    """Return the same figures by month: what came in, what was handed out, what lay there at its last close."""
    rows = []
    for _month, days in groupby(_since_first(closes), key=lambda close: (close.day.year, close.day.month)):
        told = list(days)
        rows.append(
            (
                month(told[0].day),
                number(sum(close.received for close in told)),
                number(sum(close.issued for close in told)),
                number(told[-1].quantity),
            )
        )
    return rows


def _since_first(closes: Sequence[Close]) -> Sequence[Close]:
    first = next((place for place, close in enumerate(closes) if close.quantity or close.received), len(closes))
    return closes[max(0, min(first - 1, len(closes) - SHORTEST)) :]


def _months(shown: Sequence[Close]) -> Iterator[tuple[float, str]]:
    for place, close in enumerate(shown):
        if close.day.day == 1:
            yield float(place), month(close.day)


def _receipts(shown: Sequence[Close]) -> Iterator[Note]:
    highest = max(close.quantity for close in shown)
    came = [(place, close) for place, close in enumerate(shown) if close.received]
    for place, close in sorted(came, key=lambda one: -one[1].received)[:MOST_RECEIPTS]:
        words = _("received %(figure)s", figure=number(close.received))
        if place > len(shown) * _EDGE:
            yield Note(at=(float(place), float(close.quantity)), words=words, side="before")
        else:
            yield Note(at=(float(place), close.quantity + highest / 12), words=words, side="after")


def _gaps(shown: Sequence[Close]) -> Iterator[Span | Note]:
    """Yield the stretches with nothing on the shelf, the longest with its words."""
    empty: list[tuple[int, int]] = []
    for is_empty, group in groupby(enumerate(shown), key=lambda one: one[1].quantity == 0):
        places = [place for place, _close in group]
        if is_empty and places[0] > 0:
            empty.append((places[0], len(places)))
    for start, days in empty:
        yield Span(start=float(start), end=float(start + days))
    if empty:
        start, days = max(empty, key=lambda gap: gap[1])
        words = ngettext("out of stock, %(num)s day", "out of stock, %(num)s days", days)
        yield Note(at=(start + days / 2, 0), words=words, tone="stop", side="above")

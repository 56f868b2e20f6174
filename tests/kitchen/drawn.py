"""The plots of the kitchen, from invented figures."""

from clinic.kernel.plots import (
    Band,
    Bar,
    Drawing,
    Level,
    Line,
    Moment,
    Note,
    Part,
    Scale,
    Span,
    Stretch,
    VitalScale,
    bars,
    histogram,
    lines,
    stretches,
    strip,
    vital_scale,
)


def finish() -> Drawing:
    arrived = [
        (17.0, 5.0),
        (17.17, 18),
        (17.33, 33),
        (17.5, 48),
        (17.67, 60),
        (17.83, 73),
        (18, 84),
        (18.33, 104),
        (18.67, 124),
        (18.97, 142),
    ]
    seen = [(17.0, 0.0), (17.17, 3), (17.33, 13), (17.67, 30), (18, 46), (18.33, 62), (18.67, 77), (18.97, 93)]
    ahead = [(18.97, 93.0), (20, 146), (21, 197)]
    return lines(
        [
            Line(points=arrived, tone="context", words="arrived 142", words_at=(17.97, 96), side="before"),
            Line(points=[(18.97, 142), (19.5, 170), (20, 196), (20.5, 212), (21, 221)], tone="pale"),
            Line(points=ahead, tone="forecast", words="184–210 by 21:00", words_at=(21, 118), side="before"),
            Line(points=seen, words="seen 93", words_at=(18.73, 36), side="before"),
        ],
        x=Scale(low=17, high=21, ticks=[(hour, f"{hour}:00") for hour in range(17, 22)]),
        y=Scale(low=0, high=240, ticks=[(count, str(count)) for count in range(0, 241, 60)]),
        marks=[
            Band(low=[(18.97, 93), (20, 140), (21, 184)], high=[(18.97, 93), (20, 152), (21, 210)], tone="forecast"),
            Moment(at=18.97, words="now 18:58"),
            Note(at=(20.3, 222), words="if the door stays open: 220", side="before"),
        ],
        width=534,
        height=190,
    )  # fmt: skip


def shelf() -> Drawing:
    steps = [
        1650, 1470, 1290, 1080, 900, 720, 720, 2240, 2050, 1840, 1640, 1460, 1230,
        1040, 840, 640, 430, 210, 0, 0, 2310, 2130, 1950, 1760, 1640, 1490, 1312,
    ]  # fmt: skip
    points = [(place * 0.222, float(count)) for place, count in enumerate(steps)]
    end = points[-1]
    return lines(
        [
            Line(
                points=points, is_step=True, has_area=True, has_end=True, words="1,312 tonight", words_at=(end[0], 1450)
            ),
            Line(points=[end, (6.7, 570)], tone="forecast", words="under min 4 Dec", words_tone="look"),
        ],
        x=Scale(low=0, high=6.7, ticks=list(enumerate(["Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]))),
        y=Scale(low=0, high=3000, ticks=[(0, "0"), (1000, "1,000"), (2000, "2,000"), (3000, "3,000")]),
        marks=[
            Band(low=[(0, 1050), (6.7, 1050)], high=[(0, 2730), (6.7, 2730)], tone="sand"),
            Band(low=[end, (6.7, 380)], high=[end, (6.7, 750)], tone="forecast"),
            Level(at=2730, words="max 2,730", tone="sand"),
            Level(at=1050, words="min 1,050"),
            Span(start=4.0, end=4.44, words="out of stock, 9 open days"),
            Note(at=(1.85, 2240), words="received 1,700"),
            Note(at=(4.4, 2310), words="received 2,300"),
        ],
        width=955,
        height=238,
        end_room=126,
    )


def growth() -> Drawing:
    def curve(*heights: float) -> list[tuple[float, float]]:
        return list(zip((6, 9, 12, 18, 24, 30, 36), heights, strict=False))

    return lines(
        [
            Line(points=curve(11, 12.4, 13.3, 15.3, 17.1), tone="stop", words="+3", words_tone="context"),
            Line(points=curve(9.8, 11, 12, 13.9, 15.7, 17.3), tone="look", words="+2", words_tone="context"),
            Line(points=curve(7.9, 8.9, 9.6, 10.9, 12.2, 13.3, 14.3), tone="context", words="0"),
            Line(points=curve(6.4, 7.1, 7.7, 8.8, 9.7, 10.5, 11.3), tone="look", words="−2", words_tone="context"),
            Line(points=curve(5.7, 6.4, 6.9, 7.8, 8.6, 9.4, 10), tone="stop", words="−3", words_tone="context"),
            Line(points=[(12, 9.3), (16, 10), (20, 10.4), (24, 10.2), (25, 10.2)], has_dots=True, has_end=True),
        ],
        x=Scale(low=6, high=36, ticks=[(m, str(m)) for m in (6, 12, 18, 24, 30, 36)]),
        y=Scale(low=5, high=18, ticks=[(kg, str(kg)) for kg in (6, 9, 12, 15, 18)]),
        width=295,
        height=136,
        end_room=26,
    )


def service(counts: list[float], *, is_full: bool = False) -> Drawing:
    points = [(17 + place / 6, count) for place, count in enumerate(counts)]
    return lines(
        [Line(points=points, is_step=True, has_area=True, has_end=True)],
        x=Scale(low=17, high=21, ticks=[(hour, str(hour)) for hour in range(17, 22)]),
        y=Scale(low=0, high=20, ticks=[(0, "0"), (10, "10"), (20, "20")]),
        marks=[Note(at=points[-1], words="nearly full", tone="look", side="after")] if is_full else [],
        width=236,
        height=94,
    )


def seen() -> Drawing:
    rows = [
        ("M. Tekin", 24, 46),
        ("R. Khatib", 17, 37),
        ("S. Aydın", 14, 31),
        ("N. Farah", 20, 40),
        ("T. Erdem", 18, 37),
    ]
    return bars(
        [Bar(name=n, done=d, total=t, words=str(d), total_words=str(t)) for n, d, t in rows],
        x=Scale(low=0, high=60, ticks=[(count, str(count)) for count in range(0, 61, 10)]),
        limit=(50, "50"),
    )


def waits() -> Drawing:
    return histogram(
        [21, 27, 22, 15, 6, 2],
        edges=["0", "10", "20", "30", "40", "50", "60 min"],
        y=Scale(low=0, high=30, ticks=[(0, "0"), (10, "10"), (20, "20"), (30, "30")]),
        look_from=4,
        middle=(2, "half waited under 20 min"),
    )


def interpreters() -> Drawing:
    rows = {
        "Ebru Ş.": "2 16 G, 18 30 P, 31 44 M, 47 70 P, 72 88 W, 90 109 G, 111 118 M",
        "Walid H.": "4 20 M, 25 41 P, 44 58 G, 60 82 W, 85 101 P, 104 118 G",
        "Zeynep A.": "10 24 W, 27 47 M, 50 67 G, 70 79 P, 84 102 W, 104 113 P",
    }
    return stretches(
        [(name, [_stretch(*busy.split()) for busy in told.split(", ")]) for name, told in rows.items()],
        x=Scale(low=0, high=120, ticks=[(0, "17:00"), (30, "17:30"), (60, "18:00"), (90, "18:30"), (120, "19:00")]),
    )


def _stretch(start: str, end: str, words: str) -> Stretch:
    return Stretch(start=int(start), end=int(end), words=words, is_now=end == "118")


def register() -> list[Part]:
    return strip([103122, 68900, 36490, 10208, 1280])


def vital(value: float | None, low: float | None, high: float | None, least: float, most: float) -> VitalScale:
    return vital_scale(value, normal_low=low, normal_high=high, least=least, most=most)

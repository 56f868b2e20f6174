"""What a plot says must be where its figures are."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.kernel.plots import (
    Band,
    Bar,
    Box,
    Dot,
    Drawing,
    Level,
    Line,
    Moment,
    Note,
    Path,
    Scale,
    Span,
    Stretch,
    Words,
    bars,
    histogram,
    lines,
    round_step,
    stretches,
    strip,
    vital_scale,
)

X = Scale(low=0, high=10, ticks=[(0, "0"), (10, "10")])
Y = Scale(low=0, high=100, ticks=[(0, "0"), (100, "100")])


def paths(drawing: Drawing, css: str) -> list[str]:
    return [shape.d for shape in drawing.shapes if isinstance(shape, Path) and shape.css == css]


def boxes(drawing: Drawing, css: str) -> list[Box]:
    return [shape for shape in drawing.shapes if isinstance(shape, Box) and shape.css == css]


def words(drawing: Drawing, text: str) -> Words:
    return next(shape for shape in drawing.shapes if isinstance(shape, Words) and shape.text == text)


@pytest.mark.parametrize(
    ("rough", "round_"), [(0, 1), (1, 1), (1.2, 2), (3, 5), (7, 10), (26, 50), (120, 200), (500, 500)]
)
def test_steps_are_round(rough: float, round_: float) -> None:
    assert round_step(rough) == round_


@given(st.integers(1, 10**7))
def test_an_axis_holds_its_greatest_value_in_few_steps(most: int) -> None:
    axis = Scale.to(most)
    assert axis.low == 0
    assert axis.high >= most
    assert 2 <= len(axis.ticks) <= 6


def test_an_axis_writes_its_ticks_as_told() -> None:
    assert Scale.to(90, write=lambda value: f"{value} min").ticks[-1] == (100, "100 min")


def test_a_line_ends_where_its_last_point_is_and_is_named_there() -> None:
    drawing = lines([Line(points=[(0, 0), (10, 100)], words="seen", has_dots=True, has_end=True)], x=X, y=Y)
    (path,) = paths(drawing, "line own")
    end = [shape for shape in drawing.shapes if isinstance(shape, Dot)][-1]
    assert path.endswith(f"L{end.x} {end.y}")
    assert (words(drawing, "seen").x, words(drawing, "seen").y) == (end.x + 6, end.y + 4)
    assert end.y < 20
    assert sum(isinstance(shape, Dot) for shape in drawing.shapes) == 3


def test_a_step_keeps_its_height_until_the_next_value() -> None:
    (path,) = paths(lines([Line(points=[(0, 10), (5, 50)], is_step=True)], x=X, y=Y), "line own")
    assert re.fullmatch(r"M[\d.]+ [\d.]+H[\d.]+V[\d.]+", path)


def test_an_area_goes_down_to_the_base() -> None:
    drawing = lines([Line(points=[(0, 10), (5, 50)], has_area=True)], x=X, y=Y)
    base = drawing.height - 24
    assert paths(drawing, "area own")[0].split("V")[1].startswith(f"{base}")


def test_a_line_without_points_draws_nothing() -> None:
    assert paths(lines([Line(points=[])], x=X, y=Y), "line own") == []


def test_marks_stand_at_their_values() -> None:
    drawing = lines(
        [],
        x=X,
        y=Y,
        end_room=80,
        marks=[
            Band(low=[(0, 10), (10, 10)], high=[(0, 90), (10, 90)], tone="sand"),
            Level(at=50, words="min 50"),
            Moment(at=5, words="now"),
            Note(at=(2, 20), words="received", side="below"),
            Span(start=6, end=8, words="none left"),
        ],
    )
    assert paths(drawing, "band sand")[0].endswith("Z")
    assert paths(drawing, "level look")
    assert paths(drawing, "moment")
    assert words(drawing, "min 50").x > drawing.width - 80
    assert words(drawing, "received").css == "note middle context"
    assert boxes(drawing, "span stop")[0].width > 0
    assert words(drawing, "none left").css == "note end stop"


def test_bars_are_as_long_as_their_figures_and_the_rest_is_pale() -> None:
    drawing = bars(
        [Bar(name="A", done=25, total=50, words="25", total_words="50"), Bar(name="B", done=50, words="50")],
        x=Scale(low=0, high=100, ticks=[(0, "0"), (100, "100")]),
        limit=(50, "50 a day"),
    )
    first, second = boxes(drawing, "bar own")
    (pale,) = boxes(drawing, "bar pale")
    assert second.width == pytest.approx(2 * first.width, abs=0.2)
    assert pale.width == pytest.approx(first.width, abs=0.2)
    assert words(drawing, "50 a day").css == "note start stop"


def test_a_bar_too_short_for_its_figure_carries_it_outside() -> None:
    drawing = bars([Bar(name="A", done=1, words="1,000")], x=Scale(low=0, high=100))
    assert words(drawing, "1,000").css == "note start own"


def test_a_bar_without_words_says_its_name_alone() -> None:
    drawing = bars([Bar(name="A", done=1)], x=Scale(low=0, high=100))
    assert [shape.text for shape in drawing.shapes if isinstance(shape, Words)] == ["A"]


def test_a_drawing_grows_no_further_than_its_letters_may() -> None:
    assert lines([], x=X, y=Y, width=400).widest == 500


def test_a_histogram_marks_the_long_waits() -> None:
    drawing = histogram([4, 2, 1], edges=["0", "10", "20", "30"], y=Scale.to(4), look_from=2, middle=(1, "half"))
    assert len(boxes(drawing, "bar own")) == 2
    assert len(boxes(drawing, "bar look")) == 1
    assert words(drawing, "half")


def test_who_is_busy_now_is_filled() -> None:
    drawing = stretches([("Ebru", [Stretch(start=0, end=4, words="G"), Stretch(start=5, end=10, is_now=True)])], x=X)
    assert len(boxes(drawing, "bar pale")) == 1
    assert len(boxes(drawing, "bar own")) == 1


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=5))
def test_a_strip_fills_its_width_and_hides_no_part(amounts: list[int]) -> None:
    parts = strip(amounts, width=1000)
    there = [part for part, amount in zip(parts, amounts, strict=True) if amount]
    assert all(part.width >= 2.9 for part in there)
    assert all(part.width == 0 for part, amount in zip(parts, amounts, strict=True) if not amount)
    if there:
        assert there[-1].start + there[-1].width == pytest.approx(1000, abs=0.3)


def test_an_empty_strip_draws_nothing() -> None:
    assert strip([]) == []


def test_a_vital_sign_beyond_its_scale_stands_at_the_end() -> None:
    scale = vital_scale(43, normal_low=36, normal_high=37.5, least=35, most=41)
    assert (scale.band_start, scale.mark) == (16.7, 98.0)
    assert vital_scale(None, normal_low=95, normal_high=None, least=85, most=100).band_width == pytest.approx(33.3)
    assert vital_scale(None, normal_low=None, normal_high=50, least=0, most=100).mark is None

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.kernel.errors import NotFound
from clinic.kernel.paging import Page, count_up_to, counted, read_page
from tests.clinic.kernel.boxes import Box, create_box

NAMES = ["b", "a", "c", "b", "a", "b", "ç"]


def _read(after: str | None = None, *, size: int = 3, descending: bool = False) -> Page:
    statement = select(Box.name, Box.id).where(Box.units == 10)
    return read_page(statement, by=[Box.name, Box.id], key=Box.key, after=after, size=size, descending=descending)


def _walk(*, size: int, descending: bool = False) -> list[tuple[str, int]]:
    page = _read(size=size, descending=descending)
    found = list(page.rows)
    while page.next_key:
        page = _read(page.next_key, size=size, descending=descending)
        found += page.rows
    return [(row.name, row.id) for row in found]


@pytest.fixture
def seven(boxes: Flask) -> Flask:
    """Seven boxes, and one more that the list leaves out."""
    with boxes.app_context():
        for name in NAMES:
            create_box(name=name)
        create_box(name="b", units=3)
    return boxes


@pytest.mark.postgres
@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8])
@pytest.mark.parametrize("descending", [False, True])
def test_the_pages_together_are_the_list_each_row_once(seven: Flask, size: int, descending: bool) -> None:
    with seven.app_context():
        walked = _walk(size=size, descending=descending)
    assert len(walked) == len(NAMES)
    assert [number for _name, number in walked] == [number for _name, number in sorted(walked, reverse=descending)]


def test_the_last_page_names_no_next_one(seven: Flask) -> None:
    with seven.app_context():
        assert _read(size=7).next_key is None
        assert _read(size=6).next_key is not None


def test_rows_that_come_meanwhile_neither_shift_nor_double_the_next_page(seven: Flask) -> None:
    with seven.app_context():
        first = _read()
        create_box(name="0")
        second = _read(first.next_key)
        assert not {row.id for row in first.rows} & {row.id for row in second.rows}
        assert "0" not in {row.name for row in second.rows}


def test_the_address_of_the_next_page_tells_no_name(boxes: Flask) -> None:
    with boxes.app_context():
        create_box(name="Amal")
        create_box(name="Basel")
        assert "Amal" not in (_read(size=1).next_key or "")


def test_a_page_after_a_row_that_is_gone_is_refused(seven: Flask) -> None:
    with seven.app_context(), pytest.raises(NotFound):
        _read("no such key")


def test_counting_stops_one_beyond_the_most(seven: Flask) -> None:
    with seven.app_context():
        everything = select(Box).order_by(Box.name)
        assert [count_up_to(everything, most) for most in (3, 7, 8, 500)] == [4, 8, 8, 8]


def test_a_count_is_said_in_words(seven: Flask) -> None:
    with seven.app_context():
        assert [counted(found) for found in (0, 312, 500, 501)] == ["0", "312", "500", "more than 500"]
        assert seven.jinja_env.from_string("{{ 501|counted }}").render() == "more than 500"

from io import BytesIO

import pytest
from marshmallow import Schema, fields, validate

from clinic.kernel.rows import Mistake, UnreadableFile, read_rows, refuse


class BoxSchema(Schema):
    name = fields.String(required=True, error_messages={"required": "a name is needed"})
    count = fields.Integer(load_default=0, error_messages={"invalid": "write digits alone"})
    colour = fields.String(load_default="", validate=validate.Length(max=5))


def read(text: str) -> list[tuple[int, object, object]]:
    rows = read_rows(BytesIO(text.encode()), BoxSchema())
    return [(row.number, row.values["name"], row.values["count"]) for row in rows]


def mistakes(content: str | bytes) -> list[str]:
    file = BytesIO(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UnreadableFile) as refusal:
        read_rows(file, BoxSchema())
    assert refusal.value.values["count"] == len(refusal.value.mistakes)
    return [str(mistake) for mistake in refusal.value.mistakes]


def test_columns_may_come_in_any_order_and_empty_cells_are_missing_values() -> None:
    assert read("count,name\n12, كرسي \n,çay\n") == [(2, "كرسي", 12), (3, "çay", 0)]


def test_a_byte_order_mark_and_blank_rows_do_not_matter() -> None:
    assert read("\ufeffname,count\r\nchair,1\r\n\r\n,\r\ntable,2\r\n") == [(2, "chair", 1), (5, "table", 2)]


def test_a_quoted_cell_may_hold_a_comma_and_a_line_break() -> None:
    assert read('name,count\n"chair, old\none",1\ntable,2\n') == [(2, "chair, old\none", 1), (3, "table", 2)]


def test_every_mistake_of_every_row_is_named_by_row_and_column() -> None:
    assert mistakes("name,count,colour\n,ten,red\nchair,1,red\ntable,2,crimson\n") == [
        "row 2, name: a name is needed",
        "row 2, count: write digits alone",
        "row 4, colour: Longer than maximum length 5.",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "row 1, name: the heading lacks this column"),
        ("name,counts\nchair,1\n", "row 1, counts: no such column is known here"),
        ("name,name\nchair,table\n", "row 1, name: the heading names this column twice"),
        ("name,count\nchair\n", "row 2: 1 cells stand here, the heading has 2"),
        ('name\n"chair\n', "row 2: unexpected end of data"),
        ("name\nchair\nşifa\n".encode("iso-8859-9"), "row 3: this is not text in UTF-8; save the file as CSV UTF-8"),
        (b"x" * 20_000_001, "row 1: the file is larger than 20 MB"),
    ],
)
def test_a_file_of_another_shape_is_refused_in_words(content: str | bytes, said: str) -> None:
    assert said in mistakes(content)


def test_what_only_the_whole_file_shows_is_refused_alike() -> None:
    refuse([])
    with pytest.raises(UnreadableFile, match="1 places in the file need another look"):
        refuse(iter([Mistake(3, "name", "stands twice")]))

"""Rows of a file that someone hands in: all are read, and everything wrong is named by its row and column."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO
from typing import Any, BinaryIO

import wtforms
from marshmallow import Schema, ValidationError, fields

from clinic.kernel.errors import DomainError
from clinic.kernel.fields import parse_number
from clinic.kernel.text import N_

FIRST_ROW = 2
MOST_BYTES = 20_000_000
MOST_PLACES = 4
AMBIGUOUS_PLACES = 3


@dataclass(frozen=True)
class Mistake:
    """One thing to mend in a file; the heading is row 1, and where a whole row is meant no column is named."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        """Tell the place, then what is wrong there."""
        return f"row {self.row}{f', {self.column}' if self.column else ''}: {self.message}"


class UnreadableFile(DomainError):
    """The file cannot be taken as it is; nothing of it was, and `mistakes` are all that was found wrong."""

    code = "unreadable_file"
    status = 422

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__(
            N_("Nothing was imported. %(count)s places in the file need another look."), count=len(self.mistakes)
        )


class ParsedCell(fields.Field[Any]):
    """A cell that `parse` reads, as a field of a form would: it takes the same shapes and refuses in the same words."""

    def __init__(self, parse: Callable[[str], object], **kwargs: Any) -> None:  # noqa: ANN401 - marshmallow's own
        super().__init__(**kwargs)
        self.parse = parse

    def _deserialize(
        self,
        value: str,
        attr: str | None,  # noqa: ARG002
        data: Mapping[str, Any] | None,  # noqa: ARG002
        **kwargs: Any,  # noqa: ANN401, ARG002
    ) -> object:
        """Return what the cell means."""
        try:
            return self.parse(value)
        except (DomainError, wtforms.ValidationError) as error:
            raise ValidationError(str(error)) from error


def read_amount(text: str) -> Decimal:
    """Return a number with at most four decimals; exactly three are read in two ways and refused: 220.000."""
    number = parse_number(text, MOST_PLACES)
    return parse_number(text, 2) if number.as_tuple().exponent == -AMBIGUOUS_PLACES else number


@dataclass(frozen=True)
class Row:
    """One row as its schema reads it, with its number in the file, the heading being row 1."""

    number: int
    values: Mapping[str, Any]


def read_rows(file: BinaryIO, schema: Schema) -> list[Row]:
    """Return the rows of a CSV file in UTF-8 whose heading names the fields of `schema`, in any order.

    An empty cell is a missing value. Raises UnreadableFile with every mistake of every row.
    """
    reader = csv.reader(StringIO(_decoded(file.read(MOST_BYTES + 1)), newline=""), strict=True)
    mistakes: list[Mistake] = []
    rows: list[Row] = []
    try:
        heading = [name.strip() for name in next(reader, [])]
        mistakes += _wrong_heading(heading, schema)
        if mistakes:
            raise UnreadableFile(mistakes)
        for number, cells in enumerate(reader, FIRST_ROW):
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(heading):
                mistakes.append(Mistake(number, "", f"{len(cells)} cells stand here, the heading has {len(heading)}"))
                continue
            values = {name: cell.strip() for name, cell in zip(heading, cells, strict=True) if cell.strip()}
            try:
                rows.append(Row(number, schema.load(values)))
            except ValidationError as error:
                mistakes += _told(number, error)
    except csv.Error as error:
        mistakes.append(Mistake(reader.line_num, "", str(error)))
    if mistakes:
        raise UnreadableFile(mistakes)
    return rows


def refuse(mistakes: Iterable[Mistake]) -> None:
    """Raise UnreadableFile for what a row alone cannot know to be wrong, such as a code used twice; else go on."""
    if found := tuple(mistakes):
        raise UnreadableFile(found)


def _decoded(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise UnreadableFile([Mistake(1, "", f"the file is larger than {MOST_BYTES // 1_000_000} MB")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise UnreadableFile([Mistake(row, "", "this is not text in UTF-8; save the file as CSV UTF-8")]) from error


def _wrong_heading(heading: list[str], schema: Schema) -> Iterator[Mistake]:
    for name, field in schema.fields.items():
        if field.required and name not in heading:
            yield Mistake(1, name, "the heading lacks this column")
    for name in heading:
        if name not in schema.fields:
            yield Mistake(1, name, "no such column is known here")
        elif heading.count(name) > 1:
            yield Mistake(1, name, "the heading names this column twice")


def _told(number: int, error: ValidationError) -> Iterator[Mistake]:
    found: dict[str, list[object]] = error.normalized_messages()  # type: ignore[no-untyped-call]  # untyped there
    for column, messages in found.items():
        yield Mistake(number, "" if column == "_schema" else column, " ".join(str(message) for message in messages))

"""A month as a spreadsheet: typed cells under frozen heads, with its definitions and checks on sheets of their own."""

from collections.abc import Sequence
from io import BytesIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from clinic.kernel.i18n import _, direction
from clinic.reports.words import Table

Value = str | int | float
Rows = Sequence[Sequence[Value]]
_FIRST_WIDTH = 34.0
_USUAL_WIDTH = 13.0


def write_workbook(title: str, tables: Sequence[Table], lists: Sequence[tuple[str, Rows]]) -> bytes:
    """Return a workbook with a sheet for each table and for each list of rows, the first of which is its head.

    What begins like a formula stays text: no cell computes.
    """
    target = BytesIO()
    with Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        for place, table in enumerate(tables, 1):
            sheet = _sheet(book, _("Table %(num)s", num=place))
            sheet.write_string(0, 0, title, bold)
            sheet.write_string(1, 0, table.title, bold)
            _write_table(sheet, table, bold)
        for name, rows in lists:
            sheet = _sheet(book, name)
            for line, row in enumerate(rows):
                for column, value in enumerate(row):
                    _write(sheet, line, column, value, bold if line == 0 else wrapped)
            sheet.freeze_panes(1, 0)
    return target.getvalue()


def _write_table(sheet: Worksheet, table: Table, bold: Format) -> None:
    column = 1
    for words, width in table.groups:
        sheet.write_string(2, column, words, bold)
        column += width
    for column, head in enumerate(table.heads, 1):
        sheet.write_string(3, column, head, bold)
    for line, (name, cells) in enumerate(table.rows, 4):
        sheet.write_string(line, 0, name, bold)
        for column, cell in enumerate(cells, 1):
            sheet.write_number(line, column, round(cell.value, cell.places))
    sheet.freeze_panes(4, 1)


def _sheet(book: Workbook, name: str) -> Worksheet:
    sheet = book.add_worksheet(name)
    if direction() == "rtl":
        sheet.right_to_left()
    sheet.set_column(0, 0, _FIRST_WIDTH)
    sheet.set_column(1, 20, _USUAL_WIDTH)
    return sheet


def _write(sheet: Worksheet, line: int, column: int, value: Value, style: Format) -> None:
    if isinstance(value, str):
        sheet.write_string(line, column, value, style)
    else:
        sheet.write_number(line, column, value, style)

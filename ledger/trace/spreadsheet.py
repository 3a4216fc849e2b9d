"""Tables as CSV (RFC 4180) and as Excel workbooks that a spreadsheet opens rightly: text stays text, quantities are numbers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from ledger.settle.statement_csv import harmless

Cell = str | int | Decimal | None

_MOST_DIGITS = 15  # what a spreadsheet keeps of a number
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_WIDEST = 48


@dataclass(frozen=True, slots=True)
class Sheet:
    """A name of at most 31 characters, headings, and rows of as many cells. A Decimal is a number, text never is."""

    name: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def number_or_text(text: str | None) -> Cell:
    """A quantity as said: a number where it is one."""
    try:
        value = Decimal(text) if text is not None else None
    except InvalidOperation:
        return text
    return value if value is None or value.is_finite() else text


def as_csv(sheet: Sheet) -> bytes:
    """UTF-8 with its mark; no cell that a spreadsheet would take for a formula."""
    return b"\xef\xbb\xbf" + b"".join(csv_lines([sheet.headings, *sheet.rows]))


def csv_lines(rows: Iterable[Sequence[Cell]]) -> Iterable[bytes]:
    """Each row as a line, without the mark before them."""
    for row in rows:
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerow([_text(value) for value in row])
        yield text.getvalue().encode()


def as_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """A workbook whose sheets can be sorted and filtered by their headings."""
    book = Workbook(write_only=True)
    for one in sheets:
        sheet: Any = book.create_sheet(one.name)
        for column, heading in enumerate(one.headings):
            longest = max([len(heading), *(len(_text(row[column])) for row in one.rows[:200])])
            sheet.column_dimensions[get_column_letter(column + 1)].width = min(_WIDEST, longest + 2)
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(one.headings))}{len(one.rows) + 1}"
        headings = [_cell(sheet, heading) for heading in one.headings]
        for heading_cell in headings:
            heading_cell.font = Font(bold=True)
        sheet.append(headings)
        for row in one.rows:
            sheet.append([_cell(sheet, value) for value in row])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _cell(sheet: Any, value: Cell) -> Any:
    """Text stays text, even where it looks like a formula; a number is written digit by digit, never as a float."""
    cell = WriteOnlyCell(sheet)
    if isinstance(value, str):
        cell.value = _NO_XML.sub("\ufffd", value)
        cell.data_type = "s"
    elif isinstance(value, Decimal):
        cell.value = f"{value:f}"
        cell.data_type = "n" if len(value.as_tuple().digits) <= _MOST_DIGITS else "s"
    else:
        cell.value = value
    return cell


def _text(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)

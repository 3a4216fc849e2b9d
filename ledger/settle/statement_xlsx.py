"""A party's statement as an Excel workbook: amounts are numbers with two decimals, the rest is text or a count."""

from __future__ import annotations

import io
import re
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from ledger.settle.money import amount_text
from ledger.settle.party_statement import PartyStatement
from ledger.settle.statement_table import AMOUNT, BALANCE, COLUMNS, rows_of

_NUMBER = "#,##0.00"
_MOST_DIGITS = 15
_WIDTHS = (27, 22, 24, 18, 8, 8, 10, 44, 12, 30, 16, 16, 70)
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def statement_xlsx(statement: PartyStatement) -> bytes:
    """Party and day, heading, opening balance, lines, closing balance, and what is owed where something is."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(statement.day.isoformat())
    for position, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.freeze_panes = "A3"
    sheet.append([_cell(sheet, text) for text in (statement.party, f"{statement.day} Asia/Shanghai", "CNY 人民币")])
    headings = [_cell(sheet, heading) for heading in COLUMNS]
    for heading in headings:
        heading.font = Font(bold=True)
    sheet.append(headings)
    for row in rows_of(statement):
        sheet.append([_cell(sheet, value, money=at in (AMOUNT, BALANCE)) for at, value in enumerate(row)])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _cell(sheet: Any, value: str | int | None, *, money: bool = False) -> Any:
    """Fen as yuan, exactly; text stays text, even where it looks like a formula."""
    cell = WriteOnlyCell(sheet)
    if money and isinstance(value, int):
        # The decimal text itself is written: given a number, openpyxl would format it as a float. A spreadsheet keeps
        # 15 digits of a number; an amount that has more stands as text, so that no fen is lost.
        cell.value = amount_text(value)
        cell.data_type = "n" if len(str(abs(value))) <= _MOST_DIGITS else "s"
        cell.number_format = _NUMBER
    elif isinstance(value, str):
        cell.value = _NO_XML.sub("\ufffd", value)
        cell.data_type = "s"
    else:
        cell.value = value
    return cell

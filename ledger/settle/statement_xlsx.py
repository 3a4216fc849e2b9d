"""A party's statement as an Excel workbook: amounts are numbers with two decimals, the rest is text or a count."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from ledger.settle.money import amount_text
from ledger.settle.party_statement import PartyStatement
from ledger.settle.statement_table import AMOUNT, BALANCE, COLUMNS, rows_of

_NUMBER = "#,##0.00"
_WIDTHS = (27, 22, 24, 18, 8, 8, 10, 44, 12, 30, 16, 16, 70)
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def statement_xlsx(statement: PartyStatement) -> bytes:
    """Party and day, heading, opening balance, lines, closing balance."""
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
    """Fen as yuan, exactly: the decimal is written as its text. Text stays text, even where it looks like a formula."""
    if money and isinstance(value, int):
        cell = WriteOnlyCell(sheet, Decimal(amount_text(value)))
        cell.number_format = _NUMBER
        return cell
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, _NO_XML.sub("\ufffd", value))
        cell.data_type = "s"
        return cell
    return WriteOnlyCell(sheet, value)

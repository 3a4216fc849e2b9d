"""A party's statement as CSV (RFC 4180) that a spreadsheet opens rightly: UTF-8 with its mark, amounts as yuan with two
decimals, and no cell that a spreadsheet would take for a formula.
"""

from __future__ import annotations

import csv
import io

from ledger.settle.money import amount_text
from ledger.settle.party_statement import PartyStatement
from ledger.settle.statement_table import AMOUNT, BALANCE, COLUMNS, rows_of

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def statement_csv(statement: PartyStatement) -> bytes:
    """Heading, opening balance, lines, closing balance, and what is owed where something is."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows_of(statement):
        writer.writerow([_cell(position, value) for position, value in enumerate(row)])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def harmless(text: str) -> str:
    """Text that begins like a formula gets an apostrophe before it, which spreadsheets show as text."""
    return "'" + text if text.lstrip(" \u00a0\u3000").startswith(_FORMULA) else text


def _cell(position: int, value: str | int | None) -> str:
    if value is None:
        return ""
    if position in (AMOUNT, BALANCE) and isinstance(value, int):
        return amount_text(value)  # a number of ours: its minus is a minus
    return str(value) if isinstance(value, int) else harmless(value)

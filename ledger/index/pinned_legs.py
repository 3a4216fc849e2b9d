"""The legs of the rule version that an order pins, from the rows that earlier events made."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.index.rows import Row, Rows
from ledger.settle.split import Leg, LegKind
from ledger.store.schema import rule_leg


def legs_of(rows: Rows, order: Row) -> list[Leg]:
    """In their order."""
    return [
        Leg(row["payee"], LegKind(row["kind"]), row["value"], row["cap_fen"], row["floor_fen"], row["nested"])
        for row in _rows_of(rows, order)
    ]


def payees_of(rows: Rows, order: Row) -> list[int]:
    """By leg."""
    return [row["payee"] for row in _rows_of(rows, order)]


def _rows_of(rows: Rows, order: Row) -> Iterator[Row]:
    leg = 0
    while (row := rows.get(rule_leg, order["rule"], order["version"], leg)) is not None:
        yield row
        leg += 1

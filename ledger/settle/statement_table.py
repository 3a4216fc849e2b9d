"""A party's statement as a table: the same columns for CSV and XLSX, named in Chinese and English."""

from __future__ import annotations

from ledger.settle.party_statement import PartyStatement, StatementLine

COLUMNS = (
    "时间 Time",
    "类型 Kind",
    "商户 Merchant",
    "订单号 Order",
    "规则 Rule",
    "版本 Version",
    "分账项 Leg",
    "计算 Arithmetic",
    "提现 Withdrawal",
    "备注 Note",
    "金额(元) Amount (yuan)",
    "余额(元) Balance (yuan)",
    "交易 Transaction",
)
AMOUNT, BALANCE = COLUMNS.index("金额(元) Amount (yuan)"), COLUMNS.index("余额(元) Balance (yuan)")

_KINDS = {
    "credited": "分账入账 credited",
    "transferred": "转账 transferred",
    "withdrawn": "提现 withdrawn",
    "returned": "提现退回 returned",
    "refunded": "退款 refunded",
    "uncovered": "退款不足，转为欠款 refund not covered, owed",
    "debt_paid": "偿还欠款 debt paid",
    "fund_in": "存入保障金 paid into the guarantee fund",
    "fund_out": "保障金拨付 paid from the guarantee fund",
}
OPENING, CLOSING = "期初余额 Opening balance", "期末余额 Closing balance"
OWED = "欠款 Owed"


def rows_of(statement: PartyStatement) -> list[tuple[str | int | None, ...]]:
    """Opening, lines, closing, and what is owed where something is. Amounts are fen, at `AMOUNT` and `BALANCE`; a leg counts from 1, as people count."""
    return [
        _total(OPENING, statement.opening_fen),
        *(_line(line) for line in statement.lines),
        _total(CLOSING, statement.closing_fen),
        *([_total(OWED, statement.owed_fen)] if statement.owed_fen else []),
    ]


def _total(name: str, fen: int) -> tuple[str | int | None, ...]:
    cells: list[str | int | None] = [None] * len(COLUMNS)
    cells[1], cells[BALANCE] = name, fen
    return tuple(cells)


def _line(line: StatementLine) -> tuple[str | int | None, ...]:
    return (
        line.time,
        _KINDS.get(line.kind, line.kind),
        line.merchant,
        line.order_number,
        line.rule,
        line.version,
        None if line.leg is None else line.leg + 1,
        line.operation,
        line.withdrawal,
        line.note,
        line.amount_fen,
        line.balance_fen,
        line.tx_hash,
    )

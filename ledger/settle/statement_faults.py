"""Where a bank's file contradicts itself: an entry that is not the sum of its details, a closing balance that is not
what the entries make of the opening one.

A fault that differences already found explain exactly is a remark, not one more difference: a line that was lost from
the file leaves its amount in the balance. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledger.settle.bank.statement import Statement
from ledger.settle.money import amount_text
from ledger.settle.reconciliation import Difference, DifferenceKind

_MOST_GAPS = 12  # 4,096 sums; with more differences than that nobody reads remarks


def statement_faults(
    statements: Sequence[Statement], differences: Sequence[Difference]
) -> tuple[list[Difference], list[str]]:
    """Differences for the faults that nothing explains, and remarks for the others."""
    gaps = [d.gap_fen for d in differences if d.gap_fen is not None]
    explained = _sums(gaps)
    faults: list[Difference] = []
    remarks: list[str] = []
    for statement in statements:
        for kind, sentence, gap, exact in _contradictions(statement):
            if exact and gap in explained:
                remarks.append(f"{sentence} This is the gap of what is listed, so the file itself lost or changed it.")
            else:
                faults.append(Difference(kind, sentence, (), (), gap if exact else None))
        if statement.balance_gap is None and statement.balances:
            remarks.append(f"The balances of statement {statement.id} do not allow a check.")
    return faults, remarks


def _contradictions(statement: Statement) -> Iterable[tuple[DifferenceKind, str, int, bool]]:
    """Kind, sentence, gap in minor units, and whether those are fen."""
    for entry in statement.entries:
        gap = entry.details_gap
        if gap and len(entry.transactions) > 1:
            details = amount_text(entry.amount.minor - gap, entry.amount.currency)
            sentence = f"The entry at {entry.where} is of {entry.amount}, and its details sum to {details}."
            yield "details_differ", sentence, -gap, entry.amount.currency == "CNY"
    gap = statement.balance_gap
    closing = statement.balance("CLBD")
    if gap and closing is not None:
        says = amount_text(closing.signed, closing.currency)
        makes = amount_text(closing.signed - gap, closing.currency)
        sentence = (
            f"Statement {statement.id} closes with {closing.currency} {says}, and its entries make {makes} of its "
            f"opening balance: {amount_text(abs(gap), closing.currency)} {'too little' if gap < 0 else 'too much'}."
        )
        yield "balance_differs", sentence, gap, closing.currency == "CNY"


def _sums(gaps: Sequence[int]) -> set[int]:
    sums = {0}
    for gap in gaps[:_MOST_GAPS]:
        sums |= {total + gap for total in sums}
    return sums - {0}

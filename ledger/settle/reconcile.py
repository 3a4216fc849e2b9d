"""Comparing the payments that were handed to a bank with what its statements say was paid. Pure.

(1) Flatten the statements into lines. (2) Give each line the payment it names. (3) Judge each payment by its lines.
(4) Report the lines that name none. (5) Check that the statements add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ledger.settle.bank.statement import Statement
from ledger.settle.bank_lines import lines_of
from ledger.settle.judge_payment import expected_fen, judge
from ledger.settle.money import CNY, amount_text
from ledger.settle.reconciliation import BankLine, Difference, ExpectedPayment, Match, Reconciliation, Totals
from ledger.settle.statement_faults import statement_faults
from ledger.settle.zone import SHANGHAI


def reconcile(
    payments: Sequence[ExpectedPayment], statements: Sequence[Statement], *, account: str | None = None
) -> Reconciliation:
    """Every line and every due payment in a match or a difference. `account` is the number of the one that pays.

    A payment that is booked already is expected only where its booking appears, so reading a statement again finds
    nothing new; but a statement that was made before that, and speaks of its file, is read as it was then. A payment whose
    file is younger than the statements is due when a line speaks of that file.
    """
    by_id = {payment.end_to_end_id: payment for payment in payments}
    named: dict[str, list[BankLine]] = {name: [] for name in by_id}
    sums: list[BankLine] = []
    unknown: list[BankLine] = []
    for line in (line for lines in lines_of(statements, payments) for line in lines):
        name = next((reference for reference in line.references if reference in by_id), None)
        (sums if line.covers else unknown if name is None else named[name]).append(line)
    summed = {name for line in sums for name in line.covers}
    files = {by_id[name].message_id for name, lines in named.items() if lines or name in summed}
    until = max((_seconds(statement.until) for statement in statements), default=0)
    made_at = max((_seconds(statement.created) for statement in statements), default=0)
    matched: list[Match] = []
    differences = [_sum_differs(line, [by_id[name] for name in line.covers]) for line in sums]
    not_due: list[ExpectedPayment] = []
    ledger_fen = sum(by_id[name].amount_fen for name in summed)
    for name, payment in by_id.items():
        due = payment.file_created_at <= until or payment.message_id in files
        lines = named[name]
        if name in summed and not lines:
            continue
        if payment.closed and not lines and payment.message_id in files and (payment.closed_at or 0) >= made_at:
            payment = replace(payment, booked_as=None, returned=False)
        match, wrong = judge(payment, lines, due=due, made_at=made_at)
        matched += [match] if match else []
        differences += wrong
        if not due and not payment.closed:
            not_due.append(payment)
        if name not in summed:
            ledger_fen += expected_fen(payment, lines, due=due, made_at=made_at)
    differences += [_unknown(line) for line in unknown]
    faults, remarks = statement_faults(statements, differences)
    if account is not None and all(statement.account != account for statement in statements):
        remarks.append(
            f"No statement here is of the account that pays, {account}; what is missing may stand in its own."
        )
    bank_fen = sum(line.out_fen for lines in (sums, unknown, *named.values()) for line in lines)
    return Reconciliation(
        tuple(matched), (*differences, *faults), tuple(not_due), Totals(ledger_fen, bank_fen), tuple(remarks)
    )


def _sum_differs(line: BankLine, covered: Sequence[ExpectedPayment]) -> Difference:
    total = sum(payment.amount_fen for payment in covered)
    names = ", ".join(payment.end_to_end_id for payment in covered)
    what = f"The bank booked {line.amount} for {names} together, which are {amount_text(total)} yuan."
    gap = line.out_fen - total if line.amount.currency == CNY else None
    return Difference("amount_differs", what, tuple(covered), (line,), gap)


def _unknown(line: BankLine) -> Difference:
    state = "" if line.booked else f" (status {line.status}: not booked)"
    what = f"No payment of the ledger's: {line}{state}."
    return Difference("unknown_in_ledger", what, (), (line,), line.out_fen if line.amount.currency == CNY else None)


def _seconds(moment: str) -> int:
    """Seconds since the Unix epoch; a time without a zone is Shanghai's."""
    at = datetime.fromisoformat(moment)
    return int((at if at.tzinfo else at.replace(tzinfo=SHANGHAI)).timestamp())

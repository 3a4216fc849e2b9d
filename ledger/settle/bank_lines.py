"""Statements as a flat list of bank lines: one a payment, whether the bank booked it alone or in a sum of several."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ledger.settle.bank.statement import Amount, Entry, Statement, Transaction
from ledger.settle.money import CNY
from ledger.settle.reconciliation import BankLine, ExpectedPayment


def lines_of(statements: Sequence[Statement], payments: Sequence[ExpectedPayment]) -> list[list[BankLine]]:
    """The lines of each entry, in the order of the file.

    Where the bank gave only a sum, it is spread over the ledger's payments that it covers when it is exactly theirs;
    otherwise it stays one line that names those payments.
    """
    by_id = {payment.end_to_end_id: payment for payment in payments}
    entries = [(statement, entry) for statement in statements for entry in statement.entries]
    alone = {payment.end_to_end_id for _, entry in entries for payment in _named(entry, by_id)}
    in_sums = [payment for payment in payments if payment.end_to_end_id not in alone]
    return [_lines_of_entry(statement, entry, by_id, in_sums) for statement, entry in entries]


def _lines_of_entry(
    statement: Statement, entry: Entry, by_id: dict[str, ExpectedPayment], in_sums: Sequence[ExpectedPayment]
) -> list[BankLine]:
    """`in_sums` are the payments that no entry names by themselves: only those can a whole file's sum cover."""
    if not entry.transactions:
        lines = [_line(statement, entry, None, entry.amount)]
    elif len(entry.transactions) == 1:
        lines = [_line(statement, entry, entry.transactions[0], entry.amount)]
    else:
        details = [(transaction, transaction.amount) for transaction in entry.transactions]
        lines = [_line(statement, entry, transaction, amount) for transaction, amount in details if amount is not None]
        if len(lines) < len(details):
            return _spread(_line(statement, entry, None, entry.amount), _named(entry, by_id))
    one_of_another = any(transaction.end_to_end_id for transaction in entry.transactions)
    if len(lines) == 1 and not one_of_another and not any(reference in by_id for reference in lines[0].references):
        return _spread(lines[0], _in_files(entry, in_sums, lines[0].booking_reference))
    return lines


def _spread(line: BankLine, covered: list[ExpectedPayment]) -> list[BankLine]:
    """A sum as its payments, when it is theirs to the fen."""
    if not covered:
        return [line]
    if line.amount != Amount(sum(payment.amount_fen for payment in covered), CNY):
        return [replace(line, covers=tuple(payment.end_to_end_id for payment in covered))]
    return [
        replace(line, amount=Amount(payment.amount_fen, CNY), own_amount=None, references=(payment.end_to_end_id,))
        for payment in covered
    ]


def _named(entry: Entry, by_id: dict[str, ExpectedPayment]) -> list[ExpectedPayment]:
    """Our payments that the entry's transactions name."""
    names = [references_of(entry, transaction) for transaction in entry.transactions]
    found = (next((name for name in references if name in by_id), None) for references in names)
    return [by_id[name] for name in dict.fromkeys(found) if name is not None]


def _in_files(entry: Entry, payments: Iterable[ExpectedPayment], booking: str) -> list[ExpectedPayment]:
    """Payments of the files that the entry names as a whole, except those that were booked as something else."""
    files = {name for batch in entry.batches for name in (batch.message_id, batch.payment_information_id)}
    files |= {name for part in entry.transactions for name in (part.message_id, part.payment_information_id)}
    return [payment for payment in payments if payment.message_id in files and payment.booked_as in (None, booking)]


def _line(statement: Statement, entry: Entry, transaction: Transaction | None, amount: Amount) -> BankLine:
    alone = len(entry.transactions) < 2
    own = None if transaction is None else transaction.amount
    # Alone, the entry's amount is what moved; its details may be in the currency it was ordered in.
    contradicts = alone and own is not None and own.currency == amount.currency and own != amount
    return BankLine(
        amount=amount,
        own_amount=own if contradicts else None,
        direction=entry.direction if alone or transaction is None else transaction.direction or entry.direction,
        status=entry.status,
        reversal=entry.reversal,
        references=references_of(entry, transaction),
        covers=(),
        booking_reference=(transaction and transaction.bank_reference) or entry.bank_reference or statement.id,
        description=_description(entry, transaction),
        return_reason=None if transaction is None else transaction.return_reason,
        where=entry.where if transaction is None else transaction.where,
    )


def references_of(entry: Entry, transaction: Transaction | None) -> tuple[str, ...]:
    """Words by which a line may name a payment, the surest first."""
    found: list[str | None] = []
    if transaction is not None:
        found += [transaction.end_to_end_id, transaction.instruction_id]
        found += [word for text in transaction.remittance for word in re.split(r"[\s,;:，；：/]+", text)]
    if len(entry.transactions) < 2:
        found.append(entry.reference)
    return tuple(dict.fromkeys(reference for reference in found if reference))


def _description(entry: Entry, transaction: Transaction | None) -> str:
    parts: list[str | None] = []
    if transaction is not None:
        parts += [transaction.end_to_end_id, transaction.counterparty, *transaction.remittance]
    parts += [entry.information, entry.bank_reference]
    return "; ".join(dict.fromkeys(part for part in parts if part)) or "no description"

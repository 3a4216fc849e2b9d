"""Buyers' payments as a bank's statement shows them: booked credits that name an order and are of its amount.

Banks tell the payer's name and account with most credits, its bank's clearing code with few; only where all three stand
there is the account kept, and money refunded to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, func, select

from ledger.settle.bank.payment_file import BankAccount
from ledger.settle.bank.statement import Amount, Entry, Statement, Transaction
from ledger.settle.bank_lines import references_of
from ledger.settle.confirm_payments import BuyersPayment
from ledger.settle.money import CNY
from ledger.store.schema import order as orders
from ledger.store.schema import promotion


def buyers_payments(connection: Connection, merchant: int, statements: Sequence[Statement]) -> list[BuyersPayment]:
    """The payments of this merchant's orders, in the order of the file. A credit that names none, several, or one of
    another amount is nobody's here."""
    found: list[BuyersPayment] = []
    for entry, transaction, amount in _credits(statements):
        words = references_of(entry, transaction)
        due_fen = func.coalesce(promotion.c.shopper_fen, orders.c.amount_fen).label("due_fen")
        query = (
            select(orders.c.number, due_fen)
            .outerjoin(promotion, promotion.c.order_id == orders.c.order_id)
            .where(orders.c.merchant == merchant, orders.c.number.in_(words))
        )
        rows = connection.execute(query).all()
        if len(rows) == 1 and amount == Amount(rows[0].due_fen, CNY):
            reference = transaction.bank_reference or entry.bank_reference or transaction.end_to_end_id or words[0]
            payment = BuyersPayment(merchant, rows[0].number, rows[0].due_fen, reference, _payer(transaction))
            found.append(payment)
    return found


def _credits(statements: Sequence[Statement]) -> Iterator[tuple[Entry, Transaction, Amount]]:
    for entry in (entry for statement in statements for entry in statement.entries):
        if not entry.booked or entry.reversal:
            continue
        for transaction in entry.transactions:
            amount = entry.amount if len(entry.transactions) == 1 else transaction.amount
            came_in = (transaction.direction or entry.direction) == "credit" and transaction.return_reason is None
            if came_in and amount is not None:
                yield entry, transaction, amount


def _payer(transaction: Transaction) -> BankAccount | None:
    holder, number, bank_code = transaction.debtor, transaction.debtor_account, transaction.debtor_bank_code
    return BankAccount(holder, number, bank_code) if holder and number and bank_code else None

"""The accounts that orders were paid from, where refunds go. The chain does not know them: they stand in this home alone."""

from __future__ import annotations

from sqlalchemy import Connection, select

from ledger.settle.bank.payment_file import BankAccount
from ledger.settle.bank.xml_writing import text_within
from ledger.store.schema import payer_account


def fitting_account(account: BankAccount) -> dict[str, str]:
    """The parts as rows hold them; BadInput when one does not fit a payment file."""
    return {
        "holder": text_within(account.holder, 140, what="account's holder"),
        "number": text_within(account.number, 34, what="account number"),
        "bank_code": text_within(account.bank_code, 14, what="bank code"),
    }


def register_payer(connection: Connection, order: str, account: BankAccount) -> None:
    """The account that paid the order of this id; replaces what stood there. BadInput as `fitting_account`."""
    values = fitting_account(account)
    forget_payer(connection, order)
    connection.execute(payer_account.insert().values(order_id=order, **values))


def forget_payer(connection: Connection, order: str) -> None:
    """The account takes no money: refunds wait until somebody tells another."""
    connection.execute(payer_account.delete().where(payer_account.c.order_id == order))


def payer_of(connection: Connection, order: str) -> BankAccount | None:
    row = connection.execute(select(payer_account).where(payer_account.c.order_id == order)).one_or_none()
    return None if row is None else BankAccount(row.holder, row.number, row.bank_code)

"""Refunds on their way to the shopper: to the account that paid, oldest first, as far as the money is there, and once."""

from __future__ import annotations

import pytest
from bank_builders import DEBTOR
from row_builders import (
    BANK,
    CREATOR,
    DEPLOYMENT,
    MERCHANT,
    NOW,
    UNSIGNED,
    a_bank_account,
    a_debt,
    a_refund,
    a_withdrawal,
    acting,
    an_entry,
    an_order,
    arguments,
    queued,
)
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from ledger.errors import BadInput
from ledger.settle.bank.payment_file import BankAccount
from ledger.settle.bank.read_payment_file import read_payment_order
from ledger.settle.bank.read_statement import read_statement
from ledger.settle.bank.stand_in_bank import StandInBank
from ledger.settle.book_reconciled import BookedReconciliation, book_reconciled
from ledger.settle.order_id import order_id
from ledger.settle.pay_out import PaidOut, expected_payments, last_payment_file, pay_out
from ledger.settle.pay_refunds import WaitingRefund
from ledger.settle.payers import payer_of, register_payer
from ledger.settle.reconcile import reconcile
from ledger.settle.reconciliation import Reconciliation
from ledger.store.documents import Documents
from ledger.store.schema import payment, refund

A_1 = order_id(MERCHANT, "A-1")
PAYER = BankAccount("买家 李雷", "6217001", "102100099996")


@pytest.fixture(autouse=True)
def accounts(connection: Connection) -> None:
    """The bank has its account, and two orders are paid."""
    a_bank_account(connection, BANK, DEBTOR)
    an_order(connection, "A-1")
    an_order(connection, "A-2")


def a_payer(connection: Connection, number: str = "A-1", account: BankAccount = PAYER) -> None:
    register_payer(connection, order_id(MERCHANT, number), account)


def paid_out(connection: Connection, documents: Documents) -> PaidOut:
    return pay_out(connection, DEPLOYMENT, documents, UNSIGNED, bank=BANK, now=NOW)


# --- what goes into a file -------------------------------------------------------------------------------------------


def test_payers_account_that_no_file_can_name_is_refused(connection: Connection) -> None:
    with pytest.raises(BadInput, match="account number is empty"):
        a_payer(connection, account=BankAccount("x", "", "1"))


def test_refund_whose_payer_has_no_account_waits_in_sight(connection: Connection, documents: Documents) -> None:
    a_refund(connection, "A-1", 1, 500)
    result = paid_out(connection, documents)
    assert result.data is None
    assert result.waiting.without_account == (WaitingRefund("A-1", 1, 500),)


def test_refund_is_paid_to_the_account_that_paid_beside_the_withdrawals(
    connection: Connection, documents: Documents
) -> None:
    a_refund(connection, "A-1", 1, 500)
    a_payer(connection)
    a_bank_account(connection, CREATOR, BankAccount("小溪", "62170", "102100099996"))
    a_withdrawal(connection, 7, CREATOR, 300)
    result = paid_out(connection, documents)
    assert result.data is not None
    assert (result.withdrawals, [(one.order_number, one.refund) for one in result.refunds]) == ((7,), [("A-1", 1)])
    withdrawal, refund = read_payment_order(result.data, source="x").instructions
    assert withdrawal.end_to_end_id == "SUYUAN-W7"
    assert (refund.amount.minor, refund.creditor, refund.creditor_account) == (500, "买家 李雷", "6217001")
    assert refund.end_to_end_id == f"SUYUAN-R{A_1[2:16].upper()}{A_1[-4:].upper()}-1-1"
    assert refund.remittance == "退款 refund: A-1"


def test_each_refund_is_in_one_file_only(connection: Connection, documents: Documents) -> None:
    a_refund(connection, "A-1", 1, 500)
    a_payer(connection)
    first = paid_out(connection, documents)
    assert paid_out(connection, documents).data is None
    assert last_payment_file(connection, documents) == first.data
    a_refund(connection, "A-1", 2, 100)
    second = paid_out(connection, documents)
    assert [one.refund for one in second.refunds] == [2]
    assert last_payment_file(connection, documents) == second.data


def test_database_refuses_a_second_row_of_one_attempt(connection: Connection, documents: Documents) -> None:
    a_refund(connection, "A-1", 1, 500)
    a_payer(connection)
    message_id = paid_out(connection, documents).message_id
    again = {"end_to_end_id": "X", "message_id": message_id, "order_id": A_1, "refund": 1, "attempt": 1}
    with pytest.raises(IntegrityError):
        connection.execute(insert(payment).values(**again, amount_fen=1))


def test_refunds_that_the_pool_does_not_cover_wait_the_oldest_first(
    connection: Connection, documents: Documents
) -> None:
    for number in ("A-1", "A-2"):
        a_payer(connection, number)
    a_refund(connection, "A-1", 1, 500, requested_block=20)
    a_refund(connection, "A-2", 1, 900, requested_block=21)
    a_refund(connection, "A-1", 2, 100, requested_block=22)
    an_entry(connection, None, -200, "uncovered", account="to_shoppers")
    a_debt(connection, CREATOR, 200, 200)
    first = paid_out(connection, documents)
    assert [(one.order_number, one.amount_fen) for one in first.refunds] == [("A-1", 500)]
    assert first.waiting.without_cover == (WaitingRefund("A-2", 1, 900), WaitingRefund("A-1", 2, 100))
    assert paid_out(connection, documents).data is None, "what stands in a file is not there for others"
    an_entry(connection, None, 200, "debt_paid", account="to_shoppers")
    second = paid_out(connection, documents)
    assert [one.amount_fen for one in second.refunds] == [900, 100]


# --- booking ---------------------------------------------------------------------------------------------------------


def reconciled(connection: Connection, statement: bytes) -> Reconciliation:
    return reconcile(expected_payments(connection), read_statement(statement, source="statement").statements)


def booked(connection: Connection, statement: bytes, now: int = NOW) -> BookedReconciliation:
    found = reconciled(connection, statement)
    return book_reconciled(connection, DEPLOYMENT, acting(connection, BANK), found, now=now)


def a_statement(connection: Connection, documents: Documents) -> bytes:
    """Refund 1 of A-1 was paid."""
    a_refund(connection, "A-1", 1, 500)
    a_payer(connection)
    data = paid_out(connection, documents).data
    assert data is not None
    return StandInBank().execute(data)


def indexed(connection: Connection, state: str) -> None:
    """What was queued is on the chain and in the rows."""
    (row,) = [row for row in queued(connection) if row.function in ("bookRefunds", "returnRefund")]
    said = arguments(row)
    values = {"state": state, "closed_at": NOW, "bank_reference": said.get("bankReference") or said.get("reason")}
    connection.execute(update(refund).where(refund.c.number == 1).values(**values))
    fen = 500 if state == "returned" else -500
    an_entry(connection, None, fen, f"refund_{state}", account="to_shoppers")
    connection.exec_driver_sql("UPDATE outbox SET state = 'final', block = 50")


def came_back(statement: bytes, *, alone: bool = False) -> bytes:
    """The statement with the payment sent back in an entry of its own, beside the payment or alone."""
    text = statement.decode()
    entry = text[text.index("      <Ntry>") : text.index("</Ntry>") + len("</Ntry>\n")]
    back = entry.replace("DBIT", "CRDT").replace("<Sts>", "<RvslInd>true</RvslInd><Sts>")
    return text.replace(entry, back if alone else entry + back).encode()


def test_what_the_statement_shows_is_booked_once(connection: Connection, documents: Documents) -> None:
    statement = a_statement(connection, documents)
    assert reconciled(connection, statement).agrees
    name = f"SUYUAN-R{A_1[2:16].upper()}{A_1[-4:].upper()}-1-1"
    assert booked(connection, statement).refunds.booked == (name,)
    assert booked(connection, statement).refunds.repeated == (name,)
    (row,) = queued(connection)
    assert (row.contract, row.function) == ("Credit", "bookRefunds")
    assert arguments(row)["payments"] == [{"order": bytes.fromhex(A_1[2:]), "number": 1, "amountFen": 500}]
    indexed(connection, "booked")
    assert booked(connection, statement).refunds.repeated == (name,)
    assert paid_out(connection, documents).data is None


def test_difference_names_the_order(connection: Connection, documents: Documents) -> None:
    statement = a_statement(connection, documents).replace(b">5.00</Amt>", b">4.99</Amt>")
    (difference, *_) = reconciled(connection, statement).differences
    assert difference.sentence.startswith("Refund 1 to the shopper of order A-1 (SUYUAN-R")
    assert booked(connection, statement).refunds.booked == ()


def test_payment_that_came_back_before_it_was_booked_waits_for_another_account(
    connection: Connection, documents: Documents
) -> None:
    statement = came_back(a_statement(connection, documents))
    first = booked(connection, statement, NOW + 1)
    assert (first.refunds.booked, len(first.refunds.returned), queued(connection)) == ((), 1, [])
    assert booked(connection, statement, NOW + 2).refunds.returned == ()
    assert payer_of(connection, A_1) is None
    assert paid_out(connection, documents).waiting.without_account == (WaitingRefund("A-1", 1, 500),)
    a_payer(connection, account=BankAccount("买家 李雷", "6217002", "102100099996"))
    again = paid_out(connection, documents)
    assert [(one.attempt, one.account.number) for one in again.refunds] == [(2, "6217002")]
    assert again.data is not None
    second = StandInBank().execute(again.data)
    assert booked(connection, second).refunds.booked == (f"SUYUAN-R{A_1[2:16].upper()}{A_1[-4:].upper()}-1-2",)


def test_payment_that_came_back_after_it_was_booked_is_returned_on_the_chain(
    connection: Connection, documents: Documents
) -> None:
    statement = a_statement(connection, documents)
    booked(connection, statement)
    indexed(connection, "booked")
    back = came_back(statement, alone=True)
    assert len(booked(connection, back, NOW + 1).refunds.returned) == 1
    assert booked(connection, back, NOW + 2).refunds.returned == ()
    (row,) = queued(connection)
    assert (row.function, arguments(row)["payment"]["number"]) == ("returnRefund", 1)
    assert paid_out(connection, documents).data is None
    indexed(connection, "returned")
    assert paid_out(connection, documents).waiting.without_account == (WaitingRefund("A-1", 1, 500),)
    a_payer(connection)
    assert [one.attempt for one in paid_out(connection, documents).refunds] == [2]
    assert booked(connection, back, NOW + 3).refunds.returned == ()
    rows = connection.execute(select(payment.c.attempt, payment.c.returned_at).order_by(payment.c.attempt)).all()
    assert [tuple(row) for row in rows] == [(1, NOW + 1), (2, None)]

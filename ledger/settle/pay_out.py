"""Paying withdrawals and refunds out: the payment file that a bank gets, written once for each of them and kept.

A withdrawal stands in exactly one file (the table's unique key sees to it); a refund in one at a time: what came back is
paid again, once there is another account. The bytes lie in the document store; asking again gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from ledger.chain.contracts import Deployment
from ledger.config import AccountRule
from ledger.errors import BadInput, NotFound
from ledger.settle.bank.payment_file import Payout, RefundPayout, write_payment_file
from ledger.settle.bank_accounts import account_to_pay, account_to_pay_from
from ledger.settle.pay_refunds import WaitingRefunds, expected_refunds, refunds_to_pay
from ledger.settle.reconciliation import ExpectedPayment
from ledger.store.documents import Documents
from ledger.store.schema import member as members
from ledger.store.schema import payment, payment_file, withdrawal


@dataclass(frozen=True)
class PaidOut:
    """A payment file as it was written: its bytes and their SHA-256 in the document store.

    `without_account` are withdrawals that wait, because no account of their member may be used now. `refunds` are in the file, `waiting` those that are in none.
    """

    message_id: str | None
    document: str | None
    data: bytes | None
    withdrawals: tuple[int, ...]
    without_account: tuple[int, ...]
    refunds: tuple[RefundPayout, ...]
    waiting: WaitingRefunds


def pay_out(
    connection: Connection, deployment: Deployment, documents: Documents, rule: AccountRule, *, bank: int, now: int
) -> PaidOut:
    """Writes a payment file for every withdrawal and refund that is in none, in the caller's write transaction.

    Withdrawals wait for an account that may be used (`rule`: bank_accounts), refunds for one, and for the money: what
    refunds took back and payees owe is not there yet. `bank` is the bank member, from whose account it pays. When nothing
    waits, no file is written. BadInput when the bank member has no account.
    """
    waiting = connection.execute(
        select(withdrawal)
        .outerjoin(payment, payment.c.withdrawal == withdrawal.c.withdrawal)
        .where(withdrawal.c.state == "requested", payment.c.withdrawal.is_(None))
        .order_by(withdrawal.c.withdrawal)
    ).all()
    accounts = {
        member: account_to_pay(connection, deployment, member, rule, now=now)
        for member in sorted({row.member for row in waiting})
    }
    without_account = tuple(row.withdrawal for row in waiting if accounts[row.member] is None)
    payouts: list[Payout | RefundPayout] = [
        Payout(row.withdrawal, row.amount_fen, account)
        for row in waiting
        if (account := accounts[row.member]) is not None
    ]
    refunds, refunds_waiting = refunds_to_pay(connection)
    payouts += refunds
    if not payouts:
        return PaidOut(None, None, None, (), without_account, (), refunds_waiting)
    debtor = account_to_pay_from(connection, deployment, bank, rule)
    if debtor is None:
        raise BadInput("The bank member has no account to pay from.", hint="Register it: `suyuan bank account`.")
    # A second at least after the one before, so that the last one can be told.
    newest = connection.execute(select(func.max(payment_file.c.created_at))).scalar()
    created_at = now if newest is None else max(now, newest + 1)
    file = write_payment_file(payouts, debtor=debtor, created_at=created_at)
    document = documents.put(file.data)
    stands = {"message_id": file.message_id, "created_at": created_at, "document": document}
    connection.execute(payment_file.insert().values(**stands))
    connection.execute(payment.insert(), [_row(payout, file.message_id) for payout in file.payouts])
    withdrawals = tuple(payout.withdrawal for payout in file.payouts if isinstance(payout, Payout))
    return PaidOut(file.message_id, document, file.data, withdrawals, without_account, tuple(refunds), refunds_waiting)


def payment_file_of(connection: Connection, documents: Documents, message_id: str) -> bytes:
    """The bytes of a file that was written. NotFound when there is none by that id."""
    query = select(payment_file.c.document).where(payment_file.c.message_id == message_id)
    document = connection.execute(query).scalar_one_or_none()
    if document is None:
        raise NotFound(f"There is no payment file {message_id!r}.")
    return documents.get(document)


def last_payment_file(connection: Connection, documents: Documents) -> bytes | None:
    """The bytes of the file written last; None when none was."""
    query = select(payment_file.c.document).order_by(payment_file.c.created_at.desc()).limit(1)
    document = connection.execute(query).scalar_one_or_none()
    return None if document is None else documents.get(document)


def expected_payments(connection: Connection) -> list[ExpectedPayment]:
    """Every payment that was handed to a bank, for `reconcile`: open, booked, and returned ones."""
    rows = connection.execute(
        select(
            payment,
            payment_file.c.created_at,
            withdrawal.c.state,
            withdrawal.c.bank_reference,
            withdrawal.c.closed_at,
            members.c.name,
        )
        .join(payment_file, payment_file.c.message_id == payment.c.message_id)
        .join(withdrawal, withdrawal.c.withdrawal == payment.c.withdrawal)
        .outerjoin(members, members.c.member == withdrawal.c.member)
        .order_by(payment.c.withdrawal)
    )
    withdrawals = [
        ExpectedPayment(
            end_to_end_id=row.end_to_end_id,
            withdrawal=row.withdrawal,
            payee=row.name or "a member that the rows do not know",
            amount_fen=row.amount_fen,
            message_id=row.message_id,
            file_created_at=row.created_at,
            booked_as=row.bank_reference if row.state == "booked" else None,
            returned=row.state == "returned",
            closed_at=row.closed_at,
        )
        for row in rows
    ]
    return [*withdrawals, *expected_refunds(connection)]


def _row(payout: Payout | RefundPayout, message_id: str) -> dict[str, object]:
    refund = payout if isinstance(payout, RefundPayout) else None
    return {
        "end_to_end_id": payout.end_to_end_id,
        "message_id": message_id,
        "withdrawal": payout.withdrawal if isinstance(payout, Payout) else None,
        "order_id": refund and refund.order_id,
        "refund": refund and refund.refund,
        "attempt": refund and refund.attempt,
        "amount_fen": payout.amount_fen,
    }

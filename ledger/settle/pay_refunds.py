"""Which refunds are to be paid to shoppers, and which were handed to a bank.

A refund is paid to the account that paid its order, oldest first, as long as the pool of what is refunded covers it: what
a payee had spent and still owes is not in it. Each attempt to pay one is a row of `payment`; one that came back is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select, update

from ledger.settle.bank.payment_file import BankAccount, RefundPayout
from ledger.settle.payers import forget_payer
from ledger.settle.reconciliation import ExpectedPayment
from ledger.store.schema import entry, payer_account, payment, payment_file
from ledger.store.schema import order as orders
from ledger.store.schema import refund as refunds


@dataclass(frozen=True)
class WaitingRefund:
    """A refund that is in no file."""

    order_number: str
    refund: int
    amount_fen: int


@dataclass(frozen=True)
class WaitingRefunds:
    """Those whose order's payer has no account here, and those that the pool does not cover yet."""

    without_account: tuple[WaitingRefund, ...] = ()
    without_cover: tuple[WaitingRefund, ...] = ()


def refunds_to_pay(connection: Connection) -> tuple[list[RefundPayout], WaitingRefunds]:
    """The refunds for the next file, and those that wait. In what order they came, they are paid: a large one that is not
    covered holds up those behind it, so that it is covered in the end."""
    free = pool_fen(connection) - _in_files_fen(connection)
    payouts: list[RefundPayout] = []
    without_account: list[WaitingRefund] = []
    without_cover: list[WaitingRefund] = []
    for row in _due(connection):
        waiting = WaitingRefund(row.order_number, row.number, row.due_fen)
        if row.account_number is None:
            without_account.append(waiting)
        elif without_cover or row.due_fen > free:
            without_cover.append(waiting)
        else:
            free -= row.due_fen
            account = BankAccount(row.holder, row.account_number, row.bank_code)
            attempt = int(row.attempts or 0) + 1
            payouts.append(RefundPayout(row.order_id, row.order_number, row.number, attempt, row.due_fen, account))
    return payouts, WaitingRefunds(tuple(without_account), tuple(without_cover))


def pool_fen(connection: Connection) -> int:
    """What was refunded, is covered, and is not booked as paid by the bank."""
    query = select(func.sum(entry.c.amount_fen)).where(entry.c.account == "to_shoppers")
    return int(connection.execute(query).scalar() or 0)


def expected_refunds(connection: Connection) -> list[ExpectedPayment]:
    """Every payment of a refund that was handed to a bank: open, booked, and those that came back."""
    rows = connection.execute(
        select(
            payment,
            payment_file.c.created_at,
            refunds.c.state,
            refunds.c.bank_reference,
            refunds.c.closed_at,
            orders.c.number.label("order_number"),
        )
        .join(payment_file, payment_file.c.message_id == payment.c.message_id)
        .join(refunds, and_(refunds.c.order_id == payment.c.order_id, refunds.c.number == payment.c.refund))
        .join(orders, orders.c.order_id == payment.c.order_id)
        .order_by(payment.c.order_id, payment.c.refund, payment.c.attempt)
    )
    return [_expected(row) for row in rows]


def came_back(connection: Connection, end_to_end_id: str, *, now: int) -> None:
    """The bank's statement shows that the payment came back: the refund waits for another account."""
    changed = update(payment).where(payment.c.end_to_end_id == end_to_end_id).values(returned_at=now)
    order = connection.execute(changed.returning(payment.c.order_id)).scalar_one()
    forget_payer(connection, order)


def _due(connection: Connection) -> list[Row[Any]]:
    """Refunds that the bank has not paid and that no open payment pays."""
    attempts = (
        select(
            payment.c.order_id,
            payment.c.refund,
            func.count().label("attempts"),
            func.count(payment.c.returned_at).label("over"),
        )
        .where(payment.c.order_id.is_not(None))
        .group_by(payment.c.order_id, payment.c.refund)
        .subquery()
    )
    shopper_fen = func.coalesce(refunds.c.shopper_fen, refunds.c.amount_fen)
    query = (
        select(
            refunds,
            shopper_fen.label("due_fen"),
            orders.c.number.label("order_number"),
            attempts.c.attempts,
            payer_account.c.holder,
            payer_account.c.number.label("account_number"),
            payer_account.c.bank_code,
        )
        .join(orders, orders.c.order_id == refunds.c.order_id)
        .outerjoin(attempts, and_(attempts.c.order_id == refunds.c.order_id, attempts.c.refund == refunds.c.number))
        .outerjoin(payer_account, payer_account.c.order_id == refunds.c.order_id)
        .where(
            refunds.c.state.in_(("requested", "returned")),
            shopper_fen > 0,
            func.coalesce(attempts.c.attempts, 0) == func.coalesce(attempts.c.over, 0),
        )
        .order_by(refunds.c.requested_block, refunds.c.requested_tx, refunds.c.order_id, refunds.c.number)
    )
    return list(connection.execute(query).all())


def _in_files_fen(connection: Connection) -> int:
    """Of what stands in the pool, what a bank was told to pay already."""
    query = (
        select(func.sum(payment.c.amount_fen))
        .join(refunds, and_(refunds.c.order_id == payment.c.order_id, refunds.c.number == payment.c.refund))
        .where(payment.c.returned_at.is_(None), refunds.c.state != "booked")
    )
    return int(connection.execute(query).scalar() or 0)


def _expected(row: Row[Any]) -> ExpectedPayment:
    over = row.returned_at is not None
    return ExpectedPayment(
        end_to_end_id=row.end_to_end_id,
        withdrawal=None,
        payee=f"the shopper of order {row.order_number}",
        amount_fen=row.amount_fen,
        message_id=row.message_id,
        file_created_at=row.created_at,
        booked_as=row.bank_reference if row.state == "booked" and not over else None,
        returned=over,
        closed_at=row.returned_at if over else row.closed_at if row.state == "booked" else None,
        refund=(row.order_id, row.refund),
    )

"""Booking what a reconciliation matched: the bank member burns the credit of payments that its statement shows, and
gives back the credit of those that came back.

What differs is left to people; nothing is booked on a guess.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import Intent, queue
from ledger.chain.roles import Role
from ledger.settle.acting import Acting, require_role
from ledger.settle.batches import BOOK_GAS, content_key, in_batches
from ledger.settle.book_refunds import BookedRefunds, book_refunds
from ledger.settle.reconciliation import Difference, Reconciliation
from ledger.settle.under_way import calls_under_way


@dataclass(frozen=True)
class BookedReconciliation:
    """Withdrawals newly booked and newly returned, and those that were before; refunds likewise. `outbox_ids` carry the new
    ones."""

    booked: tuple[int, ...]
    returned: tuple[int, ...]
    repeated: tuple[int, ...]
    outbox_ids: tuple[int, ...]
    refunds: BookedRefunds


def book_reconciled(
    connection: Connection, deployment: Deployment, acting: Acting, reconciliation: Reconciliation, *, now: int
) -> BookedReconciliation:
    """Queues the bookings in the caller's write transaction. The same reconciliation again changes nothing.

    A payment counts as returned when all of it came back, also after the ledger had booked it: its credit is made again.
    NotAllowed when the member is no bank.
    """
    require_role(acting, Role.BANK, "book payments")
    busy = {
        int(number)
        for call in calls_under_way(connection, "Credit", ["bookWithdrawals", "returnWithdrawal"])
        for number in call.args.get("withdrawals", [call.args.get("withdrawal")])
    }
    by_reference: dict[str, list[int]] = {}
    repeated: list[int] = []
    for match in reconciliation.matched:
        number = match.payment.withdrawal
        if number is None:
            continue
        if match.payment.closed or number in busy:
            repeated.append(number)
        else:
            by_reference.setdefault(match.line.booking_reference, []).append(number)
    ids: list[int] = []
    for reference, numbers in by_reference.items():
        for batch in in_batches(numbers, BOOK_GAS):
            args = (list(batch), reference)
            intent = Intent(
                content_key("book", *args), acting.account, "Credit", "bookWithdrawals", args, acting.authority
            )
            ids.append(queue(connection, deployment, intent, now).id)
    returned: list[int] = []
    whole = [difference for difference in reconciliation.differences if _came_back_whole(difference)]
    for difference in whole:
        payment = difference.ledger[0]
        if payment.withdrawal is None:
            continue
        if payment.returned or payment.withdrawal in busy:
            repeated.append(payment.withdrawal)
            continue
        reason = next((line.return_reason for line in difference.bank if line.return_reason), "returned by the bank")
        intent = Intent(
            content_key("return", payment.withdrawal),
            acting.account,
            "Credit",
            "returnWithdrawal",
            (payment.withdrawal, reason),
            acting.authority,
        )
        ids.append(queue(connection, deployment, intent, now).id)
        returned.append(payment.withdrawal)
    booked = tuple(sorted(number for numbers in by_reference.values() for number in numbers))
    refunds = book_refunds(
        connection,
        deployment,
        acting,
        [match for match in reconciliation.matched if match.payment.refund is not None],
        [difference for difference in whole if difference.ledger[0].refund is not None],
        now=now,
    )
    ids += refunds.outbox_ids
    return BookedReconciliation(booked, tuple(returned), tuple(repeated), tuple(ids), refunds)


def _came_back_whole(difference: Difference) -> bool:
    if difference.kind != "returned":
        return False
    return sum(line.out_fen for line in difference.bank) <= 0 and all(
        line.amount.minor == difference.ledger[0].amount_fen for line in difference.bank
    )

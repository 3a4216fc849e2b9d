"""Booking the refunds that a reconciliation matched: the bank member burns the credit that its statement shows as paid to
shoppers. What came back is to be paid again: on the chain too, where it was booked before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import Intent, queue
from ledger.errors import BrokenEvidence
from ledger.settle.acting import Acting
from ledger.settle.batches import BOOK_GAS, content_key, in_batches
from ledger.settle.pay_refunds import came_back
from ledger.settle.reconciliation import Difference, ExpectedPayment, Match
from ledger.settle.under_way import calls_under_way


@dataclass(frozen=True)
class BookedRefunds:
    """End-to-end ids of payments newly booked and newly returned, and of those that were before."""

    booked: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    outbox_ids: tuple[int, ...] = ()


def book_refunds(
    connection: Connection,
    deployment: Deployment,
    acting: Acting,
    matched: Sequence[Match],
    differences: Sequence[Difference],
    *,
    now: int,
) -> BookedRefunds:
    """Queues the bookings in the caller's write transaction; the caller has checked that the member is a bank, and that
    all of each of the `differences` came back."""
    busy = _under_way(connection)
    by_reference: dict[str, list[ExpectedPayment]] = {}
    repeated: list[str] = []
    for match in matched:
        payment = match.payment
        if payment.closed or payment.refund in busy:
            repeated.append(payment.end_to_end_id)
        else:
            by_reference.setdefault(match.line.booking_reference, []).append(payment)
    ids = [
        queue(connection, deployment, _booking(acting, batch, reference), now).id
        for reference, payments in by_reference.items()
        for batch in in_batches(payments, BOOK_GAS)
    ]
    returned: list[str] = []
    for difference in differences:
        payment = difference.ledger[0]
        if payment.returned or payment.refund in busy:
            repeated.append(payment.end_to_end_id)
            continue
        if payment.booked_as is not None:
            reason = next(
                (line.return_reason for line in difference.bank if line.return_reason), "returned by the bank"
            )
            ids.append(queue(connection, deployment, _return(acting, payment, reason), now).id)
        came_back(connection, payment.end_to_end_id, now=now)
        returned.append(payment.end_to_end_id)
    booked = sorted(payment.end_to_end_id for payments in by_reference.values() for payment in payments)
    return BookedRefunds(tuple(booked), tuple(returned), tuple(repeated), tuple(ids))


def _under_way(connection: Connection) -> set[tuple[str, int]]:
    booked = calls_under_way(connection, "Credit", ["bookRefunds"])
    returned = calls_under_way(connection, "Credit", ["returnRefund"])
    named = [*(one for call in booked for one in call.args["payments"]), *(call.args["payment"] for call in returned)]
    return {("0x" + bytes(one["order"]).hex(), int(one["number"])) for one in named}


def _booking(acting: Acting, batch: Sequence[ExpectedPayment], reference: str) -> Intent:
    args = ([_named(payment) for payment in batch], reference)
    key = content_key("book refunds", [payment.end_to_end_id for payment in batch], reference)
    return Intent(key, acting.account, "Credit", "bookRefunds", args, acting.authority)


def _return(acting: Acting, payment: ExpectedPayment, reason: str) -> Intent:
    key = content_key("return refund", payment.end_to_end_id)
    return Intent(key, acting.account, "Credit", "returnRefund", (_named(payment), reason), acting.authority)


def _named(payment: ExpectedPayment) -> tuple[str, int, int]:
    if payment.refund is None:
        raise BrokenEvidence(f"{payment.end_to_end_id} pays no refund.")
    return (*payment.refund, payment.amount_fen)

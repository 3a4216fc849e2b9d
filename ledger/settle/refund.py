"""A merchant gives back a part of an order, or all that remains of it: from escrow while it is not settled, else from
those whom it paid, so that each holds what the rule gives for the rest.

The refunds of an order are numbered from 1 without holes, and the contract passes over a number that was used. So the
next one is reckoned from the rows and from what is under way; the member's own reference is what makes a repeat harmless.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select

from ledger.chain.contracts import Deployment, decode_call
from ledger.chain.outbox import Intent, queue
from ledger.chain.roles import Role
from ledger.errors import BadInput, Conflict, NotFound, SuyuanError
from ledger.settle.acting import Acting, require_role
from ledger.settle.batch_id import short_name
from ledger.settle.batches import batch_gas, content_key, in_batches, refund_gas
from ledger.settle.delivery import by_version, settling_under_way
from ledger.settle.faults import raise_faults
from ledger.settle.money import amount_text
from ledger.settle.order_id import order_id
from ledger.settle.order_numbered import order_numbered
from ledger.settle.rule_rows import legs_of
from ledger.settle.split import Leg, pack_legs
from ledger.settle.under_way import calls_under_way
from ledger.store.schema import order as orders
from ledger.store.schema import outbox
from ledger.store.schema import refund as refunds

MOST_REFUNDS = 255  # of one order: the contract's uint8
MOST_REASON = 200


@dataclass(frozen=True)
class RefundLine:
    """What is wanted of the merchant's own order `number`; `amount_fen` None is all that remains."""

    number: str
    amount_fen: int | None
    reason: str


@dataclass(frozen=True)
class QueuedRefund:
    """As the contract takes it: `refund` counts the order's refunds from 1."""

    order_id: str
    refund: int
    amount_fen: int
    reason: str


@dataclass(frozen=True)
class RefundedOrders:
    """The refunds that the reference stands for, by order number. `new` is false when all of them stood already;
    `outbox_ids` are the transactions that carry them, of before and of now."""

    refunds: dict[str, QueuedRefund]
    new: bool
    outbox_ids: tuple[int, ...]


def refund_orders(
    connection: Connection,
    deployment: Deployment,
    acting: Acting,
    lines: Sequence[RefundLine],
    reference: str,
    *,
    now: int,
) -> RefundedOrders:
    """Queues the refunds in the caller's write transaction; one fault refuses all.

    `reference` is the member's own name for the act: the same lines under it again are the same refunds, and what the
    contract refused of them is queued anew; other lines are a Conflict. NotAllowed when the member is no merchant;
    NotFound for an order that it has not placed; Conflict for one that is not paid, or of which nothing remains;
    BadInput for more than remains.
    """
    require_role(acting, Role.MERCHANT, "refund orders")
    _check(lines, reference)
    merchant = acting.member.member
    act = content_key("refund", merchant, reference)
    key = f"{act}:{content_key('lines', [(line.number, line.amount_fen, line.reason) for line in lines])}"
    standing, ids = _standing(connection, act, key)
    rows = {line.number: order_numbered(connection, merchant, line.number) for line in lines}
    named = {_identity(merchant, line.number, rows[line.number]): line for line in lines}
    left = {identity: line for identity, line in named.items() if identity not in standing}
    fresh = _next_refunds(connection, left)
    made = dict(standing)
    for legs, group in fresh:
        for batch in in_batches(group, refund_gas(len(legs))):
            ids.append(queue(connection, deployment, _intent(acting, key, batch, legs), now).id)
            made |= {one.order_id: one for one in batch}
    return RefundedOrders({line.number: made[identity] for identity, line in named.items()}, bool(left), tuple(ids))


def _identity(merchant: int, number: str, row: Row[Any] | None) -> str:
    """Of an order that came in a batch, the id that it has there; of one that nobody placed, the one that it would have."""
    return order_id(merchant, number) if row is None else str(row.order_id)


def _intent(acting: Acting, key: str, batch: Sequence[QueuedRefund], legs: tuple[Leg, ...]) -> Intent:
    args = [(one.order_id, one.refund, one.amount_fen, one.reason) for one in batch]
    name = f"{key}:{content_key('orders', [one.order_id for one in batch])}"
    gas = batch_gas(refund_gas(len(legs)), len(batch), len(legs))
    return Intent(name, acting.account, "Escrow", "refund", (args, pack_legs(legs)), acting.authority, gas)


def _standing(connection: Connection, act: str, key: str) -> tuple[dict[str, QueuedRefund], list[int]]:
    """What was queued under the reference and not refused, by order id; Conflict when it had other lines."""
    query = select(outbox).where(outbox.c.key.startswith(f"{act}:"), outbox.c.state != "reverted")
    rows = connection.execute(query.order_by(outbox.c.id)).all()
    if any(not row.key.startswith(f"{key}:") for row in rows):
        raise Conflict("The reference was used before for other refunds.", hint="Give these refunds their own.")
    found: dict[str, QueuedRefund] = {}
    for row in rows:
        for one in decode_call("Escrow", bytes.fromhex(row.data.removeprefix("0x"))).args["refunds"]:
            refund = _queued(one)
            found[refund.order_id] = refund
    return found, [row.id for row in rows]


def _queued(one: dict[str, Any]) -> QueuedRefund:
    return QueuedRefund("0x" + bytes(one["order"]).hex(), one["number"], one["amountFen"], one["reason"])


def _next_refunds(
    connection: Connection, lines: dict[str, RefundLine]
) -> list[tuple[tuple[Leg, ...], list[QueuedRefund]]]:
    """Each order's next refund, by the legs that go along: those of the pinned version for orders that are settled, or
    will be before the refund comes; none for the others."""
    settling = settling_under_way(connection)
    on_their_way = _under_way(connection)
    kept: list[Row[Any]] = []
    loose: list[QueuedRefund] = []
    made: dict[str, QueuedRefund] = {}
    refused: list[SuyuanError] = []
    for identity, line in lines.items():
        try:
            row = _refundable(connection, identity, line)
            made[identity] = _next_refund(connection, row, line, on_their_way.get(identity, {}))
        except SuyuanError as fault:
            refused.append(fault)
            continue
        if row.state == "paid" and identity not in settling:
            loose.append(made[identity])
        else:
            kept.append(row)
    if refused:
        raise_faults(refused, "refunds", "none was made")
    groups = [
        (legs_of(connection, rule, version), [made[row.order_id] for row in group])
        for (rule, version), group in by_version(kept)
    ]
    return [*groups, ((), loose)] if loose else groups


def _under_way(connection: Connection) -> dict[str, dict[int, int]]:
    """By order id: fen by refund number, of what is queued or sent."""
    found: dict[str, dict[int, int]] = {}
    for call in calls_under_way(connection, "Escrow", ["refund"]):
        for one in map(_queued, call.args["refunds"]):
            found.setdefault(one.order_id, {})[one.refund] = one.amount_fen
    return found


def _refundable(connection: Connection, identity: str, line: RefundLine) -> Row[Any]:
    row = connection.execute(select(orders).where(orders.c.order_id == identity)).one_or_none()
    if row is None:
        raise NotFound(
            f"You have placed no order {line.number}.",
            hint="Check the number; an order is refunded by the merchant that placed it.",
        )
    if row.batch_id is not None:
        raise Conflict(
            f"Order {line.number} is in batch {short_name(row.batch_id)}.",
            hint="Refund it there whole (`suyuan batch refund`), or take it out first (`suyuan batch take-out`).",
        )
    if row.state == "placed":
        raise Conflict(f"Order {line.number} is not paid yet.", hint="There is nothing to give back.")
    return row


def _next_refund(connection: Connection, row: Row[Any], line: RefundLine, on_their_way: dict[int, int]) -> QueuedRefund:
    query = select(func.max(refunds.c.number)).where(refunds.c.order_id == row.order_id)
    count = int(connection.execute(query).scalar() or 0)
    waiting = {number: fen for number, fen in on_their_way.items() if number > count}
    rest = row.amount_fen - row.refunded_fen - sum(waiting.values())
    amount = rest if line.amount_fen is None else line.amount_fen
    if rest == 0:
        raise Conflict(f"Order {line.number} is refunded in full already.", hint="Nothing of it remains.")
    if amount > rest:
        raise BadInput(
            f"Of order {line.number} {amount_text(rest)} yuan remain, not {amount_text(amount)}.",
            hint="Refund less, or all that remains.",
            rest_fen=rest,
        )
    number = max([count, *waiting]) + 1
    if number > MOST_REFUNDS:
        raise Conflict(f"Order {line.number} was refunded {MOST_REFUNDS} times, as often as can be.")
    return QueuedRefund(row.order_id, number, amount, line.reason)


def _check(lines: Sequence[RefundLine], reference: str) -> None:
    if not reference.strip():
        raise BadInput("A refund needs a reference.", hint="Name it, for example by the customer's complaint.")
    if not lines:
        raise BadInput("A refund names at least one order.", hint="Name the orders that are given back.")
    seen: set[str] = set()
    for line in lines:
        if line.number in seen:
            raise BadInput(f"Order {line.number} stands twice.", hint="Name each order once.")
        seen.add(line.number)
        if line.amount_fen is not None and line.amount_fen <= 0:
            raise BadInput(
                f"A refund of {amount_text(line.amount_fen)} yuan is not possible: it must be positive.",
                hint="Refund at least 0.01.",
            )
        if not line.reason.strip() or len(line.reason) > MOST_REASON:
            raise BadInput(
                f"The refund of order {line.number} needs a reason of 1 to {MOST_REASON} characters.",
                hint="Say why, without names: it stands on the chain.",
            )

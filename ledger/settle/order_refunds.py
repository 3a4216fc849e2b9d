"""Orders' refunds as the rows have them, and what each leg holds after them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from ledger.settle.split import Leg, allocate
from ledger.store.schema import entry
from ledger.store.schema import refund as refunds


@dataclass(frozen=True)
class OrderRefunds:
    """Rows of `refund` in their order; `moved_fen` is what those after settlement moved of each payee's: negative, but a
    residual may gain. None where nothing was booked for the order alone: one that went back with its batch, whose sums the
    index holds to the rule."""

    rows: tuple[Row[Any], ...] = ()
    moved_fen: Mapping[int, int] | None = None

    @property
    def before_settlement_fen(self) -> int:
        return sum(row.amount_fen for row in self.rows if not row.settled)


def refund_rows(connection: Connection, ids: Collection[str]) -> dict[str, list[Row[Any]]]:
    """By order id, by number; nothing for an order without refunds."""
    found: dict[str, list[Row[Any]]] = {}
    query = select(refunds).where(refunds.c.order_id.in_(ids)).order_by(refunds.c.order_id, refunds.c.number)
    for row in connection.execute(query):
        found.setdefault(row.order_id, []).append(row)
    return found


def refunds_of(connection: Connection, ids: Collection[str]) -> dict[str, OrderRefunds]:
    """By order id; nothing for an order without refunds."""
    rows = refund_rows(connection, ids)
    moved: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    blocks = {row.requested_block for many in rows.values() for row in many if row.settled}
    taken = select(entry.c.order_id, entry.c.member, entry.c.amount_fen).where(
        entry.c.block.in_(blocks),  # the primary key begins with it: nothing else is read
        entry.c.kind == "refunded",
        entry.c.account == "available",
    )
    for one in connection.execute(taken):
        moved[one.order_id][one.member] += one.amount_fen
    return {
        identity: OrderRefunds(tuple(many), dict(moved[identity]) if identity in moved else None)
        for identity, many in rows.items()
    }


def held_by_leg(
    amount_fen: int, legs: Sequence[Leg], credited: Mapping[int, int], refunded: OrderRefunds
) -> tuple[int, ...]:
    """What each leg of a settled order of `amount_fen` holds by the rows: credited (by leg; one that got nothing has no
    payout) and moved by refunds since.

    Refunds are booked by payee. Where one has several legs, each moved as the rule says, and what the rows have beside
    that shows at its first.
    """
    settled_fen = amount_fen - refunded.before_settlement_fen
    rest_fen = amount_fen - sum(row.amount_fen for row in refunded.rows)
    by_rule = [
        after - before for before, after in zip(allocate(settled_fen, legs), allocate(rest_fen, legs), strict=True)
    ]
    if refunded.moved_fen is None:
        return tuple(credited.get(place, 0) + change for place, change in enumerate(by_rule))
    beside = dict(refunded.moved_fen)
    for leg, change in zip(legs, by_rule, strict=True):
        beside[leg.payee] = beside.get(leg.payee, 0) - change
    return tuple(
        credited.get(place, 0) + change + beside.pop(leg.payee, 0)
        for place, (leg, change) in enumerate(zip(legs, by_rule, strict=True))
    )

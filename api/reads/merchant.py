"""What a merchant's own page shows: its orders with refunds and the split of what remains of each, its balances, the days
on which something was booked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import Connection, Row, func, select

from ledger.settle.balances import balances_of
from ledger.settle.order_refunds import OrderRefunds, held_by_leg, refunds_of
from ledger.settle.party_statement import day_of
from ledger.settle.rule_rows import legs_of
from ledger.settle.split import Leg, LegExplanation, explain
from ledger.settle.zone import SHANGHAI
from ledger.store.queries.members import MemberRow, members
from ledger.store.schema import entry, frozen, order, payout

PAGE = 25
MOST_DAYS = 31


@dataclass(frozen=True)
class SplitLine:
    """One leg of an order's split. `credited_fen` is what the chain credited, less what refunds took back since; None while
    it is not settled."""

    explanation: LegExplanation
    payee: str
    payee_slug: str
    credited_fen: int | None


@dataclass(frozen=True)
class OrderLine:
    """An order; `lines` in the order in which the legs take, empty until a version is pinned; rows of its `refunds`."""

    row: Row[Any]
    carrier: str
    carrier_slug: str
    lines: tuple[SplitLine, ...]
    refunds: tuple[Row[Any], ...]

    @property
    def rest_fen(self) -> int:
        """What remains of the order after its refunds."""
        return int(self.row.amount_fen - self.row.refunded_fen)

    @property
    def agrees(self) -> bool:
        """Whether each leg holds what the rule gives for what remains."""
        return all(line.credited_fen in (None, line.explanation.amount_fen) for line in self.lines)


@dataclass(frozen=True)
class Account:
    """Sums of entries, in fen."""

    available_fen: int
    in_transit_fen: int
    escrowed_fen: int
    owed_fen: int
    frozen: str | None


def account_of(connection: Connection, number: int) -> Account:
    held = select(func.sum(order.c.amount_fen - order.c.refunded_fen)).where(
        order.c.merchant == number, order.c.state.in_(("paid", "delivered"))
    )
    balances = balances_of(connection, number)
    return Account(
        available_fen=balances.available_fen,
        in_transit_fen=balances.in_transit_fen,
        escrowed_fen=int(connection.execute(held).scalar() or 0),
        owed_fen=balances.owed_fen,
        frozen=connection.execute(select(frozen.c.reason).where(frozen.c.member == number)).scalar(),
    )


def count_orders(connection: Connection, merchant: int) -> int:
    return connection.execute(select(func.count()).select_from(order).where(order.c.merchant == merchant)).scalar_one()


def orders_page(connection: Connection, merchant: int, page: int) -> list[OrderLine]:
    """The page (from 1) of the merchant's orders, the newest first."""
    query = select(order).where(order.c.merchant == merchant)
    query = query.order_by(order.c.placed_block.desc(), order.c.number.desc()).limit(PAGE).offset(PAGE * (page - 1))
    return _lines(connection, connection.execute(query).all())


def order_by_number(connection: Connection, merchant: int, number: str) -> OrderLine | None:
    found = _lines(
        connection,
        connection.execute(select(order).where(order.c.merchant == merchant, order.c.number == number)).all(),
    )
    return found[0] if found else None


def days_with_entries(connection: Connection, number: int) -> list[str]:
    """The last days (China's) on which the member's available credit moved, the newest first."""
    days: list[str] = []
    newest = select(func.max(entry.c.at)).where(entry.c.member == number, entry.c.account == "available")
    before: int | None = None
    while len(days) < MOST_DAYS:
        at = connection.execute(newest if before is None else newest.where(entry.c.at < before)).scalar()
        if at is None:
            break
        day = day_of(at)
        days.append(day.isoformat())
        before = int(datetime.combine(day, time.min, SHANGHAI).timestamp())
    return days


def _lines(connection: Connection, rows: Sequence[Row[Any]]) -> list[OrderLine]:
    known = {row.member: row for row in members(connection)}
    legs = {
        (row.rule, row.version): legs_of(connection, row.rule, row.version) for row in rows if row.version is not None
    }
    credited: dict[str, dict[int, int]] = defaultdict(dict)
    for one in connection.execute(select(payout).where(payout.c.order_id.in_([row.order_id for row in rows]))):
        credited[one.order_id][one.leg] = one.amount_fen
    refunded = refunds_of(connection, [row.order_id for row in rows])
    lines = []
    for row in rows:
        carrier = known[row.carrier]
        refunds = refunded.get(row.order_id, OrderRefunds())
        split = _split(row, legs.get((row.rule, row.version), ()), credited[row.order_id], refunds, known)
        lines.append(OrderLine(row, carrier.name, carrier.slug, split, refunds.rows))
    return lines


def _split(
    row: Row[Any],
    legs: Sequence[Leg],
    credited: dict[int, int],
    refunds: OrderRefunds,
    known: dict[int, MemberRow],
) -> tuple[SplitLine, ...]:
    if not legs:
        return ()
    held = held_by_leg(row.amount_fen, legs, credited, refunds)
    return tuple(
        SplitLine(
            line,
            known[line.leg.payee].name,
            known[line.leg.payee].slug,
            None if row.settled_block is None else held[line.index],
        )
        for line in explain(row.amount_fen - row.refunded_fen, legs)
    )

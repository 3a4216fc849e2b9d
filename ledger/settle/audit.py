"""Is every fen where it should be? supply = escrow + budgets + available + in transit + to shoppers + guarantee fund, in the rows and
on the chain alike; and each member has there what the rows say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, and_, case, func, or_, select

from ledger.chain.client import Client
from ledger.context import Ledger
from ledger.errors import NotFound, Unavailable
from ledger.settle.campaign_rows import budgets_of
from ledger.settle.explain_price import price_differences
from ledger.settle.money import amount_text
from ledger.settle.split_sql import allocated
from ledger.store.database import read
from ledger.store.schema import campaign, debt, entry, order, payout, refund

PLACES = ("escrow", "budget", "available", "in_transit", "to_shoppers", "fund")


@dataclass(frozen=True)
class Audit:
    """Fen by place, from the rows; `owed_fen` by members and `due_fen` to shoppers stand beside the supply.

    `faults` are sentences; empty when all is well. `chain_checked`: the node answered.
    """

    supply_fen: int
    escrow_fen: int
    budget_fen: int
    available_fen: int
    in_transit_fen: int
    to_shoppers_fen: int
    fund_fen: int
    owed_fen: int
    due_fen: int
    chain_checked: bool
    faults: tuple[str, ...]


def audit(ledger: Ledger) -> Audit:
    """Adds up the double entries; where the node answers, compares with what the contract holds."""
    sums: dict[tuple[str, int | None], int] = {}
    with read(ledger.engine) as connection:
        total = func.sum(entry.c.amount_fen)
        for row in connection.execute(
            select(entry.c.account, entry.c.member, total).group_by(entry.c.account, entry.c.member)
        ):
            sums[row[0], row[1]] = int(row[2])
        owed, due = connection.execute(select(func.sum(debt.c.owed_fen), func.sum(debt.c.due_fen))).one()
        wrong = wrong_splits(connection)
        strange = strange_bookings(connection)
        faults = _campaign_faults(connection, sums.get(("budget", None), 0))
    supply = -sums.pop(("bank", None), 0)
    held = {place: sum(fen for (account, _), fen in sums.items() if account == place) for place in PLACES}
    faults += [
        f"The account {account}{f' of member {member}' if member else ''} stands at {fen} fen."
        for (account, member), fen in sums.items()
        if fen < 0
    ]
    if supply != sum(held.values()):
        faults.append(f"The supply is {supply} fen, and its parts add up to {sum(held.values())}.")
    faults += [f"Order {number} of member {merchant} was not credited as its rule says." for merchant, number in wrong]
    faults += [f"The bank booked refunds of order {order_id} that are not its refunds." for order_id in strange]
    available = {member: fen for (account, member), fen in sums.items() if account == "available" and member}
    said = {"supply": supply, "toShoppers": held["to_shoppers"], "fund": held["fund"], "due": int(due or 0)}
    checked = True
    try:
        faults += _differences(ledger, said, available)
    except (Unavailable, NotFound):
        checked = False
    return Audit(
        supply_fen=supply,
        escrow_fen=held["escrow"],
        budget_fen=held["budget"],
        available_fen=held["available"],
        in_transit_fen=held["in_transit"],
        to_shoppers_fen=held["to_shoppers"],
        fund_fen=held["fund"],
        owed_fen=int(owed or 0),
        due_fen=said["due"],
        chain_checked=checked,
        faults=tuple(faults),
    )


def _campaign_faults(connection: Connection, held_fen: int) -> list[str]:
    """Budgets that are overdrawn or not where they should be, and prices that the terms do not give."""
    rows = connection.execute(select(campaign)).all()
    budgets = budgets_of(connection, rows)
    faults = [
        f"The budget of campaign {number} is overdrawn by {amount_text(-budget.free_fen)} yuan."
        for number, budget in sorted(budgets.items())
        if budget.free_fen < 0
    ]
    kept = sum(budget.budget_fen - budget.spent_fen - budget.returned_fen for budget in budgets.values())
    if kept != held_fen:
        faults.append(f"Campaigns have {kept} fen left, and {held_fen} are held for them.")
    wrong = price_differences(connection)
    return faults + [f"The price of order {order_id} is not what its campaigns give." for order_id in wrong]


def wrong_splits(connection: Connection) -> list[tuple[int, str]]:
    """Settled orders whose legs were not credited what the pinned rule gives for what remained then, by merchant and
    number; at most ten.

    Orders of one amount under one version are split once, for them all, and looked at one by one only where something is
    wrong among them: a leg was credited that much as often as there are such orders, and nothing else.
    """
    settled = _settled().subquery("settled")
    terms = (settled.c.rule, settled.c.version, settled.c.amount_fen)
    counted = (func.min(settled.c.order_id).label("order_id"), func.count().label("orders"))
    alike = select(*counted, *terms).group_by(*terms).cte("alike")
    due = allocated(alike).subquery("due")
    fen, leg, payee = payout.c.amount_fen.label("credited_fen"), payout.c.leg, payout.c.payee
    paid = select(*terms, leg, payee, fen, func.count().label("times"))
    paid = paid.join(payout, payout.c.order_id == settled.c.order_id).group_by(*terms, leg, payee, fen)
    credited = paid.subquery("credited")
    here = and_(*(alike.c[term.name] == credited.c[term.name] for term in terms))
    legs = and_(credited.c.leg == due.c.leg, credited.c.payee == due.c.payee)
    as_due = func.sum(case((credited.c.credited_fen == due.c.amount_fen, credited.c.times), else_=0))
    otherwise = func.sum(case((credited.c.credited_fen != due.c.amount_fen, credited.c.times), else_=0))
    query = (
        select(alike.c.rule, alike.c.version, alike.c.amount_fen)
        .join(due, due.c.order_id == alike.c.order_id)
        .outerjoin(credited, and_(here, legs))
        .group_by(alike.c.rule, alike.c.version, alike.c.amount_fen, alike.c.orders, due.c.leg, due.c.amount_fen)
        .having(or_(otherwise != 0, and_(due.c.amount_fen > 0, as_due != alike.c.orders)))
        .limit(10)
    )
    wrong: set[tuple[int, str]] = set()
    for rule, version, amount_fen in connection.execute(query).all():
        wrong |= set(_wrong_among(connection, rule, version, amount_fen))
    return sorted(wrong)[:10]


def _settled() -> Select[Any]:
    """Of each settled order its id, rule and version, and the amount that was split: what refunds before had left."""
    before = (
        select(refund.c.order_id, _whole_sum(refund.c.amount_fen).label("fen"))
        .where(refund.c.settled.is_(False))
        .group_by(refund.c.order_id)
        .subquery("before")
    )
    left = order.c.amount_fen - func.coalesce(before.c.fen, 0)
    return (
        select(order.c.order_id, order.c.rule, order.c.version, left.label("amount_fen"))
        .outerjoin(before, before.c.order_id == order.c.order_id)
        .where(order.c.settled_block.is_not(None))
    )


def _wrong_among(connection: Connection, rule: int, version: int, amount_fen: int) -> list[tuple[int, str]]:
    """Of the orders with these terms, those whose legs were credited otherwise."""
    settled = _settled().subquery("settled")
    these = and_(settled.c.rule == rule, settled.c.version == version, settled.c.amount_fen == amount_fen)
    due = allocated(select(settled).where(these).subquery("these")).subquery("due")
    credited = and_(payout.c.order_id == due.c.order_id, payout.c.leg == due.c.leg, payout.c.payee == due.c.payee)
    query = (
        select(order.c.merchant, order.c.number)
        .join(due, due.c.order_id == order.c.order_id)
        .outerjoin(payout, credited)
        .where(func.coalesce(payout.c.amount_fen, 0) != due.c.amount_fen)
        .distinct()
        .limit(10)
    )
    return [(row.merchant, row.number) for row in connection.execute(query)]


def _whole_sum(fen: ColumnElement[int]) -> ColumnElement[int]:
    """PostgreSQL's sums of large integers are decimals, and what is divided of them would not be whole fen."""
    return func.sum(fen).cast(BigInteger)


def strange_bookings(connection: Connection) -> list[str]:
    """Orders of which the bank booked as refunded another sum than that of their booked refunds; at most ten ids."""
    paid = (
        select(entry.c.order_id, func.sum(entry.c.amount_fen).label("fen"))
        .where(entry.c.account == "bank", entry.c.kind.in_(("refund_booked", "refund_returned")))
        .group_by(entry.c.order_id)
        .subquery("paid")
    )
    owned = (
        select(refund.c.order_id, func.sum(func.coalesce(refund.c.shopper_fen, refund.c.amount_fen)).label("fen"))
        .where(refund.c.state == "booked")
        .group_by(refund.c.order_id)
        .subquery("owned")
    )
    query = (
        select(paid.c.order_id)
        .outerjoin(owned, owned.c.order_id == paid.c.order_id)
        .where(paid.c.fen != func.coalesce(owned.c.fen, 0))
        .order_by(paid.c.order_id)
        .limit(10)
    )
    return list(connection.execute(query).scalars())


def _differences(ledger: Ledger, said: dict[str, int], available: dict[int, int]) -> list[str]:
    """What the chain holds otherwise than the rows say. Unavailable when no quorum of nodes answers."""
    client: Client = ledger.client.by_quorum()  # one node's word is not enough about money
    faults = []
    for name, fen in said.items():
        there = int(client.call(ledger.deployment, "Credit", f"{name}Fen"))
        if there != fen:
            faults.append(f"The chain's {name} is {amount_text(there)} yuan; the rows say {amount_text(fen)}.")
    for member, fen in sorted(available.items()):
        there = int(client.call(ledger.deployment, "Credit", "availableFen", member))
        if there != fen:
            faults.append(
                f"Member {member} has {amount_text(there)} yuan on the chain; the rows say {amount_text(fen)}."
            )
    return faults

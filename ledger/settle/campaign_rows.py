"""Campaigns as the rows have them: their terms, what is left of their budgets, and what they do for an order."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, select

from ledger.errors import BadInput
from ledger.settle.price import CampaignKind, CampaignTerms, Price, reckon
from ledger.store.schema import campaign, campaign_return, promotion, promotion_part


@dataclass(frozen=True)
class Budget:
    """Fen. `spent_fen`: into orders, and commissions; `reserved_fen`: for orders that are not paid, and commissions that
    are not due yet; `returned_fen`: to the sponsor after the end."""

    budget_fen: int
    spent_fen: int
    reserved_fen: int
    returned_fen: int

    @property
    def free_fen(self) -> int:
        return self.budget_fen - self.spent_fen - self.reserved_fen - self.returned_fen


def campaign_row(connection: Connection, number: int, *, where: str | None = None) -> Row[Any]:
    """BadInput when there is no such campaign."""
    row = connection.execute(select(campaign).where(campaign.c.campaign == number)).one_or_none()
    if row is None:
        raise BadInput(f"There is no campaign {number}.", where=where, hint="See `suyuan campaign list`.")
    return row


def terms_of(row: Row[Any]) -> CampaignTerms:
    """The terms of a row of `campaign`."""
    return CampaignTerms(
        kind=CampaignKind(row.kind),
        rank=row.rank,
        budget_fen=row.budget_fen,
        starts=row.starts,
        ends=row.ends,
        hold_seconds=row.hold_seconds,
        value_fen=row.value_fen,
        bps=row.bps,
        threshold_fen=row.threshold_fen,
        repeats=row.repeats,
        cap_fen=row.cap_fen,
        sponsor_bps=row.sponsor_bps,
        payee=row.payee,
    )


def rules_of(row: Row[Any]) -> tuple[int, ...]:
    """Whose orders it serves; empty for every rule's."""
    return tuple(json.loads(row.rules))


def budget_of(connection: Connection, number: int) -> Budget:
    """BadInput when there is no such campaign."""
    row = campaign_row(connection, number)
    return budgets_of(connection, [row])[number]


def budgets_of(connection: Connection, rows: Sequence[Row[Any]]) -> dict[int, Budget]:
    """By campaign, of rows of `campaign`."""
    part, numbers = promotion_part.c, [row.campaign for row in rows]
    paid, held = promotion.c.state == "paid", promotion.c.state == "reserved"
    due = func.coalesce(part.commission_fen, 0)
    waits = and_(paid, part.commission_fen.is_(None))
    spent = case((paid, part.sponsor_fen + due), else_=0)
    reserved = case((held, part.sponsor_fen + part.reserved_fen), (waits, part.reserved_fen), else_=0)
    used = (
        select(part.campaign, func.sum(spent).label("spent"), func.sum(reserved).label("reserved"))
        .join(promotion, promotion.c.order_id == part.order_id)
        .where(part.campaign.in_(numbers))
        .group_by(part.campaign)
    )
    back = select(campaign_return.c.campaign, func.sum(campaign_return.c.amount_fen).label("fen"))
    back = back.where(campaign_return.c.campaign.in_(numbers)).group_by(campaign_return.c.campaign)
    taken = {one.campaign: (int(one.spent), int(one.reserved)) for one in connection.execute(used)}
    returned = {one.campaign: int(one.fen) for one in connection.execute(back)}
    return {
        row.campaign: Budget(row.budget_fen, *taken.get(row.campaign, (0, 0)), returned.get(row.campaign, 0))
        for row in rows
    }


def shopper_parts(connection: Connection, ids: Collection[str]) -> dict[str, int]:
    """What the shopper pays of each of these orders that is promoted, by order id."""
    query = select(promotion.c.order_id, promotion.c.shopper_fen).where(promotion.c.order_id.in_(ids))
    return {row.order_id: row.shopper_fen for row in connection.execute(query)}


def price_under(connection: Connection, list_fen: int, campaigns: Sequence[int], *, where: str | None = None) -> Price:
    """As the contract reckons it. BadInput when there is no such campaign."""
    return reckon(list_fen, [terms_of(campaign_row(connection, number, where=where)) for number in campaigns])


def promotions_of(connection: Connection, ids: Collection[str]) -> dict[str, tuple[int, tuple[int, ...]]]:
    """List price in fen and campaigns of each of these orders that is promoted, by order id."""
    query = (
        select(promotion.c.order_id, promotion.c.list_fen, promotion_part.c.campaign)
        .join(promotion_part, promotion_part.c.order_id == promotion.c.order_id)
        .where(promotion.c.order_id.in_(ids))
        .order_by(promotion.c.order_id, promotion_part.c.place)
    )
    found: dict[str, tuple[int, tuple[int, ...]]] = {}
    for row in connection.execute(query):
        _, before = found.get(row.order_id, (0, ()))
        found[row.order_id] = (row.list_fen, (*before, row.campaign))
    return found


def can_still_be_paid(connection: Connection, order_id: str, now: int) -> bool:
    """Whether what a promoted order reserved stands, or can be reserved again. True for a plain one."""
    state = connection.execute(select(promotion.c.state).where(promotion.c.order_id == order_id)).scalar_one_or_none()
    if state != "released":
        return True
    query = (
        select(campaign, promotion_part.c.sponsor_fen, promotion_part.c.reserved_fen)
        .join(promotion_part, promotion_part.c.campaign == campaign.c.campaign)
        .where(promotion_part.c.order_id == order_id)
    )
    rows = connection.execute(query).all()
    budgets = budgets_of(connection, rows)
    return all(now < row.ends and row.sponsor_fen + row.reserved_fen <= budgets[row.campaign].free_fen for row in rows)

"""How a promoted order came to its price: each campaign with the arithmetic in words, who bears what, and what refunds gave
back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger.settle.campaign_rows import terms_of
from ledger.settle.price import CampaignKind, explain_discount, reckon, shopper_back_fen
from ledger.store.schema import campaign, promotion, promotion_part
from ledger.store.schema import member as members


@dataclass(frozen=True)
class ExplainedDiscount:
    """One campaign of an order. Fen; `agrees`: the contract took what its terms give."""

    campaign: int
    name: str
    kind: str
    sponsor: str
    operation: str
    price_fen: int
    off_fen: int
    sponsor_fen: int
    merchant_fen: int
    commission_fen: int
    commission_paid: bool
    back_fen: int
    agrees: bool

    @property
    def sentence(self) -> str:
        if self.kind == CampaignKind.COMMISSION:
            return f"commission: {self.operation}, borne by {self.sponsor}"
        borne = f"{self.sponsor} bears {self.sponsor_fen:,}"
        if self.merchant_fen:
            borne += f", the merchant {self.merchant_fen:,} (its part rounded down)"
        return f"off {self.price_fen:,} fen: {self.operation}; {borne}"


@dataclass(frozen=True)
class ExplainedPrice:
    """list price - discounts = what the shopper pays; with what sponsors bear it is the order's amount, which is split.

    `shopper_back_fen`: of the refunds so far; sponsors get the rest, in stacking order."""

    list_fen: int
    shopper_fen: int
    amount_fen: int
    state: str
    discounts: tuple[ExplainedDiscount, ...]
    shopper_back_fen: int
    sponsors_back_fen: int

    @property
    def sponsors_fen(self) -> int:
        return self.amount_fen - self.shopper_fen


def explain_price(connection: Connection, order_id: str, refunded_fen: int) -> ExplainedPrice | None:
    """None for an order that is not promoted."""
    found = connection.execute(select(promotion).where(promotion.c.order_id == order_id)).one_or_none()
    if found is None:
        return None
    rows = connection.execute(
        select(campaign, promotion_part, members.c.name.label("sponsor_name"))
        .join(promotion_part, promotion_part.c.campaign == campaign.c.campaign)
        .join(members, members.c.member == campaign.c.sponsor)
        .where(promotion_part.c.order_id == order_id)
        .order_by(promotion_part.c.place)
    ).all()
    terms = [terms_of(row) for row in rows]
    price = reckon(found.list_fen, terms)
    discounts = []
    for row, one, given in zip(rows, terms, price.discounts, strict=True):
        taken = (row.price_fen, row.off_fen, row.sponsor_fen, row.reserved_fen)
        words = explain_discount(one, row.price_fen)
        if one.kind is CampaignKind.COMMISSION:
            basis = f"{one.bps} bps × {found.amount_fen:,} fen, rounded down" if one.bps else f"{one.value_fen:,} fen"
            words = f"{basis}" + (f", at most {one.cap_fen:,}" if one.cap_fen else "")
        discounts.append(
            ExplainedDiscount(
                campaign=row.campaign,
                name=row.name,
                kind=row.kind,
                sponsor=row.sponsor_name,
                operation=words,
                price_fen=row.price_fen,
                off_fen=row.off_fen,
                sponsor_fen=row.sponsor_fen,
                merchant_fen=row.off_fen - row.sponsor_fen,
                commission_fen=row.reserved_fen if row.commission_fen is None else row.commission_fen,
                commission_paid=row.commission_fen is not None,
                back_fen=row.back_fen,
                agrees=taken == (given.price_fen, given.off_fen, given.sponsor_fen, given.commission_fen),
            )
        )
    back = shopper_back_fen(refunded_fen, found.shopper_fen, found.amount_fen)
    return ExplainedPrice(
        list_fen=found.list_fen,
        shopper_fen=found.shopper_fen,
        amount_fen=found.amount_fen,
        state=found.state,
        discounts=tuple(discounts),
        shopper_back_fen=back,
        sponsors_back_fen=refunded_fen - back,
    )


def price_differences(connection: Connection, ids: Sequence[str] | None = None) -> list[str]:
    """Order ids whose price is not what their campaigns' terms give; at most ten."""
    query = select(promotion.c.order_id).order_by(promotion.c.order_id)
    query = query if ids is None else query.where(promotion.c.order_id.in_(ids))
    wrong: list[str] = []
    for order_id in connection.execute(query).scalars():
        told = explain_price(connection, order_id, 0)
        if told is None:
            continue
        shopper = told.list_fen - sum(one.off_fen for one in told.discounts)
        amount = shopper + sum(one.sponsor_fen for one in told.discounts)
        if not all(one.agrees for one in told.discounts) or (told.shopper_fen, told.amount_fen) != (shopper, amount):
            wrong.append(order_id)
    return wrong[:10]

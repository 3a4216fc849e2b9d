"""An order's split, leg by leg, with the arithmetic in words and what each leg holds on the chain.

What is split is what remains of the order after its refunds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select

from ledger.errors import NotFound
from ledger.settle.explain_price import ExplainedPrice, explain_price
from ledger.settle.order_numbered import order_numbered
from ledger.settle.order_refunds import OrderRefunds, held_by_leg, refunds_of
from ledger.settle.pinned_terms import PinnedTerms, pinned_terms, terms_at
from ledger.settle.rule_rows import version_in_force
from ledger.settle.split import Leg, explain
from ledger.settle.tiers import version_pinned
from ledger.store.schema import block, payout
from ledger.store.schema import member as members


@dataclass(frozen=True)
class ExplainedLeg:
    """One leg: `leg` counts from 0 in the rule. `credited_fen` is what it was credited less what refunds took back since;
    None until the order is settled."""

    leg: int
    terms: Leg
    payee: str
    operation: str
    amount_fen: int
    left_fen: int
    credited_fen: int | None

    @property
    def agrees(self) -> bool:
        """Whether the leg holds what the rule gives."""
        return self.credited_fen in (None, self.amount_fen)


@dataclass(frozen=True)
class ExplainedOrder:
    """The legs in the order in which they take, the residual last; their amounts sum to `rest_fen`.

    `version` is the rule's. `pinned` is false while the order is not paid: then it is the one in force, which payment would
    pin, and tiers are those of the newest block's time.
    """

    merchant: int
    number: str
    amount_fen: int
    state: str
    rule: int
    version: int | None
    pinned: bool
    legs: tuple[ExplainedLeg, ...]
    refunds: tuple[Row[Any], ...]
    terms: tuple[str, ...] = ()
    """In a sentence each: the tier of each share with steps, and the version of each nested rule."""
    price: ExplainedPrice | None = None
    """Of a promoted order."""

    @property
    def refunded_fen(self) -> int:
        return sum(row.amount_fen for row in self.refunds)

    @property
    def rest_fen(self) -> int:
        """What remains of the order."""
        return self.amount_fen - self.refunded_fen


def explain_order(connection: Connection, merchant: int, number: str) -> ExplainedOrder:
    """NotFound when the merchant has no such order. No legs while the rule has no version in force."""
    row = order_numbered(connection, merchant, number)
    if row is None:
        raise NotFound(f"Merchant {merchant} has no order {number}.", hint="See `suyuan orders list`.")
    version = row.version
    if version is None:
        standing = version_in_force(connection, row.rule)
        version = None if standing is None else standing.version
    pinned = row.version is not None
    price = explain_price(connection, row.order_id, row.refunded_fen)
    if version is None:
        return ExplainedOrder(merchant, number, row.amount_fen, row.state, row.rule, None, pinned, (), (), price=price)
    paid = select(payout.c.leg, payout.c.amount_fen).where(payout.c.order_id == row.order_id)
    credited: dict[int, int] = {one.leg: one.amount_fen for one in connection.execute(paid)}
    refunded = refunds_of(connection, [row.order_id]).get(row.order_id, OrderRefunds())
    if pinned:
        terms = pinned_terms(connection, row.rule, version, row.paid_at)
    else:
        newest = connection.scalar(select(func.max(block.c.timestamp))) or 0
        terms = terms_at(connection, row.rule, version, newest)
    rule = terms.legs
    lines = explain(row.amount_fen - row.refunded_fen, rule)
    held = held_by_leg(row.amount_fen, rule, credited, refunded)
    payees = {leg.payee for leg in rule}
    named = select(members.c.member, members.c.name).where(members.c.member.in_(payees))
    names = {payee: f"member {payee}" for payee in payees} | {one.member: one.name for one in connection.execute(named)}
    legs = tuple(
        ExplainedLeg(
            leg=line.index,
            terms=line.leg,
            payee=names[line.leg.payee],
            operation=line.operation,
            amount_fen=line.amount_fen,
            left_fen=line.left_fen,
            credited_fen=None if row.settled_block is None else held[line.index],
        )
        for line in lines
    )
    return ExplainedOrder(
        merchant=merchant,
        number=number,
        amount_fen=row.amount_fen,
        state=row.state,
        rule=row.rule,
        version=version_pinned(version),
        pinned=pinned,
        legs=legs,
        refunds=refunded.rows,
        terms=_told(terms, names),
        price=price,
    )


def _told(terms: PinnedTerms, names: dict[int, str]) -> tuple[str, ...]:
    tiers = (f"{names[chosen.line.leg.payee]} is paid by {chosen.sentence}" for chosen in terms.tiers)
    nested = (f"{names[one.payee]}'s part is divided by rule {one.rule} version {one.version}" for one in terms.nested)
    return (*tiers, *nested)

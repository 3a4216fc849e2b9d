"""What campaigns take off a price, and who bears it (contracts/src/libraries/Price.sol is the same in Solidity). Pure.

Integer fen; every division rounds down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

WHOLE_BPS = 10_000


class CampaignKind(StrEnum):
    """In the order of contracts/src/interfaces/ICampaigns.sol."""

    COUPON = "coupon"
    THRESHOLD = "threshold"
    COMMISSION = "commission"


KINDS = tuple(CampaignKind)


@dataclass(frozen=True)
class CampaignTerms:
    """What a campaign does, for ever: ICampaigns.CampaignTerms, field by field. Times are Unix seconds."""

    kind: CampaignKind
    rank: int
    budget_fen: int
    starts: int
    ends: int
    hold_seconds: int
    value_fen: int = 0
    bps: int = 0
    threshold_fen: int = 0
    repeats: bool = False
    cap_fen: int = 0
    sponsor_bps: int = WHOLE_BPS
    payee: int = 0

    @property
    def arguments(self) -> tuple[int | bool, ...]:
        """As the contract takes them."""
        return (
            KINDS.index(self.kind), self.rank, self.repeats, self.sponsor_bps, self.bps, self.value_fen,
            self.threshold_fen, self.cap_fen, self.budget_fen, self.payee, self.hold_seconds, self.starts, self.ends,
        )  # fmt: skip


@dataclass(frozen=True)
class Discount:
    """What one campaign does for one order. `price_fen`: what the former ones left; `commission_fen`: of the whole order."""

    price_fen: int
    off_fen: int
    sponsor_fen: int
    commission_fen: int

    @property
    def merchant_fen(self) -> int:
        return self.off_fen - self.sponsor_fen


@dataclass(frozen=True)
class Price:
    """`amount_fen` is split: what the shopper pays and what sponsors pay."""

    list_fen: int
    amount_fen: int
    shopper_fen: int
    discounts: tuple[Discount, ...]


def off_fen(terms: CampaignTerms, price_fen: int) -> int:
    """What a coupon or a threshold takes off this price: at least one fen remains. 0 below the threshold, and for a
    commission."""
    if price_fen == 0 or terms.kind is CampaignKind.COMMISSION or price_fen < terms.threshold_fen:
        return 0
    times = price_fen // terms.threshold_fen if terms.repeats else 1
    fen = price_fen * terms.bps // WHOLE_BPS if terms.bps else terms.value_fen * times
    if terms.cap_fen:
        fen = min(fen, terms.cap_fen)
    return min(fen, price_fen - 1)


def sponsor_fen(terms: CampaignTerms, off: int) -> int:
    """What of a discount the sponsor bears; the merchant's part is rounded down."""
    return off - off * (WHOLE_BPS - terms.sponsor_bps) // WHOLE_BPS


def commission_fen(terms: CampaignTerms, rest_fen: int) -> int:
    """What a commission gives for what remains of an order; 0 for other kinds, and when nothing remains."""
    if terms.kind is not CampaignKind.COMMISSION or rest_fen == 0:
        return 0
    fen = rest_fen * terms.bps // WHOLE_BPS if terms.bps else terms.value_fen
    return min(fen, terms.cap_fen) if terms.cap_fen else fen


def reckon(list_fen: int, campaigns: Sequence[CampaignTerms]) -> Price:
    """The price of an order under these campaigns, in stacking order."""
    price = amount = list_fen
    taken: list[tuple[int, int, int]] = []
    for terms in campaigns:
        off = off_fen(terms, price)
        borne = sponsor_fen(terms, off)
        taken.append((price, off, borne))
        price -= off
        amount -= off - borne
    discounts = (Discount(*one, commission_fen(terms, amount)) for one, terms in zip(taken, campaigns, strict=True))
    return Price(list_fen, amount, price, tuple(discounts))


def shopper_back_fen(refunded_fen: int, shopper_fen: int, amount_fen: int) -> int:
    """What of an order's refunds together the shopper gets, who paid `shopper_fen` of `amount_fen`; sponsors get the rest,
    each in stacking order until it has back what it bore."""
    return refunded_fen * shopper_fen // amount_fen


def explain_discount(terms: CampaignTerms, price_fen: int) -> str:
    """The arithmetic of `off_fen` in words."""
    if terms.kind is CampaignKind.COMMISSION:
        return "takes nothing off the price"
    off = off_fen(terms, price_fen)
    if terms.bps:
        words = f"{terms.bps} bps × {price_fen:,} fen, rounded down"
        uncapped = price_fen * terms.bps // WHOLE_BPS
    else:
        times = price_fen // terms.threshold_fen if terms.repeats else 1
        words = f"{terms.value_fen:,} fen" + (f" × {times}" if terms.repeats else "")
        uncapped = terms.value_fen * times
    if terms.threshold_fen:
        words += (
            f", for every full {terms.threshold_fen:,}" if terms.repeats else f", from {terms.threshold_fen:,} fen on"
        )
    if terms.cap_fen and uncapped > terms.cap_fen:
        words += f", capped at {terms.cap_fen:,}"
        uncapped = terms.cap_fen
    return words + (", one fen remains to pay" if off < uncapped else "")


def campaign_words(terms: CampaignTerms) -> str:
    """What a campaign does, in a few words."""
    what = f"{terms.bps} bps" if terms.bps else f"{terms.value_fen:,} fen"
    if terms.cap_fen:
        what += f", at most {terms.cap_fen:,} fen"
    if terms.kind is CampaignKind.COMMISSION:
        return f"{what} of an order to member {terms.payee}, borne by the sponsor"
    if terms.threshold_fen:
        what += f" off {'every full' if terms.repeats else 'from'} {terms.threshold_fen:,} fen"
    else:
        what += " off"
    borne = "the sponsor" if terms.sponsor_bps == WHOLE_BPS else f"the sponsor at {terms.sponsor_bps} bps, the merchant"
    return f"{what}, borne by {borne}"

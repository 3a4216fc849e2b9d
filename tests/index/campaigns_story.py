"""Three campaigns of the platform, an order under all of them that is refunded in part, and one that is never paid."""

from __future__ import annotations

from typing import Any

from ledger.settle.price import CampaignKind, CampaignTerms

PLATFORM, CARRIER, CREATOR = 6, 3, 5  # index_world.NUMBERS
LIST_FEN, REFUNDED_FEN = 10_000, 1_000


def the_terms(now: int, ends: int) -> tuple[CampaignTerms, CampaignTerms, CampaignTerms]:
    """A coupon that ends soon, "50 - 5" of which the sponsor bears two thirds, and one per cent to the creator."""
    later = now + 10**6
    return (
        CampaignTerms(CampaignKind.COUPON, 1, 500, now, ends, 1, value_fen=30),
        CampaignTerms(
            CampaignKind.THRESHOLD,
            2,
            3_000,
            now,
            later,
            60,
            value_fen=500,
            threshold_fen=5_000,
            repeats=True,
            sponsor_bps=6_667,
        ),
        CampaignTerms(CampaignKind.COMMISSION, 3, 300, now, later, 60, bps=100, payee=CREATOR),
    )


def tell_of_campaigns(chain: Any, legs: bytes) -> None:
    """Every event of Campaigns."""
    now = chain.client.head().timestamp
    ends = now + 12
    chain.act("merchant", "Credit", "transfer", PLATFORM, 4_000, "for campaigns")
    for number, terms in enumerate(the_terms(now, ends), start=1):
        chain.act("platform", "Campaigns", "open", f"campaign {number}", terms.arguments, [])
    promoted = [(("P-1", LIST_FEN, 1, CARRIER), [1, 2, 3]), (("P-2", LIST_FEN, 1, CARRIER), [1])]
    chain.act("merchant", "Campaigns", "place", promoted)
    paid, left = chain.order_id("P-1"), chain.order_id("P-2")
    shopper_fen = chain.client.call(chain.deployment, "Campaigns", "shopperFenOf", paid)
    chain.act("bank", "Escrow", "pay", [(paid, shopper_fen, "P-1")])
    chain.act("carrier", "Escrow", "deliverAndSettle", [paid], bytes(31) + b"\x06", legs)
    chain.act("merchant", "Escrow", "refund", [(paid, 1, REFUNDED_FEN, "one head")], legs)
    chain.act("creator", "Campaigns", "settleUp", paid)
    while chain.client.head().timestamp <= ends:  # each block is later than the one before it
        chain.act("creator", "Credit", "collect", CREATOR)
    chain.act("creator", "Campaigns", "release", left)
    chain.act("creator", "Campaigns", "close", 1)

"""A rule whose creator's share has a step and is divided by the creator's own rule, and an order that is settled under it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ledger.settle.split import Leg, LegKind, pack_legs
from ledger.settle.tiers import Line, resolve

FARM, CARRIER, MERCHANT, CREATOR = 1, 3, 4, 5  # index_world.NUMBERS
AGENCY, TIERED = 2, 3
AMOUNT_FEN = 10_001

AGENCY_LEGS = [Leg(FARM, LegKind.SHARE, 3_000), Leg(CREATOR, LegKind.RESIDUAL)]
_SHARE = Line(Leg(CREATOR, LegKind.SHARE, 1_000), nested_rule=AGENCY)
_LEG, _NESTED = _SHARE.legs
TIERED_LINES = [_LEG, _SHARE.step(1_000_000, 2_000), _NESTED, Leg(MERCHANT, LegKind.RESIDUAL)]
RESOLVED = resolve(TIERED_LINES, [0], [AGENCY_LEGS])


def tell_of_tiers(chain: Any, adopt: Callable[..., None]) -> None:
    adopt(chain, "creator", AGENCY, AGENCY_LEGS, "farm", "creator")
    adopt(chain, "merchant", TIERED, TIERED_LINES, "creator", "merchant")
    chain.act("merchant", "Escrow", "place", [("T-1", AMOUNT_FEN, TIERED, CARRIER)])
    order = chain.order_id("T-1")
    chain.act("bank", "Escrow", "pay", [(order, AMOUNT_FEN, "T-1")])
    chain.act("carrier", "Escrow", "deliverAndSettle", [order], bytes(31) + b"\x05", pack_legs(RESOLVED))
    chain.act("merchant", "Escrow", "refund", [(order, 1, 1, "one leaf")], pack_legs(RESOLVED))

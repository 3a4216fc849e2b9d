"""Whether what is accepted now can be confirmed: a chain that makes no blocks, or no node that answers, is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Engine

from ledger.chain.client import Client
from ledger.chain.outbox import oldest_sent
from ledger.chain.profiles import Profile
from ledger.errors import Unavailable
from ledger.store.database import read

#: No block for so many block times, and for at least so many seconds, is a standstill: on a BFT chain each turn of a
#: validator that is away costs a round change of some ten seconds.
STALLED_BLOCKS = 15
STALLED_SECONDS = 15.0

#: Where blocks come only with transactions: how long one may wait for its block.
STALLED_SECONDS_ON_DEMAND = 30.0


@dataclass(frozen=True)
class Standstill:
    """Why nothing can be confirmed now. `since`: Unix seconds."""

    reason: Literal["no_node", "no_block"]
    sentence: str
    since: int


def standstill(engine: Engine, client: Client, now: float) -> Standstill | None:
    """From what the nodes' looks have shown (`NodePool.watch` or `look`); asks none itself. None while blocks come."""
    health = client.nodes.health()
    served = [node for node in health if node.state in ("healthy", "lagging")]
    if not served:
        why = health[0].sentence if len(health) == 1 else f"None of the {len(health)} nodes of the chain can be used."
        return Standstill("no_node", why, min(node.since for node in health))
    growth = client.nodes.growth()
    if not growth.first_look:
        return None  # nobody has looked yet
    limit = stalled_after(client.profile)
    quiet = now - (growth.risen_at or growth.block_time)
    if quiet <= limit or _too_early(client, now):
        return None
    if client.profile.block_seconds is None and not _waits_for_a_block(engine, now - limit):
        return None
    sentence = f"The chain has made no block since block {growth.height}, {quiet:.0f} seconds ago."
    return Standstill("no_block", sentence, int(growth.risen_at or growth.block_time))


def _too_early(client: Client, now: float) -> bool:
    """Before a block or the lack of one was seen, an old head may only mean that this machine's clock is ahead."""
    growth = client.nodes.growth()
    return not growth.risen_at and now - growth.first_look < 3 * (client.profile.block_seconds or 0.0)


def stalled_after(profile: Profile) -> float:
    """Seconds without a block that are too many on this chain."""
    if profile.block_seconds is None:
        return STALLED_SECONDS_ON_DEMAND
    return max(STALLED_BLOCKS * profile.block_seconds, STALLED_SECONDS)


def _waits_for_a_block(engine: Engine, before: float) -> bool:
    try:
        with read(engine) as connection:
            oldest = oldest_sent(connection)
    except Unavailable:
        return False  # the database is away: that is told elsewhere
    return oldest is not None and oldest <= before

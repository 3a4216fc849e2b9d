"""One look at one node: which chain it serves, where its head stands, and whether its headers can be true at all."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ledger.chain.node_health import Look
from ledger.chain.profiles import Profile, SealKind
from ledger.chain.qbft import read_qbft_block
from ledger.chain.receipts_root import block_hash
from ledger.chain.rpc import Call, Patience, Rpc
from ledger.chain.seals import read_seals
from ledger.errors import BadInput, BrokenEvidence, Unavailable

#: A node that takes longer to say where it stands counts as down.
LOOK = Patience(1.5, 1)


@dataclass(frozen=True)
class Head:
    """What a node said first: `block` is its newest, as JSON-RPC gives it. `error`: a sentence, and nothing else."""

    chain_id: int = 0
    genesis: str = ""
    height: int = -1
    block_time: int = 0
    block: dict[str, Any] = field(default_factory=dict)
    error: str | None = None


def ask_head(node: Rpc) -> Head:
    """Where it stands; an error is a result."""
    calls: list[Call] = [
        ("eth_chainId", []),
        ("eth_getBlockByNumber", ["0x0", False]),
        ("eth_getBlockByNumber", ["latest", False]),
    ]
    try:
        chain_id, genesis, block = node.batch(calls, LOOK)
        height, block_time = int(block["number"], 16), int(block["timestamp"], 16)
        return Head(int(chain_id, 16), str(genesis["hash"]), height, block_time, block)
    except Unavailable as error:
        return Head(error=error.what)
    except (TypeError, ValueError, KeyError, AttributeError):
        return Head(error=f"The node at {node.url} does not tell where it stands.")


def look_at(node: Rpc, profile: Profile, head: Head, heights: Collection[int]) -> Look:
    """Asks a node that told its head for its blocks at other heights, as far as it has them, and looks at the header."""
    if head.error is not None:
        return Look(error=head.error)
    asked = sorted({*(height for height in heights if 0 <= height < head.height), max(head.height - 1, 0)})
    try:
        answers = node.batch([("eth_getBlockByNumber", [hex(height), False]) for height in asked], LOOK)
    except Unavailable as error:
        return Look(error=error.what)
    blocks = {
        height: answer for height, answer in zip(asked, answers, strict=True) if isinstance(answer, dict) and answer
    }
    hashes = {height: str(block.get("hash")) for height, block in blocks.items()}
    return Look(
        chain_id=head.chain_id,
        genesis=head.genesis,
        height=head.height,
        block_time=head.block_time,
        odd=_odd(head, hashes, profile),
        hashes={**hashes, head.height: str(head.block.get("hash"))},
    )


def _odd(head: Head, hashes: dict[int, str], profile: Profile) -> str | None:
    block, height = head.block, head.height
    if height > 0 and hashes.get(height - 1) != block.get("parentHash"):
        return f"Its head, block {height}, does not stand on the block before it."
    try:
        if _recomputed(json.dumps(block, sort_keys=True), profile.seal) != str(block.get("hash")).lower():
            return f"Its head, block {height}, does not hash to its own name."
    except (BadInput, BrokenEvidence) as error:
        return f"Its head, block {height}, proves nothing: {error.what}"
    return None


@lru_cache(64)  # nodes that agree give the same header, and give it again until the next
def _recomputed(header: str, seal: SealKind) -> str:
    """The block's hash from the header's fields, in this chain's way; where it is sealed, the seals are looked at too."""
    block = json.loads(header)
    match seal:
        case "none":
            return block_hash(block)
        case "ibft":
            return read_seals(block).hash.lower()
        case "qbft":
            return read_qbft_block(block).hash

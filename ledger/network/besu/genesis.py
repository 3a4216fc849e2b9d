"""The genesis of a Besu QBFT network: the same members file gives the same bytes, so that members can compare them.

Keys as in Besu's documentation: genesis items; QBFT; free gas networks ("zeroBaseFee" where London or later is in force).
"""

from __future__ import annotations

import json

from ledger.chain.qbft import MIX_HASH, genesis_extra_data
from ledger.network.besu.network_plan import NetworkPlan

EPOCH_BLOCKS = 30_000
"""After so many blocks, votes that did not come to a majority lapse."""

_ZERO_ADDRESS = "0x" + "00" * 20
_ZERO_HASH = "0x" + "00" * 32


def genesis_json(plan: NetworkPlan) -> bytes:
    """`genesis.json`. London rules, as the ledger's contracts need; gas costs nothing, so nobody is funded."""
    genesis = {
        "config": {
            "chainId": plan.chain_id,
            "berlinBlock": 0,
            "londonBlock": 0,
            "zeroBaseFee": True,
            "contractSizeLimit": plan.contract_size_limit,
            "qbft": {
                "blockperiodseconds": plan.block_period_seconds,
                "requesttimeoutseconds": plan.request_timeout_seconds,
                "epochlength": EPOCH_BLOCKS,
            },
        },
        "nonce": "0x0",
        "timestamp": "0x0",
        "extraData": genesis_extra_data([member.node_address for member in plan.validators]),
        "gasLimit": hex(plan.gas_limit),
        "difficulty": "0x1",
        "mixHash": MIX_HASH,
        "coinbase": _ZERO_ADDRESS,
        "alloc": {},
        "number": "0x0",
        "gasUsed": "0x0",
        "parentHash": _ZERO_HASH,
    }
    return json.dumps(genesis, indent=2).encode() + b"\n"

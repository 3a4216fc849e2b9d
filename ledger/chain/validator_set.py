"""Who the validators of a chain actually are, as its newest header tells: each profile's seal says how to read it."""

from __future__ import annotations

from ledger.chain.client import Client
from ledger.chain.qbft import read_qbft_block
from ledger.chain.seals import read_seals
from ledger.errors import Unavailable


def validators_now(client: Client) -> tuple[str, ...] | None:
    """Their addresses, lower-case 0x hex, in the engine's order; None on a chain whose headers carry no seals.

    Unavailable when the node does not answer; BrokenEvidence when the header's seals do not prove it.
    """
    if client.profile.seal == "none":
        return None
    block = client.request("eth_getBlockByNumber", "latest", False)
    if block is None:
        raise Unavailable(f"The node at {client.url} shows no newest block.")
    return read_qbft_block(block).extra.validators if client.profile.seal == "qbft" else read_seals(block).validators

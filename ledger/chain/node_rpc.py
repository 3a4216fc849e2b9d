"""The way to one node: its address with its credentials, and its refusals as errors of ours."""

from __future__ import annotations

import os

from ledger.chain.contracts import decode_revert
from ledger.chain.credentials import headers_of, variable_of
from ledger.chain.profiles import Profile
from ledger.chain.rpc import Rpc, RpcFault
from ledger.errors import NodeRefused, Reverted


def node_rpc(url: str, profile: Profile, *, position: int = 1, nodes: int = 1) -> Rpc:
    """The way to one node, with its credentials from the environment. BadInput for credentials in the address."""
    variable = variable_of(position, nodes)
    return Rpc(
        url,
        profile.batch_limit,
        who="The chain's node",
        hint="Start it (`suyuan up`, or `python -m ledger.chain.embedded`), or correct rpc_url in config.json.",
        headers=headers_of(url, variable, os.environ),
        credentials_hint=f"Set {variable} in the environment: a token, or USER:PASSWORD, as its operator gave it.",
    )


def refusal_of(fault: RpcFault, method: str) -> NodeRefused | Reverted:
    """A node's error as ours. Nodes tell of a revert with the contract's data, or with code 3 and none."""
    data = fault.data.get("data") if isinstance(fault.data, dict) else fault.data  # Some nodes wrap it once more.
    if isinstance(data, str) and data.startswith("0x"):
        return decode_revert(data)
    if fault.code == 3 or "execution reverted" in fault.message.lower():
        return Reverted(f"The contract refused: {fault.message}", error=None, args={})
    return NodeRefused(f"The node refused {method}: {fault.message}", code=fault.code, message=fault.message)

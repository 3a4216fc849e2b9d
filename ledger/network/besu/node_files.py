"""The files of one member's machine: Besu's configuration, its peers, who is let in, and how the container runs.

Option names as in Besu's own list of every option (its `everything_config.toml`) and its documentation of local permissioning and
static nodes. JSON-RPC listens on the machine's loopback only: the ledger runs beside its node, or comes through a tunnel.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from ledger.network.besu.network_plan import NetworkMember, NetworkPlan

CONFIG, DATA = "/config", "/data"
"""Where the container sees the member's folder, and its own data with the node's key."""

MOST_POOLED = 40_960
"""Transactions in a node's pool; one account may hold all of them, since a sender sends in bursts."""

MOST_LOG_BLOCKS = 5_000
MOST_BATCH = 1_024

_WORDS = {True: "true", False: "false"}

Value = str | int | float | bool | Sequence[str]


def node_files(plan: NetworkPlan, member: NetworkMember) -> dict[str, str]:
    """By file name, beside `genesis.json`."""
    files = {
        "config.toml": _toml(_options(plan, member), f"Besu's configuration for {member.slug} ({member.name})."),
        "static-nodes.json": json.dumps([peer.enode for peer in plan.members if peer is not member], indent=2) + "\n",
        "nodes_permissions.toml": _toml(
            {"nodes-allowlist": [each.enode for each in plan.members]}, "Nodes that this one talks to."
        ),
        "compose.yaml": _compose(plan, member),
    }
    if plan.all_senders:
        files["accounts_permissions.toml"] = _toml(
            {"accounts-allowlist": list(dict.fromkeys(plan.all_senders))},
            "Accounts whose transactions this node takes.",
        )
    return files


def _options(plan: NetworkPlan, member: NetworkMember) -> dict[str, Value]:
    options: dict[str, Value] = {
        "identity": member.slug,
        "data-path": DATA,
        "node-private-key-file": f"{DATA}/key",
        "genesis-file": f"{CONFIG}/genesis.json",
        "sync-mode": "FULL",
        "data-storage-format": "FOREST",  # keeps old states: a refused transaction is explained by running it again
        # Peers: those that are listed, and nobody else.
        "p2p-host": member.host,
        "p2p-port": member.p2p_port,
        "nat-method": "NONE",
        "discovery-enabled": False,
        "static-nodes-file": f"{CONFIG}/static-nodes.json",
        "permissions-nodes-config-file-enabled": True,
        "permissions-nodes-config-file": f"{CONFIG}/nodes_permissions.toml",
        # Gas costs nothing, as the genesis says with zeroBaseFee.
        "min-gas-price": 0,
        "tx-pool": "sequenced",
        "tx-pool-max-size": MOST_POOLED,
        "tx-pool-limit-by-account-percentage": 1.0,
        "tx-pool-no-local-priority": True,
        "rpc-http-enabled": True,
        "rpc-http-host": "127.0.0.1",
        "rpc-http-port": member.rpc_port,
        "rpc-http-api": ["ETH", "NET", "WEB3", "QBFT", "TXPOOL", "ADMIN", "PERM"],
        "rpc-http-max-batch-size": MOST_BATCH,
        "rpc-max-logs-range": MOST_LOG_BLOCKS,
        "host-allowlist": ["localhost", "127.0.0.1"],
        "rpc-ws-enabled": True,
        "rpc-ws-host": "127.0.0.1",
        "rpc-ws-port": member.rpc_port + 2,
        "rpc-ws-api": ["ETH", "NET"],
    }
    if plan.all_senders:
        options["permissions-accounts-config-file-enabled"] = True
        options["permissions-accounts-config-file"] = f"{CONFIG}/accounts_permissions.toml"
    return options


def _compose(plan: NetworkPlan, member: NetworkMember) -> str:
    """For this machine alone. On the host's network: permissioning compares the addresses from which peers come, and a
    container's bridge would hide them."""
    return f"""\
# Besu of {member.slug}, on its own machine: docker compose up -d
services:
  besu:
    image: {json.dumps(plan.image)}
    user: "${{BESU_UID:-1000}}"
    command: ["--config-file={CONFIG}/config.toml"]
    network_mode: host
    restart: unless-stopped
    stop_grace_period: 60s
    volumes:
      - ./:{CONFIG}:ro
      - ./data:{DATA}
"""


def _toml(options: dict[str, Value], heading: str) -> str:
    """TOML 1.0; a JSON string in ASCII is a TOML basic string."""
    lines = [f"{name} = {_value(value)}" for name, value in options.items()]
    return "\n".join([f"# {heading}", *lines, ""])


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value)
    return "[" + "".join(f"\n  {json.dumps(each)}," for each in value) + ("\n]" if value else "]")

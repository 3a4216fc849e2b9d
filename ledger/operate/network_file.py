"""The network file (JSON): what a member's home needs to know of the chain that it lives on, and of the ledger there.

    {"profile": "qbft", "chain_id": 7720, "genesis": "0x…", "rpc_urls": ["http://127.0.0.1:8545"], "deployment": {…}}

Before the founding there is no `deployment`: members make their keys with such a file already. `suyuan network check` writes
one, and the founder's home adds the deployment. It holds no secret.
"""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ledger.chain.profiles import profile_named
from ledger.errors import BadInput
from ledger.store.atomic import write_atomically

NAME = "network.json"
"""In a home: what the founder hands out."""


@dataclass(frozen=True)
class NetworkFile:
    """`rpc_urls`: nodes, the first of them this member's own; `genesis` the hash of block 0, None where nobody said;
    `deployment` as in `deployment.json`."""

    profile: str
    chain_id: int
    rpc_urls: tuple[str, ...]
    genesis: str | None = None
    deployment: dict[str, Any] | None = None

    def save(self, path: Path) -> None:
        document = {name: value for name, value in dataclasses.asdict(self).items() if value is not None}
        write_atomically(path, json.dumps(document, indent=2).encode() + b"\n", mode=0o644)


def read_network_file(path: Path) -> NetworkFile:
    """BadInput, with the place, when it is missing or holds something else."""
    where = str(path)
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput(
            "There is no such network file.",
            where=where,
            hint="The founder hands it out; `suyuan network check RPC… --write FILE` begins one.",
        ) from None
    except json.JSONDecodeError as error:
        raise BadInput(f"The network file is not JSON: {error.msg}.", where=f"{where}:{error.lineno}") from None
    try:
        if not isinstance(raw, dict) or set(raw) - {field.name for field in dataclasses.fields(NetworkFile)}:
            raise ValueError("it has other keys")
        network = NetworkFile(
            profile=profile_named(str(raw["profile"])).name,
            chain_id=_positive(raw["chain_id"]),
            rpc_urls=_urls(raw["rpc_urls"]),
            genesis=_hash(raw.get("genesis")),
            deployment=_deployment(raw.get("deployment")),
        )
    except BadInput as error:
        raise BadInput(error.what, where=where, hint=error.hint) from None
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise BadInput(
            f"The network file is not of its form ({error}).", where=where, hint="Ask the founder for it again."
        ) from None
    if network.deployment is not None and network.deployment.get("chain_id") != network.chain_id:
        raise BadInput("The deployment is for another chain than the network.", where=where, hint="Ask for it again.")
    return network


def _positive(value: Any) -> int:
    if type(value) is not int or value < 1:
        raise ValueError("chain_id is no positive number")
    return value


def _urls(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError("rpc_urls lists no node")
    for url in value:
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise ValueError(f"{url!r} is no address of a node")
    return tuple(value)


def _hash(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not re.fullmatch(r"0x[0-9a-f]{64}", value):
        raise ValueError("genesis is no block hash")
    return value


def _deployment(value: Any) -> dict[str, Any] | None:
    if value is not None and not isinstance(value, dict):
        raise ValueError("deployment is no object")
    return value

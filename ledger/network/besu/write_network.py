"""Writes a network's folder: the genesis, a README, and for each member the folder that goes to its machine."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ledger.errors import Conflict
from ledger.network.besu.genesis import genesis_json
from ledger.network.besu.network_plan import NetworkPlan
from ledger.network.besu.node_files import node_files
from ledger.network.besu.readme import readme
from ledger.store.atomic import write_atomically


@dataclass(frozen=True)
class WrittenNetwork:
    """`genesis_sha256` is what members compare; `files` counts what was written."""

    folder: Path
    genesis_sha256: str
    validators: int
    tolerated: int
    files: int


def write_network(plan: NetworkPlan, folder: Path) -> WrittenNetwork:
    """A repeat writes the same. Conflict when the folder holds another network's genesis; nothing is written then."""
    genesis = genesis_json(plan)
    digest = hashlib.sha256(genesis).hexdigest()
    standing = folder / "genesis.json"
    if standing.exists() and standing.read_bytes() != genesis:
        raise Conflict(
            "This folder holds the genesis of another network, or of other members.",
            where=str(standing),
            hint="Write into an empty folder. A network that runs is changed by votes, never by a new genesis.",
        )
    files = {folder / "README.md": readme(plan, digest)}
    for member in plan.members:
        for name, text in node_files(plan, member).items():
            files[folder / member.slug / name] = text
        files[folder / member.slug / "genesis.json"] = genesis.decode()
    for path, text in files.items():
        write_atomically(path, text.encode(), mode=0o644)
    write_atomically(standing, genesis, mode=0o644)  # last: a folder with it is whole
    return WrittenNetwork(folder, digest, len(plan.validators), plan.tolerated, len(files) + 1)

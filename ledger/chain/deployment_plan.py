"""The plan of a deployment: what decides the contracts' addresses and code, written down before anything is sent."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_utils.address import to_canonical_address, to_checksum_address
from eth_utils.crypto import keccak
from rlp import encode as rlp_encode

from ledger.chain.artifact import CONTRACTS, bytecode
from ledger.chain.client import Client
from ledger.chain.constitution import Constitution
from ledger.chain.contracts import Deployment, encode_constructor
from ledger.chain.directory import directory_name, find_ledger
from ledger.chain.profiles import Profile
from ledger.config import Home
from ledger.errors import Conflict
from ledger.store.atomic import write_atomically


@dataclass(frozen=True)
class Plan:
    """`genesis` tells one chain from another with the same id. `first_nonce` of the founder decides all addresses."""

    chain_id: int
    genesis: str
    founder: str
    first_nonce: int
    first_block: int
    constitution: Constitution

    def deployment(self) -> Deployment:
        """Where the contracts come to stand (CREATE)."""
        addresses = {name: _created(self.founder, self.nonce_of(name)) for name in CONTRACTS}
        return Deployment(self.chain_id, self.first_block, addresses, self.genesis)

    def nonce_of(self, contract: str) -> int:
        return self.first_nonce + CONTRACTS.index(contract)

    def creation_code(self, contract: str) -> bytes:
        """The same bytes each time, so that a repeat is the same transaction."""
        return bytecode(contract) + encode_constructor(contract, self._constructor_args(contract))

    def _constructor_args(self, contract: str) -> list[Any]:
        at = self.deployment().addresses
        members = at["Members"]
        match contract:
            case "Members":
                return [self.founder]
            case "Council":
                return [members, self.constitution]
            case "Credit":  # What it admits first is created after it; the addresses are known before.
                return [members, at["Escrow"], at["Campaigns"]]
            case "Tiers":
                return [at["Rules"], at["Credit"]]
            case "Escrow":
                return [members, at["Rules"], at["Credit"], at["Tiers"], at["Campaigns"]]
            case "Campaigns":
                return [members, at["Credit"], at["Escrow"]]
            case "Directory":  # the last one: it names itself, and all others stand
                others = [name for name in CONTRACTS if name != "Directory"]
                return [members, self.first_block, [directory_name(name) for name in others], [at[n] for n in others]]
        return [members]


def load_or_make_plan(client: Client, profile: Profile, founder: str, constitution: Constitution, home: Home) -> Plan:
    """The plan of an earlier run on this same chain, else a new one, written down.

    Conflict when somebody else founded a ledger on this chain already.
    """
    file = home.path / "deployment.plan.json"
    chain_id, genesis = client.chain_id(), client.by_quorum().block(0).hash
    earlier = _earlier_plan(file)
    if earlier and (earlier.chain_id, earlier.genesis, earlier.founder) == (chain_id, genesis, founder):
        return earlier
    found = find_ledger(client, profile)
    if found:
        directory, block = found
        raise Conflict(
            f"Another home founded a ledger on chain {chain_id} already, in block {block}: its Directory stands at "
            f"{directory}.",
            where=client.url,
            hint="To belong to that ledger, join it with the address of its Directory. A ledger of your own needs a "
            "chain of its own.",
            directory=directory,
            block=block,
        )
    plan = Plan(chain_id, genesis, founder, client.nonce(founder), client.head().number + 1, constitution)
    write_atomically(file, json.dumps(dataclasses.asdict(plan), indent=2).encode() + b"\n", mode=0o644)
    return plan


def _earlier_plan(file: Path) -> Plan | None:
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
        return Plan(**{**raw, "constitution": Constitution(**raw["constitution"])})
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None


def _created(account: str, nonce: int) -> str:
    """keccak256(rlp([account, nonce])), the last 20 bytes (Yellow Paper, section 7)."""
    return str(to_checksum_address(keccak(rlp_encode([to_canonical_address(account), nonce]))[12:]))

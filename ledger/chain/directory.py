"""The Directory on chain: whoever knows its address knows where all contracts of the ledger stand, and stood before.

Contracts are replaced, not upgraded (contracts/README.md). `follow_directory` brings a home's deployment.json up to
date; `find_ledger` tells whether somebody founded a ledger on a chain already.
"""

from __future__ import annotations

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from ledger.chain.artifact import CONTRACTS
from ledger.chain.client import Client
from ledger.chain.contracts import Deployment
from ledger.chain.deployed_code import require_own_code
from ledger.chain.profiles import Profile
from ledger.config import Home
from ledger.errors import BadInput, NotFound

CONTRACT_POINTED = "0x" + keccak(text="ContractPointed(bytes32,address,address)").hex()


def directory_name(contract: str) -> bytes:
    """A contract's name as the Directory has it: ASCII, zeros on the right to 32 bytes."""
    return contract.encode("ascii").ljust(32, b"\0")


def read_directory(client: Client, directory: str) -> Deployment:
    """The whole deployment, from the address of its Directory. BadInput when no Directory of a ledger stands there.

    NotFound when it does not tell of a contract that this version of the software needs.
    """
    genesis = client.block(0).hash
    at = Deployment(client.chain_id(), 0, {"Directory": to_checksum_address(directory)}, genesis)
    if not client.code(directory):
        raise BadInput(
            f"At {directory} stands no contract on chain {at.chain_id}.",
            hint="Ask a member of that ledger for the address of its Directory, and check which chain the node serves.",
        )
    first_block = int(client.call(at, "Directory", "firstBlock"))
    addresses: dict[str, str] = {}
    former: dict[str, tuple[str, ...]] = {}
    for name in CONTRACTS:
        newest_first = list(dict.fromkeys(reversed(client.call(at, "Directory", "all", directory_name(name)))))
        if not newest_first:
            raise NotFound(
                f"The Directory at {directory} names no {name}.",
                hint="Install the version of the software that its members run.",
            )
        addresses[name] = newest_first[0]
        if len(newest_first) > 1:
            former[name] = tuple(newest_first[1:])
    return Deployment(at.chain_id, first_block, addresses, genesis, former)


def follow_directory(client: Client, deployment: Deployment, home: Home) -> Deployment:
    """The deployment as the Directory has it now, written to the home where it is another than `deployment`.

    Conflict when a contract of now is none that this version of the software knows: nothing is written then.
    """
    now = read_directory(client, deployment.address("Directory"))
    if (now.addresses, now.former) == (deployment.addresses, deployment.former):
        return deployment
    require_own_code(client, now)
    now.save(home)
    return now


def find_ledger(client: Client, profile: Profile) -> tuple[str, int] | None:
    """The first Directory that was deployed to this chain, with its block; None where there is none."""
    wanted = [CONTRACT_POINTED, "0x" + directory_name("Directory").hex()]
    head, span = client.head().number, profile.log_range
    for first in range(0, head + 1, span):
        span_filter = {"fromBlock": hex(first), "toBlock": hex(min(first + span - 1, head)), "topics": wanted}
        for log in client.request("eth_getLogs", span_filter):
            return to_checksum_address(log["address"]), int(log["blockNumber"], 16)
    return None

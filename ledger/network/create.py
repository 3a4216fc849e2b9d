"""Makes a network: each node's keys, the genesis that names the validators, and the folder that holds it all."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ledger.chain.seals import tolerated
from ledger.errors import BadInput, Conflict, Unavailable
from ledger.network.engine import engine_name
from ledger.network.layout import Network, Node, digest_of
from ledger.network.ports import free_ports
from ledger.store.atomic import write_atomically

#: Whose validators a new network has, in this order; they hold the council's seats as well.
FOUNDERS = ("platform", "merchant", "farm", "bank")

PREFERRED_RPC, PREFERRED_GRPC, PREFERRED_P2P = 8551, 11_001, 10_001
BLOCK_GAS_LIMIT = 60_000_000
EPOCH_BLOCKS = 1_000
FEWEST, MOST = 1, 16
NOBODY = "0x000000000000000000000000000000000000dEaD"


def create_network(
    binary: Path,
    folder: Path,
    chain_id: int,
    members: Sequence[str],
    *,
    usual_ports: bool = True,
    placed: Callable[[Node], Node] = lambda node: node,
) -> Network:
    """A new network in `folder`, with a validator for each member; on the usual ports if nobody has them, or on any.
    `placed` may move a node to other addresses. Nothing is left behind when it fails.

    BadInput for a number of validators that cannot be, or a member named twice; Conflict where the folder holds something else.
    """
    if not FEWEST <= len(members) <= MOST:
        raise BadInput(f"A network here has {FEWEST} to {MOST} validators, not {len(members)}.")
    twice = [member for member in members if members.count(member) > 1]
    if twice:
        raise BadInput(f"{twice[0]} is named twice.", hint="A member has one validator in a new network.")
    if folder.exists() and any(folder.iterdir()):
        raise Conflict(
            f"{folder} is not empty and holds no network.", hint="Name another folder with --network, or empty it."
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-network-") as made:
        place = Path(made) / "network"
        nodes = [placed(node) for node in make_nodes(binary, place, members, first=1, usual_ports=usual_ports)]
        genesis = make_genesis(binary, place, chain_id, nodes)
        network = Network(place, chain_id, engine_name(), digest_of(genesis), tuple(nodes))
        for node in nodes:
            write_stamp(network, node)
        network.save()
        if folder.exists():
            folder.rmdir()
        shutil.move(place, folder)
    return Network.load(folder)


def make_nodes(
    binary: Path, folder: Path, members: Sequence[str], *, first: int, usual_ports: bool = True
) -> list[Node]:
    """Keys and ports for new nodes, numbered from `first`. The keys stay in each node's own data folder."""
    count = len(members)
    rpc, grpc, p2p = (
        free_ports(count, usual + first - 1 if usual_ports else None)
        for usual in (PREFERRED_RPC, PREFERRED_GRPC, PREFERRED_P2P)
    )
    nodes = []
    for index, member in enumerate(members):
        number = first + index
        (made,) = _asked(
            binary, "secrets", "init", "--insecure", "--bls=false", "--data-dir", str(folder / f"node-{number}")
        )
        nodes.append(Node(number, member, made["address"], made["node_id"], rpc[index], grpc[index], p2p[index]))
    return nodes


def make_genesis(binary: Path, folder: Path, chain_id: int, validators: Sequence[Node]) -> Path:
    """The chain's first block: who the validators are, and whom every node asks for peers first."""
    file = folder / "genesis.json"
    words = ["--consensus", "ibft", "--ibft-validator-type", "ecdsa", "--dir", str(file), "--name", "suyuan"]
    words += ["--chain-id", str(chain_id), "--block-gas-limit", str(BLOCK_GAS_LIMIT), "--block-time", "1s"]
    words += ["--epoch-size", str(EPOCH_BLOCKS)]
    for node in validators:
        words += ["--validators", node.validator, "--bootnode", node.p2p_address]
    words += ["--premine", f"{NOBODY}:0x1"]  # the engine wants one; gas costs nothing here
    _run(binary, "genesis", *words)
    return file


def write_stamp(network: Network, node: Node) -> None:
    """Marks a data folder as this network's."""
    write_atomically(network.stamp(node), f"{network.genesis}\n".encode(), mode=0o644)


def resilience(validators: int) -> str | None:
    """A warning where no validator may fail; None where one may."""
    if tolerated(validators):
        return None
    noun = "validator" if validators == 1 else "validators"
    return f"{validators} {noun} tolerate no failure: when one is down, no block is made. Four tolerate one, seven two."


def _asked(binary: Path, *words: str) -> list[dict[str, Any]]:
    answer = json.loads(_run(binary, *words, "--json"))
    return answer if isinstance(answer, list) else [answer]


def _run(binary: Path, *words: str) -> str:
    said = subprocess.run([str(binary), *words], capture_output=True, text=True, check=False)
    if said.returncode:
        raise Unavailable(f"The engine refused `{words[0]}`: {said.stderr.strip() or said.stdout.strip()}")
    return said.stdout

"""The network as a whole: brought up with its ledger, pulled down."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ledger.chain.profiles import IBFT
from ledger.config import Settings
from ledger.errors import Conflict
from ledger.network.create import create_network, resilience
from ledger.network.engine import engine
from ledger.network.layout import Network, is_network
from ledger.network.node_process import start_nodes, stop_node
from ledger.network.ports import free_ports
from ledger.operate.development import create_home, development_settings
from ledger.operate.founding_validators import note_founding_validators
from ledger.operate.serve import WRITING, serving

Told = Callable[[str], None]

DEFAULT_CHAIN_ID = 7711


def bring_up(
    folder: Path,
    chain_id: int | None,
    members: Sequence[str],
    told: Told,
    *,
    api_port: int | None = None,
) -> Network:
    """Builds, makes and starts what is not there yet, and brings the ledger onto it; a repeat changes nothing. Without an
    `api_port` nothing is put on a usual port: several networks may be brought up at once.

    Conflict for a folder whose network has another chain id.
    """
    binary = engine(told)
    with locked(folder):
        if is_network(folder):
            network = Network.load(folder)
            if chain_id is not None and chain_id != network.chain_id:
                raise Conflict(
                    f"The network in {folder} has chain id {network.chain_id}, not {chain_id}.",
                    hint="Name another folder with --network for another network.",
                )
        else:
            network = create_network(
                binary, folder, chain_id or DEFAULT_CHAIN_ID, members, usual_ports=api_port is not None
            )
            told(f"A new network in {folder}: chain {network.chain_id}, {len(members)} validators.")
        warning = resilience(len(network.nodes))
        if warning:
            told(f"WARNING: {warning}")
        for node in start_nodes(network, network.nodes, binary):
            told(f"Node {node.number} ({node.member}) started: {node.rpc_url}, log {network.log(node)}.")
        found_ledger(network, api_port)
    return network


def found_ledger(network: Network, api_port: int | None = None) -> None:
    """A development home on this network, with the contracts deployed and the members admitted."""
    if not network.home.config_file.exists():
        signer_url, api_url = (f"http://127.0.0.1:{port}" for port in free_ports(2))
        if api_port is not None:
            usual = development_settings(api_port)
            signer_url, api_url = usual.signer_url, usual.api_url
        settings = Settings(
            profile=IBFT.name,
            chain_id=network.chain_id,
            rpc_url=network.nodes[0].rpc_url,
            rpc_urls=tuple(node.rpc_url for node in network.nodes),
            signer_url=signer_url,
            api_url=api_url,
            development=True,
        )
        create_home(network.home, settings)
        note_founding_validators(network.home, {node.member: node.validator for node in network.nodes})
    with serving(network.home, WRITING):
        pass  # serving brings the ledger up, and that is all


def pull_down(network: Network, told: Told) -> int:
    """Stops every node; how many ran."""
    stopped = 0
    for node in network.nodes:
        if stop_node(network, node):
            stopped += 1
            told(f"Node {node.number} ({node.member}) stopped.")
    return stopped


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One command at a time changes a network; another waits."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f".{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

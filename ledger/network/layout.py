"""A network's folder: `network.json`, the genesis, and for each node its data, its log and its pid file.

    NETWORK/network.json  genesis.json  node-1/ … node-4/  logs/node-1.log …  run/node-1.pid …  home/

`home/` is a development home whose ledger lives on this network.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ledger.config import Home
from ledger.errors import BadInput, BrokenEvidence, NotFound
from ledger.store.atomic import write_atomically

DEFAULT_FOLDER = Path(".suyuan-network")
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Node:
    """One member's node. `validator`: the address of the key with which it would seal; `peer_id`: its name among peers."""

    number: int
    member: str
    validator: str
    peer_id: str
    rpc_port: int
    grpc_port: int
    p2p_port: int
    rpc_host: str = LOOPBACK
    p2p_host: str = LOOPBACK

    @property
    def name(self) -> str:
        return f"node-{self.number}"

    @property
    def rpc_url(self) -> str:
        return f"http://{self.rpc_host}:{self.rpc_port}"

    @property
    def p2p_address(self) -> str:
        """As a libp2p multiaddress."""
        return f"/ip4/{self.p2p_host}/tcp/{self.p2p_port}/p2p/{self.peer_id}"


@dataclass(frozen=True)
class Network:
    """What `network.json` holds. `genesis` is the SHA-256 of genesis.json: a data folder carries the same."""

    folder: Path
    chain_id: int
    engine: str
    genesis: str
    nodes: tuple[Node, ...]

    @property
    def genesis_file(self) -> Path:
        return self.folder / "genesis.json"

    @property
    def home(self) -> Home:
        return Home(self.folder / "home")

    def data(self, node: Node) -> Path:
        return self.folder / node.name

    def log(self, node: Node) -> Path:
        return self.folder / "logs" / f"{node.name}.log"

    def pid_file(self, node: Node) -> Path:
        return self.folder / "run" / f"{node.name}.pid"

    def stamp(self, node: Node) -> Path:
        """Says of a data folder which network it belongs to."""
        return self.data(node) / "network"

    def node(self, number: int) -> Node:
        """NotFound for a number that no node has."""
        for node in self.nodes:
            if node.number == number:
                return node
        raise NotFound(
            f"The network has no node {number}.",
            where=str(self.folder),
            hint=f"Its nodes are {', '.join(str(node.number) for node in self.nodes)}.",
        )

    def with_node(self, node: Node) -> Network:
        return dataclasses.replace(self, nodes=(*self.nodes, node))

    def save(self) -> None:
        content = {
            "chain_id": self.chain_id,
            "engine": self.engine,
            "genesis": self.genesis,
            "nodes": [dataclasses.asdict(node) for node in self.nodes],
        }
        write_atomically(_config(self.folder), json.dumps(content, indent=2).encode() + b"\n", mode=0o644)

    @staticmethod
    def load(folder: Path) -> Network:
        """NotFound where there is none; BadInput for a folder that is something else; BrokenEvidence for another genesis."""
        try:
            raw = json.loads(_config(folder).read_text(encoding="utf-8"))
            nodes = tuple(Node(**node) for node in raw.pop("nodes"))
            network = Network(folder.resolve(), nodes=nodes, **raw)
        except FileNotFoundError:
            raise NotFound(
                f"There is no network in {folder}.",
                hint="Start one with `suyuan network up`, or name its folder with --network.",
            ) from None
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BadInput(
                f"The network's description cannot be read: {error}.",
                where=str(_config(folder)),
                hint="Bring the file back, or start a new network in another folder.",
            ) from None
        if digest_of(network.genesis_file) != network.genesis:
            raise BrokenEvidence(
                "The genesis is not the one that this network began with.",
                where=str(network.genesis_file),
                hint="Bring the file back: with another genesis the nodes would be another network's.",
            )
        _require_one_key_each(network.nodes, folder)
        return network


def folder_from(option: Path | None) -> Path:
    """`--network`, else `SUYUAN_NETWORK`, else `.suyuan-network`."""
    return Path(option or os.environ.get("SUYUAN_NETWORK") or DEFAULT_FOLDER)


def is_network(folder: Path) -> bool:
    return _config(folder).exists()


def digest_of(file: Path) -> str:
    """SHA-256 in hex; empty for a file that is not there."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""


def _require_one_key_each(nodes: Sequence[Node], folder: Path) -> None:
    """Two nodes with one key would seal two blocks of one height: the others could not tell which is the member's."""
    seen: dict[str, Node] = {}
    for node in nodes:
        other = seen.setdefault(node.validator.lower(), node)
        if other is not node:
            raise BadInput(
                f"Nodes {other.number} and {node.number} have the same validator key, {node.validator}.",
                where=str(_config(folder)),
                hint="Give each node a key of its own: one key on two machines seals contradicting blocks.",
            )


def _config(folder: Path) -> Path:
    return folder / "network.json"

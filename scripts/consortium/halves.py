"""A network in two halves that a cable joins: nodes 1 and 2 in one network namespace, 3 and 4 in another, on this one machine.

    this machine ── veth ── [half a: nodes 1, 2] ══ the cable (veth) ══ [half b: nodes 3, 4] ── veth ── this machine

Nodes hear one another over the cable alone; the home reaches each half's JSON-RPC by a way of its own. Needs Linux and root.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ledger.network.create import FOUNDERS, create_network
from ledger.network.layout import Network, Node
from ledger.network.node_process import start_nodes, stop_node
from ledger.network.operate import DEFAULT_CHAIN_ID


class NoNamespaces(Exception):
    """This machine makes none; the reason."""


class Halves:
    """The namespaces and the cable. `cut` and `join` are what a digger and an electrician do."""

    def __init__(self) -> None:
        self._tag = f"sy{os.getpid() % 100_000}"
        self.spaces = (f"{self._tag}a", f"{self._tag}b")

    def half_of(self, node: Node) -> int:
        return 0 if node.number <= 2 else 1

    def placed(self, node: Node) -> Node:
        half = self.half_of(node)
        return replace(node, rpc_host=f"10.78.{half + 1}.2", p2p_host=f"10.77.0.{half + 1}")

    def command(self, node: Node) -> Sequence[str]:
        """What a node is started with to live in its half."""
        return ["ip", "netns", "exec", self.spaces[self.half_of(node)]]

    def make(self) -> None:
        """NoNamespaces where the machine refuses."""
        for half, space in enumerate(self.spaces):
            _ip("netns", "add", space)
            outside, inside = f"{space}o", f"{space}i"
            _ip("link", "add", outside, "type", "veth", "peer", "name", inside)
            _ip("link", "set", inside, "netns", space)
            _ip("addr", "add", f"10.78.{half + 1}.1/30", "dev", outside)
            _ip("link", "set", outside, "up")
            _ip("-n", space, "addr", "add", f"10.78.{half + 1}.2/30", "dev", inside)
            _ip("-n", space, "link", "set", inside, "up")
            _ip("-n", space, "link", "set", "lo", "up")
        a, b = self.spaces
        _ip("link", "add", f"{a}c", "type", "veth", "peer", "name", f"{b}c")
        for half, space in enumerate(self.spaces):
            _ip("link", "set", f"{space}c", "netns", space)
            _ip("-n", space, "addr", "add", f"10.77.0.{half + 1}/24", "dev", f"{space}c")
        self.join()

    def cut(self) -> None:
        _ip("-n", self.spaces[0], "link", "set", f"{self.spaces[0]}c", "down")

    def join(self) -> None:
        for space in self.spaces:
            _ip("-n", space, "link", "set", f"{space}c", "up")

    def remove(self) -> None:
        """Links go with their namespaces."""
        for space in self.spaces:
            subprocess.run(["ip", "netns", "del", space], capture_output=True, check=False)
            subprocess.run(["ip", "link", "del", f"{space}o"], capture_output=True, check=False)


@contextmanager
def a_network_in_halves(binary: Path, folder: Path) -> Iterator[tuple[Network, Halves]]:
    """Started and joined; stopped and removed in the end."""
    halves = Halves()
    try:
        halves.make()
        network = create_network(binary, folder, DEFAULT_CHAIN_ID, FOUNDERS, usual_ports=False, placed=halves.placed)
        try:
            start_nodes(network, network.nodes, binary, halves.command)
            yield network, halves
        finally:
            for node in network.nodes:
                stop_node(network, node)
    finally:
        halves.remove()


def _ip(*words: str) -> None:
    try:
        said = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise NoNamespaces("this machine has no `ip`") from None
    if said.returncode:
        raise NoNamespaces(f"`ip {' '.join(words)}` was refused: {said.stderr.strip()}")

"""A member joins a network with a node of its own: first as a peer that follows, then, once it is wanted and voted in, as a validator."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from ledger.chain.client import Client
from ledger.chain.validator_set import validators_now
from ledger.errors import Conflict, SuyuanError, Unavailable
from ledger.network.create import make_nodes, write_stamp
from ledger.network.layout import Network, Node
from ledger.network.look import look_at
from ledger.network.node_process import condition, start_nodes
from ledger.network.votes import Change, cast, changes

CATCH_UP_SECONDS = 180.0
VOTED_IN_SECONDS = 180.0  # each validator must have had a turn, and a dead one's turns cost 11 s


def joined_node(network: Network, member: str, binary: Path) -> tuple[Network, Node, bool]:
    """The member's node, made with keys of its own if it has none; whether it is new. Conflict when it has one already that
    was there from the beginning."""
    for node in network.nodes:
        if node.member == member:
            return network, node, False
    number = max(node.number for node in network.nodes) + 1
    if network.data(_numbered(number, member)).exists():
        raise Conflict(
            f"There is a data folder of a node {number} that the network does not know.",
            where=str(network.folder / f"node-{number}"),
            hint="Move it away: a key must not come to be used twice.",
        )
    (node,) = make_nodes(binary, network.folder, [member], first=number)
    write_stamp(network, node)
    larger = network.with_node(node)
    larger.save()
    return Network.load(network.folder), node, True


def follow_along(network: Network, node: Node, binary: Path) -> bool:
    """Starts the node and waits until it stands where the others do; whether it was started. Unavailable when it does not."""
    started = bool(start_nodes(network, [node], binary))

    def caught_up() -> bool:
        (seen,) = [one for one in look_at(network).nodes if one.number == node.number]
        return seen.lag is not None and seen.lag <= 1 and bool(seen.peers)

    _await(caught_up, CATCH_UP_SECONDS, f"Node {node.number} ({node.member}) has not caught up with the others")
    return started


def vote_for(
    network: Network, client: Client, wanted: list[str], nodes: list[Node], binary: Path
) -> list[tuple[Node, Change, bool]]:
    """Has each of these nodes vote for what would make the wanted set real; whether each vote is new."""
    actual = validators_now(client) or ()
    return [
        (node, change, cast(node, change, binary))
        for change in changes(wanted, actual)
        for node in nodes
        if node.validator.lower() in actual and condition(network, node) == "running"
    ]


def await_set(client: Client, wanted: list[str]) -> None:
    """Until the actual set is the wanted one. Unavailable when too few voted."""

    def agreed() -> bool:
        try:
            return set(validators_now(client) or ()) == {one.lower() for one in wanted}
        except SuyuanError:
            return False  # a node that is being started: asked again

    _await(agreed, VOTED_IN_SECONDS, "The validators have not changed: more than half of them must vote")


def _numbered(number: int, member: str) -> Node:
    return Node(number, member, "", "", 0, 0, 0)


def _await(question: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not question():
        if time.monotonic() > deadline:
            raise Unavailable(f"{what} after {seconds:.0f} s.", hint="See `suyuan network status`.")
        time.sleep(0.5)

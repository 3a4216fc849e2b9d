"""Several nodes as one: what any of them can serve is served, a liar is left out, money is asked of a majority."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from chain_world import CHAIN_ID, World
from embedded_node import until
from misbehaving_node import MisbehavingNode, each

from ledger.chain.client import Client
from ledger.chain.node_health import NodeHealth
from ledger.chain.profiles import EMBEDDED
from ledger.errors import NodeRefused, NotFound, Reverted, Unavailable


@pytest.fixture
def nodes(world: World) -> Iterator[list[MisbehavingNode]]:
    nodes = [MisbehavingNode(world.settings.rpc_url) for _ in range(4)]
    yield nodes
    for node in nodes:
        node.close()


@pytest.fixture
def client(nodes: list[MisbehavingNode]) -> Iterator[Client]:
    client = Client([node.url for node in nodes], EMBEDDED, chain_id=CHAIN_ID)
    yield client
    client.close()


def fork(from_block: int) -> Callable[[Any], Any]:
    """Another history from a block on: its blocks have other hashes."""

    def change(response: dict[str, Any]) -> None:
        block = response.get("result")
        if isinstance(block, dict) and int(block.get("number") or "0x0", 16) >= from_block:
            block["hash"] = "0x" + "ab" * 32

    return each(change)


def ahead(blocks: int) -> Callable[[Any], Any]:
    def change(response: dict[str, Any]) -> None:
        block = response.get("result")
        if isinstance(block, dict) and "parentHash" in block and int(block["number"], 16) > 0:
            block["number"] = hex(int(block["number"], 16) + blocks)

    return each(change)


def health_of(client: Client, node: MisbehavingNode) -> NodeHealth:
    return next(health for health in client.nodes.health() if health.name == node.url)


# --- reads -----------------------------------------------------------------------------------------------------------


def test_where_no_node_answers_each_reason_is_told(nodes: list[MisbehavingNode], client: Client) -> None:
    for node in nodes:
        node.faults = ["429 much later"] * 10_000
    with pytest.raises(Unavailable, match="left alone"):
        client.head()


def test_a_node_that_dies_or_falls_silent_costs_no_request(nodes: list[MisbehavingNode], client: Client) -> None:
    expected = client.blocks(range(5))
    nodes[0].faults = ["reset"] * 10_000
    started = time.monotonic()
    for _ in range(20):
        assert client.blocks(range(5)) == expected
    nodes[1].pause = 30  # paused, as SIGSTOP does it
    assert client.blocks(range(5)) == expected
    assert time.monotonic() - started < 20  # far less than any of them would have waited for the silent one
    assert health_of(client, nodes[0]).state == "down"


def test_refusals_of_contracts_and_nodes_are_answers_and_no_reason_to_ask_elsewhere(
    world: World, nodes: list[MisbehavingNode], client: Client
) -> None:
    with pytest.raises(Reverted, match="belongs to no member"):
        client.call(world.deployment, "Members", "requireAccount", "0x" + "11" * 20)
    with pytest.raises(NodeRefused):
        client.request("eth_nothing")
    with pytest.raises(NotFound, match="has no block"):
        client.block(client.head().number + 1000)
    assert {health.state for health in client.nodes.health()} == {"healthy"}
    assert [node.asked.count("eth_nothing") for node in nodes] == [1, 0, 0, 0]


def test_logs_are_not_read_from_a_node_that_lacks_their_blocks(
    world: World, nodes: list[MisbehavingNode], client: Client
) -> None:
    head = client.head().number
    addresses = list(world.deployment.addresses.values())
    assert len(client.logs(0, head, addresses)) > 0
    with pytest.raises(Unavailable, match="No node has block"):
        client.logs(0, head + 1, addresses)


# --- lies ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lie", "says"),
    [
        (ahead(50), "does not hash to its own name|does not stand on"),
        (fork(3), "does not hash to its own name|does not stand on"),
        (
            each(lambda response: response.update(result="0x1") if response.get("result") == "0x1e1e" else None),
            "serves chain 1,",
        ),
    ],
)
def test_a_node_that_lies_is_left_out_and_named(
    lie: Callable[[Any], Any], says: str, nodes: list[MisbehavingNode], client: Client
) -> None:
    expected = client.head()
    nodes[0].twist = lie
    client.nodes.look()
    liar = health_of(client, nodes[0])
    assert liar.state == "left_out"
    assert re.search(says, liar.sentence), liar.sentence
    assert client.head() == expected
    asked = len(nodes[0].asked)
    client.codes(["0x" + "11" * 20])
    assert "eth_getCode" not in nodes[0].asked[asked:]


def test_a_node_of_another_network_with_the_same_id_is_left_out(world: World, nodes: list[MisbehavingNode]) -> None:
    genesis = world.client.block(0).hash

    def stranger(response: dict[str, Any]) -> None:
        block = response.get("result")
        if isinstance(block, dict) and block.get("number") == "0x0":
            block["hash"] = "0x" + "cd" * 32

    nodes[2].twist = each(stranger)
    client = Client([node.url for node in nodes], EMBEDDED, chain_id=CHAIN_ID, genesis=genesis)
    client.head()
    assert "belongs to another network" in health_of(client, nodes[2]).sentence
    client.close()


def test_a_node_that_is_noticed_is_watched_beside_the_requests(nodes: list[MisbehavingNode], client: Client) -> None:
    client.head()
    nodes[3].twist = fork(2)
    until(lambda: health_of(client, nodes[3]).state == "left_out")


# --- writes ----------------------------------------------------------------------------------------------------------


def test_a_transaction_goes_to_more_than_one_node_and_is_done_once(
    world: World, nodes: list[MisbehavingNode], client: Client
) -> None:
    before = world.client.head().number
    through = replace(world, client=client)
    through.consortium_calls("assignLocation", list(world.marked_args(7100)))
    assert sum("eth_sendRawTransaction" in node.asked for node in nodes) == 3
    assert world.times_done(before + 1) == {7100: 1}


# --- quorum ----------------------------------------------------------------------------------------------------------


def _bribed(response: dict[str, Any]) -> None:
    """Says another sum for every call that returns one word."""
    if isinstance(response.get("result"), str) and len(response["result"]) == 66:
        response["result"] = "0x" + "00" * 31 + "09"


def test_one_node_that_says_another_sum_is_outvoted_and_left_out(
    world: World, nodes: list[MisbehavingNode], client: Client
) -> None:
    nodes[0].twist = each(_bribed)
    right = world.client.call(world.deployment, "Credit", "supplyFen")
    assert client.call(world.deployment, "Credit", "supplyFen") == 9  # nobody but the liar was asked
    assert client.by_quorum().call(world.deployment, "Credit", "supplyFen") == right
    assert "answers eth_call otherwise than" in health_of(client, nodes[0]).sentence
    assert client.call(world.deployment, "Credit", "supplyFen") == right


def test_without_a_majority_nothing_is_said_about_money(
    world: World, nodes: list[MisbehavingNode], client: Client
) -> None:
    client.head()
    for node in nodes[:2]:
        node.twist = each(_bribed)
    with pytest.raises(Unavailable, match="3 must: this decides about money"):
        client.by_quorum().call(world.deployment, "Credit", "supplyFen")
    nodes[0].twist = None
    nodes[1].faults = nodes[2].faults = nodes[3].faults = ["429 much later"] * 1000
    with pytest.raises(Unavailable, match="1 of 4 nodes answer"):
        client.by_quorum().call(world.deployment, "Credit", "supplyFen")


def test_a_quorum_agrees_about_receipts_refusals_and_what_is_not_there(world: World, client: Client) -> None:
    by_quorum = client.by_quorum()
    assert by_quorum.receipts(["0x" + "12" * 32]) == [None]
    with pytest.raises(Reverted, match="belongs to no member"):
        by_quorum.call(world.deployment, "Members", "requireAccount", "0x" + "11" * 20)
    assert by_quorum.head() == world.client.head()
    assert Client(world.settings.rpc_url, EMBEDDED).by_quorum().head() == world.client.head()

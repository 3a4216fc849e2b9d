"""Asking a node that misbehaves: nothing is misread, what may pass is asked again, the rest is told in a sentence."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chain_world import World
from misbehaving_node import FAULTS, MisbehavingNode, basic, each

from ledger.chain import rpc
from ledger.chain.client import Client, RawLog
from ledger.chain.endpoint import shown
from ledger.chain.profiles import EMBEDDED
from ledger.errors import BadInput, NodeRefused, Unavailable

LASTING = [fault for fault in FAULTS if fault not in ("slow drip", "429 much later")]
PASSING = [fault for fault in FAULTS if fault != "429 much later"]


@pytest.fixture
def node(world: World) -> Iterator[MisbehavingNode]:
    node = MisbehavingNode(world.settings.rpc_url)
    yield node
    node.close()


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc, "FIRST_PAUSE", 0.005)


@pytest.fixture
def client(node: MisbehavingNode) -> Client:
    return Client(node.url, EMBEDDED)


@pytest.mark.parametrize("fault", LASTING)
def test_a_node_that_goes_on_misbehaving_is_told_and_not_read(
    fault: str, node: MisbehavingNode, client: Client
) -> None:
    node.faults = [fault] * 20
    with pytest.raises(Unavailable, match=node.url) as refusal:
        client.blocks([0, 1, 2])
    assert not isinstance(refusal.value, NodeRefused)
    assert len(node.happened) == 4


@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_is_not_noticed(fault: str, node: MisbehavingNode, client: Client, world: World) -> None:
    node.faults = [fault]
    assert client.blocks([2, 0, 1]) == world.client.blocks([2, 0, 1])
    assert client.head().number >= 2
    assert node.happened[0] == fault


@pytest.mark.parametrize("seed", range(3))
def test_answers_are_those_of_the_node_whatever_lies_between(
    seed: int, node: MisbehavingNode, client: Client, world: World
) -> None:
    addresses = list(world.deployment.addresses.values())
    expected = world.client.logs(0, 12, addresses), world.client.blocks(range(8)), world.client.codes(addresses)
    node.misbehave(seed, 30)
    while node.faults:
        try:
            answers = client.logs(0, 12, addresses), client.blocks(range(8)), client.codes(addresses)
        except Unavailable:
            continue  # four faults in a row: told, and asked again by whoever asked
        assert answers == expected


def test_a_node_that_wants_to_be_left_alone_for_long_is_told_at_once(node: MisbehavingNode, client: Client) -> None:
    node.faults = ["429 much later"]
    with pytest.raises(Unavailable, match="asks to be left alone for 3600 seconds"):
        client.head()
    assert len(node.happened) == 1


def test_credentials_that_are_missing_or_wrong_are_told_with_the_variable(
    node: MisbehavingNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.token = "Bearer right"
    with pytest.raises(Unavailable, match=r"wants credentials \(HTTP 401\).*SUYUAN_RPC_TOKEN"):
        Client(node.url, EMBEDDED).head()
    monkeypatch.setenv("SUYUAN_RPC_TOKEN", "wrong-and-secret")
    with pytest.raises(Unavailable, match="refuses our credentials") as refusal:
        Client(node.url, EMBEDDED).head()
    assert "wrong-and-secret" not in str(refusal.value)
    monkeypatch.setenv("SUYUAN_RPC_TOKEN", "right")
    assert Client(node.url, EMBEDDED).head().number >= 0
    node.token = basic("operator", "open")
    monkeypatch.setenv("SUYUAN_RPC_TOKEN", "operator:open")
    assert Client(node.url, EMBEDDED).head().number >= 0


def test_credentials_have_no_place_in_an_address_nor_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match=r"config\.json is no place") as refusal:
        Client("https://operator:hush@node.example/v3/key", EMBEDDED)
    assert "hush" not in str(refusal.value)
    assert "key" not in shown("https://node.example/v3/key?token=key")
    monkeypatch.setenv("SUYUAN_RPC_TOKEN", "token")
    with pytest.raises(BadInput, match="in the clear"):
        Client("http://node.example", EMBEDDED)


def test_an_answer_of_another_shape_is_told(node: MisbehavingNode, client: Client) -> None:
    node.twist = each(lambda response: response.update(result=[{"address": 7}]))
    with pytest.raises(Unavailable, match="answered eth_getLogs with something else"):
        client.typed(list[RawLog], "eth_getLogs", {})

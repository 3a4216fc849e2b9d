"""Reading a chain: a node that is away or another one is told, refusals carry the contract's words."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest
from chain_world import World, free_port

from ledger.chain import rpc
from ledger.chain.client import Client
from ledger.chain.profiles import EMBEDDED, PROFILES, profile_named
from ledger.errors import BadInput, NodeRefused, NotFound, Reverted, Unavailable


def test_a_node_that_is_away_is_said() -> None:
    with pytest.raises(Unavailable, match=r"The chain's node at http://127\.0\.0\.1:\d+ does not answer") as refusal:
        Client(f"http://127.0.0.1:{free_port()}", EMBEDDED).head()
    assert "Start it" in str(refusal.value)


@pytest.mark.parametrize("url", ["", "127.0.0.1", "http://", "ftp://127.0.0.1/"])
def test_an_address_that_is_none_is_said(url: str) -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        Client(url, EMBEDDED).head()


@pytest.fixture
def stranger() -> Iterator[str]:
    """Another program on the node's port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>hello</html>")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_another_program_on_the_port_is_said(stranger: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc, "FIRST_PAUSE", 0.01)
    client = Client(stranger, EMBEDDED)
    with pytest.raises(Unavailable, match="does not speak JSON-RPC"):
        client.head()
    with pytest.raises(Unavailable, match="does not speak JSON-RPC"):
        client.logs(0, 1, [])


def test_another_chain_is_refused(world: World) -> None:
    with pytest.raises(BadInput, match="serves chain 7710, and this ledger lives on chain 1"):
        world.client.require_chain(1)
    world.client.require_chain(7710)


def test_a_block_beyond_the_head_is_not_there(world: World) -> None:
    with pytest.raises(NotFound, match="has no block"):
        world.client.block(world.client.head().number + 1000)


def test_a_method_that_the_node_lacks_is_told_in_its_words(world: World) -> None:
    with pytest.raises(NodeRefused, match="The node refused eth_nothing"):
        world.client.request("eth_nothing")


def test_a_contracts_refusal_is_told(world: World) -> None:
    stranger = "0x" + "11" * 20
    with pytest.raises(Reverted, match="belongs to no member") as refusal:
        world.client.call(world.deployment, "Members", "requireRole", stranger, 1)
    assert refusal.value.values == {"error": "NotMember", "args": {"caller": stranger}}


def test_a_profile_that_is_none_names_those_that_are() -> None:
    with pytest.raises(BadInput, match="embedded, anvil, ibft, qbft, finalized"):
        profile_named("mainnet")
    assert [profile_named(name).name for name in PROFILES] == list(PROFILES)


def test_structs_and_several_results_have_their_shapes(world: World) -> None:
    farm = world.client.call(world.deployment, "Members", "get", 1)
    assert farm == {"account": world.accounts["farm"], "roles": 1, "standing": 1}
    version, legs_hash, merchant = world.client.call(world.deployment, "Rules", "inForce", 0)
    assert (version, legs_hash, merchant) == (0, bytes(32), 0)


def test_headers_chain_together(world: World) -> None:
    head = world.client.head()
    one, two = world.client.blocks([head.number - 1, head.number])
    assert (two.parent_hash, two.hash) == (one.hash, head.hash)
    assert one.timestamp <= two.timestamp


def test_logs_are_the_same_in_windows_of_any_size(world: World) -> None:
    addresses = list(world.deployment.addresses.values())
    head = world.client.head().number
    whole = world.client.logs(0, head, addresses)
    assert len(whole) >= 2
    parts = [log for number in range(head + 1) for log in world.client.logs(number, number, addresses)]
    assert parts == whole


def test_many_calls_are_answered_in_their_order(world: World) -> None:
    numbers = [i % (world.client.head().number + 1) for i in range(450)]
    assert [header.number for header in world.client.blocks(numbers)] == numbers


def test_another_network_under_the_same_id_is_refused(world: World) -> None:
    with pytest.raises(BadInput, match="belongs to another network: its chain has the id 7710 too"):
        world.client.require_chain(7710, "0x" + "ab" * 32)
    world.client.require_chain(7710, world.client.block(0).hash)
    assert world.deployment.genesis == world.client.block(0).hash

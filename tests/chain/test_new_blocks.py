"""Waiting for a block ends when a node tells of one, and never later than it was to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator

import pytest
from chain_world import free_port
from websockets.sync.server import Server, ServerConnection, serve

from ledger.chain import new_blocks as module
from ledger.chain.new_blocks import NewBlocks, subscription_url

PATIENCE = 20.0
A_MOMENT = 0.05


class Node:
    """A node that tells of blocks when it is told to."""

    def __init__(self) -> None:
        self.port = free_port()
        self.lines: list[ServerConnection] = []
        self.refuses = False
        self._server: Server | None = None

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    def start(self) -> None:
        self._server = serve(self._serve, "127.0.0.1", self.port)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        for line in self.lines:
            line.close()
        self.lines.clear()
        if self._server is not None:
            self._server.shutdown()

    def tell(self) -> None:
        for line in self.lines:
            line.send(json.dumps({"jsonrpc": "2.0", "method": "eth_subscription", "params": {"result": {}}}))

    def await_line(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self.lines:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def _serve(self, line: ServerConnection) -> None:
        asked = json.loads(line.recv())
        assert (asked["method"], asked["params"]) == ("eth_subscribe", ["newHeads"])
        answer = {"error": {"code": -32601, "message": "no"}} if self.refuses else {"result": "0x1"}
        line.send(json.dumps({"jsonrpc": "2.0", "id": asked["id"], **answer}))
        self.lines.append(line)
        for _ in line:
            pass


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.02)
    node = Node()
    yield node
    node.stop()


@pytest.fixture
def stopping() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def listening(node: Node, stopping: threading.Event) -> NewBlocks:
    """With a line that stands, and all that came before it heard."""
    blocks = NewBlocks([node.url], stopping)
    node.await_line()
    assert not blocks.wait(PATIENCE)
    return blocks


def took(blocks: NewBlocks, seconds: float) -> float:
    began = time.monotonic()
    blocks.wait(seconds)
    return time.monotonic() - began


def test_node_that_is_away_is_waited_out(node: Node, stopping: threading.Event) -> None:
    assert took(NewBlocks([node.url], stopping), A_MOMENT) >= A_MOMENT


def test_node_that_tells_of_nothing_is_waited_out(node: Node, stopping: threading.Event) -> None:
    node.refuses = True
    node.start()
    blocks = NewBlocks([node.url], stopping)
    node.await_line()
    assert took(blocks, A_MOMENT) >= A_MOMENT


def test_without_nodes_that_tell_it_is_a_pause(stopping: threading.Event) -> None:
    assert took(NewBlocks([], stopping), A_MOMENT) >= A_MOMENT


def test_wait_ends_when_a_block_is_told_of(node: Node, stopping: threading.Event) -> None:
    node.start()
    blocks = listening(node, stopping)
    threading.Timer(A_MOMENT, node.tell).start()
    assert took(blocks, PATIENCE) < PATIENCE / 2


def test_block_that_was_told_of_before_the_wait_is_not_missed(node: Node, stopping: threading.Event) -> None:
    node.start()
    blocks = listening(node, stopping)
    node.tell()
    time.sleep(A_MOMENT)
    assert took(blocks, PATIENCE) < PATIENCE / 2
    assert took(blocks, A_MOMENT) >= A_MOMENT  # once


def test_line_that_breaks_is_opened_again(node: Node, stopping: threading.Event) -> None:
    node.start()
    blocks = listening(node, stopping)
    node.stop()
    node.start()
    node.await_line()
    assert took(blocks, PATIENCE) < PATIENCE / 2  # what came meanwhile is looked for at once
    node.tell()
    assert took(blocks, PATIENCE) < PATIENCE / 2


def test_wait_ends_when_it_is_time_to_stop(stopping: threading.Event) -> None:
    threading.Timer(A_MOMENT, stopping.set).start()
    blocks = NewBlocks([], stopping)
    assert blocks.wait(PATIENCE)
    assert blocks.wait(PATIENCE)


def test_subscription_is_at_the_nodes_own_place() -> None:
    assert subscription_url("http://127.0.0.1:8545", "") == "ws://127.0.0.1:8545"
    assert subscription_url("https://node.example", "/ws") == "wss://node.example/ws"
    for url in ("https://node.example/v3/key", "https://node.example/?key=1", "https://me:secret@node.example"):
        assert subscription_url(url, "/ws") is None
    assert subscription_url("http://127.0.0.1:8545", None) is None

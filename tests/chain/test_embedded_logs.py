"""What a filter of logs means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from embedded_node import RECORDER, RICH, Node, RpcError, word

AA = "0x" + word(0xAA).hex()


def topic(value: int) -> str:
    return "0x" + word(value).hex()


@dataclass
class Written:
    """Two contracts that wrote logs (w0, w1, 0xaa), one a block: first (1,1) (1,2) (2,1), second (1,1)."""

    node: Node
    first: str
    second: str
    receipts: list[dict[str, Any]]

    def found(self, **wanted: Any) -> list[int]:
        """Which of the four logs an answer holds."""
        places = [receipt["transactionHash"] for receipt in self.receipts]
        return [
            places.index(log["transactionHash"])
            for log in self.node.rpc("eth_getLogs", {"fromBlock": "earliest", **wanted})
        ]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    node = Node(tmp_path_factory.mktemp("logs") / "chain.sqlite", "--instant")
    first, second = node.deploy(RECORDER), node.deploy(RECORDER)
    receipts = [
        node.execute(RICH[0], to=to, data=word(w0) + word(w1))
        for to, w0, w1 in [(first, 1, 1), (first, 1, 2), (first, 2, 1), (second, 1, 1)]
    ]
    yield Written(node, first, second, receipts)
    node.kill()


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"fromBlock": "0x3", "toBlock": "0x2"}, "invalid block range"),
        ({"blockHash": "0x" + "ab" * 32}, "unknown block"),
        ({"blockHash": "0x" + "ab" * 32, "fromBlock": "0x1"}, "cannot specify both"),
        ({"topics": [None] * 5}, "exceed max topics"),
        ({"topics": ["0x12"]}, "invalid argument topic"),
        ({"address": "0x12"}, "invalid argument address"),
        (None, "missing value"),
        ([], "filter object"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(written: Written, wanted: Any, words: str) -> None:
    with pytest.raises(RpcError, match=words):
        written.node.rpc("eth_getLogs", wanted)


def test_topics_match_by_position_with_or_and_anything(written: Written) -> None:
    assert written.found() == [0, 1, 2, 3]
    assert written.found(topics=[]) == [0, 1, 2, 3]
    assert written.found(topics=[topic(1)]) == [0, 1, 3]
    assert written.found(topics=[None, topic(1)]) == [0, 2, 3]
    assert written.found(topics=[topic(1), topic(2)]) == [1]
    assert written.found(topics=[[topic(1), topic(2)], topic(1)]) == [0, 2, 3]
    assert written.found(topics=[None, None, AA]) == [0, 1, 2, 3]
    assert written.found(topics=[AA]) == []
    assert written.found(topics=[[], [topic(2), None]]) == [0, 1, 2, 3]


def test_a_log_with_fewer_topics_than_the_filter_never_matches(written: Written) -> None:
    assert written.found(topics=[None, None, None]) == [0, 1, 2, 3]
    assert written.found(topics=[None, None, None, None]) == []


def test_addresses_are_one_or_several(written: Written) -> None:
    assert written.found(address=written.second) == [3]
    assert written.found(address=[written.first, written.second], topics=[topic(1)]) == [0, 1, 3]
    assert written.found(address=[]) == [0, 1, 2, 3]
    assert written.found(address="0x" + "00" * 20) == []


def test_a_range_is_inclusive_and_ends_at_the_head(written: Written) -> None:
    numbers = [receipt["blockNumber"] for receipt in written.receipts]
    assert written.found(fromBlock=numbers[1], toBlock=numbers[2]) == [1, 2]
    assert written.found(fromBlock=numbers[3], toBlock="0xffffff") == [3]
    assert written.found(fromBlock="0xfffff0", toBlock="0xffffff") == []
    assert written.found(fromBlock="latest") == [3]
    assert written.node.rpc("eth_getLogs", {}) == written.receipts[3]["logs"]
    assert (
        written.node.rpc("eth_getLogs", {"blockHash": written.receipts[2]["blockHash"]}) == written.receipts[2]["logs"]
    )


def test_a_log_says_what_and_where(written: Written) -> None:
    receipt = written.receipts[1]
    (log,) = receipt["logs"]
    assert log["address"] == written.first
    assert log["topics"] == [topic(1), topic(2), AA]
    assert log["data"] == "0x" + (word(1) + word(2)).hex()
    assert (log["blockHash"], log["blockNumber"]) == (receipt["blockHash"], receipt["blockNumber"])
    assert (log["logIndex"], log["removed"]) == ("0x0", False)
    block = written.node.rpc("eth_getBlockByHash", log["blockHash"], False)
    assert log["blockTimestamp"] == block["timestamp"]
    assert int(block["logsBloom"], 16) & int(receipt["logsBloom"], 16) == int(receipt["logsBloom"], 16) != 0


def test_a_polled_filter_tells_each_thing_once(written: Written) -> None:
    node = written.node
    blocks, logs = (
        node.rpc("eth_newBlockFilter"),
        node.rpc("eth_newFilter", {"address": written.first, "topics": [topic(9)]}),
    )
    assert node.rpc("eth_getFilterChanges", blocks) == node.rpc("eth_getFilterChanges", logs) == []
    other = node.execute(RICH[0], to=written.second, data=word(9) + word(9))
    receipt = node.execute(RICH[0], to=written.first, data=word(9) + word(9))
    assert node.rpc("eth_getFilterChanges", blocks) == [other["blockHash"], receipt["blockHash"]]
    assert node.rpc("eth_getFilterChanges", logs) == receipt["logs"]
    assert node.rpc("eth_getFilterChanges", logs) == []
    assert node.rpc("eth_uninstallFilter", logs) is True
    with pytest.raises(RpcError, match="filter not found"):
        node.rpc("eth_getFilterChanges", logs)
    written.node.execute(RICH[0], value=1)

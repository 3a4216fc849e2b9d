"""The embedded chain answers as any other node does: refusals first, then what it tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from embedded_node import (
    CHAIN_ID,
    CLOCK,
    GWEI,
    POOR,
    RECORDER,
    RECURSER,
    REFUSER,
    RICH,
    WASTER,
    Node,
    RpcError,
    signed,
    word,
)
from eth_abi.abi import encode
from web3.exceptions import ContractCustomError, ContractLogicError

Log = dict[str, Any]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    node = Node(tmp_path_factory.mktemp("chain") / "chain.sqlite", "--instant")
    yield node
    node.kill()


@pytest.fixture(scope="module")
def recorder(node: Node) -> str:
    return node.deploy(RECORDER)


@pytest.fixture(scope="module")
def refuser(node: Node) -> str:
    return node.deploy(REFUSER)


def refusal(node: Node, method: str, *parameters: Any) -> RpcError:
    with pytest.raises(RpcError) as caught:
        node.rpc(method, *parameters)
    return caught.value


# JSON-RPC and HTTP


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", -32700),
        (b"\xff", -32700),
        (b"[" * 100_000, -32700),
        (b"[]", -32600),
        (b"7", -32600),
        (b'{"id":1}', -32600),
        (b'{"id":1,"method":"eth_nothing"}', -32601),
        (b'{"id":1,"method":"eth_getBalance"}', -32602),
        (b'{"id":1,"method":"eth_getBalance","params":{}}', -32602),
        (b'{"id":1,"method":"eth_getBalance","params":["0x12"]}', -32602),
        (b'{"id":1,"method":"eth_getBlockByNumber","params":["newest"]}', -32602),
        (b'{"id":1,"method":"eth_getStorageAt","params":["0x%s","0x1%s"]}' % (b"00" * 20, b"00" * 32), -32602),
    ],
)
def test_what_is_no_call_is_refused_with_its_code(node: Node, body: bytes, code: int) -> None:
    answer = node.http.post("/", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200
    assert answer.json()["error"]["code"] == code


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Host": "suyuan.example"}, b"{}", 403),
        ({"Content-Type": "text/plain"}, b"{}", 415),
        ({}, b" " * 6 * 1024 * 1024, 413),
        ({}, iter([b"{", b"}"]), 411),
    ],
)
def test_a_request_that_no_client_of_ours_sends_is_not_read(
    node: Node, headers: dict[str, str], body: Any, status: int
) -> None:
    sent = {"Content-Type": "application/json", **headers}
    assert httpx.post(node.url, content=body, headers=sent).status_code == status


def test_a_batch_is_answered_in_order_and_a_failure_spoils_none(node: Node) -> None:
    calls = [
        {"jsonrpc": "2.0", "id": name, "method": method}
        for name, method in [("a", "eth_chainId"), ("b", "nothing"), ("c", "net_version")]
    ]
    notification = {"jsonrpc": "2.0", "method": "eth_chainId"}
    answers = node.http.post("/", json=[*calls, notification]).json()
    assert [(one["id"], one.get("result")) for one in answers] == [
        ("a", hex(CHAIN_ID)),
        ("b", None),
        ("c", str(CHAIN_ID)),
    ]


def test_it_says_what_it_is(node: Node) -> None:
    assert "py-evm" in node.web3.client_version
    assert node.web3.net.listening
    assert node.web3.eth.syncing is False
    assert list(node.web3.eth.accounts) == []
    assert node.web3.eth.chain_id == CHAIN_ID


# Sending


def test_a_transaction_that_cannot_be_is_refused_with_the_words_of_geth(node: Node) -> None:
    nonce = node.nonce(RICH[0])
    beyond = {"nonce": nonce, "gas": 21_000}
    for raw, words in [
        (signed(RICH[0], nonce=nonce, chainId=1), "invalid chain id"),
        (signed(POOR, nonce=0), "insufficient funds for gas * price + value"),
        (signed(RICH[0], nonce=nonce, gasPrice=0), "max fee per gas less than block base fee"),
        (signed(RICH[0], nonce=nonce, gas=20_000), "intrinsic gas too low"),
        (signed(RICH[0], nonce=nonce, gas=60_000_001), "exceeds block gas limit"),
        (signed(RICH[0], nonce=nonce, maxFeePerGas=10, maxPriorityFeePerGas=11), "max priority fee per gas higher"),
        (signed(RICH[0], nonce=nonce, data=b"x" * 140_000, gas=5_000_000), "oversized data"),
        ("0x03" + "00" * 40, "transaction type not supported"),
        ("0xdeadbeef", "rlp"),
        ("0x", "too short"),
    ]:
        error = refusal(node, "eth_sendRawTransaction", raw)
        assert (error.code, words in error.message) == (-32000, True), error.message
    unprotected = RICH[0].sign_transaction({"to": POOR.address, "value": 0, "gasPrice": GWEI, **beyond}).raw_transaction
    assert "replay-protected" in refusal(node, "eth_sendRawTransaction", unprotected.to_0x_hex()).message
    assert node.nonce(RICH[0]) == nonce


def test_a_repeat_is_refused_and_changes_nothing(node: Node) -> None:
    raw = signed(RICH[0], nonce=node.nonce(RICH[0]), value=1)
    node.send(raw)
    before = node.rpc("eth_getBalance", POOR.address, "latest")
    assert "nonce too low" in refusal(node, "eth_sendRawTransaction", raw).message
    assert node.rpc("eth_getBalance", POOR.address, "latest") == before


def test_a_nonce_ahead_waits_until_the_gap_closes(node: Node) -> None:
    account = RICH[1]
    nonce = node.nonce(account)
    raws = [signed(account, nonce=nonce + ahead, value=1) for ahead in range(3)]
    later = [node.send(raws[2]), node.send(raws[1])]
    assert "already known" in refusal(node, "eth_sendRawTransaction", raws[2]).message
    assert node.nonce(account) == nonce
    waiting = node.rpc("eth_getTransactionByHash", later[0])
    assert (waiting["blockHash"], waiting["nonce"]) == (None, hex(nonce + 2))
    assert node.rpc("eth_getTransactionReceipt", later[0]) is None
    assert "underpriced" in refusal(node, "eth_sendRawTransaction", signed(account, nonce=nonce + 1, value=2)).message
    better = node.send(signed(account, nonce=nonce + 1, value=3, gasPrice=3 * GWEI))
    node.send(raws[0])
    assert [node.receipt(hash_)["status"] for hash_ in (better, later[0])] == ["0x1", "0x1"]
    assert node.rpc("eth_getTransactionByHash", later[1]) is None, "the one that was outbid is gone"
    assert node.nonce(account) == nonce + 3


@pytest.mark.parametrize("fees", [{"gasPrice": 2 * GWEI}, {"maxFeePerGas": 3 * GWEI, "maxPriorityFeePerGas": GWEI}])
def test_both_kinds_of_fees_are_taken_and_accounted_for(node: Node, fees: dict[str, int]) -> None:
    before = node.web3.eth.get_balance(RICH[2].address)
    receipt = node.execute(RICH[2], value=5, **fees)
    assert (receipt["status"], receipt["gasUsed"], receipt["to"]) == ("0x1", hex(21_000), POOR.address.lower())
    paid = 5 + 21_000 * int(receipt["effectiveGasPrice"], 16)
    assert node.web3.eth.get_balance(RICH[2].address) == before - paid
    base_fee = node.web3.eth.get_block("latest")["baseFeePerGas"]
    assert int(receipt["effectiveGasPrice"], 16) == (fees.get("gasPrice") or GWEI + base_fee)


def test_web3_fills_in_fees_by_itself_and_they_are_enough(node: Node) -> None:
    suggested = node.web3.eth.gas_price
    assert suggested > node.web3.eth.get_block("latest")["baseFeePerGas"]
    history = node.web3.eth.fee_history(2, "latest", [50.0])
    assert len(history["baseFeePerGas"]) == 3
    assert len(history["reward"]) == 2
    fees = {"maxFeePerGas": suggested * 2, "maxPriorityFeePerGas": node.web3.eth.max_priority_fee}
    assert node.execute(RICH[2], **fees)["status"] == "0x1"


# Calls


def test_a_revert_comes_with_all_its_data(node: Node, refuser: str) -> None:
    custom = bytes.fromhex("12345678") + word(7)
    for method in ("eth_call", "eth_estimateGas"):
        error = refusal(node, method, {"to": refuser, "data": "0x" + custom.hex()})
        assert (error.code, error.message, error.data) == (3, "execution reverted", "0x" + custom.hex())
    reason = bytes.fromhex("08c379a0") + encode(["string"], ["no such lot 批次"])
    error = refusal(node, "eth_call", {"to": refuser, "data": "0x" + reason.hex()})
    assert (error.code, error.message) == (3, "execution reverted: no such lot 批次")
    assert refusal(node, "eth_call", {"to": refuser, "data": "0x08c379a0ffff"}).message == "execution reverted"
    address = node.web3.to_checksum_address(refuser)
    with pytest.raises(ContractCustomError):
        node.web3.eth.call({"to": address, "data": custom})
    with pytest.raises(ContractLogicError, match="no such lot"):
        node.web3.eth.call({"to": address, "data": reason})


def test_a_reverted_transaction_is_mined_with_status_0(node: Node, refuser: str) -> None:
    receipt = node.execute(RICH[0], to=refuser, data=b"\1\2\3\4")
    assert (receipt["status"], receipt["logs"]) == ("0x0", [])


def test_a_call_that_burns_all_its_gas_is_an_error_and_no_end(node: Node) -> None:
    waster, recurser = node.deploy(WASTER), node.deploy(RECURSER)
    assert "out of gas" in refusal(node, "eth_call", {"to": waster, "gas": hex(200_000)}).message
    assert node.rpc("eth_call", {"to": recurser}) == "0x", "hundreds of frames deep, the process stands"
    assert node.execute(RICH[0], to=waster, gas=200_000)["gasUsed"] == hex(200_000)


def test_a_call_needs_no_money_but_the_value_it_sends(node: Node, recorder: str) -> None:
    assert node.rpc("eth_call", {"from": POOR.address, "to": recorder, "gasPrice": hex(GWEI)}) == "0x"
    too_much = {"from": "0x" + "77" * 20, "to": recorder, "value": "0x1"}
    assert "insufficient funds" in refusal(node, "eth_call", too_much).message


def test_the_estimate_is_enough_and_hardly_more(node: Node, recorder: str) -> None:
    call = {"from": RICH[0].address, "to": recorder, "data": "0x" + (word(991) + word(1)).hex()}
    estimate = int(node.rpc("eth_estimateGas", call), 16)
    receipt = node.execute(RICH[0], to=recorder, data=word(991) + word(1), gas=estimate)
    assert receipt["status"] == "0x1"
    assert int(receipt["gasUsed"], 16) <= estimate <= int(receipt["gasUsed"], 16) * 1.02
    assert int(node.rpc("eth_estimateGas", {"from": RICH[0].address, "to": POOR.address, "value": "0x1"}), 16) == 21_000


def test_a_call_sees_the_present_at_latest_and_the_past_at_a_number(node: Node) -> None:
    clock = node.deploy(CLOCK)
    for _ in range(2):
        node.execute(RICH[0], value=1)
    head = node.web3.eth.get_block("latest")

    def seen(tag: str) -> tuple[int, int]:
        answer = bytes.fromhex(node.rpc("eth_call", {"to": clock}, tag)[2:])
        return int.from_bytes(answer[:32], "big"), int.from_bytes(answer[32:], "big")

    assert seen("latest")[0] >= head["timestamp"]
    assert seen("latest")[1] == head["number"]
    before = node.web3.eth.get_block(head["number"] - 1)
    assert seen(hex(before["number"])) == (before["timestamp"], before["number"])
    assert refusal(node, "eth_call", {"to": clock}, hex(head["number"] + 1)).message == "header not found"


# State and history


def test_state_can_be_asked_for_at_every_block(node: Node, recorder: str) -> None:
    receipt = node.execute(RICH[0], to=recorder, data=word(5) + word(6))
    at, before = receipt["blockNumber"], hex(int(receipt["blockNumber"], 16) - 1)
    assert node.rpc("eth_getCode", recorder, "latest") == "0x" + RECORDER.hex()
    assert node.rpc("eth_getCode", POOR.address, "latest") == "0x"
    assert [int(node.rpc("eth_getStorageAt", recorder, "0x5", tag), 16) for tag in (before, at)] == [0, 1]
    nonces = [int(node.rpc("eth_getTransactionCount", RICH[0].address, tag), 16) for tag in (before, at, "latest")]
    assert nonces[1] == nonces[0] + 1 == nonces[2]
    assert node.rpc("eth_getBalance", RICH[0].address, "earliest") == hex(10**24)
    by_hash = {"blockHash": receipt["blockHash"]}
    assert node.rpc("eth_getStorageAt", recorder, "0x5", by_hash) == "0x" + word(1).hex()


def test_a_block_reads_the_same_by_number_by_hash_and_by_tag(node: Node, recorder: str) -> None:
    receipt = node.execute(RICH[0], to=recorder, data=word(8) + word(9))
    block = node.rpc("eth_getBlockByNumber", "latest", False)
    assert block == node.rpc("eth_getBlockByHash", receipt["blockHash"], False)
    for tag in ("pending", "safe", "finalized", receipt["blockNumber"]):
        assert node.rpc("eth_getBlockByNumber", tag, False) == block
    full = node.rpc("eth_getBlockByNumber", "latest", True)
    assert [one["hash"] for one in full["transactions"]] == block["transactions"] == [receipt["transactionHash"]]
    assert full["transactions"][0] == node.rpc("eth_getTransactionByHash", receipt["transactionHash"])
    assert node.rpc("eth_getBlockReceipts", receipt["blockNumber"]) == [receipt]
    parent = node.rpc("eth_getBlockByNumber", hex(int(receipt["blockNumber"], 16) - 1), False)
    assert parent["hash"] == block["parentHash"]
    assert int(parent["timestamp"], 16) < int(block["timestamp"], 16)
    assert node.rpc("eth_getBlockByNumber", "earliest", False)["number"] == "0x0"


def test_what_does_not_exist_is_null(node: Node) -> None:
    nowhere = "0x" + "ab" * 32
    for method in (
        "eth_getBlockByHash",
        "eth_getTransactionByHash",
        "eth_getTransactionReceipt",
        "eth_getBlockReceipts",
    ):
        assert node.rpc(method, nowhere) is None
    assert node.rpc("eth_getBlockByNumber", "0xffffff", False) is None
    assert node.rpc("eth_getBlockReceipts", "0xffffff") is None

"""What the conformance suite says of nodes that are as they should be, and of those that are not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bent_node import CHAIN_ID, FUNDED, Bend, bent, changing, embedded, refusing, rpc, straight
from eth_account import Account

from ledger.chain.fees import GWEI
from ledger.chain.profiles import FINALIZED, IBFT, QBFT
from ledger.cli.main import run
from ledger.errors import BadInput, Unavailable
from ledger.network.check import traffic
from ledger.network.check.facts import Facts
from ledger.network.check.finding import Verdict
from ledger.network.check.propose import propose
from ledger.network.check.run import Checked, check_network
from ledger.network.check.sending import Sending
from ledger.operate.network_file import read_network_file


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with embedded(tmp_path_factory.mktemp("checked")) as url:
        yield url


@pytest.fixture(autouse=True)
def _few_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small ones, that which is refused below, and the profile's own: the suite itself tries more."""
    monkeypatch.setattr(traffic, "BATCHES", (1, 10, 20, 200))


def verdicts(checked: Checked) -> dict[str, Verdict]:
    return {finding.topic: finding.verdict for finding in checked.findings}


def sentence(checked: Checked, topic: str) -> str:
    return next(finding.sentence for finding in checked.findings if finding.topic == topic)


def with_field(name: str, value: str) -> Callable[[Any], Any]:
    return lambda block: {**block, name: value} if block else block


# --- refusals ------------------------------------------------------------------------------------------------------------


def test_no_node_and_a_node_named_twice_are_refused(node: str) -> None:
    with pytest.raises(BadInput, match="no node to check"):
        check_network([])
    with pytest.raises(BadInput, match="named twice"):
        check_network([node, node])


def test_a_node_that_wants_credentials_is_told_in_a_sentence(node: str, capsys: pytest.CaptureFixture[str]) -> None:
    for status in (401, 403):
        with bent(node, straight, status=status) as guarded, pytest.raises(Unavailable, match="wants credentials"):
            check_network([guarded])
    with bent(node, straight, status=401) as guarded:
        assert run(["network", "check", guarded]) == 1
    assert "SUYUAN_RPC_TOKEN in the environment" in capsys.readouterr().err


def test_a_node_that_is_away_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["network", "check", "http://127.0.0.1:1"]) == 1
    assert "does not answer" in capsys.readouterr().err


def test_nodes_of_different_chains_are_not_one_network(node: str) -> None:
    with bent(node, changing("eth_chainId", lambda _: "0x1")) as other:
        checked = check_network([node, other])
    assert not checked.runs
    assert "different chains" in sentence(checked, "chain id")


def test_nodes_of_one_id_and_another_beginning_are_not_one_network(node: str) -> None:
    def another_first(method: str, params: list[Any], reply: dict[str, Any]) -> dict[str, Any]:
        if method == "eth_getBlockByNumber" and params[0] == "0x0":
            return {"result": {**reply["result"], "hash": "0x" + "11" * 32}}
        return reply

    with bent(node, another_first) as other:
        checked = check_network([node, other])
    assert not checked.runs
    assert "different networks of one id" in sentence(checked, "genesis")


def test_a_chain_that_is_split_is_told(node: str) -> None:
    def forked(method: str, params: list[Any], reply: dict[str, Any]) -> dict[str, Any]:
        if method == "eth_getBlockByNumber" and params[0] not in ("0x0", "latest"):
            return {"result": {**reply["result"], "hash": "0x" + "22" * 32}}
        return reply

    with bent(node, forked) as other:
        checked = check_network([node, other])
    assert "the chain is split" in sentence(checked, "head")
    assert not checked.runs


@pytest.mark.parametrize(
    ("bend", "topic"),
    [
        (changing("eth_getBlockByNumber", with_field("stateRoot", "0x" + "33" * 32)), "header"),
        pytest.param(
            changing("eth_getBlockByNumber", with_field("gasLimit", "0x10000")), "gas limit", marks=pytest.mark.heavy
        ),
        (changing("eth_getTransactionReceipt", with_field("cumulativeGasUsed", "0x1")), "receipts"),
        (refusing("eth_sendRawTransaction"), "pool"),
        (refusing("eth_getLogs", code=-32005, message="not today"), "logs"),
        pytest.param(refusing("eth_getTransactionCount"), "pool", marks=pytest.mark.heavy),
        (changing("eth_call", lambda _: "0x" + "00" * 32), "EVM"),
    ],
)
def test_what_the_ledger_cannot_do_without_fails(node: str, bend: Bend, topic: str) -> None:
    no_bulk = refusing("eth_getBlockReceipts")
    both: Bend = lambda method, params, reply: bend(method, params, no_bulk(method, params, reply))  # noqa: E731  # two in one
    with bent(node, both) as odd:
        checked = check_network([odd])
    assert verdicts(checked)[topic] == "fails", sentence(checked, topic)
    assert not checked.runs


def test_a_chain_without_any_finality_fails(node: str) -> None:
    def anonymous_and_untagged(method: str, params: list[Any], reply: dict[str, Any]) -> dict[str, Any]:
        if method == "eth_getBlockByNumber" and params[0] == "finalized":
            return {"error": {"code": -32602, "message": "unknown block tag"}}
        return {"result": "Geth/v1.16"} if method == "web3_clientVersion" else reply

    with bent(node, anonymous_and_untagged) as anonymous:
        checked = check_network([anonymous])
    assert verdicts(checked)["finality"] == "fails"
    assert not checked.runs
    assert "No profile fits" in sentence(checked, "engine profile")


# --- what the ledger adapts to ------------------------------------------------------------------------------------------


def test_the_embedded_chain_passes_and_gets_its_profile(node: str) -> None:
    checked = check_network([node])
    assert checked.runs
    assert checked.profile is not None
    assert checked.profile.name == "embedded"
    assert checked.facts.chain_id == CHAIN_ID
    assert {topic for topic, verdict in verdicts(checked).items() if verdict == "adapts"} <= {
        "state proofs", "subscription", "clock", "peers",
    }  # fmt: skip
    assert verdicts(checked)["receipts"] == "passes"
    assert checked.facts.gas_schedule == "berlin"


def test_nothing_is_sent_unless_it_is_asked_for(node: str) -> None:
    before = rpc(node, "eth_blockNumber")
    check_network([node])
    assert rpc(node, "eth_blockNumber") == before


def test_a_revert_without_data_and_receipts_one_by_one_are_adapted_to(node: str) -> None:
    def plain(method: str, params: list[Any], reply: dict[str, Any]) -> dict[str, Any]:
        if method == "eth_getBlockReceipts":
            return {"error": {"code": -32601, "message": "the method does not exist"}}
        return {"error": {"code": 3, "message": "execution reverted"}} if "error" in reply else reply

    with bent(node, plain) as poor:
        checked = check_network([poor])
    assert (verdicts(checked)["reverts"], verdicts(checked)["receipts in bulk"]) == ("adapts", "adapts")
    assert checked.runs
    assert checked.facts.receipts_in_bulk is False


def test_limits_are_found_by_trying(node: str) -> None:
    def limited(method: str, params: list[Any], reply: dict[str, Any]) -> dict[str, Any]:
        if method == "eth_getLogs" and int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) > 0:
            return {"error": {"code": -32005, "message": "query exceeds max block range 1"}}
        return reply

    with bent(node, limited, most_calls=10) as narrow:
        checked = check_network([narrow])
    assert checked.facts.log_range == 1
    assert "query exceeds max block range" in sentence(checked, "logs")
    assert checked.facts.batch_limit == 10
    assert verdicts(checked)["batches"] == "adapts"
    assert not checked.runs  # no profile asks for so little at once
    assert "logs: 1 blocks" in sentence(checked, "engine profile")


def test_a_clock_that_is_ahead_is_told(node: str) -> None:
    with bent(node, changing("eth_getBlockByNumber", with_field("timestamp", hex(2**33)))) as ahead:
        checked = check_network([ahead])
    assert "ahead of this machine's clock" in sentence(checked, "clock")


# --- profiles ------------------------------------------------------------------------------------------------------------


def facts(**changes: Any) -> Facts:
    known: dict[str, Any] = {
        "client": "besu/v26.1.0",
        "head": {"number": "0x10000"},
        "seal": "qbft",
        "fee_mode": "legacy_zero",
        "log_range": 5_000,
        "batch_limit": 500,
        "receipts_in_bulk": True,
        "gas_schedule": "berlin",
    }
    return Facts(**{**known, **changes})


def test_each_kind_of_chain_gets_its_profile() -> None:
    assert propose(facts()).profile is QBFT
    edge = facts(client="polygon-edge", seal="ibft", gas_schedule="istanbul", receipts_in_bulk=False, batch_limit=20)
    assert propose(edge).profile is IBFT
    open_chain = facts(
        client="Geth", seal="none", finality_tag="finalized", fee_mode="eip1559", fee_wei=GWEI, block_seconds=None
    )
    assert propose(open_chain).profile is FINALIZED


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"fee_mode": "legacy_fixed", "fee_wei": GWEI}, "fees"),
        ({"log_range": 100}, "logs"),
        ({"batch_limit": 5}, "batches"),
        ({"receipts_in_bulk": False}, "receipts"),
        ({"seal": "none"}, "headers"),
    ],
)
def test_a_profile_that_asks_for_more_than_there_is_does_not_fit(change: dict[str, Any], why: str) -> None:
    proposal = propose(facts(**change))
    assert proposal.profile is None
    assert any(fault.startswith(why) for fault in proposal.differs["qbft"])


# --- sending -------------------------------------------------------------------------------------------------------------


def test_with_a_key_the_pool_and_finality_are_tried(node: str) -> None:
    checked = check_network([node], sending=Sending(FUNDED.address, bytes(FUNDED.key)))
    assert verdicts(checked)["nonces"] in ("passes", "adapts")
    assert verdicts(checked)["sending"] == "passes"
    assert FUNDED.key.hex().removeprefix("0x") not in repr(Sending(FUNDED.address, bytes(FUNDED.key)))


def test_a_key_without_funds_is_told(node: str) -> None:
    poor = Account.from_key(b"\x22" * 32)
    checked = check_network([node], sending=Sending(poor.address, bytes(poor.key)))
    assert verdicts(checked)["sending"] == "fails"
    assert not checked.runs


# --- the command ---------------------------------------------------------------------------------------------------------


def test_the_command_tells_line_by_line_and_begins_a_network_file(
    node: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "network.json"
    assert run(["network", "check", node, "--write", str(file)]) == 0
    said = capsys.readouterr().out
    assert "ok     header" in said
    assert "with the profile embedded" in said
    network = read_network_file(file)
    assert (network.profile, network.chain_id, network.rpc_urls) == ("embedded", CHAIN_ID, (node,))
    assert network.genesis == rpc(node, "eth_getBlockByNumber", "0x0", False)["hash"]
    assert run(["network", "check", node, "--write", str(file)]) == 1
    assert "file of that name already" in capsys.readouterr().err


def test_the_command_answers_in_json_and_no_means_no(node: str, capsys: pytest.CaptureFixture[str]) -> None:
    with bent(node, refusing("eth_getLogs")) as odd:
        assert run(["network", "check", odd, "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["runs"] is False
    assert [each["topic"] for each in document["findings"] if each["verdict"] == "fails"] == ["logs"]


def test_a_key_is_read_from_a_keystore_with_its_password(
    node: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sealed = Account.encrypt(FUNDED.key, "the key's own password", kdf="scrypt", iterations=2**12)
    (tmp_path / "tester.json").write_text(json.dumps(sealed))
    words = ["network", "check", node, "--send", str(tmp_path / "tester.json")]
    monkeypatch.setenv("SUYUAN_PASSWORD_TESTER", "another one")
    assert run(words) == 1
    assert "does not open this keystore" in capsys.readouterr().err
    monkeypatch.setenv("SUYUAN_PASSWORD_TESTER", "the key's own password")
    assert run(words) == 0
    assert "are final" in capsys.readouterr().out
    assert run(["network", "check", node, "--send", str(tmp_path / "missing.json")]) == 1
    assert "no such keystore" in capsys.readouterr().err


def test_the_narrowest_node_counts(node: str) -> None:
    no_bulk = refusing("eth_getBlockReceipts")
    with bent(node, no_bulk, most_calls=10) as narrow:
        checked = check_network([node, narrow])
    assert checked.facts.batch_limit == 10
    assert checked.facts.receipts_in_bulk is False
    assert verdicts(checked)[f"batches at {narrow}"] == "adapts"


def test_a_node_that_runs_no_programs_is_not_taken_for_an_old_one(node: str) -> None:
    with bent(node, changing("eth_call", lambda _: "0x")) as mute:
        checked = check_network([mute])
    assert verdicts(checked)["EVM"] == "unknown"
    assert not [topic for topic, verdict in verdicts(checked).items() if verdict == "fails"]


def test_what_the_node_answers_in_another_form_is_told_and_the_rest_goes_on(node: str) -> None:
    with bent(node, changing("eth_getLogs", lambda _: {"logs": []})) as strange:
        checked = check_network([strange])
    assert verdicts(checked)["logs"] == "fails"
    assert verdicts(checked)["receipts"] == "passes"

"""The conformance suite on engines of others: anvil, and a network of four IBFT validators."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from bent_node import FUNDED, rpc
from engine_here import require_engine

from ledger.network.check.run import Checked, check_network
from ledger.network.check.sending import Sending
from ledger.network.create import FOUNDERS, create_network
from ledger.network.node_process import start_nodes
from ledger.network.operate import pull_down

ROOT = Path(__file__).resolve().parent.parent.parent
KEY = Sending(FUNDED.address, bytes(FUNDED.key))

pytestmark = pytest.mark.heavy


def findings(checked: Checked) -> dict[str, tuple[str, str]]:
    return {finding.topic: (finding.verdict, finding.sentence) for finding in checked.findings}


@pytest.fixture
def anvil() -> Iterator[str]:
    program = ROOT / "contracts" / "node_modules" / ".bin" / "anvil"
    if not program.exists() and shutil.which("anvil") is None:
        pytest.skip("anvil is missing (npm ci in contracts/)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(program) if program.exists() else "anvil", "--port", str(port), "--silent"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    url = f"http://127.0.0.1:{port}"
    try:
        _until_it_answers(url)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # npm's wrapper starts the program as a child of its own
        process.wait()


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Four validators, the first node first; no ledger on them."""
    binary = require_engine()
    made = create_network(binary, tmp_path_factory.mktemp("network") / "ibft", 7_722, FOUNDERS)
    try:
        start_nodes(made, made.nodes, binary)
        urls = [node.rpc_url for node in made.nodes]
        deadline = time.monotonic() + 120
        while int(rpc(urls[0], "eth_blockNumber"), 16) < 5:
            assert time.monotonic() < deadline, "the network makes no blocks"
            time.sleep(0.5)
        yield urls
    finally:
        pull_down(made, print)


def test_anvil_gets_its_profile_and_pushes_heads(anvil: str) -> None:
    rpc(anvil, "anvil_setBalance", FUNDED.address, hex(10**24))
    checked = check_network([anvil], sending=KEY)
    assert checked.runs, findings(checked)
    assert checked.profile is not None
    assert checked.profile.name == "anvil"
    assert findings(checked)["subscription"][0] == "passes"
    assert findings(checked)["sending"][0] == "passes"
    assert checked.facts.rules in ("shanghai", "cancun")


def test_an_ibft_network_gets_its_profile_from_its_headers(network: list[str]) -> None:
    checked = check_network(network, sending=KEY)
    found = findings(checked)
    assert checked.runs, found
    assert checked.profile is not None
    assert checked.profile.name == "ibft"
    assert len(checked.facts.validators) == 4
    assert checked.facts.gas_schedule == "istanbul"
    assert checked.facts.fee_mode == "legacy_zero"
    assert "1 may fail" in found["header"][1]
    assert found["receipts in bulk"][0] == found["state proofs"][0] == "adapts"
    assert found["reverts"][0] == found["finality"][0] == found["sending"][0] == "passes"


def test_a_node_of_another_network_among_them_is_told(network: list[str], anvil: str) -> None:
    checked = check_network([network[0], anvil])
    assert not checked.runs
    assert "different chains" in findings(checked)["chain id"][1]


def _until_it_answers(url: str) -> None:
    for _ in range(200):
        with contextlib.suppress(httpx.HTTPError):
            rpc(url, "eth_chainId")
            return
        time.sleep(0.1)
    raise AssertionError("anvil does not answer")

"""Runs a pure function of a shipped artifact on a node (anvil), hundreds of calls a request: the bytecode that gets deployed, on an
EVM fast enough for a million of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import httpx
from eth_abi.abi import decode, encode
from pure_calls import PureFunction, Refused, selector_of

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "contracts" / "node_modules" / ".bin" / "anvil"
EACH = ROOT / "scripts" / "bench" / "contracts" / "Each.json"
CALLS = 250  # a request
PLENTY = hex(10**12)


@contextmanager
def a_node() -> Iterator[str]:
    """The address of an anvil of its own. FileNotFoundError where anvil is not installed."""
    command = [str(PROGRAM), "--port=0", "--hardfork=london", "--accounts=1", f"--gas-limit={10**12}"]
    command += ["--disable-code-size-limit"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        assert process.stdout is not None
        said = next(line for line in process.stdout if line.startswith("Listening on "))
        yield f"http://{said.removeprefix('Listening on ').strip()}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # npm's wrapper starts the program as a child of its own
        process.wait()


class FunctionOnNode:
    """One pure function of one shipped contract, whose code is put on the node as it was compiled."""

    def __init__(self, url: str, contract: str, function: str) -> None:
        self._pure = PureFunction(contract, function)
        self._http = httpx.Client(base_url=url, timeout=600)
        shipped = resources.files("ledger.chain") / "artifacts" / f"{contract}.json"
        self._target = "0x" + "7e" * 20
        self._rpc("anvil_setCode", self._target, json.loads(shipped.read_text("utf-8"))["deployedBytecode"])
        harness = json.loads(EACH.read_text("utf-8"))
        (sender,) = self._rpc("eth_accounts")
        sent = self._rpc("eth_sendTransaction", {"from": sender, "data": harness["bytecode"]})
        self._each = self._rpc("eth_getTransactionReceipt", sent)["contractAddress"]
        self._selector = selector_of(next(item for item in harness["abi"] if item.get("name") == "each"))

    def each(self, arguments: Sequence[Sequence[Any]]) -> list[Sequence[Any] | Refused]:
        """As calling the function with each of these."""
        answers: list[Sequence[Any] | Refused] = []
        for at in range(0, len(arguments), CALLS):
            calls = [self._pure.call_data(*one) for one in arguments[at : at + CALLS]]
            data = self._selector + encode(["address", "bytes[]"], [self._target, calls])
            call = {"to": self._each, "data": "0x" + data.hex(), "gas": PLENTY}
            (told,) = decode(["(bool,bytes)[]"], bytes.fromhex(self._rpc("eth_call", call, "latest")[2:]))
            answers += [self._pure.answer(output, done) for done, output in told]
        return answers

    def _rpc(self, method: str, *params: Any) -> Any:
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        reply = self._http.post("", json=request).json()
        assert "error" not in reply, reply["error"]
        return reply["result"]

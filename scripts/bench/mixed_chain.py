"""anvil with a contract that has emitted events of mixed shape: what indexers are measured on."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from scripts.bench.compile_solidity import MIXED

ANVIL = Path("contracts/node_modules/.bin/anvil")
EVENTS_A_BLOCK = 500
CHAIN_ID = 31_337
_GAS = 1_000_000_000
_EMIT = keccak(text="emitMany(uint256,uint256)")[:4]


@dataclass
class MixedChain:
    """`address` of the contract, which stands since `first_block`; `last_block` holds the newest events."""

    url: str
    pid: int
    address: str = ""
    first_block: int = 0
    last_block: int = 0
    events: int = 0
    _http: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False, timeout=600))

    def ask(self, method: str, *params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        answer = self._http.post(self.url, json=body).json()
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def deploy(self) -> None:
        receipt = self._send(None, json.loads(MIXED.read_text("utf-8"))["bytecode"])
        self.address, self.first_block = receipt["contractAddress"], int(receipt["blockNumber"], 16)

    def emit(self, events: int, events_a_block: int = EVENTS_A_BLOCK) -> None:
        """So many events more, a transaction a block."""
        end = self.events + events
        while self.events < end:
            count = min(events_a_block, end - self.events)
            data = "0x" + (_EMIT + encode(["uint256", "uint256"], [self.events, count])).hex()
            self.last_block = int(self._send(self.address, data)["blockNumber"], 16)
            self.events += count

    def _send(self, to: str | None, data: str) -> Any:
        (account, *_) = self.ask("eth_accounts")
        transaction = {"from": account, "data": data, "gas": hex(_GAS), "gasPrice": hex(10**9)} | (
            {"to": to} if to else {}
        )
        digest = self.ask("eth_sendTransaction", transaction)
        while (receipt := self.ask("eth_getTransactionReceipt", digest)) is None:
            time.sleep(0.001)
        if int(receipt["status"], 16) != 1:
            raise RuntimeError(f"The transaction failed: {receipt}")
        return receipt


@contextmanager
def mixed_chain(events: int, events_a_block: int = EVENTS_A_BLOCK) -> Iterator[MixedChain]:
    """A node of our own with so many events; stopped at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [ANVIL, "--port", str(port), "--silent", "--hardfork", "london", "--gas-limit", str(_GAS), "--base-fee", "0"],
        stdout=subprocess.DEVNULL,
    )
    chain = MixedChain(f"http://127.0.0.1:{port}", process.pid)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                chain.ask("eth_chainId")
                break
            except httpx.HTTPError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        chain.deploy()
        chain.emit(events, events_a_block)
        yield chain
    finally:
        process.terminate()
        process.wait(10)

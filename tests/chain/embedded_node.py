"""A real node of the embedded chain in a process of its own, with accounts, hand-made contracts and raw JSON-RPC."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
from eth_account import Account
from eth_account.signers.local import LocalAccount
from web3 import HTTPProvider, Web3

CHAIN_ID = 7710
RICH: list[LocalAccount] = [Account.from_key(bytes([7] * 31 + [index])) for index in range(1, 7)]
POOR: LocalAccount = Account.from_key(bytes([9] * 32))
GWEI = 10**9
T = TypeVar("T")

# Runtime code by hand; words of calldata are w0, w1.
RECORDER = bytes.fromhex(
    "6001600035556040600060003760aa60203560003560406000a300"
)  # storage[w0] = 1; log3(w0 w1; w0, w1, 0xaa)
REFUSER = bytes.fromhex("366000600037366000fd")  # reverts with its calldata
CLOCK = bytes.fromhex("426000524360205260406000f3")  # returns block.timestamp, block.number
RECURSER = bytes.fromhex("60006000600060006000305af100")  # calls itself until the gas ends
WASTER = bytes.fromhex("5b600056")  # loops until the gas ends


def deploying(runtime: bytes) -> bytes:
    """Init code that leaves `runtime`."""
    return bytes.fromhex(f"60{len(runtime):02x}80600b6000396000f3") + runtime


def word(value: int) -> bytes:
    return value.to_bytes(32, "big")


class RpcError(Exception):
    def __init__(self, code: int, message: str, data: Any) -> None:
        super().__init__(f"{code} {message}")
        self.code, self.message, self.data = code, message, data


class Node:
    """`file` survives `kill`; `start` takes it up again."""

    def __init__(self, file: Path, *options: str) -> None:
        self.file = file
        self.options = [*options, *(f"--fund={account.address}:{10**24}" for account in RICH)]
        self._ids = itertools.count(1)
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "ledger.chain.embedded", f"--file={self.file}", "--port=0", *self.options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        ready = self.process.stdout.readline()
        assert ready, self.process.stderr.read() if self.process.stderr else ""
        self.url = ready.split(" on ")[1].split(" at ")[0]
        self.http = httpx.Client(base_url=self.url, timeout=60)
        self.web3 = Web3(HTTPProvider(self.url))

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> tuple[int, str]:
        """Asks it to end; its exit status and what it said on stderr."""
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said

    def rpc(self, method: str, *parameters: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": list(parameters)}
        answer = self.http.post("/", json=body).json()
        if "error" in answer:
            raise RpcError(answer["error"]["code"], answer["error"]["message"], answer["error"].get("data"))
        assert answer["id"] == body["id"]
        return answer["result"]

    def nonce(self, account: LocalAccount) -> int:
        return int(self.rpc("eth_getTransactionCount", account.address, "pending"), 16)

    def send(self, raw: str) -> str:
        hash_: str = self.rpc("eth_sendRawTransaction", raw)
        return hash_

    def receipt(self, hash_: str) -> dict[str, Any]:
        receipt: dict[str, Any] = until(lambda: self.rpc("eth_getTransactionReceipt", hash_))
        return receipt

    def execute(self, account: LocalAccount, **fields: Any) -> dict[str, Any]:
        """Sends and waits for the receipt."""
        return self.receipt(self.send(signed(account, nonce=self.nonce(account), **fields)))

    def deploy(self, runtime: bytes) -> str:
        address: str = self.execute(RICH[0], to=None, data=deploying(runtime), gas=500_000)["contractAddress"]
        return address


def signed(account: LocalAccount, **fields: Any) -> str:
    """A raw legacy transaction; with `maxFeePerGas` one of type 2."""
    transaction = {"to": POOR.address, "value": 0, "gas": 100_000, "chainId": CHAIN_ID, **fields}
    if "maxFeePerGas" not in transaction:
        transaction.setdefault("gasPrice", 2 * GWEI)
    if transaction["to"] is None:
        del transaction["to"]
    else:
        transaction["to"] = Web3.to_checksum_address(transaction["to"])
    raw: str = account.sign_transaction(transaction).raw_transaction.to_0x_hex()
    return raw


def until(probe: Callable[[], T | None], seconds: float = 60) -> T:
    """What the probe finds, once it finds something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = probe()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen")

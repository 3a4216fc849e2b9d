"""A development home on anvil with all its processes, and blocks that are mined one by one when asked."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from ledger.chain.contracts import encode_call
from ledger.chain.keystore import account_of
from ledger.config import Home, Settings
from ledger.context import Ledger
from ledger.operate.development import ACCOUNTS, FUND_WEI, create_home
from ledger.operate.serve import serving

CHAIN_ID = 31_337
ANVIL = "contracts/node_modules/.bin/anvil"


@dataclass
class Chain:
    """Anvil. `mine_event` makes a block with one event of the feed."""

    url: str
    http: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False, timeout=30))

    def ask(self, method: str, *params: Any) -> Any:
        answer = self.http.post(
            self.url, json={"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        ).json()
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]


@dataclass
class Blocks:
    """Hands a transaction to the node, then has it mine: the time of the block is the time of the second act."""

    chain: Chain
    ledger: Ledger
    account: str

    def prepare(self) -> None:
        """A member's statement waits in the node's pool."""
        data = encode_call("Statements", "record", ([secrets.token_bytes(32)],))
        to = self.ledger.deployment.address("Statements")
        self.chain.ask("eth_sendTransaction", {"from": self.account, "to": to, "data": data, "gas": hex(400_000)})

    def mine(self) -> tuple[str, float, float]:
        """The event's id; just before the node was asked to mine, and when it answered that the block stands."""
        before = time.monotonic()
        self.chain.ask("evm_mine")
        after = time.monotonic()
        return f"{int(self.chain.ask('eth_blockNumber'), 16)}-0", before, after


@contextmanager
def home_on_anvil(folder: Path, database_url: str | None) -> Iterator[tuple[Ledger, Blocks]]:
    """Everything of a home runs; blocks come only from `Blocks`. `database_url` None: SQLite."""
    if database_url is None:
        os.environ.pop("SUYUAN_DATABASE_URL", None)
    else:
        os.environ["SUYUAN_DATABASE_URL"] = database_url
    home = Home(folder / "home")
    with _anvil(folder) as chain:
        urls = [f"http://127.0.0.1:{_free_port()}" for _ in range(2)]
        settings = Settings(
            profile="anvil",
            chain_id=CHAIN_ID,
            rpc_url=chain.url,
            signer_url=urls[0],
            api_url=urls[1],
            development=True,
        )
        create_home(home, settings)
        for name in ACCOUNTS:
            chain.ask("anvil_setBalance", account_of(home, name), hex(FUND_WEI))
        with serving(home, ("sender", "indexer", "api"), lasting=True) as ledger:
            chain.ask("evm_setAutomine", False)
            farm = account_of(home, "farm")
            chain.ask("anvil_impersonateAccount", farm)
            yield ledger, Blocks(chain, ledger, farm)


@contextmanager
def _anvil(folder: Path) -> Iterator[Chain]:
    port = _free_port()
    command = [ANVIL, "--port", str(port), "--chain-id", str(CHAIN_ID), "--hardfork", "london", "--silent"]
    with (folder / "anvil.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        chain = Chain(f"http://127.0.0.1:{port}")
        try:
            for _ in range(200):
                try:
                    chain.ask("eth_chainId")
                    break
                except httpx.HTTPError:
                    time.sleep(0.05)
            yield chain
        finally:
            process.terminate()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

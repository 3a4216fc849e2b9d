"""A network with its ledger served: nodes, signer, sender, indexer and API, each a process that may be killed."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from ledger.cli.main import run
from ledger.context import Ledger
from ledger.network.create import FOUNDERS
from ledger.network.layout import Network, Node
from ledger.network.look import look_at
from ledger.network.operate import bring_up, pull_down
from ledger.network.seen import NetworkSeen
from ledger.operate.serve import serving

LEGS: list[dict[str, object]] = [
    {"payee": "platform", "kind": "fixed", "value": 30},
    {"payee": "creator", "kind": "share", "value": 1200, "cap_fen": 2000},
    {"payee": "farm", "kind": "share", "value": 500},
    {"payee": "merchant", "kind": "residual"},
]


@dataclass
class Served:
    """A served ledger on its network. `suyuan` runs a command against its home; `headers` sign a request as a member."""

    network: Network
    ledger: Ledger
    http: httpx.Client
    _tokens: dict[str, str] = field(default_factory=dict)

    def suyuan(self, *words: str) -> Any:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            status = run([*words, "--json", "--home", str(self.ledger.home.path)])
        document = json.loads(said.getvalue() or "null")
        if status:
            raise RuntimeError(f"`suyuan {' '.join(words)}` said no: {document}")
        return document

    def headers(self, member: str) -> dict[str, str]:
        if member not in self._tokens:
            self._tokens[member] = self.suyuan("session", "--as", member)["token"]
        return {"Authorization": f"Bearer {self._tokens[member]}"}

    def look(self) -> NetworkSeen:
        """At the network as it is now: somebody may have joined."""
        return look_at(Network.load(self.network.folder))

    def node(self, number: int) -> Node:
        return self.network.node(number)

    def kill_process(self, name: str) -> bool:
        """kill -9 of one of the home's processes; its supervisor starts it again."""
        try:
            os.kill(int((self.ledger.home.run / f"{name}.pid").read_text(encoding="utf-8")), signal.SIGKILL)
        except (FileNotFoundError, ValueError, ProcessLookupError):
            return False
        return True

    def await_true(self, question: Any, seconds: float, what: str) -> float:
        """Seconds that it took. RuntimeError when it does not come true."""
        began = time.monotonic()
        while not question():
            if time.monotonic() - began > seconds:
                raise RuntimeError(f"{what}: not within {seconds:.0f} s")
            time.sleep(0.1)
        return time.monotonic() - began


@contextmanager
def a_served_network(folder: Path | None = None) -> Iterator[Served]:
    """A fresh network with its ledger, on free ports; pulled down and removed in the end."""
    with tempfile.TemporaryDirectory(prefix="suyuan-network-", dir=folder) as made:
        network = bring_up(Path(made) / "network", None, FOUNDERS, lambda sentence: None)
        try:
            with (
                serving(network.home, ("sender", "indexer", "api"), lasting=True) as ledger,
                httpx.Client(base_url=ledger.settings.api_url, timeout=30) as http,
            ):
                yield Served(network, ledger, http)
        finally:
            with suppress(FileNotFoundError):
                pull_down(Network.load(network.folder), lambda sentence: None)


def with_rule(served: Served) -> int:
    """A rule in force: its number."""
    file = served.ledger.home.path / "rule.json"
    file.write_text(json.dumps({"legs": LEGS}), encoding="utf-8")
    rule = served.suyuan("rule", "propose", str(file), "--as", "merchant")
    for payee in [leg["payee"] for leg in LEGS]:
        served.suyuan("rule", "sign", str(rule["rule"]), str(rule["version"]), "--as", str(payee))
    return int(rule["rule"])


def with_paid_orders(served: Served, rule: int, count: int, first: int = 1) -> list[str]:
    """Numbers of orders that wait to be delivered."""
    numbers = [f"N{number:06d}" for number in range(first, first + count)]
    file = served.ledger.home.path / f"orders-{first}.csv"
    lines = [f"{number},{100 + index % 900}.{index % 100:02d},{rule},carrier" for index, number in enumerate(numbers)]
    file.write_text("\n".join(["number,amount,rule,carrier", *lines]) + "\n", encoding="utf-8")
    served.suyuan("orders", "import", str(file))
    served.suyuan("orders", "pay")
    return numbers

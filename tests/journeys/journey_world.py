"""A whole ledger for a story: its five processes on free ports, driven through the commands and the routes only."""

from __future__ import annotations

import contextlib
import io
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from ledger.cli.main import run
from ledger.config import Home, Settings
from ledger.network.create import FOUNDERS
from ledger.network.operate import bring_up, pull_down
from ledger.operate.development import create_home
from ledger.operate.serve import serving


@dataclass
class World:
    """A running ledger. `suyuan` runs a command and returns (exit status, its JSON); `http` speaks to the API."""

    home: Home
    api_url: str
    http: httpx.Client
    tokens: dict[str, str] = field(default_factory=dict)

    def ask(self, *words: str) -> tuple[int, Any]:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            status = run([*words, "--json", "--home", str(self.home.path)])
        return status, json.loads(said.getvalue() or "null")

    def suyuan(self, *words: str) -> Any:
        """A command whose answer is yes."""
        status, document = self.ask(*words)
        assert status == 0, document
        return document

    def refused(self, *words: str) -> str:
        """A command that is refused: the sentence."""
        status, document = self.ask(*words)
        assert status == 1, document
        return str(document["what"])

    def token(self, member: str) -> str:
        if member not in self.tokens:
            self.tokens[member] = self.suyuan("session", "--as", member)["token"]
        return self.tokens[member]

    def bearer(self, member: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(member)}"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def a_running_ledger(folder: Path) -> Iterator[World]:
    """A fresh development ledger with its members admitted; its chain mines at once."""
    home = Home(folder / "home")
    settings = Settings(
        rpc_url=f"http://127.0.0.1:{free_port()}",
        signer_url=f"http://127.0.0.1:{free_port()}",
        api_url=f"http://127.0.0.1:{free_port()}",
        development=True,
    )
    create_home(home, settings)
    with (
        serving(home, ("sender", "indexer", "api"), lasting=True, instant=True),
        httpx.Client(base_url=settings.api_url, timeout=60) as http,
    ):
        yield World(home, settings.api_url, http)


@contextlib.contextmanager
def a_running_ledger_on_the_network(folder: Path) -> Iterator[World]:
    """The same on four validators: nothing else differs."""
    network = bring_up(folder / "network", None, FOUNDERS, print)
    try:
        with (
            serving(network.home, ("sender", "indexer", "api"), lasting=True) as ledger,
            httpx.Client(base_url=ledger.settings.api_url, timeout=60) as http,
        ):
            yield World(network.home, ledger.settings.api_url, http)
    finally:
        pull_down(network, print)

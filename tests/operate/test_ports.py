"""A port that somebody else has: said in a sentence before anything is started."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from ledger.config import Home, Settings
from ledger.errors import Unavailable
from ledger.operate.development import create_home
from ledger.operate.serve import serving


@pytest.mark.parametrize("name", ["chain", "signer", "api"])
def test_home_whose_port_is_in_use_is_not_served(tmp_path: Path, name: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        urls = {process: _free_url() for process in ("chain", "signer", "api")}
        urls[name] = f"http://127.0.0.1:{other.getsockname()[1]}"
        home = Home(tmp_path / "home")
        create_home(
            home, Settings(rpc_url=urls["chain"], signer_url=urls["signer"], api_url=urls["api"], development=True)
        )
        with (
            pytest.raises(Unavailable, match=f"The {name} cannot listen on .*: Address already in use"),
            serving(home, ("sender", "indexer", "api"), lasting=True),
        ):
            pass


def _free_url() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"

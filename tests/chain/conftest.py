"""One world for all tests of this folder: chain, signer, contracts, two members; and an empty outbox for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chain_world import NAMES, PASSWORD, World, admit_members, free_port, make_home, start_chain, start_signer
from databases import cluster, database_url
from sqlalchemy import Engine

from ledger.chain.client import Client
from ledger.chain.deploy import deploy
from ledger.chain.keystore import open_keystore
from ledger.chain.profiles import EMBEDDED
from ledger.chain.signer_client import SignerClient
from ledger.config import Home
from ledger.store.database import open_database
from ledger.store.schema import metadata

__all__ = ["cluster", "database_url"]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    home, settings = make_home(folder / "home", rpc_port=free_port(), signer_port=free_port())
    accounts = {name: open_keystore(home, name, PASSWORD, development=True).account for name in NAMES}
    chain = start_chain(
        home.chain_file,
        int(settings.rpc_url.rsplit(":", 1)[1]),
        dict.fromkeys(accounts.values(), 10**24),
        "--instant",
    )
    server = start_signer(home, settings)
    client, signer = Client(settings.rpc_url, EMBEDDED), SignerClient.of(home, settings)
    try:
        deployment = deploy(client, EMBEDDED, signer, accounts["consortium"], home)
        world = World(home, settings, EMBEDDED, client, signer, deployment, accounts, {"farm": 1, "merchant": 2})
        admit_members(world)
        yield world
    finally:
        chain.kill()
        chain.wait()
        server.shutdown()
        server.server_close()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(Home(tmp_path / "ledger"))
    metadata.create_all(engine)
    yield engine
    engine.dispose()

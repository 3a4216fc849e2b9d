"""A running home follows the Council to a contract's new address."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from index_world import Chain
from sqlalchemy import Engine

from ledger.chain.contracts import Deployment
from ledger.config import Home
from ledger.index.moved import Moves
from ledger.index.ours import our_indexer
from ledger.store.documents import Documents


def test_nothing_is_followed_while_all_addresses_are_known(
    engine: Engine, chain: Chain, documents: Documents, tmp_path: Path
) -> None:
    home = Home(tmp_path)
    our_indexer(engine, chain.client, chain.deployment, documents).sync()
    assert not Moves(engine, chain.client, chain.deployment, home).followed()
    assert not home.deployment_file.exists()


def test_an_address_that_the_rows_point_to_and_the_home_does_not_know_is_followed(
    engine: Engine, chain: Chain, documents: Documents, tmp_path: Path
) -> None:
    home = Home(tmp_path)
    our_indexer(engine, chain.client, chain.deployment, documents).sync()
    before = replace(chain.deployment, addresses={**chain.deployment.addresses, "Recalls": "0x" + "11" * 20})
    assert Moves(engine, chain.client, before, home).followed()
    assert Deployment.load(home).addresses == chain.deployment.addresses

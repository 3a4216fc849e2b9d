"""`suyuan index verify` and `repair`: what an operator sees, and the exit status."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from index_world import Chain
from sqlalchemy import delete, select

from ledger.cli.main import run
from ledger.config import Home, Settings
from ledger.index.ours import our_indexer, our_plan
from ledger.index.raw_tables import RawTables
from ledger.store.database import open_database, write
from ledger.store.documents import Documents
from ledger.store.migrate import ensure_schema


@pytest.fixture
def home(tmp_path: Path, chain: Chain, documents: Documents) -> Home:
    """A home of the story's chain, whose rows are there."""
    home = Home(tmp_path / "home")
    # A profile of nodes that run elsewhere: the embedded chain would be started as the home's own.
    Settings(rpc_url=chain.client.url, profile="anvil").save(home)
    shutil.copytree(documents.path, home.documents)
    chain.deployment.save(home)
    engine = open_database(home)
    ensure_schema(engine)
    our_indexer(engine, chain.client, chain.deployment, documents).sync()
    engine.dispose()
    return home


def suyuan(capsys: pytest.CaptureFixture[str], home: Home, *words: str) -> tuple[int, Any]:
    status = run([*words, "--json", "--home", str(home.path)])
    return status, json.loads(capsys.readouterr().out)


def lose_a_row(home: Home, chain: Chain, documents: Documents) -> int:
    """The block of the row that is gone."""
    tables = RawTables(our_plan(chain.deployment, documents))
    event = tables.event("Members", "LocationAssigned")
    engine = open_database(home)
    with write(engine) as connection:
        block = int(connection.execute(select(event.table.c.block).limit(1)).scalar_one())
        connection.execute(delete(event.table).where(event.table.c.block == block))
    engine.dispose()
    return block


def test_verify_ends_with_1_and_the_first_block_that_differs(
    home: Home, chain: Chain, documents: Documents, capsys: pytest.CaptureFixture[str]
) -> None:
    block = lose_a_row(home, chain, documents)
    status, told = suyuan(capsys, home, "index", "verify")
    assert (status, told["ok"], told["difference"]["block"]) == (1, False, block)
    assert "has no row" in told["difference"]["sentence"]
    assert suyuan(capsys, home, "index", "verify", "--to", str(block - 1))[0] == 0


def test_verify_ends_with_0_and_what_it_recomputed(
    home: Home, chain: Chain, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told = suyuan(capsys, home, "index", "verify", "--from", "5")
    assert (status, told["ok"], told["difference"]) == (0, True, None)
    assert (told["first"], told["last"]) == (5, chain.client.final_block())
    assert told["receipts"] >= told["last"] - 4


def test_status_tells_how_far_the_blocks_are_proven(
    home: Home, chain: Chain, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told = suyuan(capsys, home, "index", "status")
    assert status == 0
    assert told["verified"] == {"up_to": None, "unverified": None, "finding": None}
    assert told["reorganised"] is None


def test_repair_without_a_finding_says_so(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["index", "repair", "--home", str(home.path)]) == 0
    assert "Nothing was found" in capsys.readouterr().out

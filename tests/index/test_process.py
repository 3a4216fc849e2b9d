"""The indexer as a process: it starts before its chain, survives kill -9 at any moment, and stops when asked."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from index_world import Chain, deliver_and_settle, pay, place
from sqlalchemy import Engine

from ledger.chain.client import Client
from ledger.config import Home, Settings
from ledger.index import fetch
from ledger.index.__main__ import await_deployment
from ledger.index.digest import digest
from ledger.index.follow import await_block
from ledger.index.ours import our_indexer
from ledger.store.database import open_database, open_engine, read
from ledger.store.documents import Documents

Digest = Callable[[], str]


@pytest.fixture
def home(tmp_path: Path, chain: Chain, documents: Documents) -> Home:
    """A home of the story's chain, without its deployment yet."""
    home = Home(tmp_path / "home")
    Settings(rpc_url=chain.client.url).save(home)
    shutil.copytree(documents.path, home.documents)
    return home


@pytest.fixture
def started(home: Home) -> Iterator[subprocess.Popen[str]]:
    process = start(home)
    yield process
    process.kill()
    process.wait()


def start(home: Home) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "ledger.index", "--home", str(home.path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_home_without_configuration_is_a_sentence(tmp_path: Path) -> None:
    process = start(Home(tmp_path / "nowhere"))
    _, said = process.communicate()
    assert process.returncode == 1
    assert said.startswith("There is no ledger in")
    assert "Traceback" not in said


def test_it_waits_for_the_contracts_follows_and_stops_when_asked_and_logs_no_salt(
    home: Home, chain: Chain, started: subprocess.Popen[str], fresh_digest: Digest
) -> None:
    assert started.stdout is not None
    assert "waiting" in started.stdout.readline()
    chain.deployment.save(home)
    engine = open_database(home)
    await_block(engine, chain.client.final_block(), 30)
    with read(engine) as connection:
        assert digest(connection) == fresh_digest()
    started.send_signal(signal.SIGTERM)
    said = "".join(started.communicate(timeout=10))
    assert started.returncode == 0
    salts = [file.read_text().split('"salt": "')[1][:64] for file in Documents(home.documents).openings.iterdir()]
    assert "following" in said
    assert not [salt for salt in salts if salt in said]


def test_it_stops_when_asked_before_there_is_a_chain(home: Home) -> None:
    stopping = threading.Event()
    threading.Timer(0.1, stopping.set).start()
    assert await_deployment(home, stopping) is None


def test_kill_at_any_moment_loses_nothing_and_doubles_nothing(
    engine: Engine, chain: Chain, documents: Documents, fresh_digest: Digest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Orders are paid and settled all the while; the rows are then those of a sync from nothing."""
    monkeypatch.setattr(fetch, "FIRST_SPAN", 2)  # many small transactions: many moments to die in
    monkeypatch.setattr(fetch, "FEW_LOGS", 0)
    url = engine.url.render_as_string(hide_password=False)
    engine.dispose()

    def follow() -> None:
        client = Client(chain.client.url, chain.client.profile)
        our_indexer(open_engine(url), client, chain.deployment, documents).run(threading.Event())

    chance, number = random.Random(11), 0
    for _ in range(8):
        process = multiprocessing.get_context("fork").Process(target=follow)
        process.start()
        until = time.monotonic() + chance.uniform(0.05, 0.4)
        while time.monotonic() < until:
            number += 1
            name = f"K-{os.getpid()}-{engine.dialect.name}-{number}"
            place(chain, name, amount_fen=1_000 + number)
            pay(chain, name, amount_fen=1_000 + number)
            deliver_and_settle(chain, name)
        os.kill(int(process.pid or 0), signal.SIGKILL)
        process.join()
    assert number >= 8
    our_indexer(engine, chain.client, chain.deployment, documents).sync()
    with read(engine) as connection:
        assert digest(connection) == fresh_digest()

"""The processes themselves, killed and stopped: chain, signer and sender of one home, at the pace of service."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from chain_world import NAMES, PASSWORD, World, admit_members, free_port, make_home, start_chain, start_signer
from sqlalchemy import Engine

from ledger.chain.client import Client
from ledger.chain.deploy import deploy
from ledger.chain.keystore import open_keystore
from ledger.chain.outbox import await_final, pending, queue
from ledger.chain.process import single_instance
from ledger.chain.profiles import EMBEDDED
from ledger.chain.sender import serve
from ledger.chain.signer_client import SignerClient
from ledger.config import Home
from ledger.errors import BadInput, Unavailable
from ledger.store.database import open_database, write
from ledger.store.migrate import ensure_schema


def _start_sender(home: Home) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "ledger.chain.sender", "--home", str(home.path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_second_sender_of_a_home_is_refused(world: World) -> None:
    with (
        single_instance(world.home, "sender"),
        pytest.raises(Unavailable, match=r"A sender of this home runs already\. Stop it first"),
    ):
        serve(world.home, threading.Event())


def test_a_sender_on_another_chain_sends_nothing(world: World, tmp_path: Path) -> None:
    port = int(world.settings.rpc_url.rsplit(":", 1)[1])
    home, settings = make_home(tmp_path, rpc_port=port, signer_port=free_port(), names=())
    replace(settings, chain_id=99).save(home)
    with pytest.raises(BadInput, match="serves chain 7710, and this ledger lives on chain 99"):
        serve(home, threading.Event())


@contextmanager
def _engine_of(home: Home) -> Iterator[Engine]:
    engine = open_database(home)
    ensure_schema(engine)
    try:
        yield engine
    finally:
        engine.dispose()


@pytest.mark.heavy
def test_chain_and_sender_killed_in_mid_flight_do_each_intent_once(tmp_path: Path) -> None:
    """At a block a second: the chain dies with transactions in its pool, the sender with rows half way."""
    home, settings = make_home(tmp_path, rpc_port=free_port(), signer_port=free_port())
    accounts = {name: open_keystore(home, name, PASSWORD, development=True).account for name in NAMES}
    port = int(settings.rpc_url.rsplit(":", 1)[1])
    funds = dict.fromkeys(accounts.values(), 10**24)
    chain = start_chain(home.chain_file, port, funds)
    server = start_signer(home, settings)
    client, signer = Client(settings.rpc_url, EMBEDDED), SignerClient.of(home, settings)
    sender = None
    try:
        deployment = deploy(client, EMBEDDED, signer, accounts["consortium"], home)
        world = World(home, settings, EMBEDDED, client, signer, deployment, accounts, {"farm": 1, "merchant": 2})
        admit_members(world)
        first_block = client.head().number + 1
        markers = list(range(10, 50))
        with _engine_of(home) as engine:
            with write(engine) as connection:
                ids = [queue(connection, deployment, world.marked(m), int(time.time())).id for m in markers]
            sender = _start_sender(home)
            _until_sent(engine)
            chain.kill()
            chain.wait()
            sender.kill()
            sender.wait()
            chain = start_chain(home.chain_file, port, funds)
            sender = _start_sender(home)
            rows = await_final(engine, ids, 60)
        assert {row.state for row in rows} == {"final"}
        assert world.times_done(first_block) == dict.fromkeys(markers, 1)
        sender.send_signal(signal.SIGTERM)
        said, errors = sender.communicate(timeout=30)
        assert (sender.returncode, errors) == (0, "")
        assert '"event": "final"' in said
        assert PASSWORD not in said
    finally:
        for process in (chain, sender):
            if process is not None:
                process.kill()
                process.wait()
        server.shutdown()
        server.server_close()


def _until_sent(engine: Engine) -> None:
    """Some rows are with the node: its pool holds them, or a block does."""
    for _ in range(3000):
        with engine.connect() as connection:
            under_way = pending(connection)
        if not under_way or any(row.state == "sent" for row in under_way):
            return
        time.sleep(0.02)
    pytest.fail("nothing was sent")

"""Several sender processes on one database, killed with kill -9 again and again: each intent once, nonces without gaps."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import threading
import time
from multiprocessing.process import BaseProcess

import pytest
from chain_world import CHAIN_ID, World

from ledger.chain.client import Client
from ledger.chain.outbox import Intent, await_final, queue
from ledger.chain.sender import Sender
from ledger.chain.signer_client import SignerClient
from ledger.store.database import open_engine, write
from ledger.store.migrate import ensure_schema

WORKERS = 3


def _serve(database: str, world: World) -> None:
    engine = open_engine(database)
    client, signer = Client(world.settings.rpc_url, world.profile), SignerClient.of(world.home, world.settings)
    Sender(engine, client, signer, world.profile, CHAIN_ID).run(threading.Event())


@pytest.mark.parametrize("kills", [8, pytest.param(30, marks=pytest.mark.heavy)])
def test_workers_killed_under_load_do_each_intent_once(kills: int, database_url: str, world: World) -> None:
    engine = open_engine(database_url)
    ensure_schema(engine)
    first_block = world.client.head().number + 1
    # Forked, so that a start costs no imports: their lives are short.
    fork = multiprocessing.get_context("fork")
    chance = random.Random(kills)

    def start() -> BaseProcess:
        process = fork.Process(target=_serve, args=(database_url, world))
        process.start()
        return process

    engine.dispose()
    workers = [start() for _ in range(WORKERS)]
    ids: list[int] = []
    marker = 100_000 + kills * 1_000
    first_marker = marker
    try:
        for _ in range(kills):
            with write(engine) as connection:
                for _ in range(4):
                    intent: Intent = world.marked(marker, gas=chance.choice((None, 100_000)))
                    ids.append(queue(connection, world.deployment, intent, int(time.time())).id)
                    marker += 1
            engine.dispose()  # no connection crosses the fork
            time.sleep(chance.uniform(0.01, 0.15))
            victim = chance.randrange(WORKERS)
            os.kill(int(workers[victim].pid or 0), signal.SIGKILL)
            workers[victim].join()
            workers[victim] = start()
        rows = await_final(engine, ids, 120)
    finally:
        for worker in workers:
            os.kill(int(worker.pid or 0), signal.SIGKILL)
            worker.join()
    assert {row.state for row in rows} == {"final"}
    assert world.times_done(first_block) == dict.fromkeys(range(first_marker, marker), 1)
    nonces = sorted(int(row.nonce or 0) for row in rows)
    assert nonces == list(range(nonces[0], nonces[0] + len(nonces)))
    engine.dispose()

"""What fault tests and the long form in scripts/faults share: a line that runs, blocks that arrive, and deaths."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from index_world import Chain, deliver_and_settle, pay, place
from sqlalchemy import Engine

from ledger.chain.client import Client
from ledger.errors import BrokenEvidence
from ledger.index.audit_history import Audit
from ledger.index.digest import digest
from ledger.index.follow import await_block
from ledger.index.indexer import Indexer
from ledger.index.ours import our_indexer
from ledger.index.repair import repair
from ledger.store.database import open_engine, read
from ledger.store.documents import Documents
from ledger.store.migrate import ensure_schema

_numbers = count(1)
PATIENCE_SECONDS = 60.0


def sell(chain: Chain) -> None:
    """An order is placed, paid, delivered and settled: three blocks and a dozen rows in seven tables."""
    name = f"F-{os.getpid()}-{next(_numbers)}"
    place(chain, name, amount_fen=1_000)
    pay(chain, name, amount_fen=1_000)
    deliver_and_settle(chain, name)


def an_indexer(engine: Engine, chain: Chain, documents: Documents, url: str | None = None) -> Indexer:
    """Through the node at `url`, else through the chain's own."""
    return our_indexer(engine, Client(url or chain.client.url, chain.client.profile), chain.deployment, documents)


@contextmanager
def running(line: Indexer) -> Iterator[Indexer]:
    """The indexer's own loop, until the block ends."""
    stopping = threading.Event()
    thread = threading.Thread(target=line.run, args=(stopping,))
    thread.start()
    try:
        yield line
    finally:
        stopping.set()
        thread.join()


def await_head(engine: Engine, chain: Chain) -> None:
    await_block(engine, chain.client.final_block(), PATIENCE_SECONDS)


def until(happened: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def digest_of(engine: Engine) -> str:
    with read(engine) as connection:
        return digest(connection)


def prove_all(engine: Engine, chain: Chain, documents: Documents, scratch: Path) -> list[int]:
    """Follows to the head and audits all blocks, through a node that tells the truth. What another had left out of
    history is found and put right, wherever the line stood for it; the blocks where that was so."""
    line, repaired = an_indexer(engine, chain, documents), list[int]()
    audit = Audit(engine, chain.client, line.tables)
    while True:
        try:
            line.sync()
            while audit.step():
                pass
            return repaired
        except BrokenEvidence:
            with suppress(BrokenEvidence):
                while audit.step():
                    pass
            found = repair(engine, chain.client, line.tables, scratch)
            assert found, "the line stands, and the audit finds nothing"
            repaired += found


def synced_digest(url: str, chain: Chain, documents: Documents) -> str:
    """The digest of a sync from nothing into the empty database at `url`."""
    engine = open_engine(url, durable=False)
    ensure_schema(engine)
    an_indexer(engine, chain, documents).sync()
    found = digest_of(engine)
    engine.dispose()
    return found


@contextmanager
def another_process(url: str, chain: Chain, documents: Documents) -> Iterator[int]:
    """An indexer in a process of its own, on the database at `url`; its pid. Killed with -9 when the block ends."""

    def follow() -> None:
        an_indexer(open_engine(url), chain, documents).run(threading.Event())

    process = multiprocessing.get_context("fork").Process(target=follow)
    process.start()
    try:
        yield int(process.pid or 0)
    finally:
        os.kill(int(process.pid or 0), signal.SIGKILL)
        process.join()


def kill_indexer(url: str, chain: Chain, documents: Documents, times: int, chance: random.Random) -> int:
    """Kills an indexer with -9 this often, each at a random moment while blocks arrive; the orders sold meanwhile."""
    sold = 0
    for _ in range(times):
        with another_process(url, chain, documents):
            end = time.monotonic() + chance.uniform(0.02, 0.3)
            while time.monotonic() < end:
                sell(chain)
                sold += 1
    return sold

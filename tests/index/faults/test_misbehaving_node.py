"""A node that misbehaves loses nothing and doubles nothing: it is asked again, or the line stops and says why."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fault_world import prove_all
from faulty_node import (
    LYING,
    NONSENSE,
    SILENT,
    WORDS,
    Fault,
    MisbehavingNode,
    too_many_requests_retry_after,
    too_many_results,
)
from index_world import Chain, say_again
from sqlalchemy import Engine

from ledger.chain import rpc
from ledger.chain.client import Client
from ledger.index import fetch
from ledger.index import indexer as indexer_module
from ledger.index.audit_history import load_verified
from ledger.index.digest import digest
from ledger.index.follow import await_block
from ledger.index.indexer import Indexer
from ledger.index.ours import our_indexer
from ledger.index.status import status
from ledger.store.database import read
from ledger.store.documents import Documents

Digest = Callable[[], str]
INJECTIONS = 6
ON_ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What never reaches a database is alike on each."""


@pytest.fixture(autouse=True)
def _no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QUICK_SECONDS", "IDLE_SECONDS", "AFTER_ERROR_SECONDS"):
        monkeypatch.setattr(indexer_module, name, 0.02)
    monkeypatch.setattr(rpc, "FIRST_PAUSE", 0.01)


def follow(
    engine: Engine, chain: Chain, documents: Documents, node: MisbehavingNode, *, to_the_head: bool = True
) -> Indexer:
    """Follows through this node while blocks arrive, until it has misbehaved often enough; then it behaves."""
    stopping = threading.Event()
    line = our_indexer(engine, Client(node.url, chain.client.profile), chain.deployment, documents)
    thread = threading.Thread(target=line.run, args=(stopping,))
    with node.serving():
        thread.start()
        try:
            until = time.monotonic() + 30
            while sum(node.counts.values()) < INJECTIONS and time.monotonic() < until:
                say_again(chain)
                time.sleep(0.05)  # few blocks: the next tests read them all
            node.behave()
            if to_the_head:
                await_block(engine, chain.client.final_block(), 30)
        finally:
            stopping.set()
            thread.join()
    assert sum(node.counts.values()) >= INJECTIONS
    return line


def digest_of(engine: Engine) -> str:
    with read(engine) as connection:
        return digest(connection)


@ON_ONE_DATABASE
@pytest.mark.parametrize("client", list(WORDS))
def test_node_that_refuses_large_answers_is_asked_for_less_in_whatever_words(
    engine: Engine, chain: Chain, documents: Documents, fresh_digest: Digest, client: str
) -> None:
    node = MisbehavingNode(chain.client.url, [too_many_results(client, logs=12, blocks=50)], seed=1, rate=1)
    with node.serving():
        our_indexer(engine, Client(node.url, chain.client.profile), chain.deployment, documents).sync()
    assert digest_of(engine) == fresh_digest()


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    "fault",
    [
        # Heavy where the node itself names the pause: a second each time.
        pytest.param(fault, marks=pytest.mark.heavy if fault is too_many_requests_retry_after else ())
        for fault in (*SILENT, *NONSENSE)
    ],
    ids=lambda fault: fault.__name__,
)
def test_node_that_answers_nothing_or_nonsense_is_asked_again(
    engine: Engine, chain: Chain, documents: Documents, fresh_digest: Digest, fault: Fault
) -> None:
    follow(engine, chain, documents, MisbehavingNode(chain.client.url, [fault], seed=5, rate=0.3))
    assert digest_of(engine) == fresh_digest()


@ON_ONE_DATABASE
def test_node_that_never_answers_well_stops_the_line_with_the_reason(
    engine: Engine, chain: Chain, documents: Documents, fresh_digest: Digest
) -> None:
    node = MisbehavingNode(chain.client.url, [*SILENT, *NONSENSE], seed=3, rate=1)
    stopping = threading.Event()
    line = our_indexer(engine, Client(node.url, chain.client.profile), chain.deployment, documents)
    thread = threading.Thread(target=line.run, args=(stopping,))
    with node.serving():
        thread.start()
        until = time.monotonic() + 20
        while status(engine, chain.client).last_error is None and time.monotonic() < until:
            time.sleep(0.02)
        told = status(engine, chain.client)
        stopping.set()
        thread.join()
    assert told.last_error is not None
    assert node.url in told.last_error.sentence
    assert (told.next_block, told.ok) == (None, False)


@pytest.mark.parametrize("fault", LYING, ids=lambda fault: fault.__name__)
def test_node_that_lies_is_found_out_before_its_word_counts(
    engine: Engine,
    chain: Chain,
    documents: Documents,
    fresh_digest: Digest,
    fault: Fault,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Live, before it is written; in history, by the audit, and then it is put right."""
    monkeypatch.setattr(fetch, "LIVE_BLOCKS", 8)
    node = MisbehavingNode(chain.client.url, [fault], seed=6, rate=0.4)
    follow(engine, chain, documents, node, to_the_head=False)
    prove_all(engine, chain, documents, tmp_path / "scratch")
    with read(engine) as connection:
        told = load_verified(connection)
    assert (told.unverified, told.finding) == (0, None)
    assert digest_of(engine) == fresh_digest()

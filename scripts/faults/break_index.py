"""The long form of tests/index/faults: the same deaths and the same misbehaving node, more often and by a seed."""

from __future__ import annotations

import argparse
import json
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import structlog
from anvil_node import DEPTH, FORKING, PROGRAM, an_anvil_chain, grow, replace_blocks
from fault_world import (
    an_indexer,
    another_process,
    await_head,
    digest_of,
    kill_indexer,
    prove_all,
    running,
    sell,
    synced_digest,
)
from index_world import Chain, a_chain, tell_story
from misbehaving_node import LYING, NONSENSE, SILENT, MisbehavingNode
from postgresql_cluster import Cluster, postgresql_cluster

from ledger.index import fetch
from ledger.store.database import open_engine
from ledger.store.documents import Documents
from ledger.store.migrate import ensure_schema

KILLS_A_DATABASE = 50

NewDatabase = Callable[[], str]


def main(arguments: Sequence[str]) -> int:
    """0 when every digest is that of a sync from nothing."""
    parser = argparse.ArgumentParser(prog="scripts/faults/index")
    parser.add_argument("--kills", type=int, default=1_000, help="kill -9 of the indexer")
    parser.add_argument("--database-kills", type=int, default=20, help="kill -9 of PostgreSQL")
    parser.add_argument("--rounds", type=int, default=20, help="with a node that misbehaves")
    parser.add_argument("--reorganisations", type=int, default=128, help="of depth 1 to 64, some during a kill -9")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    given = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    print(f"seed {given.seed}", flush=True)
    chance = random.Random(given.seed)  # noqa: S311 - when to kill, not a secret
    counts, wrong = Counter[str](), 0
    with _databases() as databases:
        for name, new_database in databases.items():
            killed = given.kills // len(databases)
            wrong += _kill_indexers(new_database, killed, chance, name)
            counts[f"kills on {name}"] = killed
        wrong += _misbehave(databases, given.rounds, chance, counts)
        wrong += _reorganise(databases, given.reorganisations, chance, counts)
        if "postgresql" in databases:
            wrong += _kill_databases(given.database_kills, chance)
            counts["kills of postgresql"] = given.database_kills
    print(json.dumps({"faults": "index", "seed": given.seed, "counts": counts, "wrong": wrong, "ok": not wrong}))
    return 1 if wrong else 0


def _kill_indexers(new_database: NewDatabase, times: int, chance: random.Random, name: str) -> int:
    """kill -9 at random moments: while history is read, and while blocks arrive. How many digests were wrong."""
    fetch.FIRST_SPAN, fetch.FEW_LOGS = 2, 0  # many transactions: many moments to die in
    wrong = 0
    for done in range(0, times, KILLS_A_DATABASE):
        with _a_world() as (chain, documents, folder):
            url, often = new_database(), min(KILLS_A_DATABASE, times - done)
            ensure_schema(open_engine(url))
            sold = kill_indexer(url, chain, documents, often, chance)
            wrong += _is_wrong(url, chain, documents, folder)
            print(
                f"{name}: {done + often} kills of the indexer, {sold} orders sold meanwhile, {wrong} wrong", flush=True
            )
    return wrong


def _misbehave(databases: dict[str, NewDatabase], rounds: int, chance: random.Random, counts: Counter[str]) -> int:
    """A node with all faults at once, each round with a seed and a rate of its own."""
    wrong = 0
    for done in range(rounds):
        name, new_database = chance.choice(sorted(databases.items()))
        with _a_world() as (chain, documents, folder):
            url = new_database()
            engine = open_engine(url)
            ensure_schema(engine)
            faults = [*SILENT, *NONSENSE, *LYING]
            node = MisbehavingNode(
                chain.client.url, faults, seed=chance.getrandbits(32), rate=chance.uniform(0.05, 0.5)
            )
            with node.serving(), running(an_indexer(engine, chain, documents, node.url)):
                for _ in range(30):
                    sell(chain)
                node.behave()
            left_out = prove_all(engine, chain, documents, folder / "scratch")
            engine.dispose()
            counts.update(node.counts)
            counts["blocks of history that the audit put right"] += len(left_out)
            wrong += _is_wrong(url, chain, documents, folder)
        print(f"{name}: round {done + 1} with {sum(node.counts.values())} faults, {wrong} wrong", flush=True)
    return wrong


def _reorganise(databases: dict[str, NewDatabase], times: int, chance: random.Random, counts: Counter[str]) -> int:
    """Each depth in turn; half of them while the indexer is killed and started again."""
    if not PROGRAM.exists():
        print("SKIPPED reorganisations: anvil is missing (./scripts/test --all installs it)", flush=True)
        return 0
    wrong = 0
    for name, new_database in databases.items():
        with tempfile.TemporaryDirectory(prefix="suyuan-faults-") as folder, an_anvil_chain(FORKING) as chain:
            documents = Documents(Path(folder) / "documents")
            tell_story(chain, documents)
            grow(chain, DEPTH)
            url = new_database()
            engine = open_engine(url)
            ensure_schema(engine)
            for done in range(times // len(databases)):
                depth = done % DEPTH + 1
                grow(chain, chance.randint(1, DEPTH))
                if chance.random() < 0.5:
                    with another_process(url, chain, documents):
                        time.sleep(chance.uniform(0, 0.3))
                        replace_blocks(chain, depth, chance)
                        time.sleep(chance.uniform(0, 0.3))
                    counts[f"kills in reorganisations on {name}"] += 1
                else:
                    an_indexer(engine, chain, documents).sync()
                    replace_blocks(chain, depth, chance)
                an_indexer(engine, chain, documents).sync()
                counts[f"reorganisations on {name}"] += 1
            engine.dispose()
            wrong += _is_wrong(url, chain, documents, Path(folder))
        print(f"{name}: {counts[f'reorganisations on {name}']} reorganisations, {wrong} wrong", flush=True)
    return wrong


def _kill_databases(times: int, chance: random.Random) -> int:
    with postgresql_cluster() as cluster, _a_world() as (chain, documents, folder):
        url = cluster.new_database()
        engine = open_engine(url)
        ensure_schema(engine)
        with running(an_indexer(engine, chain, documents)):
            for _ in range(times):
                for _ in range(chance.randint(1, 6)):
                    sell(chain)
                cluster.kill()
                sell(chain)
                cluster.start()
            await_head(engine, chain)
        engine.dispose()
        wrong = _is_wrong(url, chain, documents, folder)
        print(f"postgresql: {times} kills of the server, {wrong} wrong", flush=True)
        return wrong


def _is_wrong(url: str, chain: Chain, documents: Documents, folder: Path) -> int:
    """1 where the rows are not those of a sync from nothing."""
    engine = open_engine(url)
    an_indexer(engine, chain, documents).sync()
    found = digest_of(engine)
    engine.dispose()
    return int(found != synced_digest(f"sqlite:///{folder / 'fresh.sqlite'}", chain, documents))


@contextmanager
def _a_world() -> Iterator[tuple[Chain, Documents, Path]]:
    """A chain of its own with the whole story on it, its documents, and a folder."""
    with tempfile.TemporaryDirectory(prefix="suyuan-faults-") as name:
        folder = Path(name)
        documents = Documents(folder / "documents")
        with a_chain(folder / "chain.sqlite") as chain:
            tell_story(chain, documents)
            yield chain, documents, folder


@contextmanager
def _databases() -> Iterator[dict[str, NewDatabase]]:
    """Makers of empty databases by name."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="suyuan-faults-")))
        numbers = iter(range(10**6))
        found: dict[str, NewDatabase] = {"sqlite": lambda: f"sqlite:///{folder / f'{next(numbers)}.sqlite'}"}
        try:
            cluster: Cluster = stack.enter_context(postgresql_cluster())
        except pytest.skip.Exception as missing:
            print(f"SKIPPED PostgreSQL: {missing}", flush=True)
        else:
            found["postgresql"] = cluster.new_database
        yield found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

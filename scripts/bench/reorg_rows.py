"""A chain replaces its last 64 blocks of 100 events each: how long until the rows tell the new ones, at the head again.

Measured from the moment when the node has the new blocks until the transaction is committed: the fork noticed, its
ancestor found, the new blocks fetched and decoded, rolled back and forward. Beside it what the node alone takes to give
the same logs, which no indexer can do without.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from postgresql_cluster import postgresql_cluster
from sqlalchemy import Engine

from ledger.chain.client import Client
from ledger.chain.profiles import ANVIL
from ledger.index.continuity import load_cursor
from ledger.index.indexer import Indexer
from ledger.index.raw_tables import RawTables
from ledger.index.reorganise import Reorganiser
from ledger.store.database import open_engine, read
from ledger.store.migrate import ensure_schema
from scripts.bench.mixed_chain import MixedChain, mixed_chain
from scripts.bench.sync_ours import mixed_plan

DEPTH, EVENTS_A_BLOCK, TARGET_MS = 64, 100, 100.0
FORKING = replace(ANVIL, name="forking", finality_depth=DEPTH)


def main(arguments: Sequence[str]) -> int:
    """0 when the target is met."""
    times = int(arguments[0]) if arguments else 7
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    figures: dict[str, float] = {}
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="suyuan-bench-"))
        urls = {"sqlite": f"sqlite:///{Path(folder) / 'ledger.sqlite'}"}
        try:
            urls["postgresql"] = stack.enter_context(postgresql_cluster()).new_database()
        except pytest.skip.Exception as missing:
            print(f"SKIPPED PostgreSQL: {missing}")
        for name, url in urls.items():
            with mixed_chain(2 * DEPTH * EVENTS_A_BLOCK, EVENTS_A_BLOCK) as chain:
                spent, node = _measure(chain, url, times)
            figures |= {f"{name}_p50_ms": statistics.median(spent), f"{name}_max_ms": max(spent)}
            figures[f"{name}_node_ms"] = statistics.median(node)
            print(
                f"{name}: {DEPTH} blocks of {EVENTS_A_BLOCK} events replaced {times} times; back at the head in "
                f"{statistics.median(spent):.0f} ms (p50), {max(spent):.0f} ms (max); the node alone takes "
                f"{statistics.median(node):.0f} ms to give the logs",
                flush=True,
            )
    targets = {f"{name}_p50_ms": TARGET_MS for name in urls}
    met = all(figures[name] <= target for name, target in targets.items())
    rounded = {name: round(value, 1) for name, value in figures.items()}
    print(json.dumps({"bench": "reorg", "figures": rounded, "targets": targets, "met": met}))
    return 0 if met else 1


def _measure(chain: MixedChain, url: str, times: int) -> tuple[list[float], list[float]]:
    """Milliseconds of each time: of ours, and of the node alone."""
    engine, client, plan = open_engine(url), Client(chain.url, FORKING), mixed_plan(chain.address, chain.first_block)
    ensure_schema(engine)
    tables = RawTables(plan)
    indexer = Indexer(engine, client, tables, reorganise=Reorganiser(engine, client, tables))
    indexer.sync()
    ours, node = [], []
    for _ in range(times):
        chain.ask("anvil_rollback", DEPTH)
        chain.emit(DEPTH * EVENTS_A_BLOCK, EVENTS_A_BLOCK)
        head = chain.ask("eth_getBlockByNumber", "latest", False)["hash"]
        began = time.perf_counter()
        while not _stands_at(engine, head):
            indexer.step()
        ours.append((time.perf_counter() - began) * 1_000)
        began = time.perf_counter()
        client.logs(chain.last_block - DEPTH + 1, chain.last_block, [chain.address])
        node.append((time.perf_counter() - began) * 1_000)
    indexer.close()
    client.close()
    engine.dispose()
    return ours, node


def _stands_at(engine: Engine, block_hash: str) -> bool:
    with read(engine) as connection:
        at = load_cursor(connection)
    return at is not None and at.block_hash == block_hash


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

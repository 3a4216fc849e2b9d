"""The ledger's engine as it is measured by scripts/bench/sync: a process of its own that indexes one contract.

python -m scripts.bench.sync_ours DATABASE_URL RPC_URL ADDRESS FIRST_BLOCK
"""

from __future__ import annotations

import json
import resource
import sys
import time

import structlog

from ledger.chain.client import Client
from ledger.chain.profiles import ANVIL
from ledger.index.indexer import Indexer
from ledger.index.plan import Plan, Source
from ledger.index.raw_tables import RawTables
from ledger.store.database import open_engine
from ledger.store.migrate import ensure_schema
from scripts.bench.compile_solidity import MIXED
from scripts.bench.mixed_chain import CHAIN_ID


def mixed_plan(address: str, first_block: int) -> Plan:
    """Raw rows of the contract's events; nothing is derived, as nothing is by the peers."""
    abi = json.loads(MIXED.read_text("utf-8"))["abi"]
    return Plan(CHAIN_ID, first_block, (Source("Mixed", abi, (address,)),))


def main() -> None:
    url, rpc, address, first_block = sys.argv[1:]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    engine = open_engine(url)
    ensure_schema(engine)
    indexer = Indexer(engine, Client(rpc, ANVIL), RawTables(mixed_plan(address, int(first_block))))
    began, cpu = time.perf_counter(), time.process_time()
    indexer.sync()
    seconds, busy = time.perf_counter() - began, time.process_time() - cpu
    indexer.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "cpu_seconds": busy, "peak_mb": round(peak, 1)}))


if __name__ == "__main__":
    main()

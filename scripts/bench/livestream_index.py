"""The indexer of the live-stream sale, a process of its own: follows until SIGTERM, then says its peak memory in MB.

python -m scripts.bench.livestream_index DATABASE_URL RPC_URL DEPLOYMENT_JSON DOCUMENTS
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Sequence
from pathlib import Path

import structlog

from ledger.chain.client import Client
from ledger.chain.contracts import Deployment
from ledger.chain.process import stop_event
from ledger.chain.profiles import ANVIL
from ledger.index.ours import our_indexer
from ledger.store.database import open_engine
from ledger.store.documents import Documents


def main(arguments: Sequence[str]) -> int:
    url, rpc_url, deployment, documents = arguments
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(40),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    stopping = stop_event()
    stands = Deployment(**json.loads(deployment))
    indexer = our_indexer(open_engine(url), Client(rpc_url, ANVIL), stands, Documents(Path(documents)), stopping.is_set)
    indexer.run(stopping)
    indexer.close()
    print(round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The indexer's process: `python -m ledger.index --home DIR`. SIGTERM and SIGINT stop it within a second."""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from pathlib import Path

import structlog

from ledger.chain.connect import open_client
from ledger.chain.contracts import Deployment
from ledger.chain.new_blocks import NewBlocks, subscription_url
from ledger.chain.process import run_main, stop_event
from ledger.chain.profiles import profile_named
from ledger.chain.pulse import start_watching
from ledger.config import Home, Settings, home_from
from ledger.errors import NotFound
from ledger.index.moved import Moves
from ledger.index.ours import our_audit, our_indexer
from ledger.logs import configure_logging
from ledger.store.database import open_database
from ledger.store.documents import Documents
from ledger.store.migrate import ensure_schema

STOP_SECONDS = 0.7

_log = structlog.get_logger("index")


def main() -> int:
    """0 after a signal; 1 with a sentence when it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m ledger.index", description="Follows the chain and keeps the rows.")
    parser.add_argument("--home", type=Path, help="the ledger's folder (SUYUAN_HOME, or .suyuan)")
    home = home_from(parser.parse_args().home)
    stopping = stop_event()
    configure_logging("indexer")
    return run_main(lambda: _follow(home, stopping))


def _follow(home: Home, stopping: threading.Event) -> None:
    settings = Settings.load(home)
    engine = open_database(home)
    ensure_schema(engine)
    deployment = await_deployment(home, stopping)
    if deployment is None:
        return
    client = open_client(home, settings)
    _log.info("following", chain=deployment.chain_id, node=client.url, home=str(home.path))
    start_watching(engine, client, home, "indexer", stopping)
    indexer = our_indexer(
        engine, client, deployment, Documents(home.documents), stopping.is_set, scratch=home.path / "rebuild"
    )
    audit = our_audit(engine, client, deployment, Documents(home.documents))
    working = [
        threading.Thread(target=indexer.run, args=(new_blocks(settings, stopping),), daemon=True),
        threading.Thread(target=audit.run, args=(stopping,), daemon=True),
    ]
    for thread in working:
        thread.start()
    moves = Moves(engine, client, deployment, home)
    while working[0].is_alive() and not stopping.wait(1.0):
        if moves.followed():
            _log.info("beginning_again", reason="the Council replaced a contract", file=str(home.deployment_file))
            break  # whoever watches over this process starts it again, with the new addresses
    stopping.set()
    until = time.monotonic() + STOP_SECONDS
    for thread in working:
        thread.join(max(until - time.monotonic(), 0))
    if any(thread.is_alive() for thread in working):
        # It waits for a node or a database that does not answer. What it has not committed will be done again.
        _log.warning("stopped_in_the_middle")
        sys.stdout.flush()
        os._exit(0)
    indexer.close()
    engine.dispose()
    client.close()


def new_blocks(settings: Settings, stopping: threading.Event) -> NewBlocks:
    """Wakes the indexer where the nodes tell of blocks; where they do not, it looks by itself."""
    path = profile_named(settings.profile).subscription_path
    return NewBlocks(filter(None, (subscription_url(url, path) for url in settings.nodes)), stopping)


def await_deployment(home: Home, stopping: threading.Event) -> Deployment | None:
    """All processes of a home start together; the contracts may not stand yet. None when asked to stop."""
    told = False
    while not stopping.is_set():
        try:
            return Deployment.load(home)
        except NotFound as error:
            if not told:
                _log.info("waiting", reason=str(error))
                told = True
        stopping.wait(0.2)
    return None


if __name__ == "__main__":
    sys.exit(main())

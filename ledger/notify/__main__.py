"""The notifier's process: `python -m ledger.notify --home DIR`. SIGTERM and SIGINT stop it within a second."""

from __future__ import annotations

import argparse
import asyncio
import sys
import threading
from pathlib import Path

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ledger.chain.process import run_main, single_instance, stop_event
from ledger.config import Home, Settings, home_from
from ledger.errors import SuyuanError
from ledger.logs import configure_logging
from ledger.notify.notifier import Notifier
from ledger.notify.signature import load_webhook_key
from ledger.store.database import open_database
from ledger.store.migrate import ensure_schema
from ledger.store.wake import Waiter

LOOK_SECONDS = 1.0

_log = structlog.get_logger("notify")


def main() -> int:
    """0 after a signal; 1 with a sentence when it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m ledger.notify", description="Delivers webhooks.")
    parser.add_argument("--home", type=Path, help="the ledger's folder (SUYUAN_HOME, or .suyuan)")
    home = home_from(parser.parse_args().home)
    stopping = stop_event()
    configure_logging("notifier")
    return run_main(lambda: _notify(home, stopping))


def _notify(home: Home, stopping: threading.Event) -> None:
    settings = Settings.load(home)
    engine = open_database(home)
    ensure_schema(engine)
    with single_instance(home, "notifier"):
        _log.info("notifying", home=str(home.path))
        asyncio.run(_run(Notifier(engine, load_webhook_key(home), development=settings.development), engine, stopping))
    engine.dispose()


async def _run(notifier: Notifier, engine: Engine, stopping: threading.Event) -> None:
    loop = asyncio.get_running_loop()
    running = asyncio.create_task(notifier.run(LOOK_SECONDS))
    waker = threading.Thread(target=_wake, args=(loop, notifier, engine, stopping), daemon=True)
    waker.start()
    while not stopping.is_set() and not running.done():
        await asyncio.sleep(0.1)
    if running.done():
        running.result()  # a fault of ours: the process ends with it, and is started again
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def _wake(loop: asyncio.AbstractEventLoop, notifier: Notifier, engine: Engine, stopping: threading.Event) -> None:
    """Wakes the notifier at each commit of rows. Where the database cannot be listened to, it looks by itself."""
    while not stopping.is_set():
        try:
            with Waiter(engine) as waiter:
                while not stopping.is_set():
                    if waiter.wait(LOOK_SECONDS):
                        loop.call_soon_threadsafe(notifier.wake)
        except (SQLAlchemyError, SuyuanError):
            stopping.wait(LOOK_SECONDS)
        except RuntimeError:
            return  # the loop is closed


if __name__ == "__main__":
    sys.exit(main())

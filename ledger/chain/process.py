"""What this ledger's small processes share: a stop on SIGTERM, and errors told as sentences."""

from __future__ import annotations

import fcntl
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ledger.config import Home
from ledger.errors import SuyuanError, Unavailable


def stop_event() -> threading.Event:
    """Set by SIGTERM and SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def run_main(main: Callable[[], None]) -> int:
    """Exit status: 0, or 1 with the error's sentence on stderr."""
    try:
        main()
    except SuyuanError as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    return 0


@contextmanager
def single_instance(home: Home, name: str) -> Iterator[None]:
    """Holds `run/<name>.lock` while the process runs; the system frees it when that dies. Unavailable if held."""
    home.run.mkdir(parents=True, exist_ok=True)
    with (home.run / f"{name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable(
                f"A {name} of this home runs already.",
                where=str(home.path),
                hint="Stop it first, or leave it to its work.",
            ) from None
        yield

"""What this ledger's small processes share: a stop on SIGTERM, log lines as JSON, and errors told as sentences."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Callable

import structlog

from ledger.errors import SuyuanError


def configure_logging() -> None:
    """One JSON object a line on stdout; times are UTC."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
    )


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

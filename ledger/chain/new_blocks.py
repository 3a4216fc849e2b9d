"""Waiting for the next block: until a node tells of it (eth_subscribe, `newHeads`), or for a while.

Nodes tell over a WebSocket, where the profile says at which path; a line that breaks is opened again. Whoever waits
looks by itself after the while that it asked for, so that a line that is silent without being broken costs no more
than that.
"""

from __future__ import annotations

import json
import logging
import ssl
import threading
import time
from collections.abc import Iterable
from typing import Final, Protocol
from urllib.parse import urlsplit, urlunsplit

import structlog
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from ledger.chain.endpoint import shown

OPEN_SECONDS: Final = 5.0
AGAIN_SECONDS, LONGEST_SECONDS = 1.0, 60.0
STOP_SECONDS: Final = 0.2  # a signal to stop is looked at as often

_SUBSCRIBE = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "eth_subscribe", "params": ["newHeads"]})

_log = structlog.get_logger("chain")


class Pause(Protocol):
    """What a `threading.Event` is too: something to wait for that says whether to stop."""

    def wait(self, timeout: float) -> bool:
        """At most `timeout` seconds; true when it is time to stop."""


class NewBlocks:
    """A `Pause` that ends early when one of the nodes tells of a new block. `stopping`: as for the whole process."""

    def __init__(self, urls: Iterable[str], stopping: threading.Event) -> None:
        self._stopping = stopping
        self._news = threading.Event()
        for url in urls:
            threading.Thread(target=self._listen, args=(url,), name="new-blocks", daemon=True).start()

    def wait(self, timeout: float) -> bool:
        """Returns at once where a node has told of a block since the last call."""
        until = time.monotonic() + timeout
        while not self._stopping.is_set():
            left = until - time.monotonic()
            if self._news.wait(max(0.0, min(left, STOP_SECONDS))):
                self._news.clear()
                break
            if left <= STOP_SECONDS:
                break
        return self._stopping.is_set()

    def _listen(self, url: str) -> None:
        pause = AGAIN_SECONDS
        while not self._stopping.is_set():
            try:
                with _open(url) as line:
                    line.send(_SUBSCRIBE)
                    said = json.loads(line.recv(OPEN_SECONDS))
                    if "result" not in said:
                        _log.info("node_tells_of_no_blocks", node=shown(url))
                        return
                    pause = AGAIN_SECONDS
                    self._news.set()  # what came before the line was open
                    for _ in line:
                        self._news.set()
            except (OSError, WebSocketException, ValueError, TypeError) as error:
                _log.info("node_does_not_tell", node=shown(url), error=type(error).__name__)
            self._stopping.wait(pause)
            pause = min(pause * 2, LONGEST_SECONDS)


def subscription_url(rpc_url: str, path: str | None) -> str | None:
    """Where the node behind an RPC address tells of blocks: the same place under `path`. None where it does not, or where
    an address holds more than a place (keys, say), which a subscription would not carry along."""
    parts = urlsplit(rpc_url)
    if path is None or parts.username or parts.query or parts.path.strip("/"):
        return None
    return urlunsplit(("wss" if parts.scheme == "https" else "ws", parts.netloc, path, "", ""))


def _open(url: str) -> ClientConnection:
    return connect(
        url,
        ssl=ssl.create_default_context() if url.startswith("wss:") else None,
        proxy=None,
        compression=None,
        open_timeout=OPEN_SECONDS,
        close_timeout=1.0,
        logger=_quiet(),
    )


def _quiet() -> logging.Logger:
    """What goes wrong is told here, in our words."""
    logger = logging.getLogger("suyuan.new_blocks")
    logger.setLevel(logging.CRITICAL)
    return logger

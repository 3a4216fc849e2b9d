"""`python -m api --home DIR`: serves the API and the pages of one home on the loopback address of its settings."""

from __future__ import annotations

import argparse
import errno
import os
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn

from api.app import create_app
from api.feed.hub import FeedHub
from ledger.config import home_from
from ledger.context import open_ledger
from ledger.errors import BadInput, SuyuanError, Unavailable
from ledger.logs import configure_logging

# A cryptography library raises the limit to 100,000 when it is imported; a request's deeply nested JSON would then
# overrun the machine's stack and end the process instead of being refused.
RECURSION_LIMIT = 2_000


class Server(uvicorn.Server):
    """Ends the open event streams first: a stream never ends by itself, and shutting down waits for those that are
    open."""

    def __init__(self, config: uvicorn.Config, hub: FeedHub) -> None:
        super().__init__(config)
        self._hub = hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._hub.close()
        await super().shutdown(sockets)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m api", description="The API and the pages of one ledger.")
    parser.add_argument("--home", type=Path, default=None, help="the ledger's folder (SUYUAN_HOME, else .suyuan)")
    arguments = parser.parse_args()
    try:
        ledger = open_ledger(home_from(arguments.home))
        listener = listen(ledger.settings.api_url)
    except SuyuanError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    configure_logging("api")
    app = create_app(ledger)
    sys.setrecursionlimit(RECURSION_LIMIT)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=1, server_header=False
    )
    print(f"The API serves {ledger.settings.api_url}", flush=True)
    Server(config, app.state.shared.hub).run(sockets=[listener])
    return 0


def listen(url: str) -> socket.socket:
    """A listening socket at the settings' address. BadInput for an address without a port, Unavailable when somebody
    has it."""
    try:
        place = urlsplit(url)
        host, port = place.hostname, place.port
    except ValueError:
        host = port = None
    if host is None or port is None:
        raise BadInput(
            f"{url!r} is no address to listen on.",
            where="api_url in config.json",
            hint="Write it like http://127.0.0.1:8000.",
        )
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(512)
    except OSError as error:
        why = (
            "another program listens there"
            if error.errno == errno.EADDRINUSE
            else os.strerror(error.errno or 0).lower()
        )
        raise Unavailable(
            f"The API cannot listen on {host}:{port}: {why}.",
            where="api_url in config.json",
            hint="Stop that program, or name another port in config.json.",
        ) from None
    return listener


if __name__ == "__main__":
    sys.exit(main())

"""JSON-RPC over HTTP on the loopback interface: POST of application/json, connections kept alive, bodies limited."""

from __future__ import annotations

import errno
import ipaddress
import os
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from ledger.chain.embedded.json_rpc import Call, answer
from ledger.errors import BadInput, Unavailable

MAX_BODY_BYTES = 5 * 1024 * 1024  # as geth
_MOST_DISCARDED_BYTES = 64 * 1024 * 1024
_IDLE_SECONDS = 120


class RpcServer(ThreadingHTTPServer):
    """A thread a connection. `release` is called when a connection ends, by its thread."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, host: str, port: int, release: Callable[[], None]) -> None:
        """Binds at once, and answers when `call` is set and it is served.

        BadInput: not a loopback address. Unavailable: the port is taken.
        """
        if not is_loopback(host):
            raise BadInput(f"The embedded chain serves this machine only, not {host}.", hint="Use --host 127.0.0.1.")
        self.call: Call = _not_yet
        self.release = release
        try:
            super().__init__((host, port), _Handler)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Unavailable(
                    f"Port {port} is in use.",
                    where=host,
                    hint="Stop the program that uses it, or choose another with --port.",
                ) from None
            raise Unavailable(
                f"The chain cannot listen: {os.strerror(error.errno or 0)}.", where=f"{host}:{port}"
            ) from None

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in mid-sentence is nothing to report."""


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _not_yet(_method: str, _parameters: list[Any]) -> Any:
    raise Unavailable("The chain is starting.")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "suyuan-chain"
    sys_version = ""
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave together
    server: RpcServer

    def do_POST(self) -> None:
        problem = self._problem()
        if problem is not None:
            self.close_connection = True
            self._discard_body()
            self._send(*problem)
            return
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._send(HTTPStatus.OK, answer(body, self.server.call))

    def _discard_body(self) -> None:
        """Takes what the client is still sending, within reason: it reads the answer when it has sent all."""
        length = self.headers.get("Content-Length") or ""
        left = min(int(length), _MOST_DISCARDED_BYTES) if length.isdecimal() else 0
        while left > 0 and (piece := self.rfile.read(min(left, 65_536))):
            left -= len(piece)

    def do_GET(self) -> None:
        self._send(HTTPStatus.OK, b"")  # as geth: it is alive

    def _problem(self) -> tuple[HTTPStatus, bytes] | None:
        """Why a request is not even read.

        The name in Host is checked so that a web page cannot reach the node under a name of its own (DNS rebinding).
        """
        try:
            host = urlsplit(f"//{self.headers.get('Host') or 'localhost'}").hostname or ""
        except ValueError:
            host = ""
        if not is_loopback(host):
            return HTTPStatus.FORBIDDEN, b"invalid host specified"
        if self.headers.get_content_type() != "application/json":
            return HTTPStatus.UNSUPPORTED_MEDIA_TYPE, b"invalid content type, only application/json is supported"
        length = self.headers.get("Content-Length") or ""
        if not length.isdecimal():
            return HTTPStatus.LENGTH_REQUIRED, b"a Content-Length is needed"
        if int(length) > MAX_BODY_BYTES:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"request body too large"
        return None

    def _send(self, status: HTTPStatus, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if status == HTTPStatus.OK else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            self.server.release()

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are not logged: a node answers thousands."""

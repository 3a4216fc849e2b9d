"""A proxy before a real node that misbehaves on demand or by seed: what lies between us and other people's nodes."""

from __future__ import annotations

import base64
import http.server
import json
import random
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx

Answer = Any  # what the node answered, decoded; a list for a batch
Twist = Callable[[Answer], Answer]


class MisbehavingNode:
    """Set `faults` to names of `FAULTS`: each request takes the next one until none is left. `twist` changes every
    answer before it is told; `token` is what it wants to see; `pause` holds every answer back, in seconds."""

    def __init__(self, target: str | None) -> None:
        self.target = target
        self.faults: list[str] = []
        self.happened: list[str] = []
        self.twist: Twist | None = None
        self.token: str | None = None
        self.pause = 0.0
        self.asked: list[str] = []
        self._http = httpx.Client(timeout=60, trust_env=False)
        self._turn = threading.Lock()
        node = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                node.serve(self, body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._http.close()

    def misbehave(self, seed: int, times: int) -> None:
        """So many faults of all kinds, in an order by seed, with good answers between them."""
        chance = random.Random(seed)
        self.faults = [chance.choice((*FAULTS, "none")) for _ in range(times)]

    def serve(self, handler: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
        with self._turn:
            fault = self.faults.pop(0) if self.faults else "none"
            self.happened.append(fault)
            request = json.loads(body)
            self.asked += [call["method"] for call in (request if isinstance(request, list) else [request])]
        time.sleep(self.pause)
        if self.token is not None and handler.headers.get("Authorization") != self.token:
            reply(handler, 401, b"<html>Who are you?</html>", {"Content-Type": "text/html"})
            return
        if fault in _BEFORE:
            _BEFORE[fault](handler)
            return
        answer = self._http.post(str(self.target), content=body, headers={"Content-Type": "application/json"}).json()
        if self.twist is not None:
            answer = self.twist(answer)
        _AFTER.get(fault, _told)(handler, answer)


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def each(change: Callable[[dict[str, Any]], None]) -> Twist:
    """Changes each response of an answer."""

    def twist(answer: Answer) -> Answer:
        for response in answer if isinstance(answer, list) else [answer]:
            change(response)
        return answer

    return twist


def reply(
    handler: http.server.BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str] | None = None
) -> None:
    handler.send_response(status)
    for name, value in {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **(headers or {}),
    }.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def _told(handler: http.server.BaseHTTPRequestHandler, answer: Answer) -> None:
    reply(handler, 200, json.dumps(answer).encode())


def _reset(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.connection.close()


def _busy(status: int, headers: dict[str, str]) -> Callable[[http.server.BaseHTTPRequestHandler], None]:
    return lambda handler: reply(handler, status, b"busy", {"Content-Type": "text/plain", **headers})


def _cut(handler: http.server.BaseHTTPRequestHandler, answer: Answer) -> None:
    text = json.dumps(answer).encode()
    reply(handler, 200, text[: len(text) // 2])


def _cut_connection(handler: http.server.BaseHTTPRequestHandler, answer: Answer) -> None:
    text = json.dumps(answer).encode()
    reply(handler, 200, text[: len(text) // 2], {"Content-Length": str(len(text))})
    handler.close_connection = True


def _garbled(handler: http.server.BaseHTTPRequestHandler, answer: Answer) -> None:
    reply(handler, 200, json.dumps(answer).encode().replace(b'"', b"\xff", 3))


def _wrong_id(handler: http.server.BaseHTTPRequestHandler, answer: Answer) -> None:
    def change(response: dict[str, Any]) -> None:
        response["id"] += 1_000_000

    _told(handler, each(change)(answer))


def _some_missing(handler: http.server.BaseHTTPRequestHandler, answer: Answer) -> None:
    _told(handler, answer[:-1] if isinstance(answer, list) else {"jsonrpc": "2.0"})


def _one_twice(handler: http.server.BaseHTTPRequestHandler, answer: Answer) -> None:
    _told(handler, [*answer[:-1], answer[0]] if isinstance(answer, list) else [answer, answer])


def _neither(handler: http.server.BaseHTTPRequestHandler, answer: Answer) -> None:
    def change(response: dict[str, Any]) -> None:
        response.pop("result", None)
        response.pop("error", None)

    _told(handler, each(change)(answer))


def _asked_too_often(handler: http.server.BaseHTTPRequestHandler, answer: Answer) -> None:
    def change(response: dict[str, Any]) -> None:
        response.pop("result", None)
        response["error"] = {"code": -32005, "message": "project ID request rate exceeded"}

    _told(handler, each(change)(answer))


def _slow_drip(handler: http.server.BaseHTTPRequestHandler, answer: Answer) -> None:
    text = json.dumps(answer).encode()
    reply(handler, 200, b"", {"Content-Length": str(len(text))})
    for start in range(0, len(text), max(len(text) // 4, 1)):
        handler.wfile.write(text[start : start + max(len(text) // 4, 1)])
        handler.wfile.flush()
        time.sleep(0.02)


_BEFORE: dict[str, Callable[[http.server.BaseHTTPRequestHandler], None]] = {
    "reset": _reset,
    "429": _busy(429, {}),
    "429 later": _busy(429, {"Retry-After": "0.05"}),
    "429 much later": _busy(429, {"Retry-After": "3600"}),
    "500": _busy(500, {}),
    "503": _busy(503, {"Retry-After": "0"}),
}
_AFTER: dict[str, Callable[[http.server.BaseHTTPRequestHandler, Answer], None]] = {
    "cut off": _cut,
    "connection cut": _cut_connection,
    "garbled": _garbled,
    "wrong id": _wrong_id,
    "some missing": _some_missing,
    "one twice": _one_twice,
    "neither": _neither,
    "asked too often": _asked_too_often,
    "slow drip": _slow_drip,
}
FAULTS = (*_BEFORE, *_AFTER)

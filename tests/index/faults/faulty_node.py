"""A node that misbehaves: a proxy before a real one that injects faults, which a seed decides.

Each fault is a function that answers one HTTP request in the node's place; `Asked` is that request and the node's own
answer. What faults must not do is in the hands of the tests: none makes up a chain that hashes to its headers.
"""

from __future__ import annotations

import json
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

Json = Any


@dataclass
class Asked:
    """One HTTP request. `calls`: the JSON-RPC calls in it; `single` when they did not come as a batch."""

    handler: BaseHTTPRequestHandler
    node: httpx.Client
    calls: list[Json]
    single: bool
    chance: random.Random

    def answers(self, calls: list[Json] | None = None) -> list[Json]:
        """The real node's, in the order of the calls."""
        calls = self.calls if calls is None else calls
        if not calls:
            return []
        given = self.node.post("", json=calls).json()
        by_id = {answer["id"]: answer for answer in given}
        return [by_id[call["id"]] for call in calls]

    def reply(self, answers: list[Json]) -> None:
        self.send(200, self.body(answers))

    def body(self, answers: list[Json]) -> bytes:
        return json.dumps(answers[0] if self.single and answers else answers).encode()

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.handler.send_response(status)
        self.handler.send_header("Content-Type", "application/json" if status == 200 else "text/plain")
        self.handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()
        self.handler.wfile.write(body)


Fault = Callable[[Asked], None]


class MisbehavingNode:
    """`url` answers as the node does, but for `rate` of the requests, which get one of the `faults`.

    `counts`: how often each was injected. `behave()` ends it.
    """

    def __init__(self, real_url: str, faults: Sequence[Fault], *, seed: int, rate: float) -> None:
        self.faults, self.rate = list(faults), rate
        self.counts: Counter[str] = Counter()
        self._chance, self._lock = random.Random(seed), threading.Lock()
        node = httpx.Client(base_url=real_url, timeout=60)
        misbehaving = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                calls = given if isinstance(given, list) else [given]
                fault, seed = misbehaving._draw()
                asked = Asked(self, node, calls, calls is not given, random.Random(seed))
                try:
                    fault(asked) if fault else asked.reply(asked.answers())
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True
                if fault:
                    misbehaving.counts[fault.__name__] += 1

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def _draw(self) -> tuple[Fault | None, int]:
        with self._lock:
            chosen = self._chance.random() < self.rate and self.faults
            return (self._chance.choice(self.faults) if chosen else None), self._chance.getrandbits(32)

    def behave(self) -> None:
        self.rate = 0

    @contextmanager
    def serving(self) -> Iterator[MisbehavingNode]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()


# --- it does not answer ----------------------------------------------------------------------------------------------


def connection_reset(asked: Asked) -> None:
    """Before the answer, or in the middle of it."""
    if asked.chance.random() < 0.5:
        body = asked.body(asked.answers())
        asked.handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body[: len(body) // 2])
    connection = asked.handler.connection
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # RST in place of FIN
    connection.close()
    asked.handler.close_connection = True


def too_many_requests(asked: Asked) -> None:
    asked.send(429, b"Too Many Requests")


def too_many_requests_retry_after(asked: Asked) -> None:
    asked.send(429, b"slow down", Retry_After="1")


def internal_error(asked: Asked) -> None:
    asked.send(500, b"Internal Server Error")


def unavailable(asked: Asked) -> None:
    asked.send(503, b"<html>Service Unavailable</html>")


def slow_drip(asked: Asked) -> None:
    """All of it, but slowly."""
    body = asked.body(asked.answers())
    asked.handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body))
    piece = len(body) // 10 + 1
    for start in range(0, len(body), piece):
        asked.handler.wfile.write(body[start : start + piece])
        asked.handler.wfile.flush()
        time.sleep(0.02)


# --- it answers nonsense ---------------------------------------------------------------------------------------------


def truncated(asked: Asked) -> None:
    """JSON that ends too early, told as if it were all."""
    body = asked.body(asked.answers())
    asked.send(200, body[: asked.chance.randrange(len(body))])


def garbled(asked: Asked) -> None:
    """A byte that no JSON text holds, somewhere."""
    body = bytearray(asked.body(asked.answers()))
    body[asked.chance.randrange(len(body))] = 0x01
    asked.send(200, bytes(body))


def wrong_id(asked: Asked) -> None:
    asked.reply([answer | {"id": answer["id"] + 1_000_000} for answer in asked.answers()])


def answers_missing(asked: Asked) -> None:
    """Some of a batch."""
    answers = asked.answers()
    asked.send(200, json.dumps(asked.chance.sample(answers, len(answers) // 2)).encode())


# --- it is behind ----------------------------------------------------------------------------------------------------

BEHIND = 3


def _as_seen_by_a_node_behind(asked: Asked) -> list[Json]:
    """What a node answers that has not seen the last blocks: no error, but less."""
    number = asked.node.post("", json={"jsonrpc": "2.0", "id": 0, "method": "eth_blockNumber", "params": []}).json()
    head = max(int(number["result"], 16) - BEHIND, 0)
    return [_behind(asked, call, head) for call in asked.calls]


def _behind(asked: Asked, call: Json, head: int) -> Json:
    method, params = call["method"], call["params"]
    nothing = {"jsonrpc": "2.0", "id": call["id"], "result": None}
    if method == "eth_blockNumber":
        return nothing | {"result": hex(head)}
    if method in ("eth_getBlockByNumber", "eth_getBlockReceipts"):
        if params[0] == "latest":
            return asked.answers([call | {"params": [hex(head), *params[1:]]}])[0]
        return nothing if int(params[0], 16) > head else asked.answers([call])[0]
    (answer,) = asked.answers([call])
    if method == "eth_getLogs" and "result" in answer:
        return answer | {"result": [log for log in answer["result"] if int(log["blockNumber"], 16) <= head]}
    if method == "eth_getTransactionReceipt" and answer.get("result"):
        return nothing if int(answer["result"]["blockNumber"], 16) > head else answer
    return answer


def head_goes_back(asked: Asked) -> None:
    asked.reply(_as_seen_by_a_node_behind(asked))


def two_nodes_at_two_heights(asked: Asked) -> None:
    """Each call of a batch may reach the one that is behind."""
    ahead = asked.answers()
    behind = _as_seen_by_a_node_behind(asked)
    asked.reply([asked.chance.choice(pair) for pair in zip(ahead, behind, strict=True)])


# --- it lies ---------------------------------------------------------------------------------------------------------


def log_dropped(asked: Asked) -> None:
    """One of the logs that were asked for."""
    answers = asked.answers()
    for call, answer in zip(asked.calls, answers, strict=True):
        if call["method"] == "eth_getLogs" and answer.get("result"):
            answer["result"].pop(asked.chance.randrange(len(answer["result"])))
        if call["method"] == "eth_getBlockReceipts" and answer.get("result"):
            for receipt in answer["result"]:
                receipt["logs"] = receipt["logs"][1:]
        if call["method"] == "eth_getTransactionReceipt" and answer.get("result"):
            answer["result"]["logs"] = answer["result"]["logs"][1:]
    asked.reply(answers)


# --- it refuses what is too large ------------------------------------------------------------------------------------

WORDS: dict[str, tuple[int, str]] = {
    "geth": (-32602, "exceed maximum block range: {blocks}"),
    "erigon": (-32000, "query returns too many logs, narrow your filter: {logs}"),
    "infura": (-32005, "query returned more than {logs} results"),
    "alchemy": (-32602, "Log response size exceeded. This block range should work: [0x0, 0x1]"),
    "besu": (-32005, "Requested range exceeds maximum RPC range limit"),
    "nethermind": (-32005, "Too many logs requested. Max logs per response is {logs}."),
    "reth": (-32602, "query exceeds max results {logs}, retry with the range 0-1"),
}


def too_many_results(client: str, *, logs: int, blocks: int = 1_000_000) -> Fault:
    """Refuses each eth_getLogs over so many logs or blocks, in the words of this client."""
    code, words = WORDS[client]
    error = {"code": code, "message": words.format(logs=logs, blocks=blocks)}

    def refuse(asked: Asked) -> None:
        answers = asked.answers()
        for place, (call, answer) in enumerate(zip(asked.calls, answers, strict=True)):
            if call["method"] != "eth_getLogs" or "result" not in answer:
                continue
            wanted = call["params"][0]
            span = int(wanted["toBlock"], 16) - int(wanted["fromBlock"], 16) + 1
            if len(answer["result"]) > logs or span > blocks:
                answers[place] = {"jsonrpc": "2.0", "id": call["id"], "error": error}
        asked.reply(answers)

    refuse.__name__ = f"too_many_results_{client}"
    return refuse


SILENT: tuple[Fault, ...] = (
    connection_reset, too_many_requests, too_many_requests_retry_after, internal_error, unavailable, slow_drip,
)  # fmt: skip
NONSENSE: tuple[Fault, ...] = (truncated, garbled, wrong_id, answers_missing)
LYING: tuple[Fault, ...] = (head_goes_back, two_nodes_at_two_heights, log_dropped)

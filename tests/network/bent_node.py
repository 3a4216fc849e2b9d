"""A node whose answers are bent on their way: a real embedded chain behind a small proxy."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from eth_account import Account

CHAIN_ID = 7_721
FUNDED = Account.from_key(b"\x21" * 32)

#: Gets (method, params, the node's reply without id) and gives the reply to answer with.
Bend = Callable[[str, list[Any], dict[str, Any]], dict[str, Any]]


@contextmanager
def embedded(folder: Path) -> Iterator[str]:
    """The URL of a chain with three blocks, one of them with a contract's creation."""
    command = [sys.executable, "-m", "ledger.chain.embedded", f"--file={folder / 'chain.sqlite'}", "--port=0"]
    command += [f"--chain-id={CHAIN_ID}", "--instant", f"--fund={FUNDED.address}:{10**24}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split(" on ")[1].split(" at ")[0]
        for nonce in range(3):
            send(url, nonce)
        yield url
    finally:
        process.kill()
        process.wait()


def send(url: str, nonce: int) -> None:
    """A transaction to oneself, mined."""
    transaction = {"to": FUNDED.address, "value": 1, "gas": 21_000, "nonce": nonce, "chainId": CHAIN_ID}
    raw = FUNDED.sign_transaction({**transaction, "gasPrice": 100 * 10**9}).raw_transaction.to_0x_hex()
    digest = rpc(url, "eth_sendRawTransaction", raw)
    while rpc(url, "eth_getTransactionReceipt", digest) is None:
        pass


def rpc(url: str, method: str, *params: Any) -> Any:
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
    return httpx.post(url, json=body, timeout=30).json()["result"]


@contextmanager
def bent(url: str, bend: Bend, *, status: int = 200, most_calls: int = 10**6) -> Iterator[str]:
    """A proxy before the node at `url`. Another `status` is answered without asking it."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            calls = body if isinstance(body, list) else [body]
            replies = upstream.post(url, json=calls).json() if status == 200 else []
            by_id = {reply["id"]: {k: v for k, v in reply.items() if k in ("result", "error")} for reply in replies}
            refused = {"error": {"code": -40100, "message": "Unauthorized"}}
            answers: Any = [
                {
                    "jsonrpc": "2.0",
                    "id": call["id"],
                    **(bend(call["method"], call.get("params", []), by_id[call["id"]]) if by_id else refused),
                }
                for call in calls
            ]
            if len(calls) > most_calls:
                answers = {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "batch too large"}}
            elif not isinstance(body, list):
                answers = answers[0]
            content = json.dumps(answers).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with httpx.Client(timeout=30) as upstream, ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


def refusing(*methods: str, code: int = -32601, message: str = "Method not found") -> Bend:
    """A node that does not know these methods."""

    def bend(method: str, params: list[Any], reply: dict[str, Any]) -> dict[str, Any]:
        return {"error": {"code": code, "message": message}} if method in methods else reply

    return bend


def changing(wanted: str, change: Callable[[Any], Any]) -> Bend:
    """A node whose results of one method are other ones."""

    def bend(method: str, params: list[Any], reply: dict[str, Any]) -> dict[str, Any]:
        return {"result": change(reply["result"])} if method == wanted and "result" in reply else reply

    return bend


def straight(method: str, params: list[Any], reply: dict[str, Any]) -> dict[str, Any]:
    return reply

"""A stand-in for Web3Signer, shaped as its JSON-RPC: one call a request, typed data as a JSON string, its own chain id."""

from __future__ import annotations

import http.server
import json
import threading
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount


class Web3Signer:
    """Signs for whoever asks, as the real one does. `lie` makes it sign something else; `token` is what it wants."""

    def __init__(self, private_key: bytes, chain_id: int) -> None:
        self.account: LocalAccount = Account.from_key(private_key)
        self.chain_id = chain_id
        self.lie = ""
        self.token: str | None = None
        self.asked: list[str] = []
        stand_in = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if stand_in.token and self.headers.get("Authorization") != f"Bearer {stand_in.token}":
                    self._reply(401, {})
                    return
                answer: dict[str, Any] = {"jsonrpc": "2.0", "id": request["id"]}
                try:
                    answer["result"] = stand_in.answer(request["method"], request["params"])
                except (KeyError, ValueError) as error:
                    answer["error"] = {"code": -32602, "message": f"Invalid params {error}"}
                self._reply(200, answer)

            def _reply(self, status: int, answer: Any) -> None:
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, params: list[Any]) -> Any:
        self.asked.append(method)
        signer = Account.from_key(b"\x07" * 32) if self.lie == "another account" else self.account
        if method == "eth_accounts":
            return [signer.address.lower()]
        if method == "eth_signTransaction":
            (asked,) = params
            transaction = {name: int(asked[name], 16) for name in _QUANTITIES if name in asked}
            transaction |= {"chainId": self.chain_id, "data": asked["data"]}
            if "to" in asked:
                transaction["to"] = asked["to"]
            if self.lie in transaction:
                transaction[self.lie] = "0x" if self.lie == "data" else int(str(transaction[self.lie]), 0) + 1
            if self.lie == "to":
                transaction["to"] = "0x" + "11" * 20
            return "0x" + bytes(signer.sign_transaction(transaction).raw_transaction).hex()
        if method == "eth_signTypedData":
            account, data = params
            assert isinstance(data, str)
            if account.lower() != self.account.address.lower():
                raise ValueError("unknown account")
            message = json.loads(data)
            if self.lie == "another message":
                message["domain"]["chainId"] += 1
            return "0x" + bytes(signer.sign_message(encode_typed_data(full_message=message)).signature).hex()
        raise ValueError("no such method")


_QUANTITIES = ("nonce", "gas", "gasPrice", "maxFeePerGas", "maxPriorityFeePerGas", "value")

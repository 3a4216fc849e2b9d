"""A member's signer: a process of its own that holds opened keys and answers JSON-RPC on loopback only.

    python -m ledger.chain.signer --home DIR [--members farm,cooler | --members all]

Methods are those of Web3Signer where it has one: eth_accounts; eth_signTransaction [tx]; eth_signTypedData [account, typed
data]; behind these parameters stands the session (authority) that a member's key needs. Ours are suyuan_salts [account,
event hashes, authority], suyuan_openSession [account's session, password], suyuan_nextKey [account, password],
suyuan_adoptKey [account] and suyuan_openKey [name, password]. Each call carries the home's local secret, in our header or as
a bearer token. A key may itself be held by a remote signer (`held_key`): the checks are made here all the same.
"""

from __future__ import annotations

import argparse
import getpass
import hmac
import json
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ledger.chain.connect import open_client
from ledger.chain.contracts import Deployment
from ledger.chain.held_key import HeldKey, is_sealed, open_elsewhere
from ledger.chain.keystore import (
    SIGNER_HEADER,
    keystores,
    member_of_key,
    open_keystore,
    password_of,
    password_variable,
    refuse_known_account,
    signer_secret,
)
from ledger.chain.next_key import is_account, open_next
from ledger.chain.policy import CONSORTIUM_NAME, RELAY_NAME, kind_of
from ledger.chain.process import run_main, stop_event
from ledger.chain.session import Authority
from ledger.chain.signing import Signing
from ledger.config import Home, Settings, home_from
from ledger.errors import BadInput, NotAllowed, NotFound, SuyuanError, Unavailable, WrongPassword
from ledger.logs import configure_logging

MOST_BODY_BYTES = 64 * 1024 * 1024

#: JSON-RPC 2.0, section 5.1; ours are in the range left to servers.
_PARSE_ERROR, _INVALID_REQUEST, _NO_METHOD, _INVALID_PARAMS, _INTERNAL, _REFUSED = (
    -32700,
    -32600,
    -32601,
    -32602,
    -32603,
    -32001,
)


def answer(signing: Signing, request: Any) -> dict[str, Any]:
    """One JSON-RPC request's response. A refusal carries its kind and hint; the client raises the same error."""
    if not isinstance(request, dict) or not isinstance(request.get("params", []), list):
        return _error(None, _INVALID_REQUEST, "This is no JSON-RPC 2.0 request.")
    identity, method, params = request.get("id"), request.get("method"), request.get("params", [])
    try:
        return {"jsonrpc": "2.0", "id": identity, "result": _result(signing, str(method), params)}
    except SuyuanError as refusal:
        data = {"kind": type(refusal).__name__, "hint": refusal.hint, "where": refusal.where}
        return _error(identity, _REFUSED, refusal.what, data)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError):
        return _error(identity, _INVALID_PARAMS, f"The parameters of {method} are not well formed.")
    except LookupError:
        return _error(identity, _NO_METHOD, f"There is no method {method}.")
    except Exception as fault:  # A fault of ours is told and logged by its kind; its text could hold what must not be.
        print(f"signer: {type(fault).__name__} in {method}", file=sys.stderr, flush=True)
        return _error(identity, _INTERNAL, f"The signer failed at {method}.")


def _result(signing: Signing, method: str, params: list[Any]) -> Any:
    match method:
        case "eth_accounts":
            return signing.accounts()
        case "eth_signTransaction":
            transaction, authority = _with_authority(params, 1)
            return "0x" + signing.sign_transaction(transaction, _authority(authority)).hex()
        case "eth_signTypedData":
            account, typed, authority = _with_authority(params, 2)
            typed = json.loads(typed) if isinstance(typed, str) else typed
            return "0x" + signing.sign_typed_data(account, typed, _authority(authority)).hex()
        case "suyuan_salts":
            account, hashes, authority = params
            return signing.salts(account, hashes, _authority(authority))
        case "suyuan_openSession":
            unsigned, password = params
            session = Authority.from_json(json.dumps({"session": unsigned, "signature": "0x"})).session
            return signing.open_session(session, password).as_dict()
        case "suyuan_nextKey":
            account, password = params
            return signing.next_key(account, password)
        case "suyuan_adoptKey":
            (account,) = params
            return signing.adopt_key(account)
        case "suyuan_openKey":
            name, password = params
            return signing.open_key(name, password)
    raise _UnknownMethod(method)


def _with_authority(params: list[Any], standard: int) -> list[Any]:
    """Web3Signer's parameters, and behind them the session that lets a member's key sign; without it the relay's and the
    consortium's keys sign all the same."""
    return [*params, None] if len(params) == standard else params


class _UnknownMethod(LookupError):
    pass


def _authority(raw: Any) -> Authority | None:
    return None if raw is None else Authority.from_json(json.dumps(raw))


def _error(identity: Any, code: int, message: str, data: Any = None) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": identity, "error": {"code": code, "message": message, "data": data}}


# --- HTTP ------------------------------------------------------------------------------------------------------------


class SignerServer(ThreadingHTTPServer):
    """Listens on a loopback address only."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], signing: Signing, secret: str) -> None:
        if address[0] not in ("127.0.0.1", "localhost", "::1"):
            raise BadInput(
                f"A signer listens on loopback only, not on {address[0]}.", hint="Correct signer_url in config.json."
            )
        self.signing = signing
        self.secret = secret
        try:
            super().__init__(address, _Handler)
        except OSError as error:
            raise Unavailable(
                f"The signer cannot listen on {address[0]}:{address[1]}: {error.strerror}.",
                hint="Stop what uses that port, or choose another signer_url in config.json.",
            ) from None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: SignerServer

    def do_POST(self) -> None:
        # Our own header, or the one that clients of Web3Signer can set (RFC 6750).
        shown = self.headers.get(SIGNER_HEADER) or self.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(shown.encode(), self.server.secret.encode()):
            self.close_connection = True  # its body stays unread
            self._reply(
                401, _error(None, _REFUSED, "The local secret is missing or wrong.", {"kind": "NotAuthenticated"})
            )
            return
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            length = -1
        if not 0 <= length <= MOST_BODY_BYTES:
            self.close_connection = True
            self._reply(413, _error(None, _INVALID_REQUEST, "The request is too large or has no length."))
            return
        try:
            body = json.loads(self.rfile.read(length))
        except (ValueError, RecursionError):
            self._reply(200, _error(None, _PARSE_ERROR, "The request is not JSON."))
            return
        signing = self.server.signing
        many = isinstance(body, list)
        self._reply(200, [answer(signing, each) for each in body] if many else answer(signing, body))

    def _reply(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: requests carry passwords and sessions."""


# --- the process -----------------------------------------------------------------------------------------------------


def open_keys(home: Home, settings: Settings, members: str | None) -> list[HeldKey]:
    """The keys that this process holds. Development: all, unless named. Else one member's, and the relay's if named.

    NotAllowed for more than one member outside development; WrongPassword; NotFound.
    """
    names = _names(home, settings, members)
    keys: list[HeldKey] = []
    for name in names:
        if not is_sealed(home, name):
            if not settings.development:
                refuse_known_account(home, name)
            keys.append(open_elsewhere(home, name))
            continue
        password = password_of(home, name, development=settings.development)
        if password is None and sys.stdin.isatty():
            password = getpass.getpass(f"Password of {name}: ")
        if password is None:
            raise WrongPassword(
                f"There is no password for the key of {name}.",
                hint=f"Set {password_variable(name)} in the environment.",
            )
        keys.append(open_keystore(home, name, password, development=settings.development))
        following = open_next(home, name, password, development=settings.development)
        keys += [following] if following else []  # Which of the two holds is for the chain to say.
    return keys


def _names(home: Home, settings: Settings, members: str | None) -> list[str]:
    chosen = members or ("all" if settings.development else settings.member)
    if chosen is None:
        raise BadInput(
            "Whose keys is this signer to hold?", hint='Name a member with --members, or "member" in config.json.'
        )
    names = keystores(home) if chosen == "all" else [name.strip() for name in chosen.split(",") if name.strip()]
    if settings.development:
        operators = {CONSORTIUM_NAME, RELAY_NAME} & set(keystores(home))
        return sorted({*names, *operators})
    owners = [name for name in names if kind_of(name) != "relay"]
    if chosen == "all" or len({member_of_key(name) for name in owners}) > 1:
        raise NotAllowed(
            "Outside development a signer holds the key of one member only.",
            hint="Start one signer process for each, each on the machine of its member.",
        )
    return names


def banner(settings: Settings, keys: Sequence[HeldKey]) -> str:
    """What the process says of itself when it starts."""
    names = ", ".join(key.name for key in keys)
    if not settings.development:
        return f"Signer of {names} on {settings.signer_url}."
    line = "!" * 100
    return (
        f"{line}\nDEVELOPMENT SIGNER: this one process holds the keys of ALL of these: {names}.\n"
        "Their passwords lie beside them in the clear. Never do this outside development: there, each member's key is\n"
        f"unlocked only in that member's own signer process.\n{line}\nListening on {settings.signer_url}."
    )


def serve(home: Home, members: str | None, stop: threading.Event) -> None:
    """Until `stop` is set."""
    settings = Settings.load(home)
    url = urlsplit(settings.signer_url)
    keys = open_keys(home, settings, members)
    client = open_client(home, settings)
    signing = Signing(home, settings, keys, stands=lambda account: is_account(client, Deployment.load(home), account))
    with suppress(Unavailable, NotFound):  # No chain yet: both keys stay, and each request says which it means.
        signing.adopt_keys()
    with SignerServer((url.hostname or "127.0.0.1", url.port or 8546), signing, signer_secret(home)) as server:
        threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
        print(banner(settings, keys), flush=True)
        stop.wait()
        server.shutdown()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m ledger.chain.signer", description="Signs for members of one home.")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--members", help="names of keystores, separated by commas; 'all' in development only")
    options = parser.parse_args(arguments)
    configure_logging("signer")
    return run_main(lambda: serve(home_from(options.home), options.members, stop_event()))


if __name__ == "__main__":
    sys.exit(main())

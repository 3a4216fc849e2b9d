"""How one speaks with the node: batches, the pool, peers, and what is pushed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit, urlunsplit

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from ledger.chain.rpc import RpcFault
from ledger.errors import Unavailable
from ledger.network.check.facts import Facts
from ledger.network.check.finding import Finding, adapts, fails, passes, unknown
from ledger.network.check.probe import Probe, is_unknown_method

BATCHES = (1, 5, 10, 20, 50, 100, 200, 500)
USEFUL_BATCH = 20
SUBSCRIBE = '{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}'

_NOBODY = "0x" + "00" * 19 + "ff"


def check_traffic(nodes: Sequence[Probe], facts: Facts, ws_url: str | None) -> Iterator[Finding]:
    node = nodes[0]
    yield from check_batches(node, facts)
    yield _pool(node)
    yield _peers(nodes, facts)
    yield _proofs(node)
    yield _pushed(ws_url or _web_socket_of(node.given_url))


def check_batches(node: Probe, facts: Facts) -> Iterator[Finding]:
    yield _batches(node, facts)


def _batches(node: Probe, facts: Facts) -> Finding:
    refused = ""
    for size in BATCHES:
        try:
            answers = node.many([("eth_chainId", [])] * size)
        except Unavailable as error:
            refused = error.what
            break
        if any(isinstance(answer, RpcFault) for answer in answers):
            refused = next(answer.message for answer in answers if isinstance(answer, RpcFault))
            break
        facts.batch_limit = size
    if facts.batch_limit is None:
        return fails("batches", f"A single call in a batch is refused: {refused}.")
    if facts.batch_limit < USEFUL_BATCH:
        return adapts(
            "batches", f"At most {facts.batch_limit} calls at once ({refused.rstrip('.')}).", "It asks more often."
        )
    return passes("batches", f"At least {facts.batch_limit} calls at once.")


def _pool(node: Probe) -> Finding:
    pending = node.number("eth_getTransactionCount", _NOBODY, "pending")
    if pending is None:
        return fails(
            "pool", "The node does not count what waits (eth_getTransactionCount, pending): nonces would collide."
        )
    answer = node.ask("eth_sendRawTransaction", "0x00")
    if not isinstance(answer, RpcFault) or is_unknown_method(answer):
        return fails("pool", "The node takes no signed transactions (eth_sendRawTransaction).")
    return passes("pool", "It counts what waits, and takes signed transactions (nonsense is refused).")


def _peers(nodes: Sequence[Probe], facts: Facts) -> Finding:
    counts = [node.number("net_peerCount") for node in nodes]
    known = [count for count in counts if count is not None]
    if not known:
        return unknown("peers", "The node does not tell its peers (net_peerCount).")
    listed = ", ".join("?" if count is None else str(count) for count in counts)
    wanted = len(facts.validators) - 1
    if facts.validators and min(known) < wanted:
        return adapts(
            "peers",
            f"{listed}; each of {len(facts.validators)} validators should see {wanted}.",
            "It goes on with what is there; see that all nodes are let in, and reached.",
        )
    return passes("peers", f"{listed}.")


def _proofs(node: Probe) -> Finding:
    if isinstance(node.ask("eth_getProof", _NOBODY, [], "latest"), dict):
        return passes("state proofs", "eth_getProof answers.")
    return adapts(
        "state proofs", "There is no eth_getProof.", "It needs none: its evidence is in logs, proven by receipts."
    )


def _pushed(ws_url: str) -> Finding:
    try:
        with connect(ws_url, open_timeout=3, close_timeout=1) as socket:
            socket.send(SUBSCRIBE)
            answer = socket.recv(timeout=3)
    except (OSError, WebSocketException, TimeoutError, ValueError):
        return adapts(
            "subscription",
            "No new heads are pushed at the WebSocket address.",
            "It polls, as often as its profile says.",
        )
    text = answer if isinstance(answer, str) else answer.decode(errors="replace")
    if '"result"' in text:
        return passes("subscription", "New heads are pushed (eth_subscribe).")
    return adapts(
        "subscription", "A WebSocket is there, and refuses eth_subscribe.", "It polls, as often as its profile says."
    )


def _web_socket_of(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(("wss" if parts.scheme == "https" else "ws", parts.netloc, parts.path, parts.query, ""))

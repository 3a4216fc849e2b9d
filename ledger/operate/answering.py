"""Whether something answers at an address of this machine, asked within two seconds."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def _probe() -> httpx.Client:
    """Asks on loopback: without the system's certificates and proxies, whose loading takes longer than the answer."""
    return httpx.Client(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), trust_env=False)


def rpc_answers(url: str, chain_id: int) -> bool:
    """Whether a node of that chain answers."""
    try:
        answer = _probe().post(url, json={"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}, timeout=2)
        return int(answer.json()["result"], 16) == chain_id
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return False


def listens(url: str) -> bool:
    """Whether something speaks HTTP there, whatever it says."""
    try:
        _probe().post(url, json={}, timeout=2)
    except httpx.HTTPError:
        return False
    return True


def http_ok(url: str) -> bool:
    try:
        return _probe().get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False

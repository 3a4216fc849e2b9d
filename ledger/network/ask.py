"""Asks a node over JSON-RPC, briefly: whoever looks at a network must not wait for a node that is paused."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import httpx

from ledger.errors import Unavailable

PATIENCE_SECONDS = 2.0


@dataclass(frozen=True)
class Answer:
    """Results in the order of the calls, None where the node refused; `date`: its clock by the HTTP Date header (RFC 9110,
    section 6.6.1), Unix seconds, None without one."""

    results: list[Any]
    date: float | None


def ask(url: str, calls: Sequence[tuple[str, list[Any]]]) -> Answer:
    """Unavailable when the node does not answer in time, or with something else."""
    body = [
        {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        for number, (method, params) in enumerate(calls)
    ]
    try:
        response = _http().post(url, json=body)
        by_id = {reply["id"]: reply.get("result") for reply in response.json()}
        return Answer([by_id.get(number) for number in range(len(calls))], date_of(response))
    except httpx.HTTPError as error:
        raise Unavailable(f"The node at {url} does not answer ({str(error) or type(error).__name__}).") from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unavailable(f"What answers at {url} does not speak JSON-RPC: {error!r}.") from None


def date_of(response: httpx.Response) -> float | None:
    """When the other side says that it answered."""
    try:
        return parsedate_to_datetime(response.headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return None


@cache
def _http() -> httpx.Client:
    """On loopback: without the system's certificates and proxies, whose loading takes longer than the answer."""
    return httpx.Client(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), trust_env=False, timeout=PATIENCE_SECONDS)

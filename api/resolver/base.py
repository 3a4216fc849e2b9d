"""The address under which this resolver is known: what its links and anchors begin with."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request

from api.state import ledger_of

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def base_of(request: Request) -> str:
    """`https://host[:port]` without a slash at the end: the configured address, which codes are printed with.

    A home whose configured address is the loopback is being tried out: it answers under whatever address it was asked
    at, so that links work from a phone in the same network. Elsewhere a request's Host never decides where others are
    sent.
    """
    configured = ledger_of(request).settings.api_url.rstrip("/")
    if urlsplit(configured).hostname not in _LOOPBACK:
        return configured
    try:
        host, port = request.url.hostname, request.url.port
    except ValueError:  # a Host that is none
        return configured
    if not host:
        return configured
    host = f"[{host}]" if ":" in host else host
    return f"{request.url.scheme}://{host}" + (f":{port}" if port else "")

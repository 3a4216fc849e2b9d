"""Prometheus metrics, for a monitor on this machine or one that knows the token."""

from __future__ import annotations

import hmac
import ipaddress

from fastapi import APIRouter, Request, Response

from api.metrics import MEDIA_TYPE
from api.state import ledger_of, shared_of
from ledger.config import Home
from ledger.errors import NotAllowed

router = APIRouter(tags=["health"])

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


@router.get("/metrics", summary="Prometheus metrics, on this machine or with a token", response_class=Response)
def metrics(request: Request) -> Response:
    """From elsewhere, and through a proxy: `Authorization: Bearer <content of keys/metrics.token>`."""
    if not _is_local(request) and not _shows_token(request, ledger_of(request).home):
        raise NotAllowed(
            "Metrics are for the operator.",
            hint="Ask on this machine, or show the token of keys/metrics.token (`Authorization: Bearer …`).",
        )
    return Response(shared_of(request).metrics.text(), media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


def _is_local(request: Request) -> bool:
    """What a proxy on this machine hands on comes from elsewhere, whatever its address."""
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _shows_token(request: Request, home: Home) -> bool:
    """False where the operator made no token."""
    try:
        token = (home.keys / "metrics.token").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return False
    scheme, _, said = request.headers.get("authorization", "").partition(" ")
    return bool(token) and scheme.lower() == "bearer" and hmac.compare_digest(said.strip().encode(), token.encode())

"""Whether this process lives, whether it can do its work, and what this home's processes find wrong."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.exc import SQLAlchemyError

from api.confirmation import standstill_of
from api.reads.standing import Standing, standing_of
from api.state import ledger_of
from ledger.chain.health import health as health_of
from ledger.errors import NotFound, SuyuanError
from ledger.store.alarms import alarms

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="This process answers")
def healthz() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/health", summary="How the ledger stands: nodes, what waits to be confirmed, and alerts")
def health(request: Request) -> dict[str, Any]:
    """Always 200 where this process answers: `status` is `alert` where something needs a look, and says what."""
    ledger = ledger_of(request)
    found = health_of(ledger.engine, ledger.client, time.time(), home=ledger.home)
    return {"status": "ok" if found.ok else "alert", **asdict(found)}


@router.get("/readyz", summary="Database, contracts and node are there; 503 names what is missing")
def readyz(request: Request, response: Response) -> dict[str, Any]:
    """An index that stands still, and alarms, are told and are no reason to take the pages away: what stands is true."""
    ledger = ledger_of(request)
    missing: dict[str, str] = {}
    standing: Standing | None = None
    head: int | None = None
    try:
        standing = standing_of(ledger.engine, int(time.time()))
    except (SQLAlchemyError, SuyuanError) as error:
        missing["database"] = error.what if isinstance(error, SuyuanError) else type(error).__name__
    try:
        ledger.client.require_chain(ledger.deployment.chain_id, ledger.deployment.genesis)
        head = ledger.client.head().number
    except NotFound as error:
        missing["contracts"] = error.what
    except SuyuanError as error:
        missing["node"] = error.what
    if missing:
        response.status_code = 503
    return {
        "status": "unavailable" if missing else "ok",
        "missing": missing,
        "indexed_block": standing.indexed_block if standing else None,
        "verified_block": standing.verified_block if standing else None,
        "index_stopped": standing.stopped if standing else None,
        "head_block": head,
        "confirming": standstill_of(request.app) is None,
        "alarms": [alarm.__dict__ for alarm in alarms(ledger.home)],
    }

"""The app: routes, pages, errors and what they share. One factory, so that tests and the server make the same thing."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware

from api import errors
from api.body import BodyLimit, NoSniffing
from api.confirmation import Confirmation
from api.feed.hub import FeedHub
from api.metrics import MeasureRequests, Metrics
from api.pages import home, log_batch, login, merchant, scan
from api.pages import webhooks as webhooks_page
from api.pages.render import Pages
from api.routes import (
    batches,
    digital_link,
    epcis,
    epcis_query,
    events,
    governance,
    grants,
    health,
    items,
    metrics,
    orders,
    recall_affected,
    recalls,
    rules,
    statements,
    stream,
    trace,
    webhooks,
    withdrawals,
)
from api.state import Shared
from ledger.chain.pulse import start_watching
from ledger.context import Ledger
from ledger.trace.item_codes import load_mac_key
from ledger.trace.item_proofs import ItemProofs

ROUTES = (
    health,
    metrics,
    epcis,
    epcis_query,
    events,
    trace,
    items,
    recalls,
    recall_affected,
    orders,
    batches,
    rules,
    withdrawals,
    grants,
    governance,
    statements,
    stream,
    webhooks,
    digital_link,
)
PAGES = (home, login, scan, log_batch, merchant, webhooks_page)

MOST_BODY_BYTES = 8 * 1024 * 1024

_DESCRIPTION = """Where a product came from, and who was paid what for it. Reads are open where the journey is public;
writes carry a member's own signed session (`Authorization: Bearer <session>`, made by `suyuan session`). This API
holds no member's key: what a member did not sign or grant, it cannot do. Every error is a problem (RFC 9457,
application/problem+json) that says what is wrong, where, and what to do. Money is integer fen (1/100 CNY)."""


def create_app(ledger: Ledger) -> FastAPI:
    """The API and pages of one opened ledger."""
    app = FastAPI(
        title="Suyuan 溯源",
        version=_version(),
        description=_DESCRIPTION,
        docs_url=None,  # its page loads scripts from another host
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    app.state.shared = share(ledger)
    errors.install(app)
    app.add_middleware(BodyLimit, most_bytes=MOST_BODY_BYTES)
    app.add_middleware(GZipMiddleware, minimum_size=1000)  # event streams are left as they are
    app.add_middleware(Confirmation)
    app.add_middleware(NoSniffing)
    app.add_middleware(MeasureRequests)
    for part in ROUTES:
        app.include_router(part.router)
    for page in PAGES:
        app.include_router(page.router)
    app.include_router(digital_link.compressed)
    return app


def share(ledger: Ledger) -> Shared:
    """What the requests of an app that serves this ledger work with."""
    hub = FeedHub(ledger.engine)
    return Shared(
        ledger=ledger,
        hub=hub,
        pages=Pages(),
        proofs=ItemProofs(ledger.documents),
        mac_key=load_mac_key(ledger.home),
        metrics=Metrics(ledger, hub),
    )


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    shared: Shared = app.state.shared
    stop = threading.Event()
    start_watching(shared.ledger.engine, shared.ledger.client, shared.ledger.home, "api", stop)
    yield
    stop.set()
    shared.hub.close()


def _version() -> str:
    try:
        return version("suyuan-ledger")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "0"

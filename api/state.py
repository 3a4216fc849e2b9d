"""What every request works with, put into the app once by `create_app`: the ledger, the feed, the pages."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from api.feed.hub import FeedHub
from api.metrics import Metrics
from api.pages.render import Pages
from ledger.context import Ledger
from ledger.trace.item_proofs import ItemProofs


@dataclass(frozen=True)
class Shared:
    """Shared by all requests of one app."""

    ledger: Ledger
    hub: FeedHub
    pages: Pages
    proofs: ItemProofs
    mac_key: bytes
    metrics: Metrics


def shared_of(connection: HTTPConnection) -> Shared:
    shared: Shared = connection.app.state.shared
    return shared


def ledger_of(connection: HTTPConnection) -> Ledger:
    return shared_of(connection).ledger


def pages_of(connection: HTTPConnection) -> Pages:
    return shared_of(connection).pages

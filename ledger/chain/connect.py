"""From a home's settings to its nodes and its signer: the one place where processes and commands open them."""

from __future__ import annotations

from ledger.chain.client import Client
from ledger.chain.contracts import Deployment
from ledger.chain.profiles import profile_named
from ledger.config import Home, Settings
from ledger.errors import NotFound


def open_client(home: Home, settings: Settings) -> Client:
    """The nodes that the settings name; none is asked yet. BadInput for an address that cannot be used."""
    return Client(
        settings.nodes,
        profile_named(settings.profile),
        chain_id=settings.chain_id,
        genesis=genesis_of(home),
        lag_blocks=settings.lag_blocks,
        quorum=settings.quorum,
    )


def genesis_of(home: Home) -> str | None:
    """The hash of the first block of this ledger's chain; None before the first start: whatever chain the nodes agree
    on is then where the ledger will stand."""
    try:
        return Deployment.load(home).genesis
    except NotFound:
        return None

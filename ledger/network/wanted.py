"""Which validators the consortium wants, as its contract holds them."""

from __future__ import annotations

from ledger.context import Ledger


def wanted_set(ledger: Ledger) -> list[str]:
    """Lower-case 0x hex, in no order that means anything. Unavailable when no node answers."""
    return [str(one).lower() for one in ledger.client.call(ledger.deployment, "Validators", "wanted")]

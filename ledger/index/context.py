"""What a handler gets beside the event: where it stands on the chain, and the document store."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.index.stored_events import StoredEvents


@dataclass(frozen=True, slots=True)
class Context:
    """`at`: the block's time in Unix seconds. `stored`: the documents that openings and manifests name."""

    block: int
    log_index: int
    tx_hash: str
    at: int
    stored: StoredEvents

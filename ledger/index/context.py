"""What a handler gets beside the event: where it stands on the chain, and the document store."""

from __future__ import annotations

import msgspec

from ledger.index.stored_events import StoredEvents


class Context(msgspec.Struct, frozen=True):
    """`at`: the block's time in Unix seconds. `stored`: the documents that openings and manifests name."""

    block: int
    log_index: int
    tx_hash: str
    at: int
    stored: StoredEvents

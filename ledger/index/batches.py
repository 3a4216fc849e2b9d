"""A batch's orders as rows: their ids, and their numbers from the manifest in the document store.

Three outcomes for the numbers, each a function of the chain and the store only: the manifest is not here (an order goes by
its batch and position; `heal` names it later); it is what the terms commit to; it is another (a `fault` in words, and the
orders keep going by their positions). A damaged file is BrokenEvidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledger.errors import BadInput
from ledger.index.rows import Key, Row, Rows, never_told
from ledger.settle.batch_id import BatchTerms, position_id, short_name
from ledger.settle.batch_manifest import difference, read_batch_manifest
from ledger.store.documents import Documents
from ledger.store.schema import batch, order


@dataclass(frozen=True, slots=True)
class Names:
    """Order numbers by position, None where the manifest does not give them; `fault` says why if it is here."""

    numbers: Sequence[str] | None
    fault: str | None = None

    @property
    def columns(self) -> dict[str, bool | str | None]:
        """As the batch's row holds it."""
        return {"named": self.numbers is not None, "fault": self.fault}


def batch_told(rows: Rows, batch_id: str) -> Row:
    """The row. BrokenEvidence when no log before placed the batch."""
    placed = rows.get(batch, batch_id)
    if placed is None:
        raise never_told(batch, batch_id)
    return placed


def names_of(documents: Documents, placed: Row) -> Names:
    """What the manifest of this batch's row gives now."""
    if not documents.has(placed["manifest"]):
        return Names(None)
    try:
        manifest = read_batch_manifest(documents.get(placed["manifest"]))
        fault = difference(manifest, placed["merchant"], _terms(placed))
    except BadInput as error:
        fault = f"The manifest cannot be read: {error}"
    return Names(manifest.numbers) if fault is None else Names(None, fault)


def name_orders(rows: Rows, documents: Documents, batch_id: str) -> None:
    """Gives the orders of a batch whose manifest has arrived their numbers."""
    placed = batch_told(rows, batch_id)
    names = names_of(documents, placed)
    rows.move(batch, {"batch_id": batch_id}, names.columns)
    if names.numbers is None or placed["state"] != "paid":
        return
    rows.expect(order, keys_of(batch_id, range(placed["count"])))
    for position, number in enumerate(names.numbers):
        rows.move(order, {"order_id": position_id(batch_id, position)}, {"number": number})


def placeholder(batch_id: str, position: int) -> str:
    """What an order goes by while its number is not known."""
    return f"{short_name(batch_id)}/{position}"


def keys_of(batch_id: str, positions: Iterable[int]) -> list[Key]:
    """Of the orders at these positions."""
    return [(position_id(batch_id, position),) for position in positions]


def _terms(placed: Row) -> BatchTerms:
    root = placed["amounts_root"].removeprefix("0x")
    rest = (placed[name] for name in ("total_fen", "rule", "carrier", "count", "width"))
    return BatchTerms(placed["manifest"], root, *rest)

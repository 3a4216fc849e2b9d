"""Makes the item codes of a lot: serials, manifest into the document store, root into a queued transaction.

A batch has a name of the maker's choice ("line 1, 20 April"): asking again for the same batch changes nothing.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from sqlalchemy import Select, select

from ledger.chain.outbox import Intent, queue
from ledger.chain.session import Authority
from ledger.context import Ledger
from ledger.errors import Conflict, NotAllowed
from ledger.store.database import write
from ledger.store.queries.members import MemberRow, require_active
from ledger.store.schema import item_batch, product
from ledger.trace.gs1 import check_gtin
from ledger.trace.item_codes import Manifest, load_mac_key, make_serials, read_manifest, write_manifest
from ledger.trace.merkle import root_of

COMMIT_GAS = 400_000


@dataclass(frozen=True)
class ItemBatch:
    """The codes of a batch; `repeated` when they had been made before. `root` and `manifest` are hex."""

    gtin: str
    lot: str
    batch: str
    root: str
    manifest: str
    serials: tuple[str, ...]
    outbox_id: int
    repeated: bool


def make_items(
    ledger: Ledger, *, member: MemberRow, gtin: str, lot: str, count: int, batch: str, authority: Authority
) -> ItemBatch:
    """Makes `count` codes for a lot of a product that the member owns. Errors: NotAllowed (suspended, another's GTIN),
    BadInput (GTIN, lot, count), Conflict (the batch exists with another count)."""
    gtin = check_gtin(gtin)
    require_active(member, "make item codes")
    _require_owner(ledger, member, gtin)
    known = _known_batch(ledger, gtin, lot, batch)
    if known is not None:
        return _same_count(known, count)
    manifest = Manifest(gtin, lot, make_serials(load_mac_key(ledger.home), gtin, lot, count))
    root = root_of(manifest.leaves())
    digest = ledger.documents.put(write_manifest(manifest))
    with write(ledger.engine) as connection:
        if connection.execute(_batch_query(gtin, lot, batch)).first() is None:
            intent = Intent(
                key=f"items:{gtin}:{lot}:{batch}",
                account=member.account,
                contract="ItemCodes",
                function="commitItems",
                args=(int(gtin), lot, root, count, bytes.fromhex(digest)),
                authority=authority,
                gas=COMMIT_GAS,
            )
            queued = queue(connection, ledger.deployment, intent, int(time.time()))
            connection.execute(
                item_batch.insert().values(
                    gtin=gtin, lot=lot, batch=batch, manifest=digest, root=root.hex(), count=count, outbox=queued.id
                )
            )
            return ItemBatch(gtin, lot, batch, root.hex(), digest, manifest.serials, queued.id, repeated=False)
    return make_items(
        ledger, member=member, gtin=gtin, lot=lot, count=count, batch=batch, authority=authority
    )  # made meanwhile by another


def _require_owner(ledger: Ledger, member: MemberRow, gtin: str) -> None:
    with ledger.engine.connect() as connection:
        owner = connection.execute(select(product.c.member).where(product.c.gtin == gtin)).scalar()
    if owner != member.member:
        raise NotAllowed(
            f"{member.name} does not own GTIN {gtin}, so it cannot make item codes for it.",
            where=json.dumps({"gtin": gtin}),
            hint="Only the owner that stands on the chain may; ask the consortium to assign it.",
        )


def _batch_query(gtin: str, lot: str, batch: str) -> Select[tuple[str, str, str, str, str, int, int]]:
    return select(item_batch).where(item_batch.c.gtin == gtin, item_batch.c.lot == lot, item_batch.c.batch == batch)


def _known_batch(ledger: Ledger, gtin: str, lot: str, batch: str) -> ItemBatch | None:
    with ledger.engine.connect() as connection:
        row = connection.execute(_batch_query(gtin, lot, batch)).first()
    if row is None:
        return None
    serials = read_manifest(ledger.documents.get(row.manifest)).serials
    return ItemBatch(gtin, lot, batch, row.root, row.manifest, serials, row.outbox, repeated=True)


def _same_count(known: ItemBatch, count: int) -> ItemBatch:
    if len(known.serials) != count:
        raise Conflict(
            f"The batch {known.batch!r} of lot {known.lot} exists with {len(known.serials):,} codes, not {count:,}.",
            hint="Give the further codes a batch name of their own.",
        )
    return known

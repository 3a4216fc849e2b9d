"""The serials of a commitment, from the manifest in the document store.

Three outcomes, each a function of the chain and the store only: the manifest is not here (no serials yet; `heal` fills
them later); it is what was committed to (one row a serial); it is another (a `fault` in words: the member committed to
what it cannot show, and that stops nobody else). A damaged file is BrokenEvidence.
"""

from __future__ import annotations

from ledger.errors import BadInput
from ledger.index.rows import Row, Rows, never_told
from ledger.store.documents import Documents
from ledger.store.schema import item, items_committed
from ledger.trace.item_codes import Manifest, read_manifest
from ledger.trace.merkle import root_of


def fill_items(rows: Rows, documents: Documents, root: str) -> bool:
    """Fills the serials under `root`; false while the document store does not hold the manifest."""
    committed = rows.get(items_committed, root)
    if committed is None:
        raise never_told(items_committed, root)
    if not documents.has(committed["manifest"]):
        return False
    try:
        manifest = read_manifest(documents.get(committed["manifest"]))
        fault = _difference(committed, manifest)
    except BadInput as error:
        fault = f"The manifest cannot be read: {error}"
    if fault is not None:
        rows.move(items_committed, {"root": root}, {"fault": fault})
        return True
    lot = {"gtin": committed["gtin"], "lot": committed["lot"], "root": root}
    serials = ({**lot, "serial": serial, "position": position} for position, serial in enumerate(manifest.serials))
    rows.insert_many(item, serials)
    return True


def _difference(committed: Row, manifest: Manifest) -> str | None:
    if (manifest.gtin, manifest.lot) != (committed["gtin"], committed["lot"]):
        return f"The manifest lists {manifest.gtin}/{manifest.lot}, not {committed['gtin']}/{committed['lot']}."
    if len(manifest.serials) != committed["count"]:
        return f"The manifest lists {len(manifest.serials)} serials, not {committed['count']}."
    actual = root_of(manifest.leaves()).hex()
    return None if actual == committed["root"] else f"The manifest's serials make the root {actual}."

"""Verifies an item code and its lot's journey in numbered steps: recompute, then compare with the chain.

(1) read the URI; (2) check the MAC and look the serial up; (3) recompute leaf, path and root and compare with the
log that committed the root; (4) recompute every statement of the journey, event hash and commitment, from the stored
documents and compare with the chain; (5) ask whether the lot is recalled. Nothing here trusts the rows where the
chain can be asked; without a chain the rows stand in for it, and the result says so.
"""

from __future__ import annotations

from sqlalchemy import Connection

from ledger.errors import BadInput, NotFound
from ledger.store.documents import Documents
from ledger.trace.facts import load_lot
from ledger.trace.gs1 import parse_digital_link
from ledger.trace.item_verdict import judge
from ledger.trace.verification import ChainReader, Check, Verification, VerifiedStep
from ledger.trace.verify_checks import lookup_checks, recall_checks, root_checks, statement_checks

__all__ = ["ChainReader", "Check", "Verification", "VerifiedStep", "verify_uri"]


def verify_uri(
    connection: Connection, documents: Documents, mac_key: bytes, uri: str, chain: ChainReader | None = None
) -> Verification:
    """Verifies what a QR code holds. BadInput for a URI that is no Digital Link of a lot; NotFound for an unknown lot
    without a serial. Errors of the chain's node pass through; everything else is a step that does not hold.
    """
    epc = parse_digital_link(uri)
    if epc.gtin is None or epc.lot is None:
        raise BadInput(
            "This Digital Link names no lot.", where=uri, hint="It should hold /01/{gtin}/10/{lot}, and /21/{serial}."
        )
    steps = [VerifiedStep(1, "Read the Digital Link", (Check("canonical form", epc.canonical, epc.canonical),))]
    scan = judge(connection, mac_key, epc.gtin, epc.lot, epc.serial) if epc.serial else None
    if scan is not None:
        steps.append(VerifiedStep(2, "Check the serial's MAC and look it up", lookup_checks(scan)))
        if scan.item is not None and scan.item.lot == epc.lot:
            steps.append(VerifiedStep(3, "Recompute the Merkle root", root_checks(documents, scan.item, chain)))
    try:
        facts = load_lot(connection, epc.gtin, epc.lot)
    except NotFound:
        if scan is None:
            raise
    else:
        steps.append(
            VerifiedStep(4, "Recompute every statement of the journey", statement_checks(documents, facts, chain))
        )
    recalls = recall_checks(connection, epc.gtin, epc.lot, chain)
    steps.append(VerifiedStep(5, "Ask whether the lot is recalled", recalls))
    return Verification(
        uri=uri,
        gtin=epc.gtin,
        lot=epc.lot,
        serial=scan.serial if scan else None,
        verdict=scan.verdict if scan else None,
        steps=tuple(steps),
        chain_asked=chain is not None,
        scan=scan,
    )

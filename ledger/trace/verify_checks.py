"""The comparisons of a verification. Each recomputes what should be there; damage and absence are answers, not
errors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from sqlalchemy import Connection

from ledger.errors import BadInput, BrokenEvidence, NotFound
from ledger.store.documents import Documents
from ledger.trace.epcis import read_document
from ledger.trace.event_rows import load_members
from ledger.trace.facts import load_recalls
from ledger.trace.item_codes import leaf
from ledger.trace.item_proofs import ItemProofs
from ledger.trace.item_verdict import CommittedItem, Scan
from ledger.trace.stated import LotFacts, StatedEvent, Statement
from ledger.trace.verification import ChainReader, Check


def lookup_checks(scan: Scan) -> tuple[Check, ...]:
    """The serial's MAC, and the lot that it was committed for. Where it was committed, the chain outweighs our MAC key:
    another home of the same owner may have made the code with its own.
    """
    committed = scan.item is not None and scan.item.lot == scan.lot
    mac = "right" if scan.mac_right else "made with another key" if committed else "wrong"
    lot = scan.item.lot if scan.item else "never committed"
    return Check("MAC", mac if committed else "right", mac), Check("lot of the serial", scan.lot, lot)


def root_checks(documents: Documents, item: CommittedItem, chain: ChainReader | None) -> tuple[Check, ...]:
    """Leaf, path and root from the manifest; then the log that committed the root."""
    try:
        proof = ItemProofs(documents).prove(item)
    except (NotFound, BrokenEvidence) as error:
        return (Check("manifest in the document store", item.manifest, str(error)),)
    checks = [
        Check("leaf", leaf(item.gtin, item.lot, item.serial).decode("ascii"), proof.leaf),
        Check(
            f"root from leaf {item.position} and its path of {len(proof.path)}", item.root, proof.root_found() or "none"
        ),
    ]
    if chain is not None:
        log = chain.items_committed(item.root, item.block)
        if log is None:
            return (*checks, Check(f"ItemsCommitted in block {item.block}", item.root, "no such log"))
        checks += [
            Check("root on the chain", log.root, proof.root_found() or "none"),
            Check("GTIN on the chain", log.gtin, item.gtin),
            Check("lot on the chain", log.lot, item.lot),
            Check("member on the chain", str(log.member), str(item.member.member)),
            Check("count on the chain", str(log.count), str(proof.size)),
            Check("manifest on the chain", log.manifest, item.manifest),
        ]
    return tuple(checks)


def statement_checks(documents: Documents, facts: LotFacts, chain: ChainReader | None) -> tuple[Check, ...]:
    """Every statement of the journey: its event hash from the stored document, its commitment, and the chain's
    record.
    """
    reader = _Reader(documents)
    return tuple(
        check
        for event in facts.history
        for statement in event.statements
        for check in _statement(reader, event, statement, chain)
    )


def recall_checks(connection: Connection, gtin: str, lot: str, chain: ChainReader | None) -> tuple[Check, ...]:
    """No recall stands, by the rows and by the chain."""
    recalls = load_recalls(connection, gtin, lot, load_members(connection))
    standing = next((recall for recall in recalls if recall.closed_at is None), None)
    found = f"recalled by {standing.member.name}: {standing.reason}" if standing else "none"
    checks = [Check("recall of the lot", "none", found)]
    if chain is not None:
        checks.append(Check("recall on the chain", "none", "recalled" if chain.is_recalled(gtin, lot) else "none"))
    return tuple(checks)


def _statement(reader: _Reader, event: StatedEvent, statement: Statement, chain: ChainReader | None) -> Iterator[Check]:
    about = f"{statement.member.slug}, {event.biz_step or event.event_type} {event.event_time}"
    event_hash = reader.event_hash(statement)
    yield Check(f"event hash ({about})", event.event_hash, event_hash)
    if len(event_hash) == len(event.event_hash):
        opened = bytes.fromhex(statement.salt or "") + bytes.fromhex(event_hash)
        yield Check(f"commitment ({about})", statement.commitment, hashlib.sha256(opened).hexdigest())
    if chain is not None:
        recorded = chain.recorded_at(statement.member.member, statement.commitment)
        found = str(recorded) if recorded else "never recorded"
        yield Check(f"recorded on the chain ({about})", str(statement.recorded_at), found)


class _Reader:
    """Reads each document once and hashes its events anew."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._hashes: dict[str, dict[int, str] | str] = {}

    def event_hash(self, statement: Statement) -> str:
        """The hash of the statement's event as its stored document gives it, or a sentence why there is none."""
        if statement.document is None or statement.position is None:
            return "the document is not held here"
        if statement.document not in self._hashes:
            self._hashes[statement.document] = self._read(statement.document)
        hashes = self._hashes[statement.document]
        if isinstance(hashes, str):
            return hashes
        return hashes.get(statement.position, f"no event {statement.position} in the document")

    def _read(self, document: str) -> dict[int, str] | str:
        try:
            read = read_document(self._documents.get(document), source=document, behaviour="proceed")
        except (NotFound, BrokenEvidence, BadInput) as error:
            return str(error)
        return {event.position: event.hash.hex for event in read.events}

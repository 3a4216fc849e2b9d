"""Sets the scene for tests of journeys: members with places and products, documents handed in, rows as indexed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, insert

from ledger.index.rows import Rows
from ledger.index.statements import open_statement
from ledger.index.stored_events import StoredEvents
from ledger.store import schema
from ledger.store.documents import Documents, Opening
from ledger.trace.epcis import read_document
from ledger.trace.facts import load_lot
from ledger.trace.findings import Finding
from ledger.trace.item_codes import Manifest, make_serials, write_manifest
from ledger.trace.journey import Journey, tell
from ledger.trace.merkle import root_of

MAC_KEY = b"a key of 32 bytes, only for tests"[:32]
CERTIFIER = 1 << 7


@dataclass
class Scene:
    """A database and a document store. Each statement gets a block of its own, a minute apart."""

    engine: Engine
    documents: Documents
    block: int = 0
    numbers: dict[str, int] = field(default_factory=dict)

    def member(self, slug: str, *glns: str, roles: int = 0, gtins: tuple[str, ...] = ()) -> int:
        number = len(self.numbers) + 1
        self.numbers[slug] = number
        with self.engine.begin() as connection:
            connection.execute(
                insert(schema.member).values(
                    member=number,
                    account=f"0x{number:040x}",
                    roles=roles,
                    slug=slug,
                    name=slug.title(),
                    active=True,
                    block=0,
                )
            )
            for gln in glns:
                row = {"gln": gln, "member": number, "name": f"{slug.title()}'s site", "block": 0}
                connection.execute(insert(schema.location).values(**row))
            for gtin in gtins:
                row = {"gtin": gtin, "member": number, "name": f"Product {gtin[-4:]}", "block": 0}
                connection.execute(insert(schema.product).values(**row))
        return number

    def say(self, slug: str, *events: dict[str, Any]) -> list[str]:
        """Hands in a document of these events in a member's name; returns their hashes."""
        document = {
            "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-05-01T00:00:00Z",
            "epcisBody": {"eventList": list(events)},
        }
        return self.hand_in(slug, json.dumps(document).encode())

    def hand_in(self, slug: str, data: bytes) -> list[str]:
        digest = self.documents.put(data)
        hashes = []
        with self.engine.begin() as connection:
            stored = StoredEvents(self.documents)
            for event in read_document(data, source="test").events:
                self._state(connection, stored, self.numbers[slug], digest, event.position, event.hash.hex)
                hashes.append(event.hash.hex)
        return hashes

    def _state(
        self, connection: Connection, stored: StoredEvents, member: int, document: str, position: int, event_hash: str
    ) -> None:
        self.block += 1
        salt = hashlib.sha256(f"{member}".encode() + bytes.fromhex(event_hash)).digest()
        commitment = hashlib.sha256(salt + bytes.fromhex(event_hash)).hexdigest()
        if self.documents.get_opening(commitment):
            return
        self.documents.put_opening(Opening(commitment, salt.hex(), event_hash, document, position, member))
        connection.execute(
            insert(schema.statement).values(
                commitment=commitment,
                member=member,
                block=self.block,
                log_index=0,
                tx_hash=f"0x{self.block:064x}",
                recorded_at=1_777_000_000 + 60 * self.block,
            )
        )
        rows = Rows(connection)
        open_statement(rows, stored, commitment, member)
        rows.flush()

    def code(self, gtin: str, lot: str, count: int, slug: str) -> tuple[str, ...]:
        """Makes and commits item codes."""
        manifest = Manifest(gtin, lot, make_serials(MAC_KEY, gtin, lot, count))
        root = root_of(manifest.leaves()).hex()
        self.block += 1
        with self.engine.begin() as connection:
            connection.execute(
                insert(schema.items_committed).values(
                    root=root,
                    gtin=gtin,
                    lot=lot,
                    member=self.numbers[slug],
                    count=count,
                    manifest=self.documents.put(write_manifest(manifest)),
                    block=self.block,
                    log_index=0,
                    tx_hash=f"0x{self.block:064x}",
                    committed_at=1_777_000_000 + 60 * self.block,
                )
            )
            for position, serial in enumerate(manifest.serials):
                row = {"gtin": gtin, "serial": serial, "lot": lot, "root": root, "position": position}
                connection.execute(insert(schema.item).values(**row))
        return manifest.serials

    def recall(self, gtin: str, lot: str, slug: str, *, closed: bool = False) -> None:
        self.block += 1
        with self.engine.begin() as connection:
            connection.execute(
                insert(schema.recall).values(
                    gtin=gtin,
                    lot=lot,
                    opened_block=self.block,
                    opened_log_index=0,
                    member=self.numbers[slug],
                    reason="Glass found",
                    tx_hash=f"0x{self.block:064x}",
                    opened_at=1_777_000_000,
                    closed_block=self.block + 1 if closed else None,
                    closed_at=1_777_000_060 if closed else None,
                )
            )

    def journey(self, gtin: str, lot: str, *, downstream: bool = False) -> Journey:
        with self.engine.connect() as connection:
            return tell(load_lot(connection, gtin, lot, downstream=downstream))

    def findings(self, gtin: str, lot: str) -> tuple[Finding, ...]:
        return self.journey(gtin, lot).findings


def new_scene(folder: Path) -> Scene:
    """An empty database in memory, an empty store in `folder`."""
    engine = create_engine("sqlite://")
    schema.metadata.create_all(engine)
    return Scene(engine, Documents(folder / "documents"))


# --- the seven documents of the real case, each handed in by the party that would ------------------------------------

RAW = "00860009999923"
CASES = "10860009999920"
DRESSING = "10860009998022"
SALAD = "10860009998039"
PALLET = "008600099999850000"
GLNS = {
    "farm": "0860009999060",
    "cooler": "0860009999077",
    "packer": "0860009999992",
    "distributor": "0860009998001",
    "processor": "0860009998018",
    "fishery": "0860009997004",
}
HANDED_IN = (
    ("farm", "harvest"),
    ("cooler", "cooling"),
    ("packer", "initial-packing"),
    ("packer", "shipping"),
    ("distributor", "receiving"),
    ("processor", "transformation"),
    ("fishery", "first-land-based-receiver"),
)


def the_real_case(folder: Path, corpora: Path) -> Scene:
    scene = new_scene(folder)
    owned = {"farm": (RAW,), "packer": (CASES,), "processor": (SALAD,)}
    for slug, gln in GLNS.items():
        scene.member(slug, gln, gtins=owned.get(slug, ()))
    for slug, name in HANDED_IN:
        scene.hand_in(slug, (corpora / "epcis" / "fsma204" / f"{name}-cte.jsonld").read_bytes())
    return scene


# --- builders of events, for chains of our own ------------------------------------------------------------------------


def at(gln: str) -> dict[str, str]:
    return {"id": f"https://id.gs1.org/414/{gln}"}


def goods(gtin: str, lot: str, quantity: float, uom: str = "KGM") -> dict[str, Any]:
    return {"epcClass": f"https://id.gs1.org/01/{gtin}/10/{lot}", "quantity": quantity, "uom": uom}


def unit(sscc: str) -> str:
    return f"https://id.gs1.org/00/{sscc}"


def towards(source: str | None, destination: str | None) -> dict[str, Any]:
    ends: dict[str, Any] = {}
    if source:
        ends["sourceList"] = [{"type": "location", "source": at(source)["id"]}]
    if destination:
        ends["destinationList"] = [{"type": "location", "destination": at(destination)["id"]}]
    return ends


def event(kind: str, time: str, gln: str | None, step: str, **more: Any) -> dict[str, Any]:
    """An event at +08:00. `time`: 2026-04-17T09:00."""
    said: dict[str, Any] = {
        "type": kind,
        "eventTime": f"{time}:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "bizStep": step,
        **more,
    }
    if gln:
        said["readPoint"] = at(gln)
    return said


def harvested(time: str, gln: str, *made: dict[str, Any], **more: Any) -> dict[str, Any]:
    return event("ObjectEvent", time, gln, "creating_class_instance", action="ADD", quantityList=list(made), **more)


def seen(step: str, time: str, gln: str, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return event("ObjectEvent", time, gln, step, action="OBSERVE", quantityList=list(items), **more)


def unit_seen(step: str, time: str, gln: str, sscc: str, **more: Any) -> dict[str, Any]:
    return event("ObjectEvent", time, gln, step, action="OBSERVE", epcList=[unit(sscc)], **more)


def made(time: str, gln: str, used: list[dict[str, Any]], out: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    lists = {"inputQuantityList": used, "outputQuantityList": out}
    return event("TransformationEvent", time, gln, "creating_class_instance", **lists, **more)


def palletised(
    time: str, gln: str, sscc: str, *items: dict[str, Any], action: str = "ADD", step: str = "packing", **more: Any
) -> dict[str, Any]:
    loaded = {"childQuantityList": list(items)} if items else {}
    return event("AggregationEvent", time, gln, step, action=action, parentID=unit(sscc), **loaded, **more)

"""Measures how long the list of what a recall reaches takes, through the API of a running server, on SQLite.

    scripts/bench/recall [--items N] [--lots N]

One lot of lettuce is made into so many lots of salad, each shipped to one place and received there; their packs carry the
items' codes. The events go through the ledger's own handlers; the codes' rows are written straight into their table, as the handler would.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import structlog
from api_scene import LETTUCE, SALAD, Scene, Served, make_scene, serving  # scripts/bench/* put tests/ on the path
from sqlalchemy import insert

from ledger.index import events as chain
from ledger.store.bulk import insert_columns
from ledger.store.database import write
from ledger.store.schema import item, items_committed

TARGET_SECONDS = 1.0
_FARM, _KITCHEN, _CENTRE = "0860009999060", "0860009998018", "0860009998001"
_TIMES = 5


def _at(gln: str) -> dict[str, str]:
    return {"id": f"https://id.gs1.org/414/{gln}"}


def _goods(gtin: str, lot: str, quantity: int, uom: str | None = None) -> dict[str, Any]:
    unit = {"uom": uom} if uom else {}
    return {"epcClass": f"https://id.gs1.org/01/{gtin}/10/{lot}", "quantity": quantity, **unit}


def _event(kind: str, hour: int, gln: str, step: str, **more: Any) -> dict[str, Any]:
    time_said = f"2026-04-{17 + hour // 24:02}T{hour % 24:02}:30:00.000Z"
    head = {"type": kind, "eventTime": time_said, "eventTimeZoneOffset": "+08:00", "bizStep": step}
    return {**head, "readPoint": _at(gln), **more}


def _document(events: list[dict[str, Any]]) -> bytes:
    return json.dumps(
        {
            "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-05-01T00:00:00Z",
            "epcisBody": {"eventList": events},
        }
    ).encode()


def tell(scene: Scene, lots: int, each: int) -> None:
    """The events: a harvest, then each lot made, shipped and received."""
    names = [f"S{number:06}" for number in range(lots)]
    ways: dict[str, Any] = {
        "sourceList": [{"type": "location", "source": _at(_KITCHEN)["id"]}],
        "destinationList": [{"type": "location", "destination": _at(_CENTRE)["id"]}],
    }
    grown = {"action": "ADD", "quantityList": [_goods(LETTUCE, "L1", lots, "KGM")]}
    scene.state("farm", _document([_event("ObjectEvent", 0, _FARM, "creating_class_instance", **grown)]))
    made = [
        _event(
            *("TransformationEvent", 24, _KITCHEN, "creating_class_instance"),
            inputQuantityList=[_goods(LETTUCE, "L1", 1, "KGM")],
            outputQuantityList=[_goods(SALAD, name, each)],
        )
        for name in names
    ]
    moved = [
        [
            _event("ObjectEvent", hour, gln, step, action="OBSERVE", quantityList=[_goods(SALAD, name, each)], **ways)
            for name in names
        ]
        for hour, gln, step in ((48, _KITCHEN, "shipping"), (60, _CENTRE, "receiving"))
    ]
    scene.state("processor", _document([*made, *moved[0]]))
    scene.state("distributor", _document(moved[1]))
    for name in names:
        root = hashlib.sha256(name.encode()).hexdigest()
        with write(scene.ledger.engine) as connection:
            connection.execute(
                insert(items_committed).values(
                    root=root,
                    gtin=SALAD,
                    lot=name,
                    member=scene.numbers["processor"],
                    count=each,
                    manifest=root,
                    block=scene.block,
                    log_index=0,
                    tx_hash="0x" + root,
                    committed_at=0,
                )
            )
            columns = [
                [SALAD] * each,
                [f"{name}{place:013}" for place in range(each)],
                [root] * each,
                [name] * each,
                list(range(each)),
            ]
            insert_columns(connection, item, columns)
    scene.emit(chain.RecallOpened(int(LETTUCE), scene.numbers["farm"], "L1", "listeria"))


def timed(served: Served, path: str) -> tuple[float, bytes]:
    """The median of several requests, each to its last byte and not compressed, in seconds; the body."""
    spans = []
    for _ in range(_TIMES):
        start = time.perf_counter()
        answer = served.get(path, as_="farm", headers={"Accept-Encoding": "identity"})
        spans.append(time.perf_counter() - start)
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status_code} {answer.text[:300]}")
    return statistics.median(spans), answer.content


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench/recall", description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--lots", type=int, default=1_000)
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    each = arguments.items // arguments.lots
    with tempfile.TemporaryDirectory() as folder:
        scene = make_scene(Path(folder) / "home")
        tell(scene, arguments.lots, each)
        with serving(scene) as served:
            path = f"/recalls/{LETTUCE}/L1"
            listed, body = timed(served, f"{path}/affected")
            serials, table = timed(served, f"{path}/items")
    count, lines = json.loads(body)["items"]["count"], table.count(b"\r\n") - 1
    if count != each * arguments.lots or lines != count:
        raise SystemExit(f"{count} items counted, {lines} listed, {each * arguments.lots} made")
    print(f"items {count:,} in {arguments.lots:,} lots, SQLite, median of {_TIMES}")
    print(f"lots, packages, holders, counts (JSON): {listed:.3f} s   target {TARGET_SECONDS} s")
    print(f"every serial (CSV, {len(table) / 1e6:.0f} MB): {serials:.3f} s   target {TARGET_SECONDS} s")
    return 0 if max(listed, serials) <= TARGET_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())

"""One sale by the batch rail on one node, timed part by part; the last line is its figures as JSON.

python -m scripts.bench.settle_sale embedded|anvil ORDERS
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import structlog
from anvil_node import an_anvil_chain
from index_world import KEYS, NUMBERS, Chain, a_chain
from sqlalchemy import Engine, func, select

from ledger.chain.typed_data import hash_legs, rule_version_message, sign_message
from ledger.context import Ledger
from ledger.index.ours import our_indexer
from ledger.settle.audit import audit
from ledger.settle.batch_id import BatchTerms, batch_id
from ledger.settle.batch_manifest import BatchManifest, write_batch_manifest
from ledger.settle.packed_amounts import chunks_for, marks_of_all, pack_amounts, root_of, width_of
from ledger.settle.split import Leg, LegKind, pack_legs
from ledger.store.database import open_engine, read
from ledger.store.documents import Documents
from ledger.store.migrate import ensure_schema
from ledger.store.schema import order, payout

A_BATCH = 1_000
LEGS = [
    Leg(NUMBERS["creator"], LegKind.SHARE, 1_200, 2_000),
    Leg(NUMBERS["farm"], LegKind.SHARE, 500),
    Leg(NUMBERS["platform"], LegKind.SHARE, 200),
    Leg(NUMBERS["carrier"], LegKind.FIXED, 50),
    Leg(NUMBERS["merchant"], LegKind.RESIDUAL),
]
PACKED_LEGS = pack_legs(LEGS)


class Spent:
    """Seconds by part, and gas."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(("pack", "chain", "index", "reconcile"), 0.0)
        self.gas = 0

    @contextmanager
    def on(self, part: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[part] += time.perf_counter() - began


def main(arguments: Sequence[str]) -> int:
    node, count = arguments[0], int(arguments[1])
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory(prefix="suyuan-bench-") as name:
        folder = Path(name)
        with a_chain(folder / "chain.sqlite") if node == "embedded" else an_anvil_chain() as chain:
            _adopt(chain)
            spent = _sell(chain, folder, count)
    seconds = sum(spent.seconds.values())
    figures = {
        "orders_a_second": round(count / seconds),
        "us_an_order": round(seconds / count * 1e6),
        **{f"{part}_us": round(took / count * 1e6) for part, took in spent.seconds.items()},
        "gas_an_order": round(spent.gas / count),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    print(json.dumps(figures))
    return 0


def _adopt(chain: Chain) -> None:
    """The rule of five legs, signed by all whom it pays."""
    chain.act("merchant", "Rules", "propose", 0, [leg.on_chain for leg in LEGS], ())
    merchant = NUMBERS["merchant"]
    legs_hash = hash_legs(PACKED_LEGS)
    message = rule_version_message(chain.deployment, merchant=merchant, rule=1, version=1, base=0, legs_hash=legs_hash)
    for name in ("merchant", "creator", "farm", "platform", "carrier"):
        signature = sign_message(message, bytes(KEYS[name].key))
        chain.act("platform", "Rules", "sign", 1, 1, NUMBERS[name], signature)


def _sell(chain: Chain, folder: Path, count: int) -> Spent:
    spent, documents = Spent(), Documents(folder / "documents")
    engine = open_engine(f"sqlite:///{folder / 'ledger.sqlite'}")
    ensure_schema(engine)
    for first in range(0, count, A_BATCH):
        _a_batch(chain, documents, spent, range(first, min(first + A_BATCH, count)))
    with spent.on("index"):
        our_indexer(engine, chain.client, chain.deployment, documents).sync()
    with spent.on("reconcile"):
        _reconcile(engine, chain, count)
    return spent


def _a_batch(chain: Chain, documents: Documents, spent: Spent, orders: range) -> None:
    """Placed, paid and settled whole."""
    with spent.on("pack"):
        amounts = tuple(990 + at * 7_919 % 50_000 for at in orders)
        manifest = BatchManifest(NUMBERS["merchant"], tuple(f"LIVE-{at:09d}" for at in orders), amounts)
        width = width_of(amounts)
        packed = pack_amounts(amounts, width)
        digest = documents.put(write_batch_manifest(manifest))
        root = root_of(packed, width).hex()
        terms = BatchTerms(digest, root, sum(amounts), 1, NUMBERS["carrier"], len(amounts), width)
        batch, marks = bytes.fromhex(batch_id(NUMBERS["merchant"], terms)[2:]), marks_of_all(len(amounts))
        chunks = chunks_for(packed, width, marks)
    with spent.on("chain"):
        receipts = (
            chain.act("merchant", "Escrow", "placeBatch", terms.on_chain),
            chain.act("bank", "Escrow", "payBatch", batch, packed, "BUYERS"),
            chain.act("carrier", "Escrow", "settleBatch", batch, marks, chunks, bytes(31) + b"\x01", PACKED_LEGS),
        )
    spent.gas += sum(receipt.gas_used for receipt in receipts)


def _reconcile(engine: Engine, chain: Chain, count: int) -> None:
    """SystemExit unless every order is settled, and every fen stands in rows and on the chain alike."""
    ledger = SimpleNamespace(engine=engine, client=chain.client, deployment=chain.deployment)
    found = audit(cast(Ledger, ledger))
    with read(engine) as connection:
        states = select(order.c.state, func.count(), func.sum(order.c.amount_fen)).group_by(order.c.state)
        settled = [tuple(row) for row in connection.execute(states)]
        paid = int(connection.execute(select(func.sum(payout.c.amount_fen))).scalar_one())
    wanted = [("settled", count, found.supply_fen)]
    if found.faults or not found.chain_checked or settled != wanted or paid != found.available_fen:
        raise SystemExit(f"It does not add up: {found}; orders {settled}, paid out {paid} fen.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

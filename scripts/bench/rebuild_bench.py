"""Measures how fast derived rows are made again from raw rows: this ledger's own, of a sale's events, without a node.

    scripts/bench/rebuild [--rows N] [--databases sqlite,postgresql]

The raw rows are those of orders that are placed, paid, delivered and settled over three legs: eight logs an order. They
are written straight into the raw tables, as an index of such a chain would hold them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Engine, delete, func, select

from ledger.chain.artifact import CONTRACTS
from ledger.chain.contracts import Deployment
from ledger.index.continuity import Cursor, place_cursor
from ledger.index.digest import digest
from ledger.index.handler_code import keep_codes
from ledger.index.ours import our_plan
from ledger.index.raw_tables import RawTables
from ledger.index.rebuild import rebuild
from ledger.store.bulk import insert_columns, insert_rows
from ledger.store.database import open_engine, read, write
from ledger.store.documents import Documents
from ledger.store.migrate import ensure_schema
from ledger.store.schema import DERIVED, raw_block
from scripts.bench.postgresql import postgresql_server

TARGETS = {"rows_a_second": 150_000}
LOGS_AN_ORDER = 8
_LEGS = json.dumps(
    [
        {"payee": payee, "kind": kind, "value": value, "cap": 0, "floor": 0}
        for payee, kind, value in ((5, 1, 2500), (6, 1, 2500), (4, 2, 0))
    ]
)
_PARTS = b"".join(fen.to_bytes(8, "big") for fen in (2_500, 2_500, 5_000))
ORDERS_A_BLOCK = 20
_ADDRESS = bytes(20)


def orders(first: int, count: int) -> dict[str, list[tuple[Any, ...]]]:
    """Raw rows by table, of the orders from `first` on; the arguments in the order of the events' ABI."""
    rows: dict[str, list[tuple[Any, ...]]] = {}
    if first == 0:  # the rule, alone in block 1
        rows["log_rule_proposed"] = [(1, 0, bytes(32), _ADDRESS, 1, 1, 4, 0, _LEGS, bytes(32), "[4,5,6]", None)]
    for number in range(first, first + count):
        block, at = 2 + number // ORDERS_A_BLOCK, (number % ORDERS_A_BLOCK) * LOGS_AN_ORDER
        order = hashlib.sha256(str(number).encode()).digest()
        transaction = hashlib.sha256(order).digest()
        said = [
            ("order_placed", (order, 4, f"A-{number}", 10_000, 1, 3)),
            ("order_paid", (order, 10_000, 1, 1, transaction, f"BANK-{number}")),
            ("credit_minted", (order, 10_000, f"BANK-{number}")),
            ("order_delivered", (order, 3, transaction)),
            ("order_settled", (order, _PARTS)),
            ("credit_transferred", (5, 4, 1, "谢谢")),
            ("withdrawal_requested", (number + 1, 4, 100)),
            ("withdrawal_booked", (number + 1, 4, 100, f"W-{number}")),
        ]
        for index, (name, values) in enumerate(said):
            row = (block, at + index, transaction, _ADDRESS, *values, None)
            rows.setdefault(f"log_{name}", []).append(row)
    return rows


def fill(engine: Engine, tables: RawTables, count: int) -> int:
    """So many raw rows, in whole blocks; how many there are then."""
    blocks = -(-count // (LOGS_AN_ORDER * ORDERS_A_BLOCK))
    with write(engine) as connection:
        tables.make(connection)
        keep_codes(connection, tables.plan)
        place_cursor(connection, Cursor(blocks + 2, "0x" + "00" * 32))
        for first in range(0, blocks * ORDERS_A_BLOCK, 10_000):
            part = orders(first, min(10_000, blocks * ORDERS_A_BLOCK - first))
            for name, rows in part.items():
                insert_columns(connection, tables.metadata.tables[name], list(zip(*rows, strict=True)))
        logs = LOGS_AN_ORDER * ORDERS_A_BLOCK
        of_orders = [_block(number, logs) for number in range(2, blocks + 2)]
        insert_rows(connection, raw_block, [_block(1, 1), *of_orders])
    return blocks * logs + 1


def _block(number: int, logs: int) -> Sequence[Any]:
    name = hashlib.sha256(f"block {number}".encode()).digest()
    return (number, name, name, name, 1_770_000_000 + number, logs, True)


@contextmanager
def databases(wanted: Sequence[str], folder: Path) -> Iterator[dict[str, Engine]]:
    made = {}
    if "sqlite" in wanted:
        made["sqlite"] = open_engine(f"sqlite:///{folder / 'ledger.sqlite'}")
    if "postgresql" not in wanted:
        yield made
        return
    with postgresql_server() as server:
        made["postgresql"] = open_engine(server.url(server.new_database()))
        yield made
        made["postgresql"].dispose()


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench/rebuild", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--databases", default="sqlite,postgresql")
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    figures: dict[str, Any] = {}
    digests = set()
    with tempfile.TemporaryDirectory() as name, databases(arguments.databases.split(","), Path(name)) as engines:
        deployment = Deployment(1, 1, {contract: f"0x{number:040x}" for number, contract in enumerate(CONTRACTS, 1)})
        tables = RawTables(our_plan(deployment, Documents(Path(name) / "documents")))
        for make, engine in engines.items():
            ensure_schema(engine)
            rows = fill(engine, tables, arguments.rows)
            rate = _measured(engine, tables, Path(name) / "rebuild", rows)
            with read(engine) as connection:
                digests.add(digest(connection))
                derived = sum(connection.execute(select(func.count()).select_from(t)).scalar_one() for t in DERIVED)
            figures[make] = round(rate)
            print(f"{make:<12} {rate:>10,.0f} raw rows/s; {rows:,} became {derived:,} derived rows", flush=True)
    if len(digests) != 1:
        raise SystemExit("The databases hold different rows.")
    figures["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    met = all(figures[make] >= TARGETS["rows_a_second"] for make in engines)
    print(json.dumps({"bench": "rebuild", "figures": figures, "targets": TARGETS, "met": met}))
    return 0 if met else 1


def _measured(engine: Engine, tables: RawTables, scratch: Path, rows: int) -> float:
    """From tables that are empty to rows that everybody sees."""
    with write(engine) as connection:
        for table in reversed(DERIVED):
            connection.execute(delete(table))
    began = time.perf_counter()
    rebuild(engine, tables, scratch)
    return rows / (time.perf_counter() - began)


if __name__ == "__main__":
    sys.exit(main())

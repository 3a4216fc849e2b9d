"""Splits random orders in four ways and compares: the shipped bytecode, Python, SQLite and PostgreSQL.

    scripts/bench/agreement [--orders 1000000] [--databases sqlite,postgresql]

One order in four is under a rule with tiers and nested rules (tests/settle/tier_cases.py), the others under plain rules
(tests/settle/split_cases.py); the awkward ones of both are among them. Refusals are compared too: what Python refuses
Solidity refuses, and SQL is given only what both take.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from many_calls import a_node
from split_cases import case as plain_case
from sqlalchemy import Engine
from test_split_alike import RESOLVED, compare, python_says
from test_split_sql import split_in_sql
from tier_cases import case as tier_case

from ledger.settle.split import Leg
from ledger.store.database import open_engine, write
from ledger.store.migrate import ensure_schema
from scripts.bench.postgresql import postgresql_server

CHUNK = 2_000
PROCESSES = 2


def resolved_numbers(chunk: range) -> range:
    """As many as `compare` takes for rules with tiers."""
    return chunk[: int(len(chunk) * RESOLVED)]


def plain_numbers(chunk: range) -> range:
    return chunk[int(len(chunk) * RESOLVED) :]


def taken(chunk: range) -> Iterator[tuple[int, tuple[int, list[Leg]], tuple[int, ...]]]:
    """The cases that Python takes: number, the amount with plain legs, and its parts."""
    for number in plain_numbers(chunk):
        order = plain_case(number)
        if (parts := python_says(order)) is not None:
            yield number, order, parts
    for number in resolved_numbers(chunk):
        one = tier_case(number)
        if (parts := one.parts_fen()) is not None:
            yield number, (one.amount_fen, list(one.plain_legs())), parts


def in_sql(engine: Engine, chunk: range) -> int:
    """How many of the chunk the database splits otherwise."""
    cases = list(taken(chunk))
    with write(engine) as connection:
        parts = split_in_sql(connection, {number: order for number, order, _ in cases})
        connection.rollback()
    return sum(parts.get(number) != expected for number, _, expected in cases)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/bench/agreement", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--databases", default="sqlite,postgresql")
    arguments = parser.parse_args()
    chunks = [range(at, min(at + CHUNK, arguments.orders)) for at in range(0, arguments.orders, CHUNK)]
    began = time.monotonic()
    fork = multiprocessing.get_context("fork")
    with a_node() as url, ProcessPoolExecutor(PROCESSES, mp_context=fork) as pool:
        answers = list(pool.map(partial(compare, url=url), chunks))
    differences = {"solidity": sum(len(found) for found, _ in answers)}
    for found, _ in answers:
        for number, ours, theirs in found[:3]:
            print(f"case {number}: Python {ours}, Solidity {theirs}", file=sys.stderr)
    with ExitStack() as stack:
        for name in arguments.databases.split(","):
            if name == "postgresql":
                server = stack.enter_context(postgresql_server())
                url = server.url(server.new_database())
            else:
                folder = stack.enter_context(tempfile.TemporaryDirectory())
                url = f"sqlite:///{Path(folder) / 'ledger.sqlite'}"
            engine = open_engine(url)
            ensure_schema(engine)
            differences[name] = sum(in_sql(engine, chunk) for chunk in chunks)
            engine.dispose()
    refused = sum(count for _, count in answers)
    seconds = round(time.monotonic() - began)
    print(f"{arguments.orders:,} orders, {refused:,} refused by all, differences: {differences}, {seconds:,} s")
    figures = {"orders": arguments.orders, "refused": refused, "differences": differences, "seconds": seconds}
    print(json.dumps({"bench": "agreement", "figures": figures, "met": not any(differences.values())}))
    return 1 if any(differences.values()) else 0


if __name__ == "__main__":
    sys.exit(main())

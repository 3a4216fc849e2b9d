"""The network's figures: how soon a credit is seen, how much goes through, what it costs, and how it recovers."""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from typing import Any

from ledger.network.engine import engine
from ledger.network.node_process import memory_bytes
from scripts.consortium.load import checkpoint
from scripts.consortium.open_page import OpenPage
from scripts.consortium.served import Served, a_served_network, with_paid_orders, with_rule
from scripts.faults.on_network import validators
from scripts.faults.on_network.fault import Scene, suffer

TARGETS = {"one_transaction_p99_s": 2.5}
MANY = 2_000
AT_ONCE = 500
SINGLE = 150
NEWEST = 20


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench/network", description=__doc__)
    parser.add_argument("pairs", nargs="?", type=int, default=100)
    parser.add_argument("--build", action="store_true", help="also measure a build from an empty cache (minutes)")
    parser.add_argument("--no-faults", action="store_true", help="leave the recovery out")
    options = parser.parse_args(arguments)
    figures: dict[str, Any] = {"build_s": _built() if options.build else None}
    engine(print)
    began = time.monotonic()
    with a_served_network() as served:
        figures["start_s"] = round(time.monotonic() - began, 1)  # keys, genesis, nodes, contracts, members, processes
        rule = with_rule(served)
        orders = _fresh_orders(served, rule)
        chance = random.Random(7)  # noqa: S311 - when to deliver, not a secret
        with OpenPage(served) as page:
            one = [_delivered(served, page, next(orders), chance, settle=True) for _ in range(options.pairs)]
            two = [_delivered(served, page, next(orders), chance, settle=False) for _ in range(options.pairs // 2)]
            figures["redraw_p50_s"] = round(statistics.median(page.redraws), 3)
        figures |= _spread("one_transaction", one) | _spread("two_transactions", two)
        many = with_paid_orders(served, rule, SINGLE + MANY, first=500_000)
        figures["settled_singly_per_s"] = _throughput(served, many[:SINGLE], 1)
        figures["settled_together_per_s"] = _throughput(served, many[SINGLE:], AT_ONCE)
        figures["node_memory_mb"] = [
            round((memory_bytes(served.network, node) or 0) / 2**20) for node in served.network.nodes
        ]
        if not options.no_faults:
            figures["recovery"] = _recovery(served, rule)
    for name, value in figures.items():
        print(f"{name}: {value}")
    met = figures["one_transaction_p99_s"] <= TARGETS["one_transaction_p99_s"]
    print(json.dumps({"bench": "network", "figures": figures, "targets": TARGETS, "met": met}))
    return 0


def _fresh_orders(served: Served, rule: int) -> Iterator[str]:
    """Paid ones without end, few at a time: the page shows the newest."""
    for first in itertools.count(1, NEWEST):
        yield from with_paid_orders(served, rule, NEWEST, first)


def _built() -> float:
    """Seconds for the engine from its pinned modules, which may be on the disk already, with nothing compiled."""
    with tempfile.TemporaryDirectory(prefix="suyuan-build-") as empty:
        before = {name: os.environ.get(name) for name in ("SUYUAN_CACHE", "GOCACHE")}
        os.environ |= {"SUYUAN_CACHE": f"{empty}/engine", "GOCACHE": f"{empty}/go"}
        try:
            began = time.monotonic()
            engine(print)
            return round(time.monotonic() - began, 1)
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value


def _delivered(served: Served, page: OpenPage, order: str, chance: random.Random, *, settle: bool) -> float:
    """Seconds from the acceptance of the carrier's checkpoint to the credit on the merchant's page."""
    time.sleep(chance.uniform(0.2, 1.2))  # at any point between two blocks
    answer = served.http.post(
        "/checkpoints",
        content=checkpoint(order, settle=settle),
        headers={**served.headers("carrier"), "Content-Type": "application/json"},
    )
    accepted = time.monotonic()
    if answer.status_code != 202:
        raise RuntimeError(f"the checkpoint was not accepted: {answer.status_code} {answer.text}")
    if not settle:
        _settle_as_keeper(served)
    return page.await_settled(order) - accepted


def _settle_as_keeper(served: Served) -> None:
    """As soon as the delivery stands in the rows, whoever settles queues it: the second transaction."""
    deadline = time.monotonic() + 60
    while not served.http.post("/settlements", headers=served.headers("merchant")).json()["transactions"]:
        if time.monotonic() > deadline:
            raise RuntimeError("the delivery did not come to stand in the rows")
        time.sleep(0.02)


def _throughput(served: Served, orders: Sequence[str], at_once: int) -> float:
    """Orders settled a second, from the first acceptance until the last stands in the rows."""
    began = time.monotonic()
    headers = {**served.headers("carrier"), "Content-Type": "application/json"}
    ids: list[int] = []
    for first in range(0, len(orders), at_once):
        said = json.loads(checkpoint(orders[first]))
        said["orders"] = [{"merchant": "merchant", "number": number} for number in orders[first : first + at_once]]
        answer = served.http.post("/checkpoints", json=said, headers=headers)
        if answer.status_code != 202:
            raise RuntimeError(f"the checkpoint was not accepted: {answer.status_code} {answer.text}")
        ids += answer.json()["transactions"]
    last = orders[-1]
    while served.http.get(f"/orders/{last}", headers=served.headers("merchant")).json()["state"] != "settled":
        if time.monotonic() - began > 300:
            raise RuntimeError("the orders were not settled within five minutes")
        time.sleep(0.05)
    return round(len(orders) / (time.monotonic() - began), 1)


def _spread(name: str, seconds: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {f"{name}_p50_s": round(cuts[49], 2), f"{name}_p99_s": round(cuts[98], 2)}


def _recovery(served: Served, rule: int) -> dict[str, Any]:
    """The faults whose recovery is of interest, each under load; the figures that they keep."""
    scene = Scene(served, rule, random.Random(7), kills=1)  # noqa: S311 - when to kill, not a secret
    scene.orders_made = 600_000
    found: dict[str, Any] = {}
    for name, fault in (
        ("one_validator_killed", validators.one_validator_killed),
        ("two_validators_killed", validators.two_validators_killed),
        ("node_in_use_killed", validators.node_in_use_killed),
    ):
        held = suffer(scene, name, fault)
        found[name] = {**scene.figures, "held": held}
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

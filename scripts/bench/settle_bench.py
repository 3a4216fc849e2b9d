"""Measures a sale by the batch rail: orders packed, funded and settled on a chain, indexed, and reconciled with it to the fen.

    scripts/bench/settle [--orders 10000,100000] [--nodes embedded,anvil]

Batches of 1,000 orders under five legs, each placed, paid and settled whole by three transactions that are sent one after
another; the rows are SQLite's. Each size runs in a process of its own, whose peak memory is the ledger's part: the node's is its
own. No time is asked for, but that an order costs the same, within 20 %, in the largest sale as in the smallest.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any

SIZES, NODES = "10000,100000", "embedded,anvil"
FLAT_WITHIN = 0.20


def main() -> int:
    """0 when an order costs the same in every size."""
    parser = argparse.ArgumentParser(prog="scripts/bench/settle", description=__doc__)
    parser.add_argument("--orders", default=SIZES)
    parser.add_argument("--nodes", default=NODES)
    arguments = parser.parse_args()
    sizes = sorted(map(int, arguments.orders.split(",")))
    figures: dict[str, Any] = {}
    flat: list[bool] = []
    for node in arguments.nodes.split(","):
        costs = []
        for orders in sizes:
            sale = _measured(node, orders)
            costs.append(sale["us_an_order"])
            figures |= {f"{node}_{orders}_{name}": value for name, value in sale.items()}
            print(_told(node, orders, sale), flush=True)
        growth = costs[-1] / costs[0] - 1
        figures[f"{node}_growth"] = round(growth, 3)
        flat.append(growth <= FLAT_WITHIN)
        print(f"{node}: an order costs {growth:+.0%} in the largest sale against the smallest", flush=True)
    met = all(flat)
    print(json.dumps({"bench": "settle", "figures": figures, "targets": {"growth": FLAT_WITHIN}, "met": met}))
    return 0 if met else 1


def _measured(node: str, orders: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "scripts.bench.settle_sale", node, str(orders)]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    sale: dict[str, Any] = json.loads(said.splitlines()[-1])
    return sale


def _told(node: str, orders: int, sale: dict[str, Any]) -> str:
    return (
        f"{node:<9} {orders:>9,} orders: {sale['orders_a_second']:>6,} a second in all ({sale['us_an_order']:,} µs an order: "
        f"packed {sale['pack_us']}, chain {sale['chain_us']}, indexed {sale['index_us']}, reconciled {sale['reconcile_us']}), "
        f"{sale['gas_an_order']} gas an order, peak {sale['peak_mb']} MB"
    )


if __name__ == "__main__":
    sys.exit(main())

"""Measures what acts cost on the chain, in gas, as transactions of their own with 21,000 and calldata included.

    scripts/bench/gas

The contracts are compiled as they ship (via IR, 1,000 runs) and run by forge under the rules of London, which the embedded
chain and the permissioned network speak, and of Prague. In the same run a peer: a splitter that pushes one token balance to
five recipients (contracts/test/support/PushSplitLike.sol, written for this comparison in the way of 0xSplits' PushSplit).
Every target must be met under both rules.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RULES = ("london", "prague")
TARGETS = {"settle": 70_000, "fund_and_settle_each": 1_000, "refund_in_part": 60_000, "refund_of_batch_each": 12_000}
LINES = {
    "pay": "Escrow.pay, 1 order",
    "deliver": "Escrow.deliver, 1 order",
    "settle": "Escrow.settle, 1 order, 5 warm legs",
    "deliver_and_settle": "Escrow.deliverAndSettle, 1 order, 5 warm legs",
    "deliver_and_settle_each": "Escrow.deliverAndSettle, 100 orders, 5 warm legs, each",
    "collect": "Credit.collect, by a member that has collected before",
    "place_batch": "Escrow.placeBatch",
    "pay_batch_each": "Escrow.payBatch, 1,000 orders, each",
    "settle_batch_each": "Escrow.settleBatch, 1,000 orders, 5 warm legs, each",
    "refund_in_part": "Escrow.refund, of an order in escrow, in part",
    "refund_of_settled": "Escrow.refund, of a settled order, in part, 5 legs",
    "refund_of_batch_each": "Escrow.refundBatch, 30 of a settled batch of 1,000, each",
    "push_split": "PushSplitLike.distribute, 1 balance, 5 warm recipients",
}
_SAID = re.compile(r"^ {2}(\S.*): (\d+)$", re.MULTILINE)


def measured(rules: str) -> dict[str, int]:
    """Gas by act, and what is reckoned from it. Artifacts are kept, so that a repeat need not compile."""
    kept = ROOT / ".cache" / "gas" / rules
    settings = {
        "FOUNDRY_VIA_IR": "true",
        "FOUNDRY_EVM_VERSION": rules,
        "FOUNDRY_OUT": str(kept / "out"),
        "FOUNDRY_CACHE_PATH": str(kept / "cache"),
    }
    run = subprocess.run(
        ["node_modules/.bin/forge", "test", "--isolate", "--match-contract", "GasTest", "-vv"],
        cwd=ROOT / "contracts",
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise SystemExit(f"forge failed under the rules of {rules}:\n{run.stdout[-4000:]}{run.stderr[-4000:]}")
    said = {act: int(gas) for act, gas in _SAID.findall(run.stdout)}
    figures = {name: said[act] for name, act in LINES.items()}
    figures["fund_and_settle_each"] = figures["pay_batch_each"] + figures["settle_batch_each"]
    return figures


def main() -> int:
    argparse.ArgumentParser(
        prog="scripts/bench/gas", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    figures = {rules: measured(rules) for rules in RULES}
    print(f"{'gas':<62}" + "".join(f"{rules:>10}" for rules in RULES))
    for name in (*LINES, "fund_and_settle_each"):
        act = LINES.get(name, "payBatch and settleBatch together, each")
        print(f"{act:<62}" + "".join(f"{figures[rules][name]:>10,}" for rules in RULES))
    ratios = {rules: round(figures[rules]["push_split"] / figures[rules]["settle"], 2) for rules in RULES}
    print(f"{'the peer that pushes, times ours that is collected':<62}" + "".join(f"{r:>10}" for r in ratios.values()))
    met = all(figures[rules][name] <= most for rules in RULES for name, most in TARGETS.items())
    print(json.dumps({"bench": "gas", "figures": {**figures, "peer_times": ratios}, "targets": TARGETS, "met": met}))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())

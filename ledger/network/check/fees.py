"""What a transaction has to pay for gas."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.network.check.facts import Facts
from ledger.network.check.finding import Finding, fails, passes
from ledger.network.check.probe import Probe

MOST_WEI = 1_000 * 10**9
"""The most that the ledger's profiles ever offer for a unit of gas."""


def check_fees(node: Probe, facts: Facts) -> Iterator[Finding]:
    price = node.number("eth_gasPrice")
    stated = facts.head.get("baseFeePerGas")
    base = int(stated, 16) if stated is not None else None
    if price is None and base is None:
        yield fails("fees", "The node tells neither a gas price nor a base fee.")
        return
    facts.fee_wei = max(price or 0, base or 0)
    if facts.fee_wei == 0:
        facts.fee_mode = "legacy_zero"
        kind = "there is no base fee" if base is None else "the base fee is 0"
        yield passes("fees", f"Gas costs nothing: {kind}, and the node asks for a gas price of 0.")
    elif base is None:
        facts.fee_mode = "legacy_fixed"
        yield passes("fees", f"A gas price of {facts.fee_wei:,} wei; there is no base fee.")
    else:
        facts.fee_mode = "eip1559"
        yield passes("fees", f"A base fee of {base:,} wei (EIP-1559); the node suggests {price or 0:,}.")
    if facts.fee_wei > MOST_WEI:
        yield fails("fees", f"{facts.fee_wei:,} wei is more than any profile offers ({MOST_WEI:,}).")

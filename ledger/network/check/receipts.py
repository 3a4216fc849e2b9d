"""Receipts: in bulk or one by one, and whether they make the root that the header states."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from ledger.chain.ordered_trie import EMPTY_ROOT
from ledger.chain.receipts_root import BlockReceipt, receipts_root
from ledger.chain.rpc import RpcFault
from ledger.errors import BrokenEvidence
from ledger.network.check.facts import Facts
from ledger.network.check.finding import Finding, adapts, fails, passes, unknown
from ledger.network.check.probe import Probe

SEARCHED = 200
"""Blocks behind the head in which one with transactions is looked for."""

_EMPTY = "0x" + EMPTY_ROOT.hex()


def check_receipts(node: Probe, facts: Facts) -> Iterator[Finding]:
    yield from check_bulk(node, facts)
    block = _with_transactions(node, facts.height)
    if block is None:
        yield unknown(
            "receipts", f"None of the last {SEARCHED} blocks has a transaction.", "It proves each block as it comes."
        )
        return
    yield _proven(node, block, bool(facts.receipts_in_bulk))


def check_bulk(node: Probe, facts: Facts) -> Iterator[Finding]:
    bulk = node.ask("eth_getBlockReceipts", hex(facts.height))
    facts.receipts_in_bulk = isinstance(bulk, list)
    if facts.receipts_in_bulk:
        yield passes("receipts in bulk", "eth_getBlockReceipts answers.")
    else:
        said = bulk.message if isinstance(bulk, RpcFault) else "it answers something else"
        yield adapts(
            "receipts in bulk", f"There is no eth_getBlockReceipts ({said}).", "It asks one by one, in batches."
        )


def _with_transactions(node: Probe, height: int) -> dict[str, Any] | None:
    for number in range(height, max(height - SEARCHED, -1), -1):
        block = node.block(number)
        if block and block.get("transactions"):
            return block
    return None


def _proven(node: Probe, block: dict[str, Any], in_bulk: bool) -> Finding:
    number = int(block["number"], 16)
    hashes = [str(each) for each in block["transactions"]]
    single = [node.ask("eth_getTransactionReceipt", digest) for digest in hashes]
    if any(not isinstance(each, dict) for each in single):
        return fails("receipts", f"Block {number} has transactions without receipts.")
    given = node.ask("eth_getBlockReceipts", block["number"]) if in_bulk else single
    try:
        receipts = sorted(
            msgspec.convert(given, list[BlockReceipt]), key=lambda receipt: int(receipt.transaction_index, 16)
        )
        root = receipts_root(receipts) if receipts else _EMPTY
    except (msgspec.ValidationError, BrokenEvidence, ValueError) as error:
        return fails("receipts", f"The receipts of block {number} cannot be read: {error}.")
    if root != block["receiptsRoot"]:
        return fails(
            "receipts",
            f"The receipts of block {number} do not make the root in its header: dropped logs could not be noticed.",
        )
    return passes("receipts", f"Those of block {number} ({len(hashes)} transactions) make the root in its header.")

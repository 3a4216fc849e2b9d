"""How blocks come: by whom they are sealed, when they are final, how often they come, by which clock, and how much they hold."""

from __future__ import annotations

import time
from collections.abc import Iterator

from ledger.chain.qbft import read_qbft_block
from ledger.chain.receipts_root import block_hash
from ledger.chain.seals import quorum, read_seals, tolerated
from ledger.errors import BadInput, BrokenEvidence
from ledger.network.check.facts import Facts
from ledger.network.check.finding import Finding, adapts, fails, passes, unknown
from ledger.network.check.probe import Probe

CLOCK_SECONDS = 15
"""As far as a block's time may be from ours: sessions and grants end by the clock."""

LEAST_GAS_LIMIT = 8_000_000
"""The largest of the ledger's contracts must be deployed in one block."""

SPAN = 50


def check_blocks(node: Probe, facts: Facts) -> Iterator[Finding]:
    yield _header(facts)
    yield _finality(node, facts)
    yield _block_time(node, facts)
    yield _clock(facts)
    facts.gas_limit = int(facts.head["gasLimit"], 16)
    if facts.gas_limit < LEAST_GAS_LIMIT:
        yield fails(
            "gas limit", f"A block holds {facts.gas_limit:,} gas, and a contract needs up to {LEAST_GAS_LIMIT:,}."
        )
    else:
        yield passes("gas limit", f"{facts.gas_limit:,} a block.")


def _header(facts: Facts) -> Finding:
    """The head's hash, recomputed in each way that is known; sealed ones tell their validators."""
    head = facts.head
    try:
        sealed = read_seals(head)
        facts.seal, facts.validators = "ibft", sealed.validators
        return _sealed("IBFT", len(sealed.signers), sealed.validators)
    except BrokenEvidence:
        pass
    try:
        block = read_qbft_block(head)
        agreed = set(block.signers) & set(block.extra.validators)
        facts.seal, facts.validators = "qbft", block.extra.validators
        if block.number and len(agreed) < quorum(len(block.extra.validators)):
            return fails("header", f"Only {len(agreed)} of {len(block.extra.validators)} validators sealed the head.")
        return _sealed("QBFT", len(agreed), block.extra.validators)
    except (BadInput, BrokenEvidence):
        pass
    try:
        stands = block_hash(head) == str(head.get("hash")).lower()
    except BrokenEvidence:
        stands = False
    if stands:
        facts.seal = "none"
        return passes("header", "The head's hash is that of its fields; it carries no seals of validators.")
    return fails(
        "header",
        "The head's hash is not that of its fields in any way that is known here: its blocks cannot be proven.",
        "It has no engine profile for headers like these.",
    )


def _sealed(kind: str, signers: int, validators: tuple[str, ...]) -> Finding:
    count = len(validators)
    sentence = f"{kind}: the head's hash is recomputed, {signers} of {count} validators sealed it"
    if tolerated(count) == 0:
        return adapts(
            "header", f"{sentence}; {count} validators tolerate none.", "It stands still whenever one validator does."
        )
    return passes("header", f"{sentence}; {tolerated(count)} may fail.")


def _finality(node: Probe, facts: Facts) -> Finding:
    final = node.block("finalized")
    if facts.seal in ("ibft", "qbft"):
        return passes("finality", "A sealed block is final at once.", "It takes a reorganisation for an alarm.")
    if facts.is_development:
        return passes("finality", "A chain for trying, of one process: its blocks are taken as final at once.")
    if final is not None:
        facts.finality_tag = "finalized"
        behind = facts.height - int(final["number"], 16)
        return passes("finality", f'By the tag "finalized", {max(behind, 0)} blocks behind the head.')
    return fails(
        "finality",
        'The node refuses the tag "finalized", and its blocks carry no seals: nothing says which of them stay.',
        "It counts no block as final that it cannot know to be.",
    )


def _block_time(node: Probe, facts: Facts) -> Finding:
    first = node.block(max(facts.height - SPAN, 1)) if facts.height > 1 else None
    if first is None or first["number"] == facts.head["number"]:
        return unknown("block time", "There are too few blocks to tell.", "It asks as often as its profile says.")
    blocks = facts.height - int(first["number"], 16)
    seconds = (int(facts.head["timestamp"], 16) - int(first["timestamp"], 16)) / blocks
    if facts.seal in ("ibft", "qbft"):
        facts.block_seconds = max(round(seconds, 1), 0.1)
        if seconds > 5:
            ledger = "What it sends takes as long; a delivery is paid one block after it."
            return adapts("block time", f"{seconds:.1f} s over the last {blocks} blocks.", ledger)
        return passes("block time", f"{seconds:.1f} s over the last {blocks} blocks.")
    return passes("block time", f"{seconds:.1f} s over the last {blocks} blocks; they may come on demand.")


def _clock(facts: Facts) -> Finding:
    ahead = int(facts.head["timestamp"], 16) - time.time()
    if ahead > CLOCK_SECONDS:
        return adapts(
            "clock",
            f"The head's time is {ahead:.0f} s ahead of this machine's clock.",
            "Grants end by the chain's time and sessions by ours: set both machines' clocks (NTP).",
        )
    late = max(10 * (facts.block_seconds or 60), CLOCK_SECONDS)
    if -ahead > late:
        return adapts(
            "clock",
            f"The newest block is {-ahead:.0f} s old: blocks come only when there is something to put into them, the "
            "chain stands still, or its clock is behind.",
            "It sends, and waits for the block.",
        )
    return passes("clock", f"The head's time is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} ours.")

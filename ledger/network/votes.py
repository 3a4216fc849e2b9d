"""The engine's own votes: what makes real which validators the consortium wants. A node votes in the blocks that it proposes, and
a change stands once more than half of the validators have voted for it (Polygon Edge, proof of authority).

Votes that are not enough by the end of an epoch (1,000 blocks) are forgotten: cast them again.
"""

from __future__ import annotations

import subprocess
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from ledger.errors import Unavailable
from ledger.network.layout import LOOPBACK, Node

#: How the engine says that nothing is left to vote: it did, or the set is so already.
_DONE_BEFORE = (
    "already a candidate",
    "already voted for this address",
    "the candidate is already a validator",
    "cannot remove a validator if they're not in the snapshot",
)


@dataclass(frozen=True)
class Change:
    """One validator in, or out; `validator` in lower-case 0x hex."""

    validator: str
    let_in: bool


def changes(wanted: Collection[str], actual: Sequence[str]) -> list[Change]:
    """What would make the actual set the wanted one: first who comes in, so that there are never fewer than need be."""
    want, have = {one.lower() for one in wanted}, {one.lower() for one in actual}
    return [
        *(Change(validator, True) for validator in sorted(want - have)),
        *(Change(validator, False) for validator in sorted(have - want)),
    ]


def cast(node: Node, change: Change, binary: Path) -> bool:
    """Has a node vote for a change; false when it had. Unavailable when the node does not answer or refuses."""
    said = subprocess.run(
        [
            *(str(binary), "ibft", "propose", "--addr", change.validator),
            *("--vote", "auth" if change.let_in else "drop"),
            *("--grpc-address", f"{LOOPBACK}:{node.grpc_port}"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if said.returncode == 0:
        return True
    words = (said.stderr + said.stdout).strip()
    if any(done in words for done in _DONE_BEFORE):
        return False
    raise Unavailable(
        f"Node {node.number} ({node.member}) did not take the vote: {words.splitlines()[-1] if words else 'no word'}",
        hint=f"See that it runs: `suyuan network status`, `suyuan network start {node.number}`.",
    )

"""What is wrong with a network, in sentences that say what to do: pure judgement over what a look has shown."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ledger.chain.seals import quorum
from ledger.network.seen import NodeSeen
from ledger.network.turns import Turns
from ledger.network.votes import changes

FULL_BYTES = 32 * 1024 * 1024
WRONG_CLOCK_SECONDS = 5.0
BEHIND_BLOCKS = 5
SILENT_SECONDS = 30.0  # a missed turn costs about 11 s; what takes longer is no missed turn


def faults_of(node: NodeSeen, turns: Turns) -> list[str]:
    """What is wrong with one node."""
    who = f"Node {node.number} ({node.member})"
    found = []
    if node.condition == "paused":
        found.append(f"{who} is paused: its process is there and does nothing. Continue it, or kill and start it.")
    elif node.condition == "down":
        found.append(f"{who} is down. Start it with `suyuan network start {node.number}`.")
    elif node.height is None:
        found.append(f"{who} runs and does not answer. See `suyuan network logs {node.number}`.")
    if node.free_bytes is not None and node.free_bytes < FULL_BYTES:
        found.append(f"{who} has a full disk: {node.free_bytes // 1024:,} kB are left. Make room, then start it again.")
    if not node.same_chain:
        found.append(f"{who} serves another chain than the others. Stop it, and give it this network's genesis.")
    if node.lag is not None and node.lag > BEHIND_BLOCKS:
        found.append(f"{who} is {node.lag} blocks behind.")
    if node.clock is not None and abs(node.clock) > WRONG_CLOCK_SECONDS:
        side = "ahead of" if node.clock > 0 else "behind"
        found.append(f"The clock of {who[0].lower()}{who[1:]} is {abs(node.clock):.0f} s {side} this machine's.")
    if node.validator and node.missed:
        found.append(f"{who} missed {node.missed} of its turns in the last {turns.blocks} blocks.")
    return found


def faults_of_whole(seen: Sequence[NodeSeen], validators: Sequence[str], age: float | None) -> list[str]:
    found = []
    live = [node for node in seen if node.validator and node.height is not None]
    if validators and len(live) < quorum(len(validators)):
        found.append(
            f"{len(live)} of {len(validators)} validators answer and {quorum(len(validators))} are needed: no block is made."
        )
    if age is not None and age > SILENT_SECONDS:
        found.append(f"The newest block is {age:.0f} s old.")
    elif age is not None and age < -WRONG_CLOCK_SECONDS:
        found.append(f"The newest block lies {-age:.0f} s in the future: this machine's clock is behind.")
    return found


def not_as_wanted(seen: Sequence[NodeSeen], validators: Sequence[str], wanted: Collection[str] | None) -> list[str]:
    if wanted is None or not validators:
        return []
    names = {node.address: f"node {node.number} ({node.member})" for node in seen}
    todo = [(change, names.get(change.validator, change.validator)) for change in changes(wanted, validators)]
    return [
        f"The consortium wants {name} as a validator, and the engine has not let it in: `suyuan network vote`."
        if change.let_in
        else f"The engine still has {name} as a validator, and the consortium wants it no more: `suyuan network vote`."
        for change, name in todo
    ]

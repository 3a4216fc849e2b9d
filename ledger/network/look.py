"""Looks at a network from outside: what each node says, what the blocks' seals show, and what is wrong, in sentences."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger.chain.seals import SealedBlock, quorum, read_seals
from ledger.errors import BrokenEvidence, Unavailable
from ledger.network.ask import Answer, ask
from ledger.network.layout import Network, Node
from ledger.network.node_process import Condition, condition
from ledger.network.turns import BLOCKS, Turns, count_turns
from ledger.store.alarms import alarms

FULL_BYTES = 32 * 1024 * 1024
WRONG_CLOCK_SECONDS = 5.0
BEHIND_BLOCKS = 5
SILENT_SECONDS = 30.0  # a missed turn costs about 11 s; what takes longer is no missed turn


@dataclass(frozen=True)
class NodeSeen:
    """A node as it stands. `height` None when it does not answer; `clock` seconds that it is ahead of ours.

    `proposed`, `missed`, `committed` count the newest blocks; `validator`: it is in the engine's actual set.
    """

    number: int
    member: str
    address: str
    rpc_url: str
    condition: Condition
    height: int | None
    lag: int | None
    peers: int | None
    clock: float | None
    free_bytes: int | None
    same_chain: bool
    validator: bool
    proposed: int
    missed: int
    committed: int


@dataclass(frozen=True)
class NetworkSeen:
    """The whole. `head_age` seconds since the newest block's time; `validators` in the engine's order; `faults` in sentences."""

    chain_id: int
    height: int | None
    head_age: float | None
    proposer: str | None
    round: int | None
    validators: tuple[str, ...]
    needed: int
    nodes: tuple[NodeSeen, ...]
    votes: tuple[tuple[str, str, bool], ...]
    faults: tuple[str, ...]


def look_at(network: Network) -> NetworkSeen:
    """Asks every node, and one of the highest for the newest blocks."""
    answers = {node.number: _ask(network, node) for node in network.nodes}
    now = time.time()
    heights = {number: _number(answer) for number, answer in answers.items()}
    ahead = max((height for height in heights.values() if height is not None), default=None)
    blocks, faults = _newest(network, heights, ahead)
    turns = count_turns(blocks)
    head = blocks[-1] if blocks else None
    validators = head.validators if head else ()
    genesis = Counter(_genesis(answer) for answer in answers.values() if answer).most_common(1)
    seen = tuple(
        _seen(network, node, answers[node.number], ahead, validators, turns, genesis[0][0] if genesis else None)
        for node in network.nodes
    )
    age = now - head.timestamp if head else None
    faults += [sentence for node in seen for sentence in _faults_of(node, turns)]
    faults += _faults_of_whole(seen, validators, age)
    faults += [f"The home's {alarm.process}: {alarm.sentence}" for alarm in alarms(network.home)]
    return NetworkSeen(
        chain_id=network.chain_id,
        height=ahead,
        head_age=age,
        proposer=head.proposer if head else None,
        round=head.round if head else None,
        validators=validators,
        needed=quorum(len(validators)) if validators else 0,
        nodes=seen,
        votes=turns.votes,
        faults=tuple(faults),
    )


def newest_blocks(url: str, height: int, count: int = BLOCKS) -> list[SealedBlock]:
    """The seals of the last blocks, checked. Unavailable; BrokenEvidence for one whose seals do not prove it."""
    numbers = range(max(height - count, 0), height + 1)
    answer = ask(url, [("eth_getBlockByNumber", [hex(number), False]) for number in numbers])
    return [read_seals(block) for block in answer.results if block is not None]


def _ask(network: Network, node: Node) -> Answer | None:
    if condition(network, node) != "running":
        return None
    try:
        return ask(
            node.rpc_url,
            [
                ("eth_blockNumber", []),
                ("net_peerCount", []),
                ("eth_getBlockByNumber", ["0x0", False]),
                ("eth_chainId", []),
            ],
        )
    except Unavailable:
        return None


def _newest(network: Network, heights: dict[int, int | None], ahead: int | None) -> tuple[list[SealedBlock], list[str]]:
    for node in network.nodes:
        if ahead is not None and heights[node.number] == ahead:
            try:
                return newest_blocks(node.rpc_url, ahead), []
            except Unavailable:
                continue
            except BrokenEvidence as error:
                return [], [f"Node {node.number} ({node.member}) shows a block that its seals do not prove: {error}"]
    return [], []


def _seen(
    network: Network,
    node: Node,
    answer: Answer | None,
    ahead: int | None,
    validators: Sequence[str],
    turns: Turns,
    genesis: Any,
) -> NodeSeen:
    address = node.validator.lower()
    height = _number(answer)
    peers = answer.results[1] if answer else None
    return NodeSeen(
        number=node.number,
        member=node.member,
        address=address,
        rpc_url=node.rpc_url,
        condition=condition(network, node),
        height=height,
        lag=ahead - height if ahead is not None and height is not None else None,
        peers=int(peers, 16) if peers else None,
        clock=round(answer.date + 0.5 - time.time(), 1) if answer and answer.date is not None else None,
        free_bytes=_free_bytes(network, node),
        same_chain=answer is None
        or (_genesis(answer) == genesis and int(answer.results[3] or "0x0", 16) == network.chain_id),
        validator=address in validators,
        proposed=turns.proposed[address],
        missed=turns.missed[address],
        committed=turns.committed[address],
    )


def _faults_of(node: NodeSeen, turns: Turns) -> list[str]:
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


def _faults_of_whole(seen: Sequence[NodeSeen], validators: Sequence[str], age: float | None) -> list[str]:
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


def _free_bytes(network: Network, node: Node) -> int | None:
    try:
        disk = os.statvfs(network.data(node))
    except OSError:
        return None
    return disk.f_bavail * disk.f_frsize


def _number(answer: Answer | None) -> int | None:
    return int(answer.results[0], 16) if answer and answer.results[0] else None


def _genesis(answer: Answer | None) -> Any:
    block = answer.results[2] if answer else None
    return block.get("hash") if isinstance(block, dict) else None

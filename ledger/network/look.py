"""Looks at a network from outside: what each node says, and what the newest blocks' seals show."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from ledger.chain.seals import SealedBlock, quorum, read_seals
from ledger.errors import BrokenEvidence, Unavailable
from ledger.network.ask import Answer, ask
from ledger.network.judge import faults_of, faults_of_whole, not_as_wanted
from ledger.network.layout import Network, Node
from ledger.network.node_process import condition
from ledger.network.seen import NetworkSeen, NodeSeen
from ledger.network.turns import BLOCKS, Turns, count_turns
from ledger.store.alarms import alarms


def look_at(network: Network, wanted: Collection[str] | None = None) -> NetworkSeen:
    """Asks every node, and one of the highest for the newest blocks. `wanted`: the validators that the consortium wants, where
    that is known; what differs is a fault."""
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
    faults += [sentence for node in seen for sentence in faults_of(node, turns)]
    faults += faults_of_whole(seen, validators, age)
    faults += not_as_wanted(seen, validators, wanted)
    faults += [f"The home's {alarm.process}: {alarm.sentence}" for alarm in alarms(network.home)]
    return NetworkSeen(
        chain_id=network.chain_id,
        height=ahead,
        head_age=age,
        proposer=head.proposer if head else None,
        round=head.round if head else None,
        validators=validators,
        wanted=None if wanted is None else tuple(sorted(one.lower() for one in wanted)),
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

"""What a look at a network shows, as data."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.network.node_process import Condition


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
    wanted: tuple[str, ...] | None
    needed: int
    nodes: tuple[NodeSeen, ...]
    votes: tuple[tuple[str, str, bool], ...]
    faults: tuple[str, ...]

"""What a Besu network is to be: its members, one machine each, and the numbers that all nodes share."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ledger.chain.node_key import node_address


@dataclass(frozen=True)
class NetworkMember:
    """One machine. `validator_address` is EIP-55; `senders` may send transactions through any node."""

    slug: str
    name: str
    public_key: str
    host: str
    p2p_port: int
    rpc_port: int
    validator: bool
    senders: tuple[str, ...]

    @property
    def node_address(self) -> str:
        return node_address(self.public_key)

    @property
    def enode(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"enode://{self.public_key}@{host}:{self.p2p_port}"


@dataclass(frozen=True)
class NetworkPlan:
    """What the members file says, checked. Times are seconds, limits gas and bytes."""

    members: tuple[NetworkMember, ...]
    chain_id: int = 7720
    block_period_seconds: int = 1
    request_timeout_seconds: int = 4
    gas_limit: int = 60_000_000
    contract_size_limit: int = 24_576
    image: str = "hyperledger/besu:latest"
    senders: tuple[str, ...] = ()

    @property
    def validators(self) -> tuple[NetworkMember, ...]:
        return tuple(member for member in self.members if member.validator)

    @property
    def tolerated(self) -> int:
        """How many validators may fail at once while blocks still come."""
        return (len(self.validators) - 1) // 3

    @property
    def all_senders(self) -> tuple[str, ...]:
        """Empty: every account may send."""
        return (*self.senders, *(sender for member in self.members for sender in member.senders))

    def warnings(self) -> list[str]:
        """What is allowed and yet worth a word."""
        said = []
        if self.tolerated == 0:
            said.append(
                f"{len(self.validators)} validators tolerate none: when one stops, the chain stops. Four tolerate one."
            )
        hosts = Counter(member.host for member in self.validators)
        shared = [host for host, count in hosts.items() if count > self.tolerated and count > 1]
        if shared:
            said.append(
                f"{hosts[shared[0]]} validators stand on {shared[0]}: when that machine stops, the chain stops."
            )
        if self.image.endswith(":latest"):
            said.append('The image is ":latest": name the version that you tested, in [network] image = "…".')
        return said

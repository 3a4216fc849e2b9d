"""One engine profile a chain: what differs between chains stands here and in no `if` elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ledger.errors import BadInput

GWEI = 10**9

FeeMode = Literal["legacy_zero", "legacy_fixed", "eip1559"]
SealKind = Literal["none", "ibft"]


@dataclass(frozen=True)
class Fee:
    """What a transaction offers for gas.

    `legacy_zero` and `legacy_fixed` send `gasPrice`; `eip1559` sends `ceiling_wei` as maxFeePerGas and `tip_wei` as
    maxPriorityFeePerGas (EIP-1559). The ceiling is fixed and not derived from the head, so that signing the same intent
    again gives the same bytes.
    """

    mode: FeeMode
    ceiling_wei: int = 0
    tip_wei: int = 0

    def fields(self) -> dict[str, int]:
        """The fee fields of a transaction."""
        if self.mode == "eip1559":
            return {"type": 2, "maxFeePerGas": self.ceiling_wei, "maxPriorityFeePerGas": self.tip_wei}
        return {"gasPrice": self.ceiling_wei}


@dataclass(frozen=True)
class Profile:
    """How one kind of chain behaves."""

    name: str
    evm_version: str
    #: A block is final when this many blocks stand on top of it; unused where `finality_tag` is set.
    finality_depth: int
    #: The block tag ("finalized", "safe") under which the node names its last final block, or None.
    finality_tag: str | None
    fee: Fee
    #: Seconds between two looks at the chain.
    poll_seconds: float
    #: The most blocks that one eth_getLogs may span.
    log_range: int
    #: The most calls in one JSON-RPC batch.
    batch_limit: int
    #: The node answers eth_getBlockReceipts.
    receipts_in_bulk: bool
    #: How validators seal a block in its extraData.
    seal: SealKind


EMBEDDED = Profile(
    name="embedded",
    evm_version="london",
    finality_depth=0,
    finality_tag=None,
    fee=Fee("eip1559", ceiling_wei=100 * GWEI),
    poll_seconds=0.2,
    log_range=5_000,
    batch_limit=200,
    receipts_in_bulk=False,
    seal="none",
)

ANVIL = Profile(
    name="anvil",
    evm_version="london",
    finality_depth=0,
    finality_tag=None,
    fee=Fee("eip1559", ceiling_wei=100 * GWEI, tip_wei=1),
    poll_seconds=0.2,
    log_range=10_000,
    batch_limit=500,
    receipts_in_bulk=True,
    seal="none",
)

#: A permissioned BFT network (QBFT/IBFT 2.0): a committed block is final, gas costs nothing.
IBFT = Profile(
    name="ibft",
    evm_version="london",
    finality_depth=0,
    finality_tag=None,
    fee=Fee("legacy_zero"),
    poll_seconds=0.5,
    log_range=5_000,
    batch_limit=200,
    receipts_in_bulk=True,
    seal="ibft",
)

PROFILES = {profile.name: profile for profile in (EMBEDDED, ANVIL, IBFT)}


def profile_named(name: str) -> Profile:
    """BadInput for a name that no profile has."""
    try:
        return PROFILES[name]
    except KeyError:
        raise BadInput(
            f"There is no engine profile {name!r}.", hint=f'Use one of: {", ".join(PROFILES)} (config.json, "profile").'
        ) from None

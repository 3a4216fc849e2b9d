"""One engine profile a chain: what differs between chains stands here and in no `if` elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ledger.chain.fees import GWEI, Fee
from ledger.errors import BadInput

SealKind = Literal["none", "ibft", "qbft"]
GasSchedule = Literal["istanbul", "berlin"]


@dataclass(frozen=True)
class Profile:
    """How one kind of chain behaves."""

    name: str
    evm_version: str
    #: How gas is counted: since Berlin (EIP-2929) a first look into a contract's storage costs more, a second less.
    gas_schedule: GasSchedule
    #: A block is final when this many blocks stand on top of it; unused where `finality_tag` is set.
    finality_depth: int
    #: The block tag ("finalized", "safe") under which the node names its last final block, or None.
    finality_tag: str | None
    fee: Fee
    #: Seconds from one block to the next; None where blocks come only when there are transactions.
    block_seconds: float | None
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
    #: A home runs this chain itself, as one of its processes; another chain's nodes run whether or not the home does.
    run_by_home: bool = False
    #: The path at which a node takes WebSockets, on its RPC port, and tells of new blocks; None: it is polled.
    subscription_path: str | None = None

    @property
    def immediate_finality(self) -> bool:
        """A block that stands is never taken back: a reorganisation is an alarm."""
        return self.finality_tag is None and self.finality_depth == 0


EMBEDDED = Profile(
    name="embedded",
    evm_version="london",
    gas_schedule="berlin",
    finality_depth=0,
    finality_tag=None,
    fee=Fee("eip1559", offer_wei=100 * GWEI, ceiling_wei=1_000 * GWEI),
    block_seconds=None,
    poll_seconds=0.2,
    log_range=5_000,
    batch_limit=200,
    receipts_in_bulk=False,
    seal="none",
    run_by_home=True,
)

ANVIL = Profile(
    name="anvil",
    evm_version="london",
    gas_schedule="berlin",
    finality_depth=0,
    finality_tag=None,
    fee=Fee("eip1559", offer_wei=100 * GWEI, tip_wei=1, ceiling_wei=1_000 * GWEI),
    block_seconds=None,
    poll_seconds=0.2,
    log_range=10_000,
    batch_limit=500,
    receipts_in_bulk=True,
    seal="none",
    subscription_path="",
)

#: Polygon Edge with IBFT and proof of authority: this project's network for tests. It refuses the tags `finalized` and
#: `safe`, knows neither eth_getBlockReceipts nor base fees, and takes 20 calls a batch and 1,000 blocks a question
#: unless it is told otherwise.
IBFT = Profile(
    name="ibft",
    evm_version="london",
    gas_schedule="istanbul",
    finality_depth=0,
    finality_tag=None,
    fee=Fee("legacy_zero"),
    block_seconds=1.0,
    poll_seconds=0.1,
    log_range=1_000,
    batch_limit=20,
    receipts_in_bulk=False,
    seal="ibft",
    subscription_path="/ws",
)

#: Hyperledger Besu with QBFT, gas for nothing: for the members' own machines. Not run here.
QBFT = Profile(
    name="qbft",
    evm_version="london",
    gas_schedule="berlin",
    finality_depth=0,
    finality_tag=None,
    fee=Fee("legacy_zero"),
    block_seconds=2.0,
    poll_seconds=0.2,
    log_range=1_000,
    batch_limit=100,
    receipts_in_bulk=True,
    seal="qbft",
)

#: Any chain whose nodes name their last final block: fees above zero, blocks that come when there is something to put
#: into them, headers without seals.
FINALIZED = Profile(
    name="finalized",
    evm_version="london",
    gas_schedule="berlin",
    finality_depth=0,
    finality_tag="finalized",
    fee=Fee("eip1559", offer_wei=50 * GWEI, tip_wei=GWEI, ceiling_wei=1_000 * GWEI),
    block_seconds=None,
    poll_seconds=0.5,
    log_range=1_000,
    batch_limit=50,
    receipts_in_bulk=True,
    seal="none",
)

PROFILES = {profile.name: profile for profile in (EMBEDDED, ANVIL, IBFT, QBFT, FINALIZED)}


def profile_named(name: str) -> Profile:
    """BadInput for a name that no profile has."""
    try:
        return PROFILES[name]
    except KeyError:
        raise BadInput(
            f"There is no engine profile {name!r}.", hint=f'Use one of: {", ".join(PROFILES)} (config.json, "profile").'
        ) from None

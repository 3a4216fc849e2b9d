"""What is known of the chain so far; a check reads what earlier ones wrote, and the profile is proposed from all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ledger.chain.fees import FeeMode
from ledger.chain.profiles import GasSchedule, SealKind


@dataclass
class Facts:
    """None: not found out. Times are seconds, limits counts of blocks and calls."""

    chain_id: int | None = None
    genesis: str | None = None
    client: str = ""
    head: dict[str, Any] = field(default_factory=dict)
    finality_tag: str | None = None
    seal: SealKind | None = None
    validators: tuple[str, ...] = ()
    fee_mode: FeeMode | None = None
    fee_wei: int = 0
    block_seconds: float | None = None
    gas_limit: int | None = None
    gas_schedule: GasSchedule | None = None
    rules: str | None = None
    log_range: int | None = None
    receipts_in_bulk: bool | None = None
    batch_limit: int | None = None

    @property
    def height(self) -> int:
        return int(self.head["number"], 16) if self.head else -1

    @property
    def is_development(self) -> bool:
        """A chain of one process, made for trying: no block is ever taken back."""
        return self.client.lower().startswith(("anvil", "hardhat", "suyuan-embedded"))

"""What a transaction offers for gas, first and when it has to be replaced by one that offers more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

GWEI = 10**9

FeeMode = Literal["legacy_zero", "legacy_fixed", "eip1559"]

#: A node takes a replacement that offers at least this much more, in percent of each fee (go-ethereum, Besu: 10).
BUMP_PERCENT = 25


@dataclass(frozen=True)
class Fee:
    """How one chain's transactions pay; all in wei for a unit of gas.

    `legacy_zero` and `legacy_fixed` send `offer_wei` as gasPrice; `eip1559` sends it as maxFeePerGas with `tip_wei` as
    maxPriorityFeePerGas (EIP-1559). The first offer is fixed, and rises only where the head's base fee leaves no room,
    so that signing the same intent again gives the same bytes. Never more than `ceiling_wei` is offered.
    """

    mode: FeeMode
    offer_wei: int = 0
    tip_wei: int = 0
    ceiling_wei: int = 0

    def fields(self, *, attempt: int = 0, base_fee_wei: int = 0) -> dict[str, int]:
        """The fee fields of a transaction: the first with `attempt` 0, its replacements with 1, 2, ..."""
        offer = self._bumped(max(self.offer_wei, 2 * base_fee_wei if self.mode == "eip1559" else 0), attempt)
        if self.mode == "eip1559":
            return {
                "type": 2,
                "maxFeePerGas": offer,
                "maxPriorityFeePerGas": min(self._bumped(self.tip_wei, attempt), offer),
            }
        return {"gasPrice": offer}

    def can_replace(self, attempt: int) -> bool:
        """Whether a replacement numbered `attempt` still offers more than the one before, so that nodes take it."""
        if self.mode == "legacy_zero":
            return False
        return self._bumped(self.offer_wei, attempt) >= self._bumped(self.offer_wei, attempt - 1) * 11 // 10 + 1

    def _bumped(self, wei: int, attempt: int) -> int:
        for _ in range(attempt):
            wei += max(wei * BUMP_PERCENT // 100, 1)
        return min(wei, max(self.ceiling_wei, self.offer_wei))

"""What gas has cost: eth_feeHistory."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import msgspec
from eth.vm.forks.london.headers import calculate_expected_base_fee_per_gas

from ledger.chain.embedded.backend import FileBackend
from ledger.chain.embedded.history import History
from ledger.chain.embedded.refusals import invalid, refused
from ledger.chain.embedded.render import quantity
from ledger.chain.embedded.rules import base_fee_of

_MAX_BLOCKS = 1_024


def fee_history(
    backend: FileBackend, history: History, count: int, newest: int | None, percentiles: Sequence[Any] | None
) -> dict[str, Any]:
    """Base fees of up to `count` blocks ending with `newest`, and of the one after it; with percentiles also the tips.

    Tips are in wei a gas, weighted by the gas that paid them.
    """
    if newest is None or newest > history.latest():
        raise refused("request beyond head block")
    if percentiles and (
        any(not isinstance(one, int | float) or not 0 <= one <= 100 for one in percentiles)
        or sorted(percentiles) != list(percentiles)
    ):
        raise invalid("invalid reward percentile: numbers from 0 to 100, rising, are wanted")
    count = max(0, min(count, _MAX_BLOCKS, newest + 1))
    headers = [backend.header(number) for number in range(newest - count + 1, newest + 1)]
    answer: dict[str, Any] = {
        "oldestBlock": quantity(newest - count + 1),
        "gasUsedRatio": [header.gas_used / header.gas_limit for header in headers],
    }
    if headers:
        following = calculate_expected_base_fee_per_gas(headers[-1])
        answer["baseFeePerGas"] = [quantity(base_fee_of(header)) for header in headers] + [quantity(following)]
    if percentiles and headers:
        answer["reward"] = [_tips(history, header.block_number, base_fee_of(header), percentiles) for header in headers]
    return answer


def _tips(history: History, number: int, base_fee: int, percentiles: Sequence[Any]) -> list[str]:
    receipts = msgspec.json.decode(history.receipts(number))
    paid = sorted((int(one["effectiveGasPrice"], 16) - base_fee, int(one["gasUsed"], 16)) for one in receipts)
    if not paid:
        return [quantity(0) for _ in percentiles]
    total = sum(gas for _, gas in paid)
    tips = []
    for percentile in percentiles:
        wanted = total * percentile
        reached = accumulate(gas * 100 for _, gas in paid)
        tips.append(
            quantity(next(tip for (tip, _), sum_so_far in zip(paid, reached, strict=True) if sum_so_far >= wanted))
        )
    return tips

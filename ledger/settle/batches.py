"""How many orders go into one transaction, and the name by which it is queued once.

Gas was measured on the embedded chain (London rules) with order numbers of 20 characters; a transaction stays far below
the block's 60 million, so that other members' find room beside it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

MOST_GAS = 12_000_000
MOST_ORDERS = 100

PLACE_GAS = 60_000
PAY_GAS = 60_000
DELIVER_GAS = 15_000


def settle_gas(legs: int) -> int:
    """Of one order that is delivered and settled under a rule of so many legs."""
    return 40_000 + 6_000 * legs


T = TypeVar("T")


def in_batches(items: Sequence[T], gas_each: int) -> Iterator[Sequence[T]]:
    """The items in their order, so many at a time as `MOST_GAS` allows."""
    size = max(1, min(MOST_ORDERS, MOST_GAS // gas_each))
    for start in range(0, len(items), size):
        yield items[start : start + size]


def content_key(act: str, *content: Any) -> str:
    """The outbox key of an act with this content: the same content is the same act."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{act}:{hashlib.sha256(text.encode()).hexdigest()}"

"""How many orders go into one transaction, and the name by which it is queued once.

Gas of one order in a batch of 50 to 100, measured on the embedded chain (London rules) with two builds of the contracts:
placed 35,000 to 37,400, by the length of its number; paid 18,000 to 24,000, by that of its reference; delivered and
settled up to 38,800 with 5 legs and 93,000 with 16; refunded 14,300 to 23,400 with 5 legs and up to 32,400 with 16, for a
reason of 198 bytes, each byte beside it 24. The figures below are above all of these. A transaction stays far
below the block's 60 million, so that other members' find room beside it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

MOST_GAS = 12_000_000
MOST_ORDERS = 100

PLACE_GAS = 40_000
PAY_GAS = 25_000
BOOK_GAS = 50_000  # of one withdrawal, alone in its transaction: 45,900


def settle_gas(legs: int) -> int:
    """Of one order that is delivered and settled under a rule of so many legs."""
    return 15_000 + 5_000 * legs


def refund_gas(legs: int) -> int:
    """Of one refund of an order whose rule has so many legs, with a reason of up to 600 bytes."""
    return 30_000 + 1_000 * legs


def batch_gas(gas_each: int, orders: int, legs: int = 0) -> int:
    """Gas to give a batch, a quarter above what its orders take, and room for payees who are credited for the first time.

    Given instead of estimated: on the embedded chain an estimate runs the whole batch three times over, and the rows
    have told already whether the contract will take it.
    """
    return 200_000 + 30_000 * legs + gas_each * orders * 5 // 4


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

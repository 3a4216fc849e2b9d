"""Gas to give what concerns a batch of orders; given instead of estimated, as ledger.settle.batches says.

Measured on the embedded chain (London rules), with 1 to 1,000 orders of 2 to 5 bytes: placed 96,000; paid 104,000 and 230 an
order; settled, with payees who are credited for the first time, 198,000 of one order with 5 legs, 570,000 of 500; with 16 legs
that have floors and caps 8,000 an order; refunded at most as much as settled, and taken out 28,000 an order. The figures below
are a quarter above all of these.
"""

from __future__ import annotations

from ledger.settle.batches import MOST_GAS

PLACE_BATCH_GAS = 150_000
_TAKEN_OUT_GAS = 37_000


def pay_batch_gas(count: int) -> int:
    """With a bank's reference of up to 140 characters."""
    return 200_000 + 450 * count


def settle_batch_gas(count: int, marked: int, legs: int) -> int:
    """`marked` of the `count` orders of a batch."""
    return 200_000 + 250 * count + 30_000 * legs + marked * (300 + 600 * legs)


def refund_batch_gas(count: int, marked: int, legs: int) -> int:
    """Each payee may have spent what is taken back, and then owes it."""
    return settle_batch_gas(count, marked, legs) + 100_000 * legs


def take_out_gas(count: int, marked: int) -> int:
    return 150_000 + 250 * count + _TAKEN_OUT_GAS * marked


MOST_TAKEN_OUT = MOST_GAS // _TAKEN_OUT_GAS
"""Orders a transaction."""

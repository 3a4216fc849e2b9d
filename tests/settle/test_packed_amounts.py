"""Packed amounts, their chunks and marks: what goes in comes out, and what a call repeats leads to the root."""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import BadInput
from ledger.settle.packed_amounts import (
    chunk_hashes,
    chunks_for,
    marks_of,
    marks_of_all,
    pack_amounts,
    positions_in,
    root_of,
    unpack_amounts,
    width_of,
)
from ledger.settle.split import MOST_FEN

AMOUNTS = st.lists(st.integers(1, MOST_FEN), min_size=1, max_size=300)


@pytest.mark.parametrize("amounts", [[], [1] * 4_097])
def test_no_orders_or_too_many_are_no_batch(amounts: list[int]) -> None:
    with pytest.raises(BadInput, match="1 to 4,096 orders"):
        width_of(amounts)


@pytest.mark.parametrize("amount_fen", [0, -1, MOST_FEN + 1])
def test_amount_out_of_bounds_is_refused(amount_fen: int) -> None:
    with pytest.raises(BadInput, match="1 to 900,000,000,000,000 fen"):
        width_of([100, amount_fen])


@pytest.mark.parametrize(("packed", "width"), [(b"123", 2), (b"", 0), (b"12345678", 8)])
def test_bytes_that_are_no_whole_amounts_are_refused(packed: bytes, width: int) -> None:
    with pytest.raises(BadInput, match="not whole amounts"):
        unpack_amounts(packed, width)


@pytest.mark.parametrize("position", [-1, 33])
def test_position_beyond_the_orders_cannot_be_marked(position: int) -> None:
    with pytest.raises(BadInput, match=f"no position {position} in a batch of 33"):
        marks_of([position], 33)


@pytest.mark.parametrize(
    ("most", "width"), [(1, 1), (255, 1), (256, 2), (65_535, 2), (65_536, 3), (2**24, 4), (MOST_FEN, 7)]
)
def test_width_is_the_fewest_bytes_that_hold_every_amount(most: int, width: int) -> None:
    assert width_of([1, most]) == width


@given(AMOUNTS)
def test_packed_amounts_unpack_to_the_same(amounts: list[int]) -> None:
    width = width_of(amounts)
    assert unpack_amounts(pack_amounts(amounts, width), width) == amounts


@given(st.integers(1, 1_000).flatmap(lambda count: st.tuples(st.just(count), st.sets(st.integers(0, count - 1)))))
def test_marks_give_their_positions_back(case: tuple[int, set[int]]) -> None:
    count, positions = case
    marks = marks_of(positions, count)
    assert positions_in(marks) == sorted(positions)
    assert len(marks) == -(-count // 256)


@pytest.mark.parametrize("count", [1, 31, 32, 33, 255, 256, 257, 4_096])
def test_marks_of_all_are_those_of_every_position(count: int) -> None:
    assert marks_of_all(count) == marks_of(range(count), count)


@given(AMOUNTS, st.data())
def test_chunks_that_a_call_repeats_lead_to_the_root(amounts: list[int], data: st.DataObject) -> None:
    """Walked as the contract does it: of each chunk the amounts when one of its orders is marked, else the hash."""
    width = width_of(amounts)
    packed = pack_amounts(amounts, width)
    marked = data.draw(st.sets(st.integers(0, len(amounts) - 1)))
    chunks = chunks_for(packed, width, marks_of(marked, len(amounts)))
    hashes, at = [], 0
    for first in range(0, len(amounts), 32):
        orders = range(first, min(first + 32, len(amounts)))
        size = len(orders) * width if marked.intersection(orders) else 32
        part = chunks[at : at + size]
        hashes.append(keccak(part) if marked.intersection(orders) else part)
        at += size
    assert at == len(chunks)
    assert hashes == chunk_hashes(packed, width)
    assert keccak(b"".join(hashes)) == root_of(packed, width)

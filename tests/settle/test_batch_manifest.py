"""The ids and the manifest of a batch: what is refused, and that the same orders are the same batch."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pure_calls import PureFunction

from ledger.errors import BadInput
from ledger.settle.batch_id import BatchTerms, batch_id, batch_of, position_id, short_name
from ledger.settle.batch_manifest import BatchManifest, difference, read_batch_manifest, write_batch_manifest
from ledger.settle.packed_amounts import pack_amounts, root_of

MANIFEST = BatchManifest(4, ("A-1", "订单 2", 'say "3"'), (10_000, 1, 65_536))


def terms_of(manifest: BatchManifest, width: int = 3) -> BatchTerms:
    root = root_of(pack_amounts(manifest.amounts_fen, width), width).hex()
    return BatchTerms("ab" * 32, root, manifest.total_fen, 1, 3, len(manifest.numbers), width)


def written(**changes: Any) -> bytes:
    return json.dumps({**json.loads(write_batch_manifest(MANIFEST)), **changes}).encode()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\xff", "no JSON"),
        (b"[]", "no manifest"),
        (written(type="else"), "no manifest"),
        (written(more=1), "no manifest"),
        (written(numbers=["A-1", "A-2", 3]), "not texts"),
        (written(amounts_fen=[1, 2, 3.0]), "no whole numbers"),
        (written(amounts_fen=[1, 2, True]), "no whole numbers"),
        (written(merchant="4"), "not texts"),
        (written(amounts_fen=[1, 2]), "3 numbers and 2 amounts"),
        (written(numbers=["A-1", "A-2", "A-1"]), "a number twice"),
        (written(numbers=["A-1", "A-2", "A\u00003"]), "cannot be printed"),
        (written(numbers=["A-1", "A-2", "A" * 65]), "65 characters"),
        (written(amounts_fen=[1, 2, 0]), "1 to 900,000,000,000,000 fen"),
        (written(numbers=[], amounts_fen=[]), "1 to 4,096 orders"),
    ],
)
def test_what_is_no_manifest_is_refused(data: bytes, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        read_batch_manifest(data)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"count": 2}, "lists 3 orders, not 2"),
        ({"total_fen": 75_538}, "sum to 75537 fen, not to 75538"),
        ({"width": 2}, "does not fit into 2 bytes"),
        ({"amounts_root": "00" * 32}, "make the root"),
    ],
)
def test_manifest_that_says_otherwise_than_the_terms_is_told(changes: dict[str, Any], sentence: str) -> None:
    told = difference(MANIFEST, 4, replace(terms_of(MANIFEST), **changes))
    assert told is not None
    assert sentence in told


def test_another_merchants_manifest_is_told() -> None:
    assert difference(MANIFEST, 5, terms_of(MANIFEST)) == "The manifest is of member 4, not of 5."


def test_manifest_reads_back_and_agrees_with_its_terms() -> None:
    read = read_batch_manifest(write_batch_manifest(MANIFEST))
    assert read == MANIFEST
    assert difference(read, 4, terms_of(MANIFEST)) is None


def test_same_orders_are_the_same_bytes() -> None:
    again = read_batch_manifest(json.dumps(json.loads(write_batch_manifest(MANIFEST)), indent=1).encode())
    assert write_batch_manifest(again) == write_batch_manifest(MANIFEST)


@given(
    st.integers(1, 2**32 - 1),
    st.builds(
        BatchTerms,
        st.binary(min_size=32, max_size=32).map(bytes.hex),
        st.binary(min_size=32, max_size=32).map(bytes.hex),
        st.integers(1, 2**64 - 1),
        st.integers(1, 2**32 - 1),
        st.integers(1, 2**32 - 1),
        st.integers(1, 4_096),
        st.integers(1, 7),
    ),
)
def test_id_is_the_contracts(merchant: int, terms: BatchTerms) -> None:
    (theirs,) = CONTRACT(merchant, terms.on_chain)
    assert batch_id(merchant, terms) == f"0x{theirs.hex()}"


CONTRACT = PureFunction("Escrow", "batchId")


def test_orders_id_holds_its_batch_and_position() -> None:
    batch = batch_id(4, terms_of(MANIFEST))
    order = position_id(batch, 257)
    assert order == batch[:58] + "00000101"
    assert batch_of(order) == batch
    assert short_name(batch) == batch[2:10]

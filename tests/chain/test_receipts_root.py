"""Roots and hashes are those of the libraries that Ethereum's clients are compared with."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest
import rlp
from eth.db.trie import make_trie_root_and_nodes
from eth.rlp.headers import BlockHeader
from eth.rlp.logs import Log
from eth.rlp.receipts import Receipt
from eth.vm.forks.cancun.blocks import CancunBlockHeader
from eth.vm.forks.london.blocks import LondonBlockHeader
from eth.vm.forks.london.receipts import LondonTypedReceipt
from eth.vm.forks.prague.blocks import PragueBlockHeader
from eth.vm.forks.shanghai.blocks import ShanghaiBlockHeader
from eth_bloom import BloomFilter
from trie import HexaryTrie

from ledger.chain.ordered_trie import EMPTY_ROOT, encode, ordered_root
from ledger.chain.receipts_root import BlockReceipt, ReceiptLog, block_hash, bloom_bits, receipts_root
from ledger.errors import BrokenEvidence

NAMES = {
    "uncles_hash": "sha3Uncles",
    "coinbase": "miner",
    "transaction_root": "transactionsRoot",
    "receipt_root": "receiptsRoot",
    "bloom": "logsBloom",
    "block_number": "number",
    "base_fee_per_gas": "baseFeePerGas",
}


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return NAMES.get(name) or first + "".join(word.title() for word in rest)


def as_json(header: Any) -> dict[str, Any]:
    """As a node gives it."""
    fields = {name: getattr(header, name) for name, _ in type(header)._meta.fields}
    rendered = {
        camel(name): hex(value) if isinstance(value, int) else f"0x{value.hex()}" for name, value in fields.items()
    }
    return rendered | {"logsBloom": f"0x{fields['bloom']:0512x}", "size": "0x3e8", "uncles": []}


def a_log(chance: random.Random) -> Log:
    topics = [
        int.from_bytes(chance.randbytes(32), "big") >> chance.choice([0, 0, 250]) for _ in range(chance.randrange(5))
    ]
    return Log(chance.randbytes(20), topics, chance.randbytes(chance.choice([0, 1, 32, 55, 56, 700])))


def both_forms(chance: random.Random, kind: int, *, gas: int) -> tuple[Any, BlockReceipt]:
    """A receipt as py-evm encodes it, and as a node gives it."""
    outcome = chance.choice([b"", b"\x01"]) if kind else chance.choice([b"", b"\x01", chance.randbytes(32)])
    receipt = Receipt(outcome, gas, [a_log(chance) for _ in range(chance.choice([0, 1, 1, 3]))])
    logs = tuple(
        ReceiptLog(
            f"0x{log.address.hex()}",
            tuple(f"0x{topic:064x}" for topic in log.topics),
            f"0x{log.data.hex()}",
            "0x",
            "0x0",
        )
        for log in receipt.logs
    )
    given = BlockReceipt(
        transaction_hash="0x",
        transaction_index="0x0",
        block_hash="0x",
        cumulative_gas_used=hex(gas),
        logs_bloom=f"0x{receipt.bloom:0512x}",
        logs=logs,
        status=hex(int.from_bytes(outcome, "big")) if len(outcome) < 32 else None,
        root=f"0x{outcome.hex()}" if len(outcome) == 32 else None,
        type=hex(kind) if kind else chance.choice([None, "0x0"]),
    )
    return (LondonTypedReceipt(kind, receipt) if kind else receipt), given


def test_receipt_without_outcome_is_refused() -> None:
    _, given = both_forms(random.Random(1), 2, gas=1)
    with pytest.raises(BrokenEvidence, match="neither status nor root"):
        receipts_root([msgspec.structs.replace(given, status=None, root=None)])


def test_field_that_is_no_hex_is_refused() -> None:
    _, given = both_forms(random.Random(1), 2, gas=1)
    with pytest.raises(BrokenEvidence, match="cannot be read"):
        receipts_root([msgspec.structs.replace(given, cumulative_gas_used="many")])
    with pytest.raises(BrokenEvidence, match="parentHash"):
        block_hash({})


@pytest.mark.parametrize("count", [0, 1, 2, 16, 17, 127, 128, 129, 300])
def test_root_is_that_of_the_general_trie(count: int) -> None:
    chance = random.Random(count)
    values = [chance.randbytes(chance.choice([1, 1, 40, 300])) for _ in range(count)]
    general = HexaryTrie({})
    for place, value in enumerate(values):
        general[rlp.encode(place)] = value
    assert ordered_root(values) == general.root_hash
    assert ordered_root([]) == EMPTY_ROOT


def test_encoding_is_that_of_the_general_library() -> None:
    items: list[Any] = [b"", b"\x00", b"\x7f", b"\x80", b"a" * 55, b"a" * 56, b"a" * 70_000, []]
    for item in [*items, items, [[items], b"b"]]:
        assert encode(item) == rlp.encode(item)


@pytest.mark.parametrize("count", [1, 3, 40, 200])
def test_receipts_root_is_py_evms(count: int) -> None:
    """Of all types, before Byzantium and after."""
    chance = random.Random(count)
    pairs = [both_forms(chance, chance.choice([0, 0, 1, 2]), gas=21_000 * (place + 1)) for place in range(count)]
    expected, _ = make_trie_root_and_nodes([receipt for receipt, _ in pairs])
    assert receipts_root([given for _, given in pairs]) == f"0x{expected.hex()}"


def test_any_change_of_a_log_changes_the_root() -> None:
    chance = random.Random(5)
    given = [both_forms(chance, 2, gas=21_000 * place)[1] for place in range(1, 30)]
    root = receipts_root(given)
    place = next(place for place, receipt in enumerate(given) if len(receipt.logs) > 1)
    receipt = given[place]
    first, *others = receipt.logs
    for logs in (others, [msgspec.structs.replace(first, data=first.data + "00"), *others], [*others, first]):
        given[place] = msgspec.structs.replace(receipt, logs=tuple(logs))
        assert receipts_root(given) != root
    given[place] = receipt
    assert receipts_root(given) == root


@pytest.mark.parametrize(
    "kind", [BlockHeader, LondonBlockHeader, ShanghaiBlockHeader, CancunBlockHeader, PragueBlockHeader]
)
def test_block_hash_is_py_evms(kind: Any) -> None:
    chance = random.Random(9)
    fields: dict[str, Any] = {
        "difficulty": 7,
        "block_number": 1_000,
        "gas_limit": 30_000_000,
        "gas_used": 0,
        "timestamp": 1_700_000_000,
        "extra_data": b"suyuan",
        "bloom": chance.getrandbits(2048),
        "coinbase": chance.randbytes(20),
        "parent_hash": chance.randbytes(32),
        "receipt_root": chance.randbytes(32),
        "nonce": bytes(8),
    }
    header = kind(**fields)
    assert block_hash(as_json(header)) == f"0x{header.hash.hex()}"


def test_bloom_bits_are_the_librarys() -> None:
    for item in (b"", b"a" * 20, b"b" * 32):
        assert bloom_bits(item) == int(BloomFilter.from_iterable([item]))

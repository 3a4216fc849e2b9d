"""QBFT's extraData and seals: against the genesis in Besu's documentation, and against headers that are sealed here."""

from __future__ import annotations

from typing import Any

import pytest
import rlp
from eth_keys.datatypes import PrivateKey
from eth_utils.crypto import keccak

from ledger.chain.qbft import QbftExtraData, genesis_extra_data, read_extra_data, read_qbft_block
from ledger.chain.receipts_root import block_hash
from ledger.errors import BadInput, BrokenEvidence

# The example in Besu's documentation of QBFT, "Genesis file" (block header validator selection), and its four validators.
DOCUMENTED = (
    "0xf87aa00000000000000000000000000000000000000000000000000000000000000000f8549464a702e6263b7297a96638cac6ae65e6541f4169"
    "943923390ad55e90c237593b3b0e401f3b08a0318594aefdb9a738c9f433e5b6b212a6d62f6370c2f69294c7eeb9a4e00ce683cf93039b212648"
    "e01c6c6b78c080c0"
)
DOCUMENTED_VALIDATORS = (
    "0x64a702e6263b7297a96638cac6ae65e6541f4169",
    "0x3923390ad55e90c237593b3b0e401f3b08a03185",
    "0xaefdb9a738c9f433e5b6b212a6d62f6370c2f692",
    "0xc7eeb9a4e00ce683cf93039b212648e01c6c6b78",
)
KEYS = [PrivateKey(bytes([number]) * 32) for number in (1, 2, 3, 4)]
VALIDATORS = tuple(sorted(key.public_key.to_address() for key in KEYS))


def a_block(*, number: int = 7, round_: int = 0, signers: int = 3, base_fee: str | None = "0x0") -> dict[str, Any]:
    """A header that `signers` validators sealed, as a node gives it."""
    block = {
        "parentHash": "0x" + "11" * 32,
        "sha3Uncles": "0x" + keccak(rlp.encode([])).hex(),
        "miner": VALIDATORS[0],
        "stateRoot": "0x" + "22" * 32,
        "transactionsRoot": "0x" + "33" * 32,
        "receiptsRoot": "0x" + "44" * 32,
        "logsBloom": "0x" + "00" * 256,
        "difficulty": "0x1",
        "number": hex(number),
        "gasLimit": "0x3938700",
        "gasUsed": "0x0",
        "timestamp": "0x6000",
        "mixHash": "0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365",
        "nonce": "0x0000000000000000",
        **({"baseFeePerGas": base_fee} if base_fee is not None else {}),
    }
    address_list = [bytes.fromhex(address[2:]) for address in VALIDATORS]
    number_of_round = round_.to_bytes((round_.bit_length() + 7) // 8, "big")

    def extra(in_round: bytes, seals: list[bytes]) -> str:
        return "0x" + rlp.encode([b"\x00" * 32, address_list, [], in_round, seals]).hex()

    signed = bytes.fromhex(block_hash({**block, "extraData": extra(number_of_round, [])})[2:])
    seals = [key.sign_msg_hash(signed).to_bytes() for key in KEYS[:signers]]
    return {
        **block,
        "hash": block_hash({**block, "extraData": extra(b"", [])}),
        "extraData": extra(number_of_round, seals),
    }


def test_genesis_data_has_the_form_of_the_documentation() -> None:
    documented = read_extra_data(bytes.fromhex(DOCUMENTED[2:]))
    assert documented == QbftExtraData(bytes(32), DOCUMENTED_VALIDATORS, (), 0, ())
    assert "0x" + documented.encode().hex() == DOCUMENTED


def test_genesis_lists_validators_in_order_of_address() -> None:
    made = read_extra_data(bytes.fromhex(genesis_extra_data(DOCUMENTED_VALIDATORS)[2:]))
    assert made.validators == tuple(sorted(DOCUMENTED_VALIDATORS))
    assert genesis_extra_data(DOCUMENTED_VALIDATORS) == genesis_extra_data(tuple(reversed(DOCUMENTED_VALIDATORS)))


def test_a_validator_that_stands_twice_is_refused() -> None:
    with pytest.raises(BadInput, match="twice"):
        genesis_extra_data([DOCUMENTED_VALIDATORS[0], DOCUMENTED_VALIDATORS[0].upper().replace("0X", "0x")])


@pytest.mark.parametrize("data", [b"", b"\xc0", bytes(32), b"\xf8\xff", rlp.encode([bytes(31), [], [], b"", []])])
def test_other_extra_data_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        read_extra_data(data)


@pytest.mark.parametrize("round_", [0, 1, 300])
@pytest.mark.parametrize("base_fee", ["0x0", None])
def test_a_sealed_block_tells_who_sealed_it(round_: int, base_fee: str | None) -> None:
    block = read_qbft_block(a_block(round_=round_, base_fee=base_fee))
    assert block.extra.round == round_
    assert set(block.signers) == {key.public_key.to_address() for key in KEYS[:3]}
    assert block.extra.validators == VALIDATORS


@pytest.mark.parametrize("field", ["stateRoot", "receiptsRoot", "parentHash"])
def test_a_changed_field_breaks_the_hash(field: str) -> None:
    with pytest.raises(BrokenEvidence, match="hash is not that of its fields"):
        read_qbft_block({**a_block(), field: "0x" + "99" * 32})


def test_a_seal_over_another_round_names_somebody_else() -> None:
    sealed, other = a_block(round_=1), a_block(round_=2)
    seals = read_extra_data(bytes.fromhex(other["extraData"][2:])).seals
    mine = read_extra_data(bytes.fromhex(sealed["extraData"][2:]))
    moved = QbftExtraData(mine.vanity, mine.validators, mine.vote, mine.round, seals)
    block = read_qbft_block({**sealed, "extraData": "0x" + moved.encode().hex()})
    assert not set(block.signers) & set(VALIDATORS)


def test_a_header_without_hash_is_no_evidence() -> None:
    block = a_block()
    del block["hash"]
    with pytest.raises(BrokenEvidence, match="cannot be read"):
        read_qbft_block(block)

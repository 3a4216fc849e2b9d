"""Besu's QBFT headers: the extraData of a genesis and of a block, the hash over it, and who sealed it.

    extraData = RLP [vanity (32 bytes), validators, vote, round, committed seals]

As Besu's documentation and source have it (`private-networks/how-to/configure/consensus/qbft`, "Extra data";
`QbftExtraDataCodec`, `BftBlockHashing`). A block's hash covers the extraData with round 0 and no seals; a committed seal
signs the hash with the round in it and no seals. The genesis block's extraData is hashed as it is. Not yet met on a
network of ours: the tests make their own sealed headers and compare genesis data with the one in the documentation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import rlp
from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError
from rlp.exceptions import DecodingError

from ledger.chain.receipts_root import block_hash
from ledger.errors import BadInput, BrokenEvidence

VANITY_BYTES = 32

#: A QBFT header's mixHash: "ctical byzantine fault tolerance" in ASCII, from which Besu knows Istanbul-like blocks.
MIX_HASH = "0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365"


@dataclass(frozen=True)
class QbftExtraData:
    """What a header's extraData holds. Addresses are lower-case 0x hex; a seal is r, s, v (65 bytes)."""

    vanity: bytes
    validators: tuple[str, ...]
    vote: tuple[bytes, ...]
    round: int
    seals: tuple[bytes, ...]

    def encode(self, *, seals: bool = True, round_: bool = True) -> bytes:
        """RLP; without `seals` or `round_` as what is signed and hashed."""
        addresses = [bytes.fromhex(address[2:]) for address in self.validators]
        number = _number(self.round if round_ else 0)
        return bytes(rlp.encode([self.vanity, addresses, list(self.vote), number, list(self.seals) if seals else []]))


@dataclass(frozen=True)
class QbftBlock:
    """A block whose hash was recomputed. `signers` are recovered from its committed seals."""

    number: int
    hash: str
    extra: QbftExtraData
    signers: tuple[str, ...]


def genesis_extra_data(validators: Sequence[str]) -> str:
    """0x hex for a genesis with these validators, in ascending order of address as Besu itself writes them."""
    ordered = tuple(sorted(address.lower() for address in validators))
    if len(set(ordered)) != len(ordered):
        raise BadInput("A validator stands twice in the genesis.")
    return "0x" + QbftExtraData(b"\x00" * VANITY_BYTES, ordered, (), 0, ()).encode().hex()


def read_extra_data(data: bytes) -> QbftExtraData:
    """BadInput for what is not of this form."""
    try:
        vanity, validators, vote, round_, seals = rlp.decode(data)
        if len(vanity) != VANITY_BYTES or any(len(each) != 20 for each in validators) or isinstance(vote, bytes):
            raise ValueError
        addresses = tuple("0x" + each.hex() for each in validators)
        return QbftExtraData(vanity, addresses, tuple(vote), int.from_bytes(round_, "big"), tuple(seals))
    except (DecodingError, ValueError, TypeError):
        raise BadInput("This is not the extraData of a QBFT block.") from None


def read_qbft_block(block: Mapping[str, Any]) -> QbftBlock:
    """A block as `eth_getBlockByNumber` gives it: (1) the hash is recomputed, (2) compared, (3) the seals recovered.

    BadInput when it is no QBFT block, BrokenEvidence when its hash or seals are not those of its fields. Whether the
    signers are validators and enough is for the caller to say.
    """
    given = str(block.get("extraData", ""))
    try:
        extra = read_extra_data(bytes.fromhex(given.removeprefix("0x")))
    except ValueError:
        raise BadInput("The block's extraData is no hex.") from None
    where = f"block {block.get('number')}"
    try:
        number, stated = int(block["number"], 16), str(block["hash"]).lower()
        actual = _hash_with(block, extra.encode(seals=False, round_=False)) if number else block_hash(dict(block))
        signed = bytes.fromhex(_hash_with(block, extra.encode(seals=False))[2:])
        signers = tuple(_signer(signed, seal) for seal in extra.seals)
    except (BadSignature, ValidationError, KeyError, TypeError, ValueError) as error:
        raise BrokenEvidence(f"The block's header cannot be read: {error!r}.", where=where) from None
    if actual != stated:
        raise BrokenEvidence("The block's hash is not that of its fields.", where=where, expected=actual, actual=stated)
    return QbftBlock(number, stated, extra, signers)


def _hash_with(block: Mapping[str, Any], extra: bytes) -> str:
    return block_hash({**block, "extraData": "0x" + extra.hex()})


def _signer(digest: bytes, seal: bytes) -> str:
    return str(Signature(signature_bytes=seal).recover_public_key_from_msg_hash(digest).to_address())


def _number(value: int) -> bytes:
    """Big-endian without leading zeros (Yellow Paper, appendix B)."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")

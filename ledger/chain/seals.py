"""Who made a block and who agreed to it: the seals that IBFT validators leave in a header's extraData, recomputed.

    extraData = 32 bytes of vanity, then RLP [validators, proposer seal, committed seals, parent's seals, round (8 bytes)]

The block's hash covers the extraData without both kinds of seal and without the round; the proposer signs that hash, and each
validator that agreed signs the hash with the round. Reading takes a block as JSON-RPC gives it, and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import rlp
from coincurve import PublicKey
from eth_utils.crypto import keccak
from rlp.exceptions import DecodingError

from ledger.errors import BrokenEvidence

VANITY_BYTES = 32
COMMIT_CODE = b"\x02"
NO_VOTE = "0x" + "00" * 20
_AUTHORIZE = "0xffffffffffffffff"


@dataclass(frozen=True)
class Vote:
    """A proposer's vote, carried by its block: to let a validator in, or out."""

    candidate: str
    let_in: bool


@dataclass(frozen=True)
class SealedBlock:
    """A block with its seals, all recovered and checked. Addresses are lower-case 0x hex.

    `validators` in the engine's order, by which turns go round. `round` counts from 0: each round before it is a turn that
    somebody missed. `signers` are the validators that committed, `vote` what the proposer voted, if it did.
    """

    number: int
    hash: str
    parent_hash: str
    timestamp: int
    validators: tuple[str, ...]
    proposer: str
    round: int
    signers: tuple[str, ...]
    vote: Vote | None

    def missed(self, last_proposer: str | None) -> tuple[str, ...]:
        """Whose turns passed before this block's round, given who proposed the block before: turns go round the validators,
        beginning behind the last proposer."""
        if last_proposer is None:
            return ()
        first = self.validators.index(last_proposer) + 1 if last_proposer in self.validators else 1
        return tuple(self.validators[(first + turn) % len(self.validators)] for turn in range(self.round))


def quorum(validators: int) -> int:
    """How many must commit: two thirds, rounded up; all of them where fewer than four are."""
    return validators if validators < 4 else math.ceil(2 * validators / 3)


def tolerated(validators: int) -> int:
    """How many may fail at once while blocks still come."""
    return (validators - 1) // 3


def read_seals(block: Mapping[str, Any]) -> SealedBlock:
    """The seals of a block as `eth_getBlockByNumber` gives it. BrokenEvidence when they do not prove it:

    (1) the hash is recomputed, (2) compared, (3) the proposer is a validator, (4) a quorum of validators committed.
    The genesis block has validators and no seals.
    """
    where = f"block {block.get('number')}"
    try:
        vanity, (validators, proposer_seal, committed, parent, round_bytes) = _extra(_raw(block["extraData"]))
        body = vanity + rlp.encode([validators, b"", [], parent, b""])
        digest = keccak(rlp.encode([*(_hashed(block, name, kind) for name, kind in _FIELDS), body]))
        number, block_hash = int(block["number"], 16), str(block["hash"])
        vote = _vote(block)
        sealed = SealedBlock(
            number=number,
            hash=block_hash,
            parent_hash=str(block["parentHash"]),
            timestamp=int(block["timestamp"], 16),
            validators=tuple("0x" + address.hex() for address in validators),
            proposer=_signer(digest_of_proposer(digest), proposer_seal) if number else "",
            round=int.from_bytes(round_bytes, "big"),
            signers=tuple(_signer(digest_of_commit(digest, round_bytes), seal) for seal in committed),
            vote=vote,
        )
    except (DecodingError, KeyError, TypeError, ValueError) as error:
        raise BrokenEvidence(f"The block's seals cannot be read: {error!r}.", where=where) from None
    if "0x" + digest.hex() != block_hash.lower():
        raise BrokenEvidence(
            "The block's hash is not that of its fields.", where=where, expected="0x" + digest.hex(), actual=block_hash
        )
    if number:
        _require_agreed(sealed, where)
    return sealed


def digest_of_proposer(block_hash: bytes) -> bytes:
    """What the proposer signs."""
    return keccak(block_hash)


def digest_of_commit(block_hash: bytes, round_bytes: bytes) -> bytes:
    """What a validator signs that agrees to a block in a round (8 bytes, big-endian)."""
    return keccak(keccak(keccak(block_hash + round_bytes) + COMMIT_CODE))


def _require_agreed(sealed: SealedBlock, where: str) -> None:
    known, agreed = set(sealed.validators), set(sealed.signers)
    if sealed.proposer not in known:
        raise BrokenEvidence(f"The block was proposed by {sealed.proposer}, who is no validator.", where=where)
    strangers = sorted(agreed - known)
    if strangers:
        raise BrokenEvidence(f"The block carries the seal of {strangers[0]}, who is no validator.", where=where)
    needed = quorum(len(known))
    if len(agreed) < needed:
        raise BrokenEvidence(
            f"The block carries seals of {len(agreed)} validators; {needed} of {len(known)} are needed.", where=where
        )


#: The hashed fields before extraData, which is the thirteenth: mixHash and nonce are not hashed.
_FIELDS = (
    ("parentHash", "bytes"),
    ("sha3Uncles", "bytes"),
    ("miner", "bytes"),
    ("stateRoot", "bytes"),
    ("transactionsRoot", "bytes"),
    ("receiptsRoot", "bytes"),
    ("logsBloom", "bytes"),
    ("difficulty", "int"),
    ("number", "int"),
    ("gasLimit", "int"),
    ("gasUsed", "int"),
    ("timestamp", "int"),
)


def _hashed(block: Mapping[str, Any], name: str, kind: str) -> bytes:
    if kind == "bytes":
        return _raw(block[name])
    value = int(block[name], 16)
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def _extra(data: bytes) -> tuple[bytes, Sequence[Any]]:
    fields = list(rlp.decode(data[VANITY_BYTES:]))
    if len(fields) != 5:
        raise ValueError(f"extraData has {len(fields)} fields, not 5")
    return data[:VANITY_BYTES], fields


def _vote(block: Mapping[str, Any]) -> Vote | None:
    candidate = str(block["miner"]).lower()
    return None if candidate == NO_VOTE else Vote(candidate, block.get("nonce") == _AUTHORIZE)


def _signer(digest: bytes, seal: bytes) -> str:
    """secp256k1 recovery; a seal is r, s, v with v 0 or 1 (65 bytes). The address is the last 20 bytes of the key's hash."""
    key = PublicKey.from_signature_and_message(seal, digest, hasher=None)
    return "0x" + keccak(key.format(compressed=False)[1:])[12:].hex()


def _raw(text: Any) -> bytes:
    return bytes.fromhex(str(text).removeprefix("0x"))

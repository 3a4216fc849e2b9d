"""IBFT seals: who proposed a block, who agreed to it and whose turn was missed, recomputed from recorded blocks.

`ibft_blocks.json` holds the genesis and nine consecutive blocks of a network of four validators, as its JSON-RPC gave them while
one of the four was down: every third block or so came in round 1, and one carries a vote.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import rlp

from ledger.chain.seals import Vote, quorum, read_seals, tolerated
from ledger.errors import BrokenEvidence
from ledger.network.turns import count_turns

RECORDED: dict[str, Any] = json.loads(Path(__file__).with_name("ibft_blocks.json").read_text(encoding="utf-8"))
BLOCKS = [read_seals(block) for block in RECORDED["blocks"]]
DOWN = BLOCKS[0].validators[1]


def a_block() -> dict[str, Any]:
    block: dict[str, Any] = copy.deepcopy(RECORDED["blocks"][0])
    return block


@pytest.mark.parametrize(
    "field",
    [
        "parentHash",
        "stateRoot",
        "transactionsRoot",
        "receiptsRoot",
        "timestamp",
        "gasUsed",
        "gasLimit",
        "miner",
        "hash",
    ],
)
def test_a_changed_field_is_found_by_the_hash(field: str) -> None:
    block = a_block()
    last = block[field][-1]
    block[field] = block[field][:-1] + ("1" if last != "1" else "2")
    with pytest.raises(BrokenEvidence):
        read_seals(block)


@pytest.mark.parametrize("extra", ["0x", "0x" + "00" * 32, "0x" + "00" * 32 + "c0", "0x" + "ff" * 64, None, "seal"])
def test_what_holds_no_seals_is_refused_with_a_sentence(extra: Any) -> None:
    with pytest.raises(BrokenEvidence, match="block 0x"):
        read_seals({**a_block(), "extraData": extra})


def test_seals_of_another_block_are_those_of_strangers() -> None:
    block, other = a_block(), RECORDED["blocks"][1]
    with pytest.raises(BrokenEvidence):
        read_seals({**block, "extraData": other["extraData"]})


def test_a_block_without_a_quorum_of_seals_proves_nothing() -> None:
    block = a_block()
    data = bytes.fromhex(block["extraData"][2:])
    validators, seal, committed, parent, turn = rlp.decode(data[32:])
    for kept in (committed[:2], [committed[0]] * 3):
        extra = data[:32] + rlp.encode([validators, seal, kept, parent, turn])
        with pytest.raises(BrokenEvidence, match="3 of 4 are needed"):
            read_seals({**block, "extraData": "0x" + extra.hex()})


def test_every_recorded_block_is_proven_by_three_of_four_validators() -> None:
    for block, before in zip(BLOCKS[1:], BLOCKS, strict=False):
        assert block.number == before.number + 1
        assert block.parent_hash == before.hash
        assert block.proposer in block.validators
        assert len(set(block.signers)) == 3
        assert DOWN not in block.signers


def test_the_genesis_names_the_validators_and_needs_no_seal() -> None:
    genesis = read_seals(RECORDED["genesis"])
    assert genesis.validators == BLOCKS[0].validators
    assert (genesis.proposer, genesis.signers) == ("", ())


def test_turns_missed_are_those_of_the_validator_that_was_down() -> None:
    turns = count_turns(BLOCKS)
    late = [block for block in BLOCKS[1:] if block.round]
    assert late
    assert turns.missed == {DOWN: len(late)}
    assert turns.proposed[DOWN] == 0
    assert sum(turns.proposed.values()) == turns.blocks == len(BLOCKS) - 1


def test_a_vote_tells_who_voted_for_whom() -> None:
    (voting,) = [block for block in BLOCKS if block.vote is not None]
    assert voting.vote == Vote("0x" + "00" * 19 + "aa", True)
    assert count_turns(BLOCKS).votes == ((voting.proposer, "0x" + "00" * 19 + "aa", True),)


@pytest.mark.parametrize(("validators", "needed", "may_fail"), [(1, 1, 0), (3, 3, 0), (4, 3, 1), (5, 4, 1), (7, 5, 2)])
def test_a_quorum_is_two_thirds_and_few_validators_tolerate_none(validators: int, needed: int, may_fail: int) -> None:
    assert (quorum(validators), tolerated(validators)) == (needed, may_fail)

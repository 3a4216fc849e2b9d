"""Turns taken and missed, read from the seals of the newest blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ledger.chain.seals import SealedBlock

#: How many of the newest blocks are looked at.
BLOCKS = 60


@dataclass(frozen=True)
class Turns:
    """By validator, over `blocks` blocks: blocks proposed, turns missed, blocks committed to. `votes`: (proposer, candidate, in?)."""

    blocks: int
    proposed: Counter[str]
    missed: Counter[str]
    committed: Counter[str]
    votes: tuple[tuple[str, str, bool], ...]


def count_turns(blocks: Sequence[SealedBlock]) -> Turns:
    """Of consecutive blocks; the first one only tells who proposed it."""
    proposed, missed, committed = Counter[str](), Counter[str](), Counter[str]()
    votes = []
    for before, block in pairwise(blocks):
        proposed[block.proposer] += 1
        missed.update(block.missed(before.proposer or None))
        committed.update(block.signers)
        if block.vote is not None:
            votes.append((block.proposer, block.vote.candidate, block.vote.let_in))
    return Turns(max(len(blocks) - 1, 0), proposed, missed, committed, tuple(votes))

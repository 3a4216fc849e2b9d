"""Which nodes to believe: every lie about a head is named, and an honest minority of one is not taken for a liar."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledger.chain.node_health import PENALTY_SECONDS, Judge, Look, NodeHealth

GENESIS = "0xgenesis"


def at(height: int, *, fork: str = "", back: int = 6) -> Look:
    """An honest node's look: it knows its last blocks. `fork` names another history."""
    hashes = {number: f"0x{number}{fork}" for number in range(max(height - back, 0), height + 1)}
    return Look(chain_id=7, genesis=GENESIS, height=height, block_time=1000 + height, hashes=hashes)


class Pool:
    def __init__(self, nodes: int, *, goes_back: int = 0) -> None:
        self.nodes = [NodeHealth(f"node {i}") for i in range(nodes)]
        self.judge = Judge(nodes, chain_id=7, genesis=GENESIS, lag_blocks=3, goes_back=goes_back)
        self.now = 1000.0

    def sees(self, *looks: Look) -> list[str]:
        self.now += 1
        self.judge.judge(self.nodes, looks, self.now)
        return [node.state for node in self.nodes]


def test_nodes_that_agree_are_healthy_within_the_stated_lag() -> None:
    pool = Pool(4)
    assert pool.sees(at(10), at(9), at(7), at(6)) == ["healthy", "healthy", "healthy", "lagging"]
    assert "4 behind" in pool.nodes[3].sentence


@pytest.mark.parametrize(
    ("look", "says"),
    [
        (replace(at(10), chain_id=8), "serves chain 8, and this ledger lives on chain 7"),
        (replace(at(10), genesis="0xother"), "belongs to another network"),
        (replace(at(10), odd="Its head does not stand on the block before it."), "does not stand on"),
        (at(10, fork="b"), "others say"),
    ],
)
def test_a_node_that_says_what_cannot_be_true_is_left_out_with_the_reason(look: Look, says: str) -> None:
    pool = Pool(3)
    assert pool.sees(at(10), at(10), look) == ["healthy", "healthy", "left_out"]
    assert says in pool.nodes[2].sentence


def test_a_head_far_ahead_that_nobody_confirms_is_left_out() -> None:
    pool = Pool(3)
    assert pool.sees(at(10), at(14), at(10)) == ["healthy", "left_out", "healthy"]
    assert "4 blocks ahead of all the other nodes" in pool.nodes[1].sentence


def test_of_two_nodes_the_one_that_is_ahead_is_believed() -> None:
    assert Pool(2).sees(at(50), at(10)) == ["healthy", "lagging"]


def test_two_nodes_that_catch_up_at_different_heights_do_not_outvote_the_first() -> None:
    assert Pool(3).sees(at(50), at(10), at(30)) == ["healthy", "lagging", "lagging"]


def test_a_head_that_goes_back_is_left_out_where_blocks_are_final() -> None:
    pool = Pool(3)
    pool.sees(at(10), at(10), at(10))
    assert pool.sees(at(11), at(11), at(9)) == ["healthy", "healthy", "left_out"]
    assert "went back from block 10 to 9" in pool.nodes[2].sentence
    patient = Pool(3, goes_back=64)
    patient.sees(at(10), at(10), at(10))
    assert patient.sees(at(11), at(11), at(9)) == ["healthy"] * 3


def test_who_was_left_out_comes_back_after_it_has_agreed_for_a_while() -> None:
    pool = Pool(3)
    pool.sees(at(10), at(10), at(10, fork="b"))
    assert pool.sees(at(11), at(11), at(11)) == ["healthy", "healthy", "left_out"]
    pool.now += PENALTY_SECONDS
    assert pool.sees(at(12), at(12), at(12, back=12)) == ["healthy"] * 3


def test_who_contradicted_stays_left_out_until_it_says_of_that_block_what_the_others_say() -> None:
    pool = Pool(3)
    pool.sees(at(10), at(10), at(10, fork="b"))
    pool.now += PENALTY_SECONDS * 10
    assert pool.judge.disputed() == {4}  # the first of those that they say otherwise
    assert pool.sees(at(90), at(90), at(90))[2] == "left_out"
    pool.now += PENALTY_SECONDS * 10
    assert pool.sees(at(91, back=91), at(91), at(91, back=91))[2] == "healthy"


def test_of_two_that_contradict_each_other_the_one_that_changed_its_word_is_left_out() -> None:
    pool = Pool(2)
    pool.sees(at(10), at(10))
    assert pool.sees(at(10), at(10, fork="b")) == ["healthy", "left_out"]


def test_where_nobody_can_tell_who_is_right_it_is_said() -> None:
    pool = Pool(2)
    assert pool.sees(at(10), at(10, fork="b")) == ["healthy", "healthy"]
    assert "no majority tells who is right" in str(pool.judge.split)
    pool.sees(at(11), at(11))
    assert pool.judge.split is None


def test_a_node_that_is_away_is_down_since_it_went_and_comes_back() -> None:
    pool = Pool(2)
    pool.sees(at(10), Look(error="It does not answer."))
    since = pool.nodes[1].since
    pool.sees(at(11), Look(error="It does not answer."))
    assert (pool.nodes[1].state, pool.nodes[1].since) == ("down", since)
    assert pool.sees(at(12), at(12)) == ["healthy", "healthy"]

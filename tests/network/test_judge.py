"""What is wrong with a network is said in sentences that name the node and the next step."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from ledger.network.judge import FULL_BYTES, faults_of, faults_of_whole, not_as_wanted
from ledger.network.seen import NodeSeen
from ledger.network.turns import Turns
from ledger.network.votes import Change, changes

TURNS = Turns(60, Counter(), Counter(), Counter(), ())
ADDRESSES = [f"0x{number:040x}" for number in range(1, 6)]
FINE = NodeSeen(
    number=2,
    member="merchant",
    address=ADDRESSES[1],
    rpc_url="http://127.0.0.1:1",
    condition="running",
    height=100,
    lag=0,
    peers=3,
    clock=0.0,
    free_bytes=10**10,
    same_chain=True,
    validator=True,
    proposed=15,
    missed=0,
    committed=60,
)


def test_nothing_is_said_of_a_node_that_is_as_it_should_be() -> None:
    assert faults_of(FINE, TURNS) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"condition": "paused", "height": None}, "is paused: its process is there and does nothing"),
        ({"condition": "down", "height": None}, "is down. Start it with `suyuan network start 2`"),
        ({"height": None}, "runs and does not answer"),
        ({"free_bytes": FULL_BYTES - 1}, "has a full disk"),
        ({"same_chain": False}, "serves another chain than the others"),
        ({"lag": 40}, "is 40 blocks behind"),
        ({"clock": 3600.0}, "is 3600 s ahead of this machine's"),
        ({"clock": -3600.0}, "is 3600 s behind this machine's"),
        ({"missed": 3}, "missed 3 of its turns in the last 60 blocks"),
    ],
)
def test_what_is_wrong_with_a_node_names_it(wrong: dict[str, object], said: str) -> None:
    (sentence,) = faults_of(replace(FINE, **wrong), TURNS)  # type: ignore[arg-type]
    assert said in sentence
    assert "ode 2 (merchant)" in sentence


def test_a_peer_that_does_not_validate_misses_no_turn() -> None:
    assert faults_of(replace(FINE, validator=False, missed=3), TURNS) == []


def test_a_lost_quorum_is_said_with_its_numbers() -> None:
    seen = [
        replace(FINE, address=address, height=None if index > 1 else 9) for index, address in enumerate(ADDRESSES[:4])
    ]
    (sentence,) = faults_of_whole(seen, ADDRESSES[:4], 3.0)
    assert sentence == "2 of 4 validators answer and 3 are needed: no block is made."


@pytest.mark.parametrize(("age", "said"), [(31.0, "31 s old"), (-60.0, "this machine's clock is behind")])
def test_an_old_block_and_one_from_the_future_are_told(age: float, said: str) -> None:
    (sentence,) = faults_of_whole([FINE], [FINE.address], age)
    assert said in sentence


def test_a_set_that_is_not_the_wanted_one_says_who_is_to_be_voted_on() -> None:
    (sentence,) = not_as_wanted([FINE], ADDRESSES[2:4], [*ADDRESSES[2:4], FINE.address.upper().replace("0X", "0x")])
    assert sentence.startswith("The consortium wants node 2 (merchant) as a validator")
    (sentence,) = not_as_wanted([FINE], [FINE.address, ADDRESSES[2]], [ADDRESSES[2]])
    assert "the consortium wants it no more" in sentence
    assert not_as_wanted([FINE], ADDRESSES, None) == [], "where nobody knows what is wanted nothing is said"


def test_who_comes_in_is_voted_on_before_who_goes() -> None:
    assert changes(ADDRESSES[1:4], ADDRESSES[:3]) == [Change(ADDRESSES[3], True), Change(ADDRESSES[0], False)]
    assert changes(ADDRESSES[:2], [address.upper().replace("0X", "0x") for address in ADDRESSES[:2]]) == []

"""The real network: four validators, each a process, with the ledger on them. One network for all tests of this file."""

from __future__ import annotations

import contextlib
import io
import json
import random
import time
from collections.abc import Iterator
from typing import Any

import pytest
from engine_here import require_engine

from ledger.chain.client import Client
from ledger.chain.validator_set import validators_now
from ledger.cli.main import run
from ledger.errors import BadInput
from ledger.network.layout import Network
from ledger.network.look import newest_blocks
from scripts.consortium.served import Served, a_served_network, with_rule
from scripts.faults.on_network import expelled, validators
from scripts.faults.on_network.fault import Scene, suffer

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    require_engine()
    with a_served_network() as running:
        yield running


@pytest.fixture(scope="module")
def scene(served: Served) -> Scene:
    return Scene(served, with_rule(served), random.Random(4), kills=1)


def said(served: Served, *words: str) -> tuple[int, Any]:
    """A `suyuan network` command on this network: its exit status and its JSON."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        status = run(["network", *words, "--json", "--network", str(served.network.folder)])
    return status, json.loads(out.getvalue())


def test_four_validators_make_blocks_that_their_seals_prove(served: Served) -> None:
    status, seen = said(served, "status")
    assert (status, seen["faults"]) == (0, [])
    assert [node["member"] for node in seen["nodes"]] == ["platform", "merchant", "farm", "bank"]
    assert all(node["validator"] and node["peers"] for node in seen["nodes"])
    assert set(seen["validators"]) == {node["address"] for node in seen["nodes"]}
    blocks = newest_blocks(served.node(1).rpc_url, seen["height"], 12)
    assert {block.proposer for block in blocks} == set(seen["validators"])
    assert all(len(set(block.signers)) >= seen["needed"] == 3 for block in blocks)


def test_the_actual_validator_set_is_read_from_the_newest_header(served: Served) -> None:
    assert set(validators_now(served.ledger.client) or ()) == {node.validator.lower() for node in served.network.nodes}


def test_a_second_up_finds_what_runs_and_changes_nothing(served: Served) -> None:
    before = served.suyuan("index", "digest")
    status, standing = said(served, "up")
    assert status == 0
    assert [node["number"] for node in standing["nodes"]] == [1, 2, 3, 4]
    assert served.suyuan("index", "digest") == before


def test_another_chain_id_for_a_standing_network_is_refused(served: Served) -> None:
    status, refused = said(served, "up", "--chain-id", "9999")
    assert (status, refused["error"]) == (1, "Conflict")
    assert "has chain id 7711, not 9999" in refused["what"]


def test_a_node_of_another_network_is_told_by_its_first_block(served: Served) -> None:
    stranger = Client(served.node(1).rpc_url, served.ledger.profile)
    with pytest.raises(BadInput, match="another network"):
        stranger.require_chain(7711, "0x" + "11" * 32)
    with pytest.raises(BadInput, match="serves chain 7711"):
        stranger.require_chain(7712)


def test_starting_what_runs_and_killing_what_does_not_are_told(served: Served) -> None:
    assert said(served, "start", "3") == (0, {"node": 3, "started": False, "rpc_url": served.node(3).rpc_url})
    assert said(served, "kill", "7")[1]["what"] == "The network has no node 7."


def test_a_validator_killed_in_mid_load_loses_and_doubles_nothing(scene: Scene) -> None:
    assert suffer(scene, "one_validator_killed", validators.one_validator_killed, orders=80), scene.faults


def test_without_a_quorum_everything_is_kept_and_goes_through_once_it_is_back(scene: Scene) -> None:
    assert suffer(scene, "two_validators_killed", validators.two_validators_killed, orders=160), scene.faults


def test_a_member_joins_as_a_peer_and_is_then_voted_in(served: Served) -> None:
    """By the council's proposal, which makes its validator wanted, and the engine's own votes, which make it real."""
    status, peer = said(served, "join", "carrier", "--observer")
    assert (status, peer["node"], peer["new"]) == (0, 5, True)
    larger = Network.load(served.network.folder)
    assert set(validators_now(served.ledger.client) or ()) == {node.validator.lower() for node in larger.nodes[:4]}
    status, joined = said(served, "join", "carrier")
    assert (status, joined["new"], joined["validator"]) == (0, False, peer["validator"])
    assert set(validators_now(served.ledger.client) or ()) == {node.validator.lower() for node in larger.nodes}
    status, seen = said(served, "status")
    assert len(seen["validators"]) == 5
    assert seen["wanted"] == sorted(seen["validators"])
    assert said(served, "vote") == (0, {"votes": []})
    assert said(served, "join", "nobody")[0] == 1
    assert said(served, "join", "nobody")[1]["error"] == "NotFound"


def test_a_member_expelled_in_the_middle_of_its_orders_keeps_what_it_earned(scene: Scene) -> None:
    assert suffer(scene, "member_expelled", expelled.member_expelled, orders=80), scene.faults


def test_down_stops_every_node_and_up_brings_them_back_where_they_were(served: Served) -> None:
    height, nodes = served.look().height or 0, Network.load(served.network.folder).nodes
    status, stopped = said(served, "down")
    assert (status, stopped) == (0, {"stopped": 5})
    assert sum("is down" in fault for fault in served.look().faults) == 5
    assert said(served, "down")[1] == {"stopped": 0}
    assert said(served, "up")[0] == 0
    deadline = time.monotonic() + 120
    while (served.look().height or 0) <= height:
        assert time.monotonic() < deadline, "no block after the network came back"
        time.sleep(0.5)
    assert Network.load(served.network.folder).nodes == nodes

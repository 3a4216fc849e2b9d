"""Deployment: where the contracts come to stand, and what a repeat or a killed run does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from chain_world import Countdown, Killed, Mortal, World

from ledger.chain.artifact import CONTRACTS
from ledger.chain.contracts import Deployment
from ledger.chain.deploy import deploy, is_code_of
from ledger.config import Home
from ledger.errors import BrokenEvidence, Conflict, NotFound


def _deploy(world: World, home: Home, client: Any = None, signer: Any = None) -> Deployment:
    return deploy(
        client or world.client, world.profile, signer or world.signer, world.accounts["consortium"], home, timeout=30
    )


def test_code_of_another_contract_is_told_apart(world: World) -> None:
    code = world.client.code(world.deployment.address("Members"))
    assert is_code_of("Members", code)
    assert not is_code_of("Recalls", code)
    assert not is_code_of("Members", code[:100] + bytes([code[100] ^ 1]) + code[101:])


def test_a_record_of_contracts_that_do_not_stand_here_is_refused(world: World, tmp_path: Path) -> None:
    home = Home(tmp_path)
    nowhere = {name: f"0x{index:040x}" for index, name in enumerate(CONTRACTS, 0xABCD)}
    Deployment(7710, 1, nowhere).save(home)
    with pytest.raises(Conflict, match="does not stand on this chain"):
        _deploy(world, home)


def test_other_code_in_a_contracts_place_is_refused(world: World, tmp_path: Path) -> None:
    home = Home(tmp_path)
    swapped = {**world.deployment.addresses, "Members": world.deployment.addresses["Escrow"]}
    Deployment(7710, 1, swapped).save(home)
    with pytest.raises(Conflict, match="other code than this package's Members"):
        _deploy(world, home)


def test_a_plan_whose_nonces_went_elsewhere_is_refused(world: World, tmp_path: Path) -> None:
    home = Home(tmp_path)
    with pytest.raises(Killed):  # the plan is written, nothing is sent
        _deploy(world, home, signer=Mortal(world.signer, Countdown(0)))
    world.consortium_calls("setRoles", [world.members["farm"], 1])  # takes the plan's first nonce
    with pytest.raises(BrokenEvidence, match="made no contract"):
        _deploy(world, home)


def test_there_is_no_deployment_before_it_is_made(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="not deployed yet"):
        Deployment.load(Home(tmp_path))


def test_the_contracts_know_each_other(world: World) -> None:
    assert world.client.call(world.deployment, "Members", "consortium") == world.accounts["consortium"]
    assert world.client.call(world.deployment, "Credit", "supplyFen") == 0


def test_a_repeat_sends_nothing(world: World) -> None:
    before = world.client.nonce(world.accounts["consortium"])
    assert _deploy(world, world.home) == world.deployment
    assert world.client.nonce(world.accounts["consortium"]) == before


def test_a_deployment_killed_at_every_point_ends_with_each_contract_once(world: World, tmp_path: Path) -> None:
    home = Home(tmp_path)
    before = world.client.nonce(world.accounts["consortium"])
    deaths = 0
    while True:
        countdown = Countdown(deaths)
        try:
            deployment = _deploy(world, home, Mortal(world.client, countdown), Mortal(world.signer, countdown))
            break
        except Killed:
            deaths += 1
    assert deaths > 5
    assert world.client.nonce(world.accounts["consortium"]) == before + len(CONTRACTS)
    for name in CONTRACTS:
        assert is_code_of(name, world.client.code(deployment.address(name)))
    assert Deployment.load(home) == deployment

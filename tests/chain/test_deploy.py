"""Deployment: where the contracts come to stand, and what a repeat or a killed run does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chain_world import Countdown, Killed, Mortal, World, free_port, start_chain

from ledger.chain.artifact import CONTRACTS, bytecode
from ledger.chain.client import Client
from ledger.chain.contracts import Deployment, encode_constructor
from ledger.chain.deploy import deploy
from ledger.chain.deployed_code import is_code_of
from ledger.chain.directory import directory_name, read_directory
from ledger.chain.profiles import EMBEDDED
from ledger.config import Home
from ledger.errors import BadInput, BrokenEvidence, Conflict, NotFound


@pytest.fixture
def bare(world: World, tmp_path: Path) -> Iterator[World]:
    """The world's accounts on a chain of its own, on which nothing stands."""
    port = free_port()
    chain = start_chain(tmp_path / "bare.sqlite", port, dict.fromkeys(world.accounts.values(), 10**24), "--instant")
    try:
        yield replace(world, client=Client(f"http://127.0.0.1:{port}", EMBEDDED))
    finally:
        chain.kill()
        chain.wait()


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
    at = world.deployment.addresses
    Deployment(7710, 1, {**at, "Members": at["Escrow"], "Directory": at["Rules"]}).save(home)
    with pytest.raises(Conflict, match="other code than this package's Members"):
        _deploy(world, home)


def test_a_ledger_of_an_older_version_is_refused(world: World, tmp_path: Path) -> None:
    home = Home(tmp_path)
    older = {name: at for name, at in world.deployment.addresses.items() if name not in ("Council", "Directory")}
    Deployment(7710, 1, older).save(home)
    with pytest.raises(Conflict, match="has no Council: an older version"):
        _deploy(world, home)


def test_a_chain_of_another_id_behind_the_same_address_is_refused(world: World, tmp_path: Path) -> None:
    home = Home(tmp_path)
    replace(world.deployment, chain_id=1).save(home)
    with pytest.raises(BadInput, match="serves chain 7710, and this ledger lives on chain 1"):
        _deploy(world, home)


def test_a_second_ledger_on_the_same_chain_is_refused_and_the_first_ones_directory_named(
    world: World, tmp_path: Path
) -> None:
    before = world.client.nonce(world.accounts["consortium"])
    with pytest.raises(Conflict, match="founded a ledger on chain 7710 already") as refusal:
        _deploy(world, Home(tmp_path))
    assert world.deployment.address("Directory") in str(refusal.value)
    assert world.client.nonce(world.accounts["consortium"]) == before


def test_a_plan_whose_nonces_went_elsewhere_is_refused(bare: World, tmp_path: Path) -> None:
    home = Home(tmp_path)
    with pytest.raises(Killed):  # the plan is written, nothing is sent
        _deploy(bare, home, signer=Mortal(bare.signer, Countdown(0)))
    bare.consortium_calls("setRoles", [1, 1])  # takes the plan's first nonce
    with pytest.raises(BrokenEvidence, match="made no contract"):
        _deploy(bare, home)


def test_there_is_no_deployment_before_it_is_made(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="not deployed yet"):
        Deployment.load(Home(tmp_path))


def test_the_contracts_know_each_other(world: World) -> None:
    at, call = world.deployment.address, world.client.call
    assert call(world.deployment, "Members", "governor") == world.accounts["consortium"]
    assert call(world.deployment, "Credit", "escrows") == [at("Escrow"), at("Campaigns")]
    assert [call(world.deployment, "Directory", "at", directory_name(name)) for name in CONTRACTS] == list(
        world.deployment.addresses.values()
    )


def test_a_repeat_sends_nothing(world: World) -> None:
    before = world.client.nonce(world.accounts["consortium"])
    assert _deploy(world, world.home) == world.deployment
    assert world.client.nonce(world.accounts["consortium"]) == before


def test_a_deployment_killed_at_every_point_ends_with_each_contract_once(bare: World, tmp_path: Path) -> None:
    home = Home(tmp_path)
    deaths = 0
    while True:
        countdown = Countdown(deaths)
        try:
            deployment = _deploy(bare, home, Mortal(bare.client, countdown), Mortal(bare.signer, countdown))
            break
        except Killed:
            deaths += 1
    assert deaths > 5
    assert bare.client.nonce(bare.accounts["consortium"]) == len(CONTRACTS)
    for name in CONTRACTS:
        assert is_code_of(name, bare.client.code(deployment.address(name)))
    assert Deployment.load(home) == deployment
    assert _deploy(bare, home) == deployment


def test_a_home_follows_the_directory_to_a_replaced_contract_and_keeps_the_former_address(
    bare: World, tmp_path: Path
) -> None:
    home = Home(tmp_path)
    former = _deploy(bare, home)
    account = bare.accounts["consortium"]
    code = bytecode("Statements") + encode_constructor("Statements", [former.address("Members")])
    creation = {"data": "0x" + code.hex(), "value": 0, "gas": 2_000_000, "nonce": bare.client.nonce(account)}
    creation |= {"chainId": former.chain_id, **bare.profile.fee.fields()}
    digest = bare.client.send_raw(bare.signer.sign_transaction(creation, account, None))
    while (receipt := bare.client.receipt(digest)) is None:
        pass
    successor = str(receipt.contract_address)
    there = replace(bare, deployment=former)
    there.mine(account, "Directory", "point", [directory_name("Statements"), successor], None)

    now = _deploy(bare, home)
    assert now.address("Statements").lower() == successor.lower()
    assert now.former == {"Statements": (former.address("Statements"),)}
    assert now.contract_at(former.address("Statements")) == "Statements"
    assert Deployment.load(home) == now
    assert read_directory(bare.client, former.address("Directory")) == now  # all that a joining member needs to know

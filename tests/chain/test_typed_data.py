"""What members sign is what the contracts check: the same hashes on both sides."""

from __future__ import annotations

import pytest
from chain_world import PASSWORD, World
from eth_utils.crypto import keccak

from ledger.chain.keystore import open_keystore
from ledger.chain.roles import EVIDENCE, Act
from ledger.chain.typed_data import (
    Grant,
    grant_message,
    hash_grant,
    hash_legs,
    hash_rule_version,
    rule_version_message,
    sign_message,
    signer_of,
)
from ledger.errors import BadInput, NotAuthenticated, Reverted
from ledger.settle.split import Leg, LegKind, pack_legs


def test_a_salt_or_hash_of_another_length_is_refused(world: World) -> None:
    with pytest.raises(BadInput, match="Expected 32 bytes, got 31"):
        grant_message(world.deployment, Grant(1, world.accounts["api"], 1, 5, b"\1" * 31))
    with pytest.raises(BadInput, match="Expected 32 bytes"):
        rule_version_message(world.deployment, merchant=1, rule=1, version=1, base=0, legs_hash="0x11")


@pytest.mark.parametrize("signature", [b"", b"\0" * 64, b"\0" * 65, b"\xff" * 65])
def test_bytes_that_are_no_signature_are_refused(world: World, signature: bytes) -> None:
    message = grant_message(world.deployment, Grant(1, world.accounts["api"], 1, 5, b"\1" * 32))
    with pytest.raises(NotAuthenticated, match="cannot be read"):
        signer_of(message, signature)


def test_a_number_that_does_not_fit_is_refused(world: World) -> None:
    with pytest.raises(BadInput):
        hash_grant(world.deployment, Grant(2**32, world.accounts["api"], 1, 5, b"\1" * 32))


def test_the_grants_hash_is_the_contracts(world: World) -> None:
    for until in (0, 1_800_000_000, 2**64 - 1):
        grant = Grant(1, world.accounts["api"], 1, until, keccak(text=str(until)))
        on_chain = world.client.call(world.deployment, "Members", "hashGrant", grant)
        assert hash_grant(world.deployment, grant) == on_chain


def test_the_contract_accepts_the_members_signature_and_no_others(world: World) -> None:
    grant = Grant(world.members["farm"], world.accounts["api"], int(Act.RECORD_STATEMENT), 2**40, b"\2" * 32)
    message = grant_message(world.deployment, grant)
    farm, merchant = (
        open_keystore(world.home, name, PASSWORD, development=True).private_key for name in ("farm", "merchant")
    )
    arguments = (world.accounts["api"], grant.as_tuple())
    asked = (
        int(Act.RECORD_STATEMENT),
        int(EVIDENCE),
        bytes(4),
    )  # the act, any of these roles, a function that is not stopped
    with pytest.raises(Reverted, match="The grant is not signed by member 1") as refusal:
        world.client.call(
            world.deployment, "Members", "requireGrant", *arguments, sign_message(message, merchant), *asked
        )
    assert refusal.value.values["error"] == "WrongSigner"
    accepted = world.client.call(
        world.deployment, "Members", "requireGrant", *arguments, sign_message(message, farm), *asked
    )
    assert accepted == hash_grant(world.deployment, grant)


def test_the_rule_versions_digest_is_the_contracts(world: World) -> None:
    legs = [Leg(world.members["farm"], LegKind.SHARE, 250, 900, 20), Leg(world.members["merchant"], LegKind.RESIDUAL)]
    on_chain = [leg.on_chain for leg in legs]
    merchant = world.accounts["merchant"]
    rule, version = world.client.call(world.deployment, "Rules", "propose", 0, on_chain, [], sender=merchant)
    world.mine(merchant, "Rules", "propose", [0, on_chain, []], world.session("merchant", "rules"))
    stored = world.client.call(world.deployment, "Rules", "legsHashOf", rule, version)
    assert stored == hash_legs(pack_legs(legs))
    mine = hash_rule_version(
        world.deployment, merchant=world.members["merchant"], rule=rule, version=version, base=0, legs_hash=stored
    )
    assert mine == world.client.call(world.deployment, "Rules", "digest", rule, version)

"""The consortium governs itself: every event of governance at least once, told by members of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, replace
from typing import Any

from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from ledger.chain.constitution import DEVELOPMENT, HOUR
from ledger.chain.contracts import Deployment, encode_call
from ledger.chain.directory import directory_name
from ledger.chain.roles import Role
from ledger.chain.typed_data import TypedData, key_accepted_message, sign_message, validator_accepted_message

SEATS = ("harbour", "cannery")
OTHERS = ("orchard", "dairy")
NEW_KEYS = ("orchard.2", "orchard.3", "orchard.clerk", "validator.1", "validator.2")
KEYS = (*SEATS, *OTHERS, *NEW_KEYS)

RECORD = keccak(text="record(bytes32[])")[:4]


def govern(
    act: Callable[..., Any], deployment: Deployment, keys: dict[str, LocalAccount], numbers: dict[str, int]
) -> None:
    """`act(name, contract, function, *args)` sends; `numbers` are those that SEATS and OTHERS get. Until the end of the
    founding by the account "consortium", then by the Council."""
    at = deployment.address

    def acceptance(key: str, message: TypedData) -> bytes:
        return sign_message(message, keys[key].key)

    def accepted(key: str, nonce: int) -> bytes:
        message = key_accepted_message(deployment, member=numbers["orchard"], key=keys[key].address, nonce=nonce)
        return acceptance(key, message)

    for name in (*SEATS, *OTHERS):
        roles = Role.COUNCIL if name in SEATS else Role.FARM
        act("consortium", "Members", "admit", keys[name].address, int(roles), name, name.title())
    for registrar in ("dairy", "consortium"):
        act("consortium", "Members", "setRegistrar", keys[registrar].address)
    for name, key in (("harbour", "validator.1"), ("orchard", "orchard.clerk")):
        act("consortium", "Validators", "want", numbers[name], keys[key].address)
    act("consortium", "Directory", "point", directory_name("Spare"), at("Recalls"))
    act("consortium", "Directory", "point", directory_name("Spare"), at("Rules"))
    act("consortium", "Credit", "retireEscrow", at("Escrow"))
    act("consortium", "Credit", "admitEscrow", at("Escrow"))

    clerk, until = keys["orchard.clerk"].address, 2**33
    act("orchard", "Members", "setOperator", clerk, int(Role.FARM), until, accepted("orchard.clerk", 0))
    act("orchard", "Members", "revokeKey", clerk)
    act("orchard", "Members", "rotateAccount", keys["orchard.2"].address, accepted("orchard.2", 1))
    third = (numbers["orchard"], keys["orchard.3"].address, accepted("orchard.3", 2))
    act("consortium", "Members", "resetAccount", *third)
    act("consortium", "Members", "expel", numbers["orchard"], "relabelled another's goods")
    act("dairy", "Members", "leave")
    second = keys["validator.2"].address
    message = validator_accepted_message(deployment, member=numbers["harbour"], validator=second, nonce=0)
    act("harbour", "Validators", "rotate", keys["validator.1"].address, second, acceptance("validator.2", message))
    act("consortium", "Members", "handOver", at("Council"))

    for name in SEATS:
        act(name, "Council", "callStop", at("Statements"), RECORD, HOUR, "a fault was found")
    for name in SEATS:
        act(name, "Council", "callLift", at("Statements"), RECORD)
    slower = encode_call("Council", "changeConstitution", [astuple(replace(DEVELOPMENT, delay_seconds=HOUR))])
    for _ in range(2):
        act("harbour", "Council", "propose", at("Council"), bytes.fromhex(slower[2:]), "an hour to object")
    for yes in (True, False, True):
        act("cannery", "Council", "vote", 1, yes)
    act("dairy", "Council", "execute", 1)
    act("harbour", "Council", "withdrawProposal", 2)

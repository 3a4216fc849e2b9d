"""The arguments with which each function is tried by an actor: such that whoever may succeeds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from chain_roles import (
    AMOUNTS,
    FAR,
    GLN,
    GTIN,
    LEGS,
    MARK,
    NOWHERE,
    NUMBERS,
    SHARED_LEGS,
    RolesChain,
    batch_terms,
    campaign_terms,
    key_of,
    order,
)
from decisions import Actor, operator_of

from ledger.chain.contracts import encode_call

Arguments = Callable[[RolesChain, Actor], list[Any]]

SOON = int(time.time()) + 86_400


def number_of(actor: Actor) -> int:
    """The actor's own member; the farm for an account of no member."""
    return NUMBERS[actor.member or "farm"]


ARGUMENTS: dict[str, Arguments] = {
    "Members.admit": lambda chain, actor: [key_of("newcomer").address, 1, "newcomer", "Newcomer"],
    "Members.setRoles": lambda chain, actor: [NUMBERS["farm"], 3],
    "Members.suspend": lambda chain, actor: [NUMBERS["farm"], "audit"],
    "Members.reinstate": lambda chain, actor: [NUMBERS["suspended"]],
    "Members.expel": lambda chain, actor: [NUMBERS["farm"], "fraud"],
    "Members.resetAccount": lambda chain, actor: [
        NUMBERS["farm"], key_of("newcomer").address, chain.acceptance(NUMBERS["farm"], "newcomer"),
    ],
    "Members.setRegistrar": lambda chain, actor: [key_of("newcomer").address],
    "Members.handOver": lambda chain, actor: [chain.deployment.address("Directory")],
    "Members.stop": lambda chain, actor: [chain.deployment.address("Directory"), NOWHERE, SOON, "why"],
    "Members.lift": lambda chain, actor: [chain.deployment.address("Directory"), NOWHERE],
    "Members.assignLocation": lambda chain, actor: [GLN, NUMBERS["farm"], "Field"],
    "Members.assignProduct": lambda chain, actor: [GTIN, NUMBERS["farm"], "Lettuce"],
    "Members.rotateAccount": lambda chain, actor: [
        key_of("newcomer").address, chain.acceptance(number_of(actor), "newcomer"),
    ],
    "Members.setOperator": lambda chain, actor: [
        key_of("newcomer").address, 1, FAR, chain.acceptance(number_of(actor), "newcomer"),
    ],
    # Another key than the actor's own: that a key ends itself is tried apart.
    "Members.revokeKey": lambda chain, actor: [
        key_of(operator_of(actor.member) if actor.member and actor.key == "account" else "newcomer").address
    ],
    "Members.revokeGrant": lambda chain, actor: [(number_of(actor), key_of("relay").address, 1, FAR, bytes(32))],
    "Members.leave": lambda chain, actor: [],
    "Council.propose": lambda chain, actor: [
        chain.deployment.address("Members"), encode_call("Members", "reinstate", [NUMBERS["suspended"]]), "why",
    ],
    "Council.vote": lambda chain, actor: [1, True],
    "Council.withdrawProposal": lambda chain, actor: [1],
    "Council.callStop": lambda chain, actor: [chain.deployment.address("Escrow"), NOWHERE, 60, "why"],
    "Council.callLift": lambda chain, actor: [chain.deployment.address("Directory"), NOWHERE],
    "Council.execute": lambda chain, actor: [2],
    "Council.tally": lambda chain, actor: [1],
    "Council.changeConstitution": lambda chain, actor: [(5001, 0, 86_400, 86_400, 2, 3600, 3600)],
    "Validators.want": lambda chain, actor: [NUMBERS["merchant"], key_of("new validator").address],
    "Validators.unwant": lambda chain, actor: [key_of("validator").address],
    "Validators.rotate": lambda chain, actor: [
        key_of("validator").address, key_of("new validator").address, chain.validator_acceptance("new validator"),
    ],
    "Directory.point": lambda chain, actor: [b"Escrow".ljust(32, b"\0"), chain.deployment.address("Directory")],
    "Statements.record": lambda chain, actor: [[MARK]],
    "Statements.recordFor": lambda chain, actor: [[MARK], *chain.grant()],
    "ItemCodes.commitItems": lambda chain, actor: [GTIN, "LOT", MARK, 5, MARK],
    "Recalls.openRecall": lambda chain, actor: [GTIN, "LOT", "listeria"],
    "Recalls.closeRecall": lambda chain, actor: [GTIN, "OPEN"],
    "Rules.propose": lambda chain, actor: [0, [(number_of(actor) if actor.name == "merchant" else 1, 2, 0, 0, 0)], []],
    "Tiers.pin": lambda chain, actor: [1, 1, 100],
    "Rules.sign": lambda chain, actor: [2, 1, NUMBERS["creator"], chain.rule_signature(2, "creator", SHARED_LEGS)],
    "Credit.mintToEscrow": lambda chain, actor: [order("PLACED"), 100, "REF"],
    "Credit.fund": lambda chain, actor: [NUMBERS["farm"], 1],
    "Credit.passOn": lambda chain, actor: [chain.deployment.address("Escrow"), 1],
    "Credit.takeBack": lambda chain, actor: [1],
    "Campaigns.open": lambda chain, actor: ["new", campaign_terms(FAR), []],
    "Campaigns.place": lambda chain, actor: [[(("NEW", 1000, 1, NUMBERS["carrier"]), [1])]],
    "Campaigns.pay": lambda chain, actor: [order("PROMOTED")],
    "Campaigns.release": lambda chain, actor: [order("PROMOTED")],
    "Campaigns.settleUp": lambda chain, actor: [order("PROMOTED-PAID")],
    "Campaigns.close": lambda chain, actor: [2],
    "Campaigns.giveEarned": lambda chain, actor: [NUMBERS["merchant"]],
    "Escrow.placeFor": lambda chain, actor: [NUMBERS["merchant"], [("NEW", 1000, 1, NUMBERS["carrier"])]],
    "Credit.refund": lambda chain, actor: [1, 0, []],
    "Credit.collect": lambda chain, actor: [NUMBERS["farm"]],
    "Credit.transfer": lambda chain, actor: [NUMBERS["farm"], 1, "thanks"],
    "Credit.withdraw": lambda chain, actor: [1, bytes(32)],
    "Credit.bookWithdrawals": lambda chain, actor: [[1], "REF"],
    "Credit.returnWithdrawal": lambda chain, actor: [1, "account closed"],
    "Credit.payIntoFund": lambda chain, actor: [1],
    "Credit.bookRefunds": lambda chain, actor: [[(order("PAID"), 1, 100)], "REF"],
    "Credit.returnRefund": lambda chain, actor: [(order("REFUNDED"), 1, 100), "account closed"],
    "Credit.payFromFund": lambda chain, actor: [NUMBERS["farm"], 1, "why"],
    "Credit.freeze": lambda chain, actor: [NUMBERS["farm"], "court order"],
    "Credit.unfreeze": lambda chain, actor: [NUMBERS["farm"]],
    "Credit.admitEscrow": lambda chain, actor: [chain.deployment.address("Escrow")],
    "Credit.retireEscrow": lambda chain, actor: [chain.deployment.address("Escrow")],
    "Escrow.place": lambda chain, actor: [[("NEW", 1000, 1, NUMBERS["carrier"])]],
    "Escrow.pay": lambda chain, actor: [[(order("PLACED"), 1000, "REF")]],
    "Escrow.deliver": lambda chain, actor: [[order("PAID")], MARK],
    "Escrow.deliverAndSettle": lambda chain, actor: [[order("PAID")], MARK, LEGS],
    "Escrow.settle": lambda chain, actor: [[order("DELIVERED")], LEGS],
    "Escrow.refund": lambda chain, actor: [[(order("PAID"), 1, 1, "wilted")], b""],
    "Escrow.giveEarned": lambda chain, actor: [NUMBERS["merchant"]],
    "Escrow.placeBatch": lambda chain, actor: [batch_terms(2)],
    "Escrow.payBatch": lambda chain, actor: [chain.batch(0), AMOUNTS, "REF"],
    "Escrow.settleBatch": lambda chain, actor: [chain.batch(1), [1], AMOUNTS, MARK, LEGS],
    "Escrow.refundBatch": lambda chain, actor: [chain.batch(1), [1], AMOUNTS, LEGS, "wilted"],
    "Escrow.takeOut": lambda chain, actor: [chain.batch(1), [1], AMOUNTS],
}  # fmt: skip
"""Of each function that changes something."""


def plausible(kind: dict[str, Any]) -> Any:
    """A value of an ABI type, for reads: whom it is about matters not, only that everybody hears the same."""
    name = str(kind["type"])
    if name.endswith("]"):
        return [plausible({**kind, "type": name[: name.rindex("[")]})]
    if name == "tuple":
        return tuple(plausible(component) for component in kind["components"])
    if name.startswith("bytes"):
        return b"x" if name == "bytes" else bytes(int(name[5:]))
    values = {"address": key_of("farm").address, "string": "x", "bool": True}
    return values.get(name, 1)

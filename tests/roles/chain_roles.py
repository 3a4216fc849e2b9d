"""A chain on which every role has a member, and who there is to try: accounts, operators, keys that ended, strangers.

What stands there is such that whoever may do a thing succeeds: the farm owns the product and has a recall open, the
merchant has a rule in force, an order stands at every step, everybody has credit, two proposals wait.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from decisions import MEMBERS, NO_ROLE, Actor, operator_of, operator_roles
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from ledger.chain.client import Client
from ledger.chain.constitution import DEVELOPMENT
from ledger.chain.contracts import Deployment, encode_call
from ledger.chain.deploy import deploy
from ledger.chain.profiles import EMBEDDED
from ledger.chain.roles import Role
from ledger.chain.signer_client import SignerClient, SigningRequest
from ledger.chain.typed_data import (
    Grant,
    TypedData,
    grant_message,
    hash_legs,
    key_accepted_message,
    rule_version_message,
    sign_message,
    validator_accepted_message,
)
from ledger.config import Home
from ledger.errors import SuyuanError
from ledger.settle.order_id import order_id
from ledger.settle.price import CampaignKind, CampaignTerms
from ledger.settle.split import Leg, LegKind, pack_legs

CHAIN_ID = 7710
GTIN, GLN = 860009999923, 860009999060
NUMBERS = {name: number for number, name in enumerate(MEMBERS, start=1)}
FAR = 2**37
MARK = bytes(31) + b"\x01"
RULE = [Leg(NUMBERS["merchant"], LegKind.RESIDUAL)]
SHARED_RULE = [Leg(NUMBERS["creator"], LegKind.SHARE, 1000), *RULE]
LEGS = pack_legs(RULE)
SHARED_LEGS = pack_legs(SHARED_RULE)
NOWHERE = b"\x01\x02\x03\x04"  # a selector of no function, to be stopped without harm
ENDED_AFTER_SECONDS = 3


AMOUNTS = (1000).to_bytes(2, "big")  # of a batch of one order


def batch_terms(number: int) -> tuple[Any, ...]:
    """Each number another manifest."""
    root = keccak(keccak(AMOUNTS))
    return bytes([number + 1]) * 32, root, 1000, 1, NUMBERS["carrier"], 1, 2


def key_of(name: str) -> LocalAccount:
    key: LocalAccount = Account.from_key(hashlib.sha256(f"roles/{name}".encode()).digest())
    return key


def order(number: str) -> bytes:
    """The id of the merchant's order."""
    return bytes.fromhex(order_id(NUMBERS["merchant"], number)[2:])


@dataclass
class RolesChain:
    """The node, the contracts, and who may try."""

    client: Client
    deployment: Deployment
    _nonces: dict[int, int] = field(default_factory=dict)

    def act(self, name: str, contract: str, function: str, *args: Any) -> None:
        """One transaction, mined."""
        key = key_of(name)
        call = {"to": self.deployment.address(contract), "data": encode_call(contract, function, args), "value": 0}
        sent = {"gas": 3_000_000, "nonce": self.client.nonce(key.address), "chainId": CHAIN_ID, **EMBEDDED.fee.fields()}
        digest = self.client.send_raw(bytes(key.sign_transaction(call | sent).raw_transaction))
        receipt = self.client.receipt(digest)
        assert receipt is not None
        assert receipt.succeeded, self.client.revert_reason(digest)

    def actors(self) -> list[Actor]:
        """Everybody who tries everything."""
        accounts = [Actor(name, key_of(name).address, name, roles | Role.TREASURY) for name, roles in MEMBERS.items()]
        operators = [
            Actor(operator_of(name), key_of(operator_of(name)).address, name, operator_roles(name), "operator")
            for name in MEMBERS
        ]
        over = [
            Actor("former account", key_of("former account").address, "all-roles", NO_ROLE, "revoked"),
            Actor("revoked operator", key_of("revoked operator").address, "all-roles", NO_ROLE, "revoked"),
            Actor("ended operator", key_of("ended operator").address, "all-roles", NO_ROLE, "ended"),
        ]
        others = [Actor(name, key_of(name).address) for name in ("registrar", "relay", "stranger")]
        contracts = [
            Actor("governor", self.deployment.address("Council")),
            Actor("escrow", self.deployment.address("Escrow")),
            Actor("campaigns", self.deployment.address("Campaigns")),
            Actor("credit", self.deployment.address("Credit")),
        ]
        return [*accounts, *operators, *over, *others, *contracts]

    def tried(self, actors: Sequence[Actor], contract: str, function: str, arguments: Sequence[list[Any]]) -> list[str]:
        """What each actor hears: "" when it may, else the error's name."""
        to = self.deployment.address(contract)
        messages = [
            {"from": actor.account, "to": to, "data": encode_call(contract, function, args)}
            for actor, args in zip(actors, arguments, strict=True)
        ]
        return [_heard(answer) for answer in self.client.calls(messages)]

    # --- signatures ---

    def grant(self) -> list[Any]:
        """The farm's to the relay, with its signature."""
        grant = Grant(NUMBERS["farm"], key_of("relay").address, 1, FAR, bytes(32))
        return [grant.as_tuple(), _signed(grant_message(self.deployment, grant), "farm")]

    def batch(self, number: int) -> bytes:
        """The id of the merchant's batch with these terms."""
        identity = self.client.call(self.deployment, "Escrow", "batchId", NUMBERS["merchant"], batch_terms(number))
        return bytes(identity)

    def rule_signature(self, rule: int, name: str, legs: bytes) -> bytes:
        """Under version 1 of a rule."""
        merchant = NUMBERS["merchant"]
        message = rule_version_message(
            self.deployment, merchant=merchant, rule=rule, version=1, base=0, legs_hash=hash_legs(legs)
        )
        return _signed(message, name)

    def acceptance(self, member: int, name: str) -> bytes:
        """By a new key of the member."""
        if member not in self._nonces:
            self._nonces[member] = self.client.call(self.deployment, "Members", "keyNonce", member)
        nonce = self._nonces[member]
        return _signed(
            key_accepted_message(self.deployment, member=member, key=key_of(name).address, nonce=nonce), name
        )

    def validator_acceptance(self, name: str) -> bytes:
        """By a new validator of the farm."""
        message = validator_accepted_message(
            self.deployment, member=NUMBERS["farm"], validator=key_of(name).address, nonce=0
        )
        return _signed(message, name)

    def lets_act(self, member: str, name: str, roles: Role, until: int = FAR) -> None:
        """The member sets an operator."""
        accepted = self.acceptance(NUMBERS[member], name)
        self.act(member, "Members", "setOperator", key_of(name).address, int(roles), until, accepted)
        self._nonces[NUMBERS[member]] += 1


def _signed(message: TypedData, name: str) -> bytes:
    return sign_message(message, bytes(key_of(name).key))


def _heard(answer: bytes | SuyuanError) -> str:
    return "" if isinstance(answer, bytes) else str(answer.values.get("error") or answer)


# --- the scene -------------------------------------------------------------------------------------------------------


@contextmanager
def a_roles_chain(folder: Path) -> Iterator[RolesChain]:
    """The embedded chain as a process, the contracts on it, and the scene that the arguments speak of."""
    funded = ["registrar", "former account", *MEMBERS]
    command = [sys.executable, "-m", "ledger.chain.embedded", f"--file={folder / 'chain.sqlite'}", "--port=0"]
    command += [f"--chain-id={CHAIN_ID}", "--instant", *(f"--fund={key_of(name).address}:{10**24}" for name in funded)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split(" on ")[1].split(" at ")[0]
        client = Client(url, EMBEDDED)
        home = Home(folder / "home")
        home.path.mkdir()
        founder = _KeySigner("registrar")  # which the founder stays when it has handed over
        account = key_of("registrar").address
        deployment = deploy(client, EMBEDDED, founder, account, home, constitution=DEVELOPMENT)
        chain = RolesChain(client, deployment)
        _found(chain)
        _trade(chain)
        _govern(chain)
        yield chain
    finally:
        process.kill()
        process.wait()


class _KeySigner(SignerClient):
    """Signs what deployment asks for, with a key of this test."""

    def __init__(self, name: str) -> None:
        super().__init__("", "")
        self._key = key_of(name)

    def sign_many(self, requests: Sequence[SigningRequest]) -> list[bytes | SuyuanError]:
        return [bytes(self._key.sign_transaction(request.transaction).raw_transaction) for request in requests]


def _found(chain: RolesChain) -> None:
    """Members with their operators; the keys that ended."""
    for name, roles in MEMBERS.items():
        first = key_of("former account" if name == "all-roles" else name).address
        chain.act("registrar", "Members", "admit", first, int(roles), name, name)
    number, account = NUMBERS["all-roles"], key_of("all-roles").address
    chain.act("former account", "Members", "rotateAccount", account, chain.acceptance(number, "all-roles"))
    chain._nonces.clear()
    soon = chain.client.head().timestamp + ENDED_AFTER_SECONDS
    chain.lets_act("all-roles", "ended operator", Role.FARM, soon)
    chain.lets_act("all-roles", "revoked operator", Role.FARM)
    chain.act("all-roles", "Members", "revokeKey", key_of("revoked operator").address)
    for name in MEMBERS:
        chain.lets_act(name, operator_of(name), operator_roles(name))
    chain.act("registrar", "Members", "assignProduct", GTIN, NUMBERS["farm"], "Lettuce")
    chain.act("registrar", "Validators", "want", NUMBERS["farm"], key_of("validator").address)
    chain.act("registrar", "Validators", "want", NUMBERS["bank"], key_of("other validator").address)
    while chain.client.head().timestamp <= soon and time.time() <= soon:
        time.sleep(0.2)


def _trade(chain: RolesChain) -> None:
    """A recall, a rule, orders at every step, credit for everybody."""
    chain.act("farm", "Recalls", "openRecall", GTIN, "OPEN", "listeria")
    chain.act("merchant", "Rules", "propose", 0, [leg.on_chain for leg in RULE], [])
    chain.act("merchant", "Rules", "sign", 1, 1, NUMBERS["merchant"], chain.rule_signature(1, "merchant", LEGS))
    chain.act("merchant", "Rules", "propose", 0, [leg.on_chain for leg in SHARED_RULE], [])
    numbers = ["PLACED", "PAID", "DELIVERED", "SETTLED", "REFUNDED"]
    chain.act("merchant", "Escrow", "place", [(number, 1000, 1, NUMBERS["carrier"]) for number in numbers])
    chain.act("bank", "Escrow", "pay", [(order(number), 1000, "REF") for number in numbers[1:]])
    chain.act("carrier", "Escrow", "deliver", [order("DELIVERED")], MARK)
    chain.act("carrier", "Escrow", "deliverAndSettle", [order("SETTLED")], MARK, LEGS)
    chain.act(
        "merchant", "Escrow", "refund", [(order("REFUNDED"), 1, 100, "wilted"), (order("PAID"), 1, 100, "late")], b""
    )
    chain.act("bank", "Credit", "bookRefunds", [(order("REFUNDED"), 1, 100)], "REF")
    chain.act("merchant", "Credit", "payIntoFund", 10)
    for number in range(2):
        chain.act("merchant", "Escrow", "placeBatch", batch_terms(number))
    chain.act("bank", "Escrow", "payBatch", chain.batch(1), AMOUNTS, "REF")
    for name, number in NUMBERS.items():
        if name != "merchant":
            chain.act("merchant", "Credit", "transfer", number, 10, "for a start")
    chain.act("merchant", "Credit", "withdraw", 100, MARK)
    _promote(chain)


def campaign_terms(ends: int, budget_fen: int = 1) -> tuple[Any, ...]:
    """A coupon of one fen; what it reserves lapses after a second."""
    return CampaignTerms(CampaignKind.COUPON, 1, budget_fen, 0, ends, 1, value_fen=1).arguments


def _promote(chain: RolesChain) -> None:
    """A campaign that runs and one that has ended; a promoted order that is paid, one that is not and has lapsed."""
    soon = chain.client.head().timestamp + ENDED_AFTER_SECONDS
    chain.act("merchant", "Campaigns", "open", "runs", campaign_terms(FAR, 50), [])
    chain.act("merchant", "Campaigns", "open", "ended", campaign_terms(soon), [])
    for number in ("PROMOTED", "PROMOTED-PAID"):
        chain.act("merchant", "Campaigns", "place", [((number, 1000, 1, NUMBERS["carrier"]), [1])])
    chain.act("bank", "Escrow", "pay", [(order("PROMOTED-PAID"), 999, "REF")])
    while chain.client.head().timestamp <= soon:  # each block is later than the one before it
        chain.act("merchant", "Credit", "collect", NUMBERS["merchant"])


def _govern(chain: RolesChain) -> None:
    """Three members that may act no more; the Council governs; a proposal that waits for votes, and one for execution."""
    chain.act("registrar", "Members", "suspend", NUMBERS["suspended"], "audit")
    chain.act("registrar", "Members", "expel", NUMBERS["expelled"], "fraud")
    chain.act("left", "Members", "leave")
    chain.act("registrar", "Members", "handOver", chain.deployment.address("Council"))
    members = chain.deployment.address("Members")
    call = encode_call("Members", "setRoles", [NUMBERS["no-role"], 1])
    for _ in range(2):
        chain.act("council", "Council", "propose", members, call, "for a start")
    chain.act("all-roles", "Council", "vote", 2, True)
    for name in ("council", "all-roles"):
        chain.act(name, "Council", "callStop", chain.deployment.address("Directory"), NOWHERE, 3600, "for a start")

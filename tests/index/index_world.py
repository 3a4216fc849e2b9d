"""Builders: a real embedded chain with our contracts, and a story on it in which every event of theirs happens."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import governance_story
from batch_story import tell_of_batches
from campaigns_story import tell_of_campaigns
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from governance_story import OTHERS, SEATS, govern
from rlp import encode as rlp_encode
from tiers_story import tell_of_tiers

from ledger.chain.artifact import CONTRACTS, bytecode
from ledger.chain.client import Client, Receipt
from ledger.chain.constitution import DEVELOPMENT
from ledger.chain.contracts import Deployment, encode_call, encode_constructor
from ledger.chain.directory import directory_name
from ledger.chain.profiles import EMBEDDED
from ledger.chain.roles import Role
from ledger.chain.typed_data import hash_legs, rule_version_message, sign_message
from ledger.settle.split import Leg, LegKind, pack_legs
from ledger.store.documents import Documents, Opening
from ledger.trace.epcis import read_document
from ledger.trace.item_codes import Manifest, make_serials, write_manifest
from ledger.trace.merkle import root_of

CHAIN_ID = 7710
GTIN, GLN, LOT = "00860009999923", "0860009999060", "ABC1234"
MEMBERS = {
    "farm": Role.FARM,
    "packer": Role.PACKER,
    "carrier": Role.CARRIER,
    "merchant": Role.MERCHANT,
    "creator": Role.CREATOR,
    "platform": Role.PLATFORM,
    "bank": Role.BANK,
}
NUMBERS = {name: number for number, name in enumerate(MEMBERS, start=1)}
KEYS: dict[str, LocalAccount] = {
    name: Account.from_key(hashlib.sha256(name.encode()).digest())
    for name in ("consortium", *MEMBERS, *governance_story.KEYS)
}
RULE = [
    Leg(NUMBERS["creator"], LegKind.SHARE, 2000),
    Leg(NUMBERS["platform"], LegKind.FIXED, 100),
    Leg(NUMBERS["merchant"], LegKind.RESIDUAL),
]
LEGS = pack_legs(RULE)


@dataclass
class Chain:
    """A node and the contracts on it. `act` sends one transaction and waits until it is mined."""

    client: Client
    deployment: Deployment
    _nonces: dict[str, int] = field(default_factory=dict)

    def act(self, name: str, contract: str, function: str, *args: Any) -> Receipt:
        return self.send(name, encode_call(contract, function, args), to=self.deployment.address(contract))

    def send(self, name: str, data: str, to: str | None = None, gas: int = 6_000_000) -> Receipt:
        key = KEYS[name]
        nonce = self._nonces.setdefault(name, self.client.nonce(key.address))
        transaction: dict[str, Any] = {"data": data, "value": 0, "gas": gas, "nonce": nonce, "chainId": CHAIN_ID}
        transaction |= EMBEDDED.fee.fields() | ({"to": to} if to else {})
        digest = self.client.send_raw(bytes(key.sign_transaction(transaction).raw_transaction))
        self._nonces[name] = nonce + 1
        while (receipt := self.client.receipt(digest)) is None:
            pass
        assert receipt.succeeded, self.client.revert_reason(digest)
        return receipt

    def forget_nonces(self) -> None:
        """The node took blocks back: what was sent in them was not."""
        self._nonces.clear()

    @property
    def legs(self) -> bytes:
        """Of the merchant's rule, packed."""
        return LEGS

    def order_id(self, number: str) -> bytes:
        answer: bytes = self.client.call(self.deployment, "Escrow", "orderId", NUMBERS["merchant"], number)
        return answer


@contextmanager
def a_chain(file: Path) -> Iterator[Chain]:
    """A node of its own with the contracts and all members admitted."""
    command = [sys.executable, "-m", "ledger.chain.embedded", f"--file={file}", "--port=0", f"--chain-id={CHAIN_ID}"]
    command += ["--instant", *(f"--fund={key.address}:{10**24}" for key in KEYS.values())]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split(" on ")[1].split(" at ")[0]
        yield found(Client(url, EMBEDDED))
    finally:
        process.kill()
        process.wait()


def found(client: Client) -> Chain:
    """On an empty chain that mines each transaction at once, with funds for each of KEYS."""
    chain = Chain(client, Deployment(CHAIN_ID, 1, _addresses()))
    _deploy(chain)
    for name, role in MEMBERS.items():
        chain.act("consortium", "Members", "admit", KEYS[name].address, int(role), name, name.title())
    chain.act("consortium", "Members", "assignProduct", int(GTIN), NUMBERS["farm"], "生菜 Lettuce")
    return chain


def _addresses() -> dict[str, str]:
    sender = bytes.fromhex(KEYS["consortium"].address[2:])
    created = [keccak(rlp_encode([sender, nonce]))[12:] for nonce in range(len(CONTRACTS))]
    return {name: to_checksum_address(address) for name, address in zip(CONTRACTS, created, strict=True)}


def _deploy(chain: Chain) -> None:
    at = chain.deployment.addresses
    arguments: dict[str, list[Any]] = {
        "Members": [KEYS["consortium"].address],
        "Council": [at["Members"], DEVELOPMENT],
        "Directory": [at["Members"], 1, *_pointers(at)],
        "Credit": [at["Members"], at["Escrow"], at["Campaigns"]],
        "Tiers": [at["Rules"], at["Credit"]],
        "Escrow": [at["Members"], at["Rules"], at["Credit"], at["Tiers"], at["Campaigns"]],
        "Campaigns": [at["Members"], at["Credit"], at["Escrow"]],
    }
    for name in CONTRACTS:
        code = bytecode(name) + encode_constructor(name, arguments.get(name, [at["Members"]]))
        assert chain.send("consortium", "0x" + code.hex()).contract_address.lower() == at[name].lower()  # type: ignore[union-attr]


def _pointers(at: dict[str, str]) -> tuple[list[bytes], list[str]]:
    others = [name for name in CONTRACTS if name != "Directory"]
    return [directory_name(name) for name in others], [at[name] for name in others]


# --- evidence --------------------------------------------------------------------------------------------------------


def a_document(*lots: str, order: str | None = None, day: int = 1) -> bytes:
    """An EPCIS 2.0 document with one harvest a lot."""
    events: list[dict[str, Any]] = [
        {
            "type": "ObjectEvent",
            "eventID": f"urn:uuid:00000000-0000-4000-8000-{number:012d}",
            "eventTime": f"2026-04-{day:02d}T08:00:0{number}.000+08:00",
            "eventTimeZoneOffset": "+08:00",
            "action": "ADD",
            "bizStep": "commissioning",
            "readPoint": {"id": f"https://id.gs1.org/414/{GLN}"},
            "quantityList": [{"epcClass": f"https://id.gs1.org/01/{GTIN}/10/{lot}", "quantity": 250, "uom": "LBR"}],
            **({"bizTransactionList": [{"type": "po", "bizTransaction": order}]} if order else {}),
        }
        for number, lot in enumerate(lots)
    ]
    return json.dumps(
        {
            "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-04-01T00:00:00.000Z",
            "epcisBody": {"eventList": events},
        }
    ).encode()


def openings_of(document: bytes, name: str) -> list[Opening]:
    """A commitment to each event of the document, as this member's signer would make it."""
    openings = []
    for event in read_document(document, source="test").events:
        salt = hashlib.sha256(f"{name}{event.hash.hex}".encode()).digest()
        commitment = hashlib.sha256(salt + bytes.fromhex(event.hash.hex)).hexdigest()
        digest = hashlib.sha256(document).hexdigest()
        openings.append(Opening(commitment, salt.hex(), event.hash.hex, digest, event.position, NUMBERS[name]))
    return openings


def keep(documents: Documents, document: bytes, name: str) -> None:
    """What a capture leaves in the store."""
    documents.put(document)
    for opening in openings_of(document, name):
        documents.put_opening(opening)


def say(chain: Chain, name: str, document: bytes) -> Receipt:
    """The member records the document's events on the chain."""
    commitments = [bytes.fromhex(opening.commitment) for opening in openings_of(document, name)]
    return chain.act(name, "Statements", "record", commitments)


def a_manifest(lot: str = LOT, count: int = 5) -> Manifest:
    return Manifest(GTIN, lot, make_serials(b"key" * 11, GTIN, lot, count))


def commit_items(chain: Chain, manifest: Manifest, *, digest: str | None = None) -> str:
    """The farm puts the manifest's root on the chain, with its digest or another; the root in hex."""
    root = root_of(manifest.leaves())
    named = digest or hashlib.sha256(write_manifest(manifest)).hexdigest()
    arguments = (int(GTIN), manifest.lot, root, len(manifest.serials), bytes.fromhex(named))
    chain.act("farm", "ItemCodes", "commitItems", *arguments)
    return root.hex()


# --- money -----------------------------------------------------------------------------------------------------------


def adopt_rule(chain: Chain) -> int:
    """A rule of the merchant: 20 % to the creator, 1 yuan to the platform, the rest its own."""
    adopt(chain, "merchant", 1, RULE, "merchant", "creator", "platform")
    return 1


def adopt(chain: Chain, owner: str, rule: int, legs: Sequence[Leg], *signers: str) -> None:
    """The first version of a new rule, which gets this number."""
    chain.act(owner, "Rules", "propose", 0, [leg.on_chain for leg in legs], ())
    legs_hash = hash_legs(pack_legs(legs))
    message = rule_version_message(
        chain.deployment, merchant=NUMBERS[owner], rule=rule, version=1, base=0, legs_hash=legs_hash
    )
    for name in signers:
        signature = sign_message(message, bytes(KEYS[name].key))
        chain.act("platform", "Rules", "sign", rule, 1, NUMBERS[name], signature)


def place(chain: Chain, *numbers: str, amount_fen: int = 10_000) -> None:
    terms = [(number, amount_fen, 1, NUMBERS["carrier"]) for number in numbers]
    chain.act("merchant", "Escrow", "place", terms)


def pay(chain: Chain, *numbers: str, amount_fen: int = 10_000) -> None:
    chain.act("bank", "Escrow", "pay", [(chain.order_id(number), amount_fen, f"收款 {number}") for number in numbers])


def deliver_and_settle(chain: Chain, *numbers: str) -> Receipt:
    ids = [chain.order_id(number) for number in numbers]
    return chain.act("carrier", "Escrow", "deliverAndSettle", ids, bytes(31) + b"\x01", LEGS)


def refund(chain: Chain, number: str, of_it: int, amount_fen: int, *, settled: bool) -> None:
    refunds = [(chain.order_id(number), of_it, amount_fen, "叶子黄了")]
    chain.act("merchant", "Escrow", "refund", refunds, LEGS if settled else b"")


def refund_some(chain: Chain) -> None:
    """One from escrow in part and then whole; one of a payee that has spent it, and earns it again."""
    place(chain, "R-1", "R-2", "R-3")
    pay(chain, "R-1", "R-2", "R-3")
    deliver_and_settle(chain, "R-1")
    chain.act("platform", "Credit", "payIntoFund", 150)
    chain.act("creator", "Credit", "withdraw", 2_500, bytes(31) + b"\x04")
    refund(chain, "R-1", 1, 10_000, settled=True)
    chain.act("merchant", "Credit", "payIntoFund", 10)
    deliver_and_settle(chain, "R-2")
    chain.act("platform", "Credit", "collect", NUMBERS["creator"])
    chain.act("consortium", "Credit", "payFromFund", NUMBERS["farm"], 20, "for the hail")
    refund(chain, "R-3", 1, 100, settled=False)
    refund(chain, "R-3", 2, 9_900, settled=False)
    first, third = chain.order_id("R-1"), chain.order_id("R-3")
    chain.act("bank", "Credit", "bookRefunds", [(first, 1, 10_000), (third, 1, 100)], "BANK-R")
    chain.act("bank", "Credit", "returnRefund", (third, 1, 100), "account closed")


def say_again(chain: Chain) -> Receipt:
    """One more log, on which no other rests and which leaves no row of the story another."""
    return chain.act("consortium", "Members", "assignLocation", int(GLN), NUMBERS["farm"], "三号田 Field 3")


# --- the story -------------------------------------------------------------------------------------------------------

OPEN = a_document("ABC1234", "DEF2345", order="urn:epcglobal:cbv:bt:0860009999060:7")
SEALED = a_document("SEALED1", day=2)
MANIFEST = a_manifest()
FALSE_MANIFEST = a_manifest("FALSE1", 3)


def tell_story(chain: Chain, documents: Documents) -> None:
    """Every event of the contracts at least once."""
    consortium, farm, packer = "consortium", NUMBERS["farm"], NUMBERS["packer"]
    chain.act(consortium, "Members", "assignLocation", int(GLN), packer, "Field 3")
    chain.act(consortium, "Members", "assignLocation", int(GLN), farm, "三号田 Field 3")
    chain.act(consortium, "Members", "setRoles", packer, int(Role.PACKER | Role.COOLER))
    chain.act(consortium, "Members", "suspend", packer, "audit")
    chain.act(consortium, "Members", "reinstate", packer)
    chain.act("farm", "Members", "revokeGrant", (farm, KEYS["platform"].address, 1, 2**40, bytes(32)))

    keep(documents, OPEN, "farm")
    keep(documents, OPEN, "packer")
    say(chain, "farm", OPEN)
    say(chain, "packer", OPEN)
    say(chain, "packer", SEALED)
    documents.put(write_manifest(MANIFEST))
    commit_items(chain, MANIFEST)
    commit_items(chain, FALSE_MANIFEST, digest=documents.put(b"no manifest"))
    chain.act("farm", "Recalls", "openRecall", int(GTIN), "OLD1", "李斯特菌 listeria")
    chain.act("farm", "Recalls", "closeRecall", int(GTIN), "OLD1")
    chain.act("farm", "Recalls", "openRecall", int(GTIN), "OLD1", "again")

    adopt_rule(chain)
    place(chain, "A-1", "A-2", "A-3")
    pay(chain, "A-1", "A-2")
    deliver_and_settle(chain, "A-1")
    chain.act("carrier", "Escrow", "deliver", [chain.order_id("A-2")], bytes(31) + b"\x02")
    creator, merchant = NUMBERS["creator"], NUMBERS["merchant"]
    chain.act("creator", "Credit", "transfer", merchant, 300, "谢谢")
    chain.act("creator", "Credit", "withdraw", 700, bytes(31) + b"\x01")
    chain.act("merchant", "Credit", "withdraw", 5_000, bytes(31) + b"\x02")
    chain.act("merchant", "Credit", "withdraw", 100, bytes(31) + b"\x03")
    chain.act("bank", "Credit", "bookWithdrawals", [2], "BANK-2")
    chain.act("bank", "Credit", "returnWithdrawal", 3, "account closed")
    refund_some(chain)
    tell_of_batches(chain, documents)
    tell_of_tiers(chain, adopt)
    tell_of_campaigns(chain, LEGS)
    chain.act(consortium, "Credit", "freeze", creator, "court order 1")
    chain.act(consortium, "Credit", "freeze", merchant, "court order 2")
    chain.act(consortium, "Credit", "unfreeze", merchant)
    numbers = {name: number for number, name in enumerate((*SEATS, *OTHERS), start=len(MEMBERS) + 1)}
    govern(chain.act, chain.deployment, KEYS, numbers)

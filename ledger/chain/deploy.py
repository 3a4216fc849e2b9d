"""Puts the seven contracts onto a chain: by the consortium's account, at addresses that its nonces decide (CREATE).

The plan (first nonce, first block) is written before anything is sent, so that a run that was killed at any point is
taken up where it stands: what has its code is skipped, what is missing is signed again with the same nonce.
"""

from __future__ import annotations

import dataclasses
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_utils.address import to_canonical_address, to_checksum_address
from eth_utils.crypto import keccak
from rlp import encode as rlp_encode

from ledger.chain.artifact import CONTRACTS, bytecode
from ledger.chain.client import Client
from ledger.chain.contracts import Deployment, encode_constructor
from ledger.chain.profiles import Profile
from ledger.chain.signer_client import SignerClient, SigningRequest
from ledger.config import Home
from ledger.errors import BrokenEvidence, Conflict, NodeRefused, NotFound, SuyuanError, Unavailable
from ledger.store.atomic import write_atomically

#: Sent again when the code is not there after this long: the node may have been killed with its pool.
RESEND_SECONDS = 3.0


@dataclass(frozen=True)
class _Plan:
    """What decides the addresses. `genesis` tells one chain from another with the same id."""

    chain_id: int
    genesis: str
    consortium: str
    first_nonce: int
    first_block: int


def deploy(
    client: Client,
    profile: Profile,
    signer: SignerClient,
    consortium_address: str,
    home: Home,
    *,
    timeout: float = 120.0,
) -> Deployment:
    """The deployment of this home, made if it is not there. A repeat looks, finds it whole and changes nothing.

    Conflict when the chain holds other code than this package's; Unavailable when node or signer is away, the account
    has no funds, or the blocks do not come within `timeout` seconds.
    """
    try:
        standing = Deployment.load(home)
    except NotFound:
        plan = _load_or_make_plan(client, consortium_address, home)
        addresses = {name: _created(consortium_address, plan.first_nonce + i) for i, name in enumerate(CONTRACTS)}
        planned = Deployment(plan.chain_id, plan.first_block, addresses, plan.genesis)
        _bring_onto_chain(client, profile, signer, plan, planned, timeout)
        planned.save(home)
        return planned
    client.require_chain(standing.chain_id, standing.genesis)
    missing = [name for name, there in _looked_at(client.by_quorum(), standing).items() if not there]
    if missing:
        raise Conflict(
            f"The contract {missing[0]} does not stand on this chain, although it was deployed.",
            where=str(home.deployment_file),
            hint="The chain was replaced. Bring it back, or start a new home.",
        )
    return standing


def _load_or_make_plan(client: Client, consortium: str, home: Home) -> _Plan:
    """The plan of an earlier run on this same chain, else a new one, written down."""
    file = home.path / "deployment.plan.json"
    chain_id, genesis = client.chain_id(), client.by_quorum().block(0).hash
    earlier = _earlier_plan(file)
    if earlier and (earlier.chain_id, earlier.genesis, earlier.consortium) == (chain_id, genesis, consortium):
        return earlier
    plan = _Plan(chain_id, genesis, consortium, client.nonce(consortium), client.head().number + 1)
    write_atomically(file, json.dumps(dataclasses.asdict(plan), indent=2).encode() + b"\n", mode=0o644)
    return plan


def _earlier_plan(file: Path) -> _Plan | None:
    try:
        return _Plan(**json.loads(file.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _bring_onto_chain(
    client: Client, profile: Profile, signer: SignerClient, plan: _Plan, planned: Deployment, timeout: float
) -> None:
    """Sends what is missing until all stands in a final block."""
    deadline, sent_at, said = time.monotonic() + timeout, float("-inf"), ""
    by_quorum = client.by_quorum()  # what stands where decides about all money that comes
    while True:
        used = by_quorum.nonce(plan.consortium, pending=False)  # before the code: a used nonce then shows its code
        head = client.head().number
        missing = [name for name, there in _looked_at(by_quorum, planned).items() if not there]
        if not missing and client.final_block() >= head:
            return
        lost = [name for name in missing if plan.first_nonce + CONTRACTS.index(name) < used]
        if lost:
            raise BrokenEvidence(
                f"The consortium's transaction that was to create {lost[0]} made no contract.",
                hint="Its account was used elsewhere. Delete deployment.plan.json in the home and deploy again.",
            )
        if missing and time.monotonic() - sent_at > RESEND_SECONDS:
            said = _send(client, signer, [_creation(name, plan, planned, profile) for name in missing])
            sent_at = time.monotonic()
        if time.monotonic() > deadline:
            left = ", ".join(missing) or "finality"
            raise Unavailable(
                f"The contracts do not stand after {timeout:g} seconds; missing: {left}.{said}",
                hint="See that the chain makes blocks, then try again: nothing is lost.",
            )
        time.sleep(min(profile.poll_seconds, 0.1))


def _creation(name: str, plan: _Plan, planned: Deployment, profile: Profile) -> SigningRequest:
    """The same bytes each time, so that a repeat is the same transaction."""
    code = bytecode(name) + encode_constructor(name, _constructor_args(name, plan, planned.addresses))
    transaction: dict[str, Any] = {
        "data": "0x" + code.hex(),
        "value": 0,
        # 200 gas a byte of stored code, 16 a byte sent (Yellow Paper, appendix G), and room for the constructor.
        "gas": 400_000 + 230 * len(code),
        "nonce": plan.first_nonce + CONTRACTS.index(name),
        "chainId": plan.chain_id,
        **profile.fee.fields(),
    }
    return SigningRequest(transaction, plan.consortium, None)


def _constructor_args(name: str, plan: _Plan, addresses: dict[str, str]) -> list[str]:
    members = addresses["Members"]
    match name:
        case "Members":
            return [plan.consortium]
        case "Credit":  # Its escrow is created after it; the address is known before.
            return [members, addresses["Escrow"]]
        case "Escrow":
            return [members, addresses["Rules"], addresses["Credit"]]
    return [members]


def _send(client: Client, signer: SignerClient, creations: list[SigningRequest]) -> str:
    """What the node said of the last one that it did not take, for the sentence if it never comes to stand."""
    raws = []
    for signed in signer.sign_many(creations):
        if isinstance(signed, SuyuanError):
            raise signed
        raws.append(signed)
    said = ""
    for answer in client.send_all(raws):
        if isinstance(answer, NodeRefused) and "insufficient funds" in str(answer).lower():
            raise Unavailable(
                f"The consortium's account {creations[0].account} cannot pay for the deployment: {answer}",
                hint="Fund it, then try again.",
            )
        if not isinstance(answer, str):  # "already known", "nonce too low" and the like: the code will tell.
            said = f" {answer}"
    return said


def _looked_at(client: Client, deployment: Deployment) -> dict[str, bool]:
    """Whether each contract stands; Conflict where other code stands in its place."""
    codes = client.codes([deployment.addresses[name] for name in CONTRACTS])
    for name, code in zip(CONTRACTS, codes, strict=True):
        if code and not is_code_of(name, code):
            raise Conflict(
                f"At {deployment.addresses[name]} stands other code than this package's {name}.",
                hint="Install the version of the package that deployed it, or start a new home.",
            )
    return {name: bool(code) for name, code in zip(CONTRACTS, codes, strict=True)}


def is_code_of(contract: str, code: bytes) -> bool:
    """Whether runtime code is this package's. solc puts it at the end of the creation code, with zeros where the
    constructor fills in immutable values (Solidity manual, "Layout of Immutable Variables")."""
    template = bytecode(contract)[-len(code) :]
    return len(template) == len(code) and all(ours in (0, theirs) for ours, theirs in zip(template, code, strict=True))


def _created(account: str, nonce: int) -> str:
    """keccak256(rlp([account, nonce])), the last 20 bytes (Yellow Paper, section 7)."""
    return str(to_checksum_address(keccak(rlp_encode([to_canonical_address(account), nonce]))[12:]))

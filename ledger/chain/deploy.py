"""Puts the contracts onto a chain: by the founding account, at addresses that its nonces decide.

The plan is written before anything is sent, so that a run that was killed at any point is taken up where it stands:
what has its code is skipped, what is missing is signed again with the same nonce.
"""

from __future__ import annotations

import time
from typing import Any

from ledger.chain.client import Client
from ledger.chain.constitution import CONSORTIUM, Constitution
from ledger.chain.contracts import Deployment
from ledger.chain.deployed_code import is_code_of, require_own_code, which_stand
from ledger.chain.deployment_plan import Plan, load_or_make_plan
from ledger.chain.directory import follow_directory
from ledger.chain.profiles import Profile
from ledger.chain.signer_client import SignerClient, SigningRequest
from ledger.config import Home
from ledger.errors import BrokenEvidence, NodeRefused, NotFound, SuyuanError, Unavailable

#: Sent again when the code is not there after this long: the node may have been killed with its pool.
RESEND_SECONDS = 3.0


def deploy(
    client: Client,
    profile: Profile,
    signer: SignerClient,
    founder: str,
    home: Home,
    *,
    constitution: Constitution = CONSORTIUM,
    timeout: float = 120.0,
) -> Deployment:
    """The deployment of this home, made if it is not there. A repeat looks, finds it whole and changes nothing but
    what the Council has replaced since.

    Conflict when the chain holds other code than this package's, or another home's ledger; BadInput when the node serves
    another chain than this home's; Unavailable when node or signer is away, the account has no funds, or the blocks do
    not come within `timeout` seconds.
    """
    try:
        standing = Deployment.load(home)
    except NotFound:
        plan = load_or_make_plan(client, profile, founder, constitution, home)
        planned = plan.deployment()
        _bring_onto_chain(client, profile, signer, plan, planned, timeout)
        planned.save(home)
        return planned
    client.require_chain(standing.chain_id, standing.genesis)
    by_quorum = client.by_quorum()  # what stands where decides about all money that comes
    directory = standing.addresses.get("Directory")
    if directory and is_code_of("Directory", by_quorum.code(directory)):
        standing = follow_directory(by_quorum, standing, home)
    require_own_code(by_quorum, standing)
    return standing


def _bring_onto_chain(
    client: Client, profile: Profile, signer: SignerClient, plan: Plan, planned: Deployment, timeout: float
) -> None:
    """Sends what is missing until all stands in a final block."""
    deadline, sent_at, said = time.monotonic() + timeout, float("-inf"), ""
    by_quorum = client.by_quorum()
    while True:
        used = by_quorum.nonce(plan.founder, pending=False)  # before the code: a used nonce then shows its code
        head = client.head().number
        missing = [name for name, there in which_stand(by_quorum, planned).items() if not there]
        if not missing and client.final_block() >= head:
            return
        lost = [name for name in missing if plan.nonce_of(name) < used]
        if lost:
            raise BrokenEvidence(
                f"The founding account's transaction that was to create {lost[0]} made no contract.",
                hint="The account was used elsewhere. Delete deployment.plan.json in the home and deploy again.",
            )
        if missing and time.monotonic() - sent_at > RESEND_SECONDS:
            said = _send(client, signer, [_creation(name, plan, profile) for name in missing])
            sent_at = time.monotonic()
        if time.monotonic() > deadline:
            left = ", ".join(missing) or "finality"
            raise Unavailable(
                f"The contracts do not stand after {timeout:g} seconds; missing: {left}.{said}",
                hint="See that the chain makes blocks, then try again: nothing is lost.",
            )
        time.sleep(min(profile.poll_seconds, 0.1))


def _creation(name: str, plan: Plan, profile: Profile) -> SigningRequest:
    code = plan.creation_code(name)
    transaction: dict[str, Any] = {
        "data": "0x" + code.hex(),
        "value": 0,
        # 200 gas a byte of stored code, 16 a byte sent (Yellow Paper, appendix G), and room for the constructor.
        "gas": 700_000 + 230 * len(code),
        "nonce": plan.nonce_of(name),
        "chainId": plan.chain_id,
        **profile.fee.fields(),
    }
    return SigningRequest(transaction, plan.founder, None)


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
                f"The founding account {creations[0].account} cannot pay for the deployment: {answer}",
                hint="Fund it, then try again.",
            )
        if not isinstance(answer, str):  # "already known", "nonce too low" and the like: the code will tell.
            said = f" {answer}"
    return said

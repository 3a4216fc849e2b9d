"""A seat's acts on the Council, queued under its own session: propose, vote, take back, stop, lift; and anyone's, execute.

Each is queued in the caller's write transaction and followed to its final block like everything that this home sends.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection

from ledger.chain.contracts import Deployment, selector_of
from ledger.chain.outbox import Intent, QueuedOutcome, queue_repeatable
from ledger.chain.roles import Role
from ledger.errors import BadInput
from ledger.govern.acts import Act
from ledger.settle.acting import Acting, require_role

MOST_REASON = 1_000
#: Credit's functions that take earned money out: no stop holds them, and the contract refuses to try.
NEVER_STOPPED = ("withdraw", "bookWithdrawals", "returnWithdrawal")


def propose(
    connection: Connection, deployment: Deployment, acting: Acting, act: Act, reason: str, *, now: int
) -> QueuedOutcome:
    """Proposes the act; the proposer's own vote is yes. NotAllowed without a seat; BadInput without a reason.

    The same may be proposed again once the first proposal stands on the chain: that is a proposal of its own.
    """
    require_role(acting, Role.COUNCIL, "propose")
    reason = reason.strip()
    if not reason or len(reason) > MOST_REASON:
        raise BadInput(
            "A proposal needs a reason that all can read.", hint=f"Say why, in at most {MOST_REASON} characters."
        )
    digest = hashlib.sha256(act.data + reason.encode()).hexdigest()[:16]
    key = f"propose:{acting.member.member}:{act.target}:{digest}"
    return _queue(connection, deployment, acting, key, "propose", (act.target, act.data, reason), now)


def vote(
    connection: Connection, deployment: Deployment, acting: Acting, proposal: int, yes: bool, *, now: int
) -> QueuedOutcome:
    """A seat's yes or no; a no in the delay is the objection. It may change its mind until the proposal is closed."""
    require_role(acting, Role.COUNCIL, "vote")
    key = f"vote:{acting.member.member}:{proposal}"
    return _queue(connection, deployment, acting, key, "vote", (proposal, yes), now)


def withdraw_proposal(
    connection: Connection, deployment: Deployment, acting: Acting, proposal: int, *, now: int
) -> QueuedOutcome:
    """Takes back one's own proposal, for ever."""
    require_role(acting, Role.COUNCIL, "take back a proposal")
    return _queue(connection, deployment, acting, f"withdraw proposal:{proposal}", "withdrawProposal", (proposal,), now)


def execute(
    connection: Connection, deployment: Deployment, acting: Acting, proposal: int, *, now: int
) -> QueuedOutcome:
    """Makes the proposal's call; any member may send it, once the delay is over and while the quorum holds."""
    return _queue(connection, deployment, acting, f"execute:{proposal}", "execute", (proposal,), now)


def call_stop(
    connection: Connection,
    deployment: Deployment,
    acting: Acting,
    contract: str,
    function: str,
    seconds: int,
    reason: str,
    *,
    now: int,
) -> QueuedOutcome:
    """Asks to stop a function for a while; it stops when enough seats have asked. BadInput for one that never stops."""
    require_role(acting, Role.COUNCIL, "ask for a stop")
    if contract == "Credit" and function in NEVER_STOPPED:
        raise BadInput(
            f"{contract}.{function} is never stopped: what is earned can always be taken out.",
            hint="Freeze a member's account by a proposal instead, if a court says so.",
        )
    if not reason.strip():
        raise BadInput("A stop needs a reason that all can read.", hint="Say why.")
    args = (deployment.address(contract), selector_of(contract, function), seconds, reason.strip())
    key = f"stop:{acting.member.member}:{contract}.{function}"
    return _queue(connection, deployment, acting, key, "callStop", args, now)


def call_lift(
    connection: Connection, deployment: Deployment, acting: Acting, contract: str, function: str, *, now: int
) -> QueuedOutcome:
    """Asks to end a stop before its time, as call_stop."""
    require_role(acting, Role.COUNCIL, "ask for the end of a stop")
    args = (deployment.address(contract), selector_of(contract, function))
    key = f"lift:{acting.member.member}:{contract}.{function}"
    return _queue(connection, deployment, acting, key, "callLift", args, now)


def _queue(
    connection: Connection,
    deployment: Deployment,
    acting: Acting,
    key: str,
    function: str,
    args: tuple[object, ...],
    now: int,
) -> QueuedOutcome:
    # No gas stated: the estimate tells a refusal in the contract's own words before a nonce is spent.
    intent = Intent(key, acting.account, "Council", function, args, acting.authority)
    return queue_repeatable(connection, deployment, intent, now)

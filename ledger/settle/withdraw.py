"""A payee withdraws credit: from its available balance into transit, until the bank has booked the payment."""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, select

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import Intent, QueuedOutcome, queue
from ledger.errors import BadInput, Conflict, NotAllowed
from ledger.settle.acting import Acting, require_treasury
from ledger.settle.balances import balances_of
from ledger.settle.batches import content_key
from ledger.settle.money import amount_text
from ledger.settle.under_way import calls_under_way
from ledger.store.schema import frozen, outbox


def withdraw(
    connection: Connection, deployment: Deployment, acting: Acting, amount_fen: int, reference: str, *, now: int
) -> QueuedOutcome:
    """Queues a withdrawal in the caller's write transaction. `reference` is the member's own name for it: the same
    reference with the same amount again is the same withdrawal; with another amount it is a Conflict.

    A member of any standing withdraws what it has earned, also one that was suspended or expelled. NotAllowed when its
    account is frozen, or for an operator without the treasury; BadInput when the amount is not positive or more than is
    available beside what is on its way already.
    """
    require_treasury(acting, "withdraw")
    member = acting.member.member
    if not reference.strip():
        raise BadInput("A withdrawal needs a reference.", hint="Name it, for example by the day.")
    if amount_fen <= 0:
        raise BadInput(
            f"A withdrawal of {amount_text(amount_fen)} yuan is not possible: it must be positive.",
            hint="Withdraw at least 0.01.",
        )
    hashed = hashlib.sha256(reference.encode()).hexdigest()
    intent = Intent(
        _key(member, reference),
        acting.account,
        "Credit",
        "withdraw",
        (amount_fen, hashed),
        acting.authority,
    )
    if withdrawal_queued(connection, member, reference) is None:
        require_credit(connection, acting, amount_fen)
    try:
        return queue(connection, deployment, intent, now)
    except Conflict:
        raise Conflict(
            f"The reference {reference!r} was used before for another amount.", hint="Give this withdrawal its own."
        ) from None


def available_to_withdraw(connection: Connection, acting: Acting) -> int:
    """Fen available beside what is on its way out already, and what is owed, which is paid first."""
    calls = calls_under_way(connection, "Credit", ["withdraw", "transfer", "payIntoFund"], member=acting.member.member)
    balances = balances_of(connection, acting.member.member)
    going = sum(int(call.args["amountFen"]) for call in calls)
    opening = calls_under_way(connection, "Campaigns", ["open"], member=acting.member.member)
    going += sum(int(call.args["terms"]["budgetFen"]) for call in opening)
    return balances.available_fen - min(balances.owed_fen, balances.available_fen) - going


def withdrawal_queued(connection: Connection, member: int, reference: str) -> int | None:
    """The outbox row of the withdrawal that the member named so; None when there is none, or it was refused."""
    query = select(outbox.c.id).where(outbox.c.key == _key(member, reference), outbox.c.state != "reverted")
    return connection.execute(query).scalar_one_or_none()


def _key(member: int, reference: str) -> str:
    return content_key("withdraw", member, reference)


def require_credit(connection: Connection, acting: Acting, amount_fen: int) -> None:
    """NotAllowed when the account is frozen; BadInput when it has less."""
    reason = connection.execute(
        select(frozen.c.reason).where(frozen.c.member == acting.member.member)
    ).scalar_one_or_none()
    if reason is not None:
        raise NotAllowed(f"The account of {acting.member.name} is frozen: {reason}", hint="Ask the consortium.")
    available = available_to_withdraw(connection, acting)
    if amount_fen > available:
        raise BadInput(
            f"{acting.member.name} has {amount_text(available)} yuan available, not {amount_text(amount_fen)}.",
            hint="Take less, or wait for the next payout.",
            available_fen=available,
        )

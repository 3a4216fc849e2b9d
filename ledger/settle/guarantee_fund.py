"""The guarantee fund: what pays a refund when its payee has spent the money. Members pay in; the Council pays out."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import Intent, QueuedOutcome, queue
from ledger.errors import BadInput, Conflict
from ledger.settle.acting import Acting, require_treasury
from ledger.settle.batches import content_key
from ledger.settle.withdraw import require_credit
from ledger.store.schema import debt, entry, outbox


@dataclass(frozen=True)
class GuaranteeFund:
    """Fen in the fund; what members owe to it and to shoppers; what of that shoppers wait for."""

    fund_fen: int
    owed_fen: int
    due_fen: int


def guarantee_fund(connection: Connection) -> GuaranteeFund:
    """As the rows have it."""
    held = connection.execute(select(func.sum(entry.c.amount_fen)).where(entry.c.account == "fund")).scalar()
    owed, due = connection.execute(select(func.sum(debt.c.owed_fen), func.sum(debt.c.due_fen))).one()
    return GuaranteeFund(int(held or 0), int(owed or 0), int(due or 0))


def pay_into_fund(
    connection: Connection, deployment: Deployment, acting: Acting, amount_fen: int, reference: str, *, now: int
) -> QueuedOutcome:
    """Queues the payment in the caller's write transaction. `reference` is the member's own name for it: the same
    reference with the same amount again is the same payment; with another amount it is a Conflict.

    NotAllowed when the account is frozen, or for an operator without the treasury; BadInput when the amount is not
    positive or more than is available.
    """
    require_treasury(acting, "pay into the guarantee fund")
    if not reference.strip():
        raise BadInput("A payment into the fund needs a reference.", hint="Name it, for example by the month.")
    if amount_fen <= 0:
        raise BadInput("A payment into the fund must be positive.", hint="Pay at least 0.01.")
    key = content_key("fund", acting.member.member, reference)
    stands = select(outbox.c.id).where(outbox.c.key == key, outbox.c.state != "reverted")
    if connection.execute(stands).scalar_one_or_none() is None:
        require_credit(connection, acting, amount_fen)
    intent = Intent(key, acting.account, "Credit", "payIntoFund", (amount_fen,), acting.authority)
    try:
        return queue(connection, deployment, intent, now)
    except Conflict:
        raise Conflict(
            f"The reference {reference!r} was used before for another amount.", hint="Give this payment its own."
        ) from None

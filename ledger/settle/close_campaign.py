"""Anyone closes a campaign that has ended: what it neither spent nor reserved is its sponsor's again."""

from __future__ import annotations

from sqlalchemy import Connection

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import Intent, QueuedOutcome, queue
from ledger.errors import BadInput
from ledger.settle.acting import Acting
from ledger.settle.batches import content_key
from ledger.settle.campaign_rows import budget_of, campaign_row


def close_campaign(
    connection: Connection, deployment: Deployment, acting: Acting, number: int, *, now: int
) -> QueuedOutcome | None:
    """Queues it in the caller's write transaction; None when nothing is left to give back. BadInput for an unknown campaign
    and before its end."""
    row = campaign_row(connection, number)
    if now < row.ends:
        raise BadInput(
            f"Campaign {number} has not ended.", hint="Orders may still be placed under it; close it after its end."
        )
    budget = budget_of(connection, number)
    if budget.free_fen == 0:
        return None
    key = content_key("campaign-close", number, budget.returned_fen)
    return queue(
        connection, deployment, Intent(key, acting.account, "Campaigns", "close", (number,), acting.authority), now
    )

"""A capture job and what became of each of its statements on the chain."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from ledger.errors import NotFound
from ledger.store.schema import capture_job, captured, outbox, statement


@dataclass(frozen=True)
class ChainState:
    """Where a statement is: queued, signed, sent, final (mined, not indexed yet), recorded (indexed), reverted.
    `error` is a sentence when the contract refused."""

    state: str
    block: int | None = None
    tx_hash: str | None = None
    recorded_at: int | None = None
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if value is not None}


def job_of(connection: Connection, job: str, member: int) -> Row[Any]:
    """The member's own job; NotFound for another's as for none."""
    row = connection.execute(select(capture_job).where(capture_job.c.id == job, capture_job.c.member == member)).first()
    if row is None:
        raise NotFound(
            f"There is no capture job {job} of yours.",
            where=job,
            hint="Use the Location that POST /epcis/capture answered.",
        )
    return row


def job_state(connection: Connection, job: str, member: int) -> dict[str, Any]:
    """The job as EPCIS 2.0 (section 12.6.2, EPCISCaptureJob) names it, with each event's outcome and chain state."""
    row = job_of(connection, job, member)
    result = json.loads(row.result)
    events = result["events"]
    states = chain_states(connection, [event["commitment"] for event in events], member)
    told = [
        {
            "position": event["position"],
            "eventHash": event["event_hash"],
            "ni": event["ni"],
            "commitment": event["commitment"],
            "outcome": event["outcome"],
            "chain": states[event["commitment"]].as_json(),
        }
        for event in events
    ]
    running = any(states[event["commitment"]].state in ("queued", "signed", "sent", "final") for event in events)
    failed = any(states[event["commitment"]].state == "reverted" for event in events)
    return {
        "captureID": row.id,
        "createdAt": row.created_at,
        "running": running,
        "success": not failed and not result["refused"],
        "captureErrorBehaviour": row.error_behaviour,
        "document": row.document,
        "events": told,
        "accepted": sum(event["outcome"] == "accepted" for event in events),
        "repeated": sum(event["outcome"] == "repeated" for event in events),
        "errors": result["refused"],
    }


def chain_states(connection: Connection, commitments: list[str], member: int) -> dict[str, ChainState]:
    """The state of each commitment that the member said."""
    states = {one: ChainState("unknown") for one in commitments}
    under_way = (
        select(captured.c.commitment, outbox.c.state, outbox.c.block, outbox.c.tx_hash, outbox.c.error)
        .join(outbox, outbox.c.id == captured.c.outbox)
        .where(captured.c.commitment.in_(commitments), captured.c.member == member)
    )
    for row in connection.execute(under_way):
        states[row.commitment] = ChainState(row.state, row.block, row.tx_hash, None, row.error)
    on_chain = select(statement).where(statement.c.commitment.in_(commitments), statement.c.member == member)
    for row in connection.execute(on_chain):
        states[row.commitment] = ChainState("recorded", row.block, row.tx_hash, row.recorded_at)
    return states

"""Captures a document in a member's name: checked, hashed, salted, stored, and its statements queued for the chain.

One story, in order: (1) read and check, (2) who may, (3) salt and commit, (4) set aside what this member said before,
(5) store the document and the openings, (6) queue the transaction in the same database transaction as the job. Nothing is
written before (5); after (6) the sender takes over.
"""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, select

from ledger.chain.outbox import Intent, queue
from ledger.chain.roles import EVIDENCE, Role
from ledger.chain.session import Authority
from ledger.chain.typed_data import Grant
from ledger.context import Ledger
from ledger.errors import BadInput, NotAllowed
from ledger.settle.deliver_by_event import queue_deliveries_by_event
from ledger.store.database import read, write
from ledger.store.documents import Opening
from ledger.store.queries.members import MemberRow, require_active
from ledger.store.schema import capture_job, captured, outbox, statement
from ledger.trace.epcis import Document, Event, read_document

Behaviour = Literal["rollback", "proceed"]
Outcome = Literal["accepted", "repeated"]

MOST_STATEMENTS_A_TRANSACTION = 400
GAS_BASE, GAS_A_STATEMENT = 150_000, 45_000


@dataclass(frozen=True)
class SignedGrant:
    """A member's grant with its EIP-712 signature: the API's own account sends under it."""

    grant: Grant
    signature: bytes


@dataclass(frozen=True)
class CapturedEvent:
    """What became of one event. `repeated`: this member said the same before; nothing changed."""

    position: int
    event_hash: str
    ni: str
    commitment: str
    outcome: Outcome


@dataclass(frozen=True)
class CaptureResult:
    """A capture job: what was accepted, what was a repeat, what was refused, and the transactions that carry it."""

    job: str
    document: str | None
    events: tuple[CapturedEvent, ...]
    refused: tuple[BadInput, ...]
    outbox_ids: tuple[int, ...]

    @property
    def accepted(self) -> tuple[CapturedEvent, ...]:
        return tuple(event for event in self.events if event.outcome == "accepted")


def capture(
    ledger: Ledger,
    data: bytes,
    *,
    source: str,
    member: MemberRow,
    authority: Authority,
    behaviour: Behaviour = "rollback",
    grant: SignedGrant | None = None,
) -> CaptureResult:
    """Captures an EPCIS 2.0 document (JSON or XML) as `member`.

    `authority` is the session under which the member's signer works for us. With `grant`, the API's own account sends the
    statements; otherwise the member's account does. Errors: BadDocument (with `rollback`, one bad event refuses all),
    NotAllowed (no evidence role, suspended), Unavailable (signer, disk).
    """
    document = read_document(data, source=source, behaviour=behaviour)
    _require_evidence_role(member)
    openings = _open_commitments(ledger, data, document, member, authority)
    with read(ledger.engine) as connection:
        _, fresh = _sort_out(connection, document.events, openings)
    if fresh:
        ledger.documents.put(data)
        for opening in fresh:
            ledger.documents.put_opening(opening)
    job = str(uuid.uuid4())
    with write(ledger.engine) as connection:
        # Again, now that nobody else writes: the same document may have come in twice at once.
        events, fresh = _sort_out(connection, document.events, openings)
        digest = openings[0].document if fresh else None
        outbox_ids = _queue(
            connection, ledger, job, member, authority, grant, fresh, digest, behaviour, events, document.refused
        )
        if Role.CARRIER in Role(member.roles) and grant is None:
            for event, opening in zip(document.events, openings, strict=True):
                outbox_ids += queue_deliveries_by_event(
                    connection,
                    ledger.deployment,
                    member,
                    event.biz_transactions,
                    event.biz_step,
                    opening.commitment,
                    authority,
                    int(time.time()),
                )
    return CaptureResult(job, digest, events, document.refused, tuple(outbox_ids))


def _require_evidence_role(member: MemberRow) -> None:
    require_active(member, "record events")
    if not Role(member.roles) & EVIDENCE:
        raise NotAllowed(
            f"{member.name} is admitted as {Role(member.roles).words()}, which may not record events.",
            hint=f"Capture as a member with one of these roles: {EVIDENCE.words()}.",
        )


def _open_commitments(
    ledger: Ledger, data: bytes, document: Document, member: MemberRow, authority: Authority
) -> list[Opening]:
    """The commitment of each event, SHA-256(salt ‖ event hash), with what opens it."""
    hashes = [event.hash.hex for event in document.events]
    salts = ledger.signer.salts(member.account, hashes, authority) if hashes else []
    digest = hashlib.sha256(data).hexdigest()
    return [
        Opening(
            commitment=hashlib.sha256(bytes.fromhex(salt) + bytes.fromhex(event.hash.hex)).hexdigest(),
            salt=salt,
            event_hash=event.hash.hex,
            document=digest,
            position=event.position,
            member=member.member,
        )
        for event, salt in zip(document.events, salts, strict=True)
    ]


def _already_said(connection: Connection, commitments: Sequence[str]) -> set[str]:
    """Those that stand on the chain, or that this home has accepted and is sending."""
    said: set[str] = set()
    for start in range(0, len(commitments), 500):  # SQLite bounds the variables of a statement
        said |= _said_among(connection, commitments[start : start + 500])
    return said


def _said_among(connection: Connection, commitments: Sequence[str]) -> set[str]:
    on_chain = select(statement.c.commitment).where(statement.c.commitment.in_(commitments))
    under_way = (
        select(captured.c.commitment)
        .join(outbox, outbox.c.id == captured.c.outbox)
        .where(captured.c.commitment.in_(commitments), outbox.c.state != "reverted")
    )
    return set(connection.execute(on_chain).scalars()) | set(connection.execute(under_way).scalars())


def _sort_out(
    connection: Connection, events: Sequence[Event], openings: Sequence[Opening]
) -> tuple[tuple[CapturedEvent, ...], list[Opening]]:
    """Each event's outcome, and the openings that are new; the same event twice in one document counts once."""
    seen = _already_said(connection, [opening.commitment for opening in openings])
    outcomes, fresh = [], []
    for event, opening in zip(events, openings, strict=True):
        new = opening.commitment not in seen
        seen.add(opening.commitment)
        if new:
            fresh.append(opening)
        outcome: Outcome = "accepted" if new else "repeated"
        outcomes.append(CapturedEvent(event.position, opening.event_hash, event.hash.ni, opening.commitment, outcome))
    return tuple(outcomes), fresh


def _queue(
    connection: Connection,
    ledger: Ledger,
    job: str,
    member: MemberRow,
    authority: Authority,
    grant: SignedGrant | None,
    fresh: Sequence[Opening],
    document: str | None,
    behaviour: Behaviour,
    events: Sequence[CapturedEvent],
    refused: Sequence[BadInput],
) -> list[int]:
    """The job, its statements and the transactions that carry them, in the caller's transaction."""
    now = int(time.time())
    connection.execute(
        capture_job.insert().values(
            id=job,
            member=member.member,
            created_at=now,
            error_behaviour=behaviour,
            document=document,
            result=json.dumps(
                {
                    "events": [event.__dict__ for event in events],
                    "refused": [{"what": bad.what, "where": bad.where, "hint": bad.hint} for bad in refused],
                },
                ensure_ascii=False,
            ),
        )
    )
    ids = []
    for start in range(0, len(fresh), MOST_STATEMENTS_A_TRANSACTION):
        part = fresh[start : start + MOST_STATEMENTS_A_TRANSACTION]
        queued = queue(connection, ledger.deployment, _intent(ledger, member, authority, grant, part, job), now)
        ids.append(queued.id)
        for opening in part:
            connection.execute(captured.delete().where(captured.c.commitment == opening.commitment))
            connection.execute(
                captured.insert().values(
                    commitment=opening.commitment,
                    member=member.member,
                    event_hash=opening.event_hash,
                    job=job,
                    outbox=queued.id,
                )
            )
    return ids


def _intent(
    ledger: Ledger,
    member: MemberRow,
    authority: Authority,
    grant: SignedGrant | None,
    part: Sequence[Opening],
    job: str,
) -> Intent:
    commitments = [bytes.fromhex(opening.commitment) for opening in part]
    gas = GAS_BASE + GAS_A_STATEMENT * len(part)
    key = f"record:{job}:{part[0].commitment}"
    if grant is None:
        return Intent(key, member.account, "Statements", "record", (commitments,), authority, gas)
    return Intent(
        key,
        ledger.relay_account,
        "Statements",
        "recordFor",
        (commitments, grant.grant.as_tuple(), grant.signature),
        None,
        gas,
    )

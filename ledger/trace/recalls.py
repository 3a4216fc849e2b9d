"""Recalling a lot: its product's owner, or a regulator, calls it back. Its pages say so from that block on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import Intent, queue
from ledger.chain.roles import Role
from ledger.chain.session import Authority
from ledger.errors import BadInput, NotAllowed, NotFound
from ledger.store.queries.members import MemberRow, require_active
from ledger.store.schema import product, recall
from ledger.trace.gs1 import check_gtin, check_lot

RECALL_GAS = 400_000


@dataclass(frozen=True)
class RecallOutcome:
    """`outbox_ids` carry the act; empty when the lot was recalled already and nothing changed."""

    gtin: str
    lot: str
    outbox_ids: tuple[int, ...]
    repeated: bool


def open_recall(
    connection: Connection,
    deployment: Deployment,
    member: MemberRow,
    gtin: str,
    lot: str,
    reason: str,
    authority: Authority,
    now: int,
) -> RecallOutcome:
    """Queues the recall in the caller's write transaction. A lot that is recalled already stays so.

    NotAllowed when the member is suspended, or neither owns the GTIN nor regulates; BadInput without a reason.
    """
    gtin, lot = check_gtin(gtin, where="/gtin"), check_lot(lot, where="/lot")
    _require_entitled(connection, member, gtin)
    if not reason.strip():
        raise BadInput("A recall needs a reason.", where="/reason", hint="Say in plain words why.")
    past = _recalls(connection, gtin, lot)
    if past and past[-1].closed_at is None:
        return RecallOutcome(gtin, lot, (), repeated=True)
    return _queue(connection, deployment, member, "openRecall", gtin, lot, len(past), (reason.strip(),), authority, now)


def close_recall(
    connection: Connection,
    deployment: Deployment,
    member: MemberRow,
    gtin: str,
    lot: str,
    authority: Authority,
    now: int,
) -> RecallOutcome:
    """Queues the end of the recall that stands. NotFound when none does; NotAllowed as for opening."""
    gtin, lot = check_gtin(gtin, where="/gtin"), check_lot(lot, where="/lot")
    _require_entitled(connection, member, gtin)
    past = _recalls(connection, gtin, lot)
    if not past or past[-1].closed_at is not None:
        raise NotFound(f"Lot {lot} of GTIN {gtin} is not recalled.", where="/lot", hint="Check the lot.")
    return _queue(connection, deployment, member, "closeRecall", gtin, lot, len(past), (), authority, now)


def _queue(
    connection: Connection,
    deployment: Deployment,
    member: MemberRow,
    function: str,
    gtin: str,
    lot: str,
    number: int,
    more: tuple[Any, ...],
    authority: Authority,
    now: int,
) -> RecallOutcome:
    # Numbered: a lot may be recalled again after its recall was closed.
    key = f"{function}:{gtin}:{lot}:{number}"
    intent = Intent(key, member.account, "Recalls", function, (int(gtin), lot, *more), authority, RECALL_GAS)
    outcome = queue(connection, deployment, intent, now)
    return RecallOutcome(gtin, lot, (outcome.id,), repeated=not outcome.new)


def _require_entitled(connection: Connection, member: MemberRow, gtin: str) -> None:
    require_active(member, "recall goods")
    owner = connection.execute(select(product.c.member).where(product.c.gtin == gtin)).scalar()
    if owner != member.member and Role.REGULATOR not in Role(member.roles):
        raise NotAllowed(
            f"{member.name} may not recall GTIN {gtin}.",
            where="/gtin",
            hint="Only the GTIN's owner or a regulator may.",
        )


def _recalls(connection: Connection, gtin: str, lot: str) -> list[Row[Any]]:
    query = select(recall).where(recall.c.gtin == gtin, recall.c.lot == lot)
    return list(connection.execute(query.order_by(recall.c.opened_block, recall.c.opened_log_index)))

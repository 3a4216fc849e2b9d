"""Calls that this home has queued or sent and that its rows do not show yet.

Between queueing and indexing lies a block or two. Who decides by rows alone would, in that time, act twice or let an
order number be used twice; the contracts would refuse it, and with it everything else in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, and_, func, or_, select

from ledger.chain.contracts import DecodedCall, decode_call
from ledger.store.schema import cursor, member_key, outbox


def calls_under_way(
    connection: Connection, contract: str, functions: Sequence[str], *, member: int | None = None
) -> list[DecodedCall]:
    """The calls, oldest first: not refused, and not in a block that is indexed already; of `member` by any key of it."""
    indexed = select(cursor.c.next_block).where(cursor.c.name == "ledger").scalar_subquery()
    query = select(outbox.c.data).where(
        outbox.c.contract == contract,
        outbox.c.function.in_(functions),
        # Each by the index: acts that ended long ago are many.
        or_(
            outbox.c.state.in_(("queued", "signed", "sent")),
            and_(outbox.c.state == "final", outbox.c.block.is_(None)),
            and_(outbox.c.state == "final", outbox.c.block >= func.coalesce(indexed, 0)),
        ),
    )
    if member is not None:
        query = query.where(outbox.c.account.in_(select(member_key.c.key).where(member_key.c.member == member)))
    rows = connection.execute(query.order_by(outbox.c.id)).scalars()
    return [decode_call(contract, bytes.fromhex(data.removeprefix("0x"))) for data in rows]

"""Reading the feed table: what happened on the chain, in order, with the members each row concerns.

A row's place is `(block, log_index, turn)`. The turn counts the chain's reorganisations so far: after one, the same
block and log may say something else, and whoever comes back with a place of an earlier turn hears first what no longer
holds. As text it is `block-log_index`, and `block-log_index~turn` from the first reorganisation on.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, Connection, Engine, Integer, bindparam, func, select, tuple_

from ledger.errors import BadInput
from ledger.store.database import read
from ledger.store.schema import block, feed, order, reorganisation

PUBLIC_KINDS = frozenset(
    {
        "statement_recorded",
        "items_committed",
        "recall_opened",
        "recall_closed",
        "grant_revoked",
        "member_admitted",
        "roles_changed",
        "member_suspended",
        "member_reinstated",
        "location_assigned",
        "product_assigned",
        "governance_handed_over",
        "registrar_set",
        "member_expelled",
        "member_left",
        "account_rotated",
        "account_reset",
        "operator_set",
        "key_revoked",
        "function_stopped",
        "function_lifted",
        "constitution_changed",
        "proposal_made",
        "vote_cast",
        "proposal_passed",
        "proposal_fell",
        "proposal_executed",
        "proposal_withdrawn",
        "stop_called",
        "lift_called",
        "validator_wanted",
        "validator_unwanted",
        "contract_pointed",
        "escrow_admitted",
        "escrow_retired",
    }
)
"""What everybody may hear. All other kinds are about orders, rules and money, and are heard by their parties only."""

REORGANISED: Final = "reorganised"
"""The kind of a row that is in no table: blocks were replaced, and what was told of them no longer holds."""

_LAST_LOG: Final = 999_999_999


class Position(NamedTuple):
    """A place in the feed; see the module."""

    block: int
    log_index: int
    turn: int = 0


BEGINNING = Position(-1, -1)


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One row. `parties` are the members that may hear it when its kind is not public; `lots` every lot that it is
    about; `at` the time of its block in Unix seconds, None where that is not known."""

    position: Position
    kind: str
    member: int | None
    lot_key: str | None
    order_id: str | None
    data: str
    parties: frozenset[int]
    lots: frozenset[str] = frozenset()
    at: int | None = None

    @property
    def id(self) -> str:
        return text_of(self.position)

    @property
    def for_each(self) -> bool:
        """Whether it tells each payee only of its own part."""
        return '"parts_fen":' in self.data

    def told(self, listener: int | None = None) -> dict[str, object]:
        """What a listener reads: the row's own data, its kind, party, lot and order. Parts of a split are told whole to
        the party that it concerns most, and to each payee its own."""
        data = json.loads(self.data)
        if self.for_each and listener != self.member:
            own = [
                (payee, fen) for payee, fen in zip(data["payees"], data["parts_fen"], strict=True) if payee == listener
            ]
            data |= {"payees": [payee for payee, _ in own], "parts_fen": [fen for _, fen in own]}
        return {
            **data,
            "kind": self.kind,
            "party": self.member,
            "lot": self.lot_key,
            "order": self.order_id,
        }


class Page(NamedTuple):
    """Rows in order, and the place behind which the next page begins."""

    rows: list[FeedRow]
    at: Position


def text_of(position: Position) -> str:
    place = f"{position.block}-{position.log_index}"
    return f"{place}~{position.turn}" if position.turn else place


def position_of(text: str) -> Position:
    """Reads what `text_of` writes; BadInput for anything else."""
    matched = re.fullmatch(r"(?:(\d{1,18})-(\d{1,9})|-1--1)(?:~(\d{1,9}))?", text, re.ASCII)
    if not matched:
        raise BadInput(
            f"{text[:40]!r} is no position in the feed.",
            where="Last-Event-ID",
            hint="Send the id of the last event received, or none.",
        )
    block, log_index = (matched[1], matched[2]) if matched[1] else BEGINNING[:2]
    return Position(int(block), int(log_index), int(matched[3] or 0))


def last_position(connection: Connection) -> Position:
    """The place behind all that stands."""
    row = connection.execute(
        select(feed.c.block, feed.c.log_index).order_by(feed.c.block.desc(), feed.c.log_index.desc()).limit(1)
    ).first()
    turn = _turn(connection)
    return Position(row.block, row.log_index, turn) if row else Position(*BEGINNING[:2], turn)


def page_after(engine: Engine, after: Position, limit: int = 500) -> Page:
    """The rows behind `after`, at most `limit`, in one unchanging view.

    The first of them is of the kind `reorganised` where blocks up to `after` were replaced since its turn; the rows
    behind their common ancestor follow.
    """
    with read(engine) as connection:
        turn = _turn(connection)
        rows: list[FeedRow] = []
        if turn > after.turn:
            ancestor = connection.execute(
                select(func.min(reorganisation.c.ancestor)).where(reorganisation.c.id > after.turn)
            ).scalar_one()
            replaced = after.block > ancestor
            after = Position(ancestor, _LAST_LOG, turn) if replaced else after._replace(turn=turn)
            if replaced:
                rows.append(_reorganised(after))
        else:
            after = after._replace(turn=turn)
        rows += _rows(connection, after, limit)
    return Page(rows, rows[-1].position if rows else after)


def _turn(connection: Connection) -> int:
    return connection.execute(_TURN).scalar_one() or 0


def _reorganised(position: Position) -> FeedRow:
    data = json.dumps({"ancestor": position.block})
    return FeedRow(position, REORGANISED, None, None, None, data, frozenset())


_ROWS = (
    select(
        feed,
        order.c.merchant,
        order.c.carrier,
        block.c.timestamp,
    )
    .select_from(
        feed.outerjoin(order, feed.c.order_id == order.c.order_id).outerjoin(block, feed.c.block == block.c.number)
    )
    .where(
        tuple_(feed.c.block, feed.c.log_index)
        > tuple_(bindparam("block", type_=BigInteger), bindparam("log_index", type_=Integer))
    )
    .order_by(feed.c.block, feed.c.log_index)
    .limit(bindparam("limit"))
)
_TURN = select(func.max(reorganisation.c.id))


def _rows(connection: Connection, after: Position, limit: int) -> list[FeedRow]:
    found = connection.execute(_ROWS, {"block": after.block, "log_index": after.log_index, "limit": limit})
    return [
        FeedRow(
            position=Position(row.block, row.log_index, after.turn),
            kind=row.kind,
            member=row.member,
            lot_key=row.lot_key,
            order_id=row.order_id,
            data=row.data,
            parties=frozenset(
                one for one in (row.member, row.merchant, row.carrier, data.get("carrier")) if one is not None
            )
            | frozenset(data.get("payees", ())),
            lots=frozenset(data.get("lots", ())) | ({row.lot_key} if row.lot_key else set()),
            at=row.timestamp,
        )
        for row in found
        for data in (json.loads(row.data),)
    ]

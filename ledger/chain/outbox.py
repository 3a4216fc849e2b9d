"""The outbox: what this home sends, stored with its cause and followed to its final block.

    queued -> signed -> sent -> final | reverted

*queued*: an intent, without a nonce. *signed*: nonce and raw transaction stored, in one write transaction, before
anything is sent. *sent*: the node has it. *final*: mined in a block that is not taken back. *reverted*: refused, with a
sentence: by a signer or the gas estimate (then without a nonce: nothing was sent), or by the contract (with its block).

Everything here writes rows and nothing else; `sender` talks to signer and node between these calls.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import Connection, Engine, RowMapping, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ledger.chain.contracts import Deployment, encode_call
from ledger.chain.keystore import checksummed
from ledger.chain.session import Authority
from ledger.errors import Conflict, NotFound, Reverted, Unavailable
from ledger.store.database import read
from ledger.store.schema import outbox

State = Literal["queued", "signed", "sent", "final", "reverted"]
CLOSED = ("final", "reverted")
IN_FLIGHT = ("signed", "sent")

#: Contract and function of a row that is no call: an account's transaction to itself, which uses up a lost nonce.
FILLER = ("Account", "fillNonce")


@dataclass(frozen=True)
class Intent:
    """A call that `account` is to make. `key` is its content's name: the same key is the same act.

    `authority` is the member's session, None for the home's own accounts (relay, consortium). `gas` None: estimated
    when it is signed, which also catches what a contract would refuse before a nonce is spent.
    """

    key: str
    account: str
    contract: str
    function: str
    args: tuple[Any, ...]
    authority: Authority | None = None
    gas: int | None = None


@dataclass(frozen=True)
class QueuedOutcome:
    """`new` is false when the same act was queued before: nothing changed, and `state` tells how far it is."""

    id: int
    new: bool
    state: State


@dataclass(frozen=True)
class OutboxRow:
    """A row as it stands. `gas` 0 means: to be estimated. `block`, `error` as far as known."""

    id: int
    key: str
    account: str
    contract: str
    function: str
    to: str
    data: str
    gas: int
    authority: str | None
    state: State
    nonce: int | None
    raw: str | None
    tx_hash: str | None
    block: int | None
    error: str | None
    queued_at: int
    attempt: int = 0
    earlier: str | None = None

    @property
    def hashes(self) -> tuple[str, ...]:
        """Every transaction that this row has been: one of them is mined in the end. The present one first."""
        return tuple(filter(None, (self.tx_hash, *(self.earlier or "").split())))


def queue(
    connection: Connection, deployment: Deployment, intent: Intent, now: int, *, again: bool = True
) -> QueuedOutcome:
    """Stores an intent in the caller's write transaction. The same key and content again changes nothing.

    One that was refused is queued anew, with the authority given now, unless `again` is false (for automatic callers).
    Conflict when the key stands for another call; BadInput when arguments do not fit.
    """
    values = {
        "key": intent.key,
        "account": checksummed(intent.account),
        "contract": intent.contract,
        "function": intent.function,
        "to": deployment.address(intent.contract),
        "data": encode_call(intent.contract, intent.function, intent.args),
        "gas": intent.gas or 0,
        "authority": intent.authority.to_json() if intent.authority else None,
        "state": "queued",
        "queued_at": now,
    }
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(outbox).values(**values).on_conflict_do_nothing(index_elements=["key"])
    made = connection.execute(insert.returning(outbox.c.id)).scalar()
    if made is not None:
        return QueuedOutcome(made, True, "queued")
    stands = _row_of(connection, intent.key)
    if stands is None:
        raise NotFound(f"{intent.key} is no longer in the outbox.", hint="Try again.")
    if stands["state"] == "reverted" and again:
        connection.execute(update(outbox).where(outbox.c.id == stands["id"]).values(**values, **_UNSENT))
        return QueuedOutcome(stands["id"], True, "queued")
    # Not by which account: a member has several keys, and the same act by another of them is the same act.
    same = all(stands[name] == values[name] for name in ("contract", "function", "to", "data"))
    if not same:
        raise Conflict(
            f"{intent.key} was queued before with other content.",
            where=f"{intent.contract}.{intent.function}",
            hint="Give another act a key of its own.",
        )
    return QueuedOutcome(stands["id"], False, stands["state"])


def _row_of(connection: Connection, key: str) -> RowMapping | None:
    return connection.execute(select(outbox).where(outbox.c.key == key)).mappings().one_or_none()


def queue_repeatable(connection: Connection, deployment: Deployment, intent: Intent, now: int) -> QueuedOutcome:
    """As `queue`, for an act that may be done again under the same key: a vote, a stop.

    Where the last one under this key has the same content and is not done yet, it is that act; else it is a new one, which
    comes after it: the last wish stands.
    """
    data = encode_call(intent.contract, intent.function, intent.args)
    last, number = None, 0
    while (row := _row_of(connection, f"{intent.key}:{number + 1}")) is not None:
        last, number = row, number + 1
    same = last is not None and last["data"] == data and last["state"] != "final"
    return queue(connection, deployment, replace(intent, key=f"{intent.key}:{number if same else number + 1}"), now)


def await_final(engine: Engine, ids: Collection[int], timeout: float) -> list[OutboxRow]:
    """The rows, as asked, once each is final or reverted (see `require_final`). Unavailable after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        with read(engine) as connection:
            rows = rows_by_id(connection, ids)
        waiting = [row for row in rows if row.state not in CLOSED]
        if not waiting:
            return rows
        if time.monotonic() >= deadline:
            first = waiting[0]
            raise Unavailable(
                f"{first.contract}.{first.function} is not final after {timeout:g} seconds; it is {first.state}."
                + (f" {first.error}" if first.error else ""),
                hint="Nothing is lost: it goes on when chain, signer and sender run (`suyuan up`).",
                waiting=len(waiting),
            )
        time.sleep(0.03)


def require_final(rows: Sequence[OutboxRow]) -> list[OutboxRow]:
    """The rows, all final. Reverted with the first refusal's sentence."""
    for row in rows:
        if row.state == "reverted":
            raise Reverted(row.error or "The contract refused.", where=row.key)
    return list(rows)


def rows_by_id(connection: Connection, ids: Collection[int]) -> list[OutboxRow]:
    """In the order asked. NotFound for an id that no row has."""
    wanted = list(ids)
    found: dict[int, OutboxRow] = {}
    for first in range(0, len(wanted), 500):  # SQLite bounds the variables of a statement.
        part = wanted[first : first + 500]
        for row in connection.execute(select(outbox).where(outbox.c.id.in_(part))).mappings():
            found[row["id"]] = _row(row)
    missing = [identity for identity in wanted if identity not in found]
    if missing:
        raise NotFound(f"The outbox has no row {missing[0]}.")
    return [found[identity] for identity in wanted]


def pending(connection: Connection) -> list[OutboxRow]:
    """Rows that are under way, oldest first."""
    query = select(outbox).where(outbox.c.state.not_in(CLOSED)).order_by(outbox.c.queued_at, outbox.c.id)
    return [_row(row) for row in connection.execute(query).mappings()]


@dataclass(frozen=True)
class Waiting:
    """A row as anybody may see it: without whose session, and without what it carries."""

    call: str
    state: State
    queued_at: int
    error: str | None


@dataclass(frozen=True)
class Backlog:
    """What is under way: how many rows, by state, and the oldest."""

    count: int
    by_state: dict[str, int]
    oldest: Waiting | None


def backlog(connection: Connection) -> Backlog:
    """Rows that have not ended."""
    states = select(outbox.c.state, func.count()).where(outbox.c.state.not_in(CLOSED)).group_by(outbox.c.state)
    by_state = {state: int(count) for state, count in connection.execute(states)}
    columns = (outbox.c.contract, outbox.c.function, outbox.c.state, outbox.c.queued_at, outbox.c.error)
    first = select(*columns).where(outbox.c.state.not_in(CLOSED)).order_by(outbox.c.queued_at, outbox.c.id).limit(1)
    row = connection.execute(first).first()
    oldest = Waiting(f"{row.contract}.{row.function}", row.state, row.queued_at, row.error) if row else None
    return Backlog(sum(by_state.values()), by_state, oldest)


def oldest_sent(connection: Connection) -> int | None:
    """When the oldest row that a node has and no block holds was queued (Unix seconds)."""
    return connection.execute(select(func.min(outbox.c.queued_at)).where(outbox.c.state == "sent")).scalar()


# --- what the sender reads and writes --------------------------------------------------------------------------------

#: What a row is without when it has no signed transaction.
_UNSENT: dict[str, Any] = {
    "nonce": None,
    "raw": None,
    "tx_hash": None,
    "block": None,
    "error": None,
    "attempt": 0,
    "earlier": None,
}


def rows_in(connection: Connection, state: State, limit: int, *, but: Collection[str] = ()) -> list[OutboxRow]:
    """The oldest rows in a state, of other accounts than `but`: queued ones as queued, the others in order of nonce."""
    order = (outbox.c.queued_at, outbox.c.id) if state == "queued" else (outbox.c.account, outbox.c.nonce)
    query = select(outbox).where(outbox.c.state == state, outbox.c.account.not_in(but)).order_by(*order).limit(limit)
    return [_row(row) for row in connection.execute(query).mappings()]


def in_flight_since(connection: Connection) -> int | None:
    """When the oldest row that is signed or sent was queued; None when none is."""
    oldest = select(func.min(outbox.c.queued_at)).where(outbox.c.state.in_(IN_FLIGHT))
    return connection.execute(oldest).scalar()


def mark(connection: Connection, row: OutboxRow, state: State, **values: Any) -> int:
    """Moves a row on, if it still stands where it was read, with the same transaction: 1, else 0."""
    same = outbox.c.tx_hash == row.tx_hash if row.tx_hash is not None else outbox.c.tx_hash.is_(None)
    change = update(outbox).where(outbox.c.id == row.id, outbox.c.state == row.state, same)
    return connection.execute(change.values(state=state, **values)).rowcount


def start_over(connection: Connection, row: OutboxRow) -> int:
    """Back to the start: its nonce went to another transaction, so the signed one can never be mined."""
    if row.contract == FILLER[0]:
        return mark(connection, row, "reverted", error="Its nonce was used by another transaction: none was missing.")
    return mark(connection, row, "queued", **_UNSENT)


def _row(row: RowMapping) -> OutboxRow:
    return OutboxRow(**row)

"""Nonces: each account's go out one after another, without gaps, each together with the signed transaction that has it.

Several workers may give them out at once: a nonce counts when it is stored, in one write transaction with its
signature; whoever came second signs again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ledger.chain.outbox import FILLER, IN_FLIGHT, OutboxRow, mark
from ledger.store.database import write
from ledger.store.schema import outbox


@dataclass(frozen=True)
class Signature:
    """What signing adds to a row."""

    id: int
    account: str
    nonce: int
    gas: int
    raw: str
    tx_hash: str


def in_flight_nonces(connection: Connection) -> dict[str, set[int]]:
    """The nonces of rows that are signed or sent, by account."""
    query = select(outbox.c.account, outbox.c.nonce).where(outbox.c.state.in_(IN_FLIGHT))
    nonces: dict[str, set[int]] = {}
    for account, nonce in connection.execute(query):
        nonces.setdefault(account, set()).add(nonce)
    return nonces


def next_nonces(connection: Connection, accounts: Collection[str]) -> dict[str, int]:
    """One more than the highest nonce stored, by account; 0 where none is."""
    query = (
        select(outbox.c.account, func.max(outbox.c.nonce))
        .where(outbox.c.account.in_(accounts), outbox.c.nonce.is_not(None))
        .group_by(outbox.c.account)
    )
    stored = {account: int(highest) + 1 for account, highest in connection.execute(query)}
    return {account: stored.get(account, 0) for account in accounts}


def store_signed(engine: Engine, signatures: Sequence[Signature]) -> int:
    """Moves rows from queued to signed, each with its nonce, in one write transaction; returns how many.

    Compare and set: where another sender took the nonce or the row in between, the account's signatures are dropped.
    They were never sent, so nothing is lost; the rows are signed again.
    """
    moved = 0
    with write(engine) as connection:
        _one_at_a_time(connection, {signature.account for signature in signatures})
        expected = next_nonces(connection, {signature.account for signature in signatures})
        for signature in signatures:
            if expected[signature.account] > signature.nonce:
                continue
            change = (
                update(outbox)
                .where(outbox.c.id == signature.id, outbox.c.state == "queued")
                .values(
                    state="signed",
                    nonce=signature.nonce,
                    gas=signature.gas,
                    raw=signature.raw,
                    tx_hash=signature.tx_hash,
                    error=None,
                )
            )
            if connection.execute(change).rowcount == 1:
                moved += 1
            else:  # Later nonces of this account would leave a gap.
                expected[signature.account] = 2**64
    return moved


def _one_at_a_time(connection: Connection, accounts: Collection[str]) -> None:
    """Nonces of an account are given out by one transaction at a time. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        for account in sorted(accounts):  # in one order, so that two never wait for each other
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(account, 0))))


def store_replacement(engine: Engine, row: OutboxRow, signature: Signature) -> int:
    """Puts another transaction with the same nonce in a row's place, to be sent; what it was before is kept: 1, else 0."""
    values = {"raw": signature.raw, "tx_hash": signature.tx_hash, "attempt": row.attempt + 1, "error": None}
    with write(engine) as connection:
        return mark(connection, row, "signed", **values, earlier=" ".join(row.hashes))


def store_filler(engine: Engine, signature: Signature, now: int) -> int:
    """A transaction that does nothing but use a nonce that was lost, as a signed row of its own: 1, else 0."""
    with write(engine) as connection:
        _one_at_a_time(connection, {signature.account})
        dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
        insert = dialect.insert(outbox).values(
            key=f"fill:{signature.account}:{signature.nonce}",
            account=signature.account,
            contract=FILLER[0],
            function=FILLER[1],
            to=signature.account,
            data="0x",
            gas=signature.gas,
            state="signed",
            nonce=signature.nonce,
            raw=signature.raw,
            tx_hash=signature.tx_hash,
            queued_at=now,
        )
        return connection.execute(insert.on_conflict_do_nothing()).rowcount

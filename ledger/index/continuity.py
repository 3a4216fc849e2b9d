"""The cursor: up to which block the rows tell, and that the chain is still the one they were read from.

The cursor moves in the transaction that writes the rows, by compare-and-set: of two indexers on one database one moves
it, and the other finds that it moved. A parent hash that does not fit is Forked: on a chain whose blocks are final at
once the line stops there, on others it is rolled back to the common ancestor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, select, text, update

from ledger.chain.client import BlockHeader, Client
from ledger.errors import BrokenEvidence, NotFound
from ledger.index.window import Window
from ledger.store.bulk import insert_rows
from ledger.store.schema import cursor

_LOCK: Final = 7_710_003  # any number that no other program takes: PostgreSQL's advisory lock of the first window

NAME: Final = "ledger"
VERIFIED: Final = "verified"
"""The cursor up to which each block's receipts root was recomputed."""
FINAL: Final = "final"
"""The cursor after the last block that was final when rows were last written, on a chain that may replace others."""


class Forked(BrokenEvidence):
    """The chain that the rows were read from is not the node's chain."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """`block_hash` is the hash of the block before `next_block`."""

    next_block: int
    block_hash: str


def load_cursor(connection: Connection, name: str = NAME) -> Cursor | None:
    """None before the first window."""
    row = connection.execute(select(cursor).where(cursor.c.name == name)).first()
    return Cursor(row.next_block, row.block_hash) if row else None


def lock_cursor(connection: Connection) -> Cursor | None:
    """As `load_cursor`; other writers of derived rows wait until this transaction ends."""
    row = connection.execute(select(cursor).where(cursor.c.name == NAME).with_for_update()).first()
    return Cursor(row.next_block, row.block_hash) if row else None


def lock_beginning(connection: Connection) -> None:
    """While there is no cursor to lock: of several that begin together one goes first. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def first_cursor(client: Client, first_block: int) -> Cursor:
    """Where the line begins: before the first block that can hold a log of ours."""
    return Cursor(first_block, client.block(first_block).parent_hash)


def place_cursor(connection: Connection, first: Cursor, name: str = NAME) -> None:
    """Sets the cursor where there is none."""
    insert_rows(connection, cursor, [(name, first.next_block, first.block_hash)], clash="keep")


def keep_final(connection: Connection, final_block: int) -> None:
    """Nothing up to this block can be rolled back any more: what is needed for that was dropped. It never goes back."""
    insert_rows(connection, cursor, [(FINAL, final_block + 1, "")], clash="keep")
    behind = (cursor.c.name == FINAL, cursor.c.next_block <= final_block)
    connection.execute(update(cursor).where(*behind).values(next_block=final_block + 1))


def advance(connection: Connection, old: Cursor, new: Cursor, name: str = NAME) -> bool:
    """Moves the cursor; false when it no longer stands at `old`, that is, when another indexer was quicker."""
    places = {"old_block": old.next_block, "old_hash": old.block_hash, "new_block": new.next_block}
    return connection.execute(_ADVANCE, {"of": name, **places, "new_hash": new.block_hash}).rowcount == 1


_ADVANCE = (
    update(cursor)
    .where(
        cursor.c.name == bindparam("of"),
        cursor.c.next_block == bindparam("old_block"),
        cursor.c.block_hash == bindparam("old_hash"),
    )
    .values(next_block=bindparam("new_block"), block_hash=bindparam("new_hash"))
)


def require_same_chain(client: Client, at: Cursor, final_block: int) -> None:
    """The block before the cursor is still there and still the same; else BrokenEvidence."""
    last = at.next_block - 1
    if last < 0:
        return
    if final_block < last:
        raise Forked(
            f"The chain ends at block {final_block}, but its blocks up to {last} were read before.",
            where=client.url,
            hint="If the node is behind, wait for it; if another chain took its place, run `suyuan index rebuild --from-node`.",
        )
    try:
        header = client.block(last)
    except NotFound:
        raise BrokenEvidence(f"The node no longer has block {last}.", where=client.url) from None
    if header.hash != at.block_hash:
        raise _broken(
            client, header.number, at.block_hash, header.hash, "has another hash than when it was read", Forked
        )


def require_continuity(client: Client, at: Cursor, window: Window) -> None:
    """The window stands on the block before the cursor, its blocks on one another, its logs in its blocks.

    Else BrokenEvidence. Headers are known of the first and the last block and of those that hold logs: neighbours among
    them are checked.
    """
    first = window.headers[window.first_block]
    if first.parent_hash != at.block_hash:
        raise _broken(
            client, first.number, at.block_hash, first.parent_hash, "does not stand on the block read last", Forked
        )
    before: BlockHeader | None = None
    for number in sorted(window.headers):
        header = window.headers[number]
        if header.number != number:
            raise _broken(client, number, str(number), str(header.number), "was answered with another block")
        if before is not None and before.number == number - 1 and header.parent_hash != before.hash:
            raise _broken(client, number, before.hash, header.parent_hash, "does not stand on the block before it")
        before = header
    for quantity, hash_ in {(log.block_number, log.block_hash) for log in window.logs}:
        number = int(quantity, 16)
        if number not in window.headers or hash_ != window.headers[number].hash:
            expected = window.headers[number].hash if number in window.headers else "a block of the window"
            raise _broken(client, number, expected, hash_, "is not the one that its logs name")


def _broken(
    client: Client,
    block: int,
    expected: str,
    actual: str,
    what: str,
    kind: type[BrokenEvidence] = BrokenEvidence,
) -> BrokenEvidence:
    return kind(
        f"Block {block} {what}: {expected} was expected and {actual} found.",
        where=client.url,
        hint="The chain was replaced or the node answers wrongly. Check the node; on another chain, run "
        "`suyuan index rebuild --from-node`.",
        block=block,
        expected=expected,
        actual=actual,
    )

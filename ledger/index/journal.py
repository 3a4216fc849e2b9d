"""The way back: what blocks that may still be replaced changed in derived rows, and how it is undone.

A block's entry holds each row that it changed as it was before the block. Rows that one log made and none changes
(`Derived.block_column`) and raw rows need no entry: they go by their block. On a chain whose blocks are final at once
there is no journal.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update

from ledger.index.continuity import NAME, VERIFIED, Cursor
from ledger.index.raw_tables import RawTables
from ledger.index.rows import BeforeImages, Key, Row, Rows
from ledger.store.bulk import insert_rows
from ledger.store.schema import cursor, raw_block
from ledger.store.schema import journal as table_of_journal


def keep(connection: Connection, images: Mapping[int, BeforeImages]) -> None:
    """Writes the entries of blocks that were just applied."""
    entries = [
        (block, _text([[table.name, key, row] for table, key, row in before]))
        for block, before in images.items()
        if before
    ]
    insert_rows(connection, table_of_journal, entries)


def forget(connection: Connection, final_block: int) -> None:
    """Drops what nobody can roll back to any more: entries up to the last final block, and its empty blocks before."""
    connection.execute(delete(table_of_journal).where(table_of_journal.c.block <= final_block))
    connection.execute(delete(raw_block).where(raw_block.c.number < final_block, raw_block.c.logs == 0))


def roll_back(connection: Connection, tables: RawTables, to: Cursor) -> None:
    """Takes all rows back to the block before `to.next_block`, and the cursors with them. The caller commits."""
    ancestor = to.next_block - 1
    undo_derived(connection, tables, ancestor)
    for event in tables.events:
        connection.execute(delete(event.table).where(event.table.c.block > ancestor))
    connection.execute(delete(raw_block).where(raw_block.c.number > ancestor))
    moved = {"next_block": to.next_block, "block_hash": to.block_hash}
    connection.execute(update(cursor).where(cursor.c.name == NAME).values(**moved))
    connection.execute(
        update(cursor).where(cursor.c.name == VERIFIED, cursor.c.next_block > to.next_block).values(**moved)
    )


def replace_tables(connection: Connection, names: Collection[str], images: Mapping[int, BeforeImages]) -> None:
    """Puts these images in place of what the entries said of these tables."""
    entries: dict[int, list[Any]] = {}
    for row in connection.execute(select(table_of_journal)):
        entries[row.block] = [each for each in json.loads(row.before) if each[0] not in names]
    for block, before in images.items():
        entries.setdefault(block, []).extend(
            [table.name, key, row] for table, key, row in before if table.name in names
        )
    connection.execute(delete(table_of_journal))
    insert_rows(connection, table_of_journal, [(n, _text(each)) for n, each in sorted(entries.items()) if each])


def undo_derived(connection: Connection, tables: RawTables, ancestor: int) -> None:
    """Takes derived rows alone back; `derive_stored` makes them again from the raw rows."""
    plan = tables.plan
    by_name = {each.table.name: each.table for each in plan.derived}
    before: dict[tuple[Table, Key], Row | None] = {}
    entries = connection.execute(
        select(table_of_journal.c.before)
        .where(table_of_journal.c.block > ancestor)
        .order_by(table_of_journal.c.block.desc())
    ).scalars()
    for entry in entries:  # the earliest wins, so it comes last
        before |= {(by_name[name], tuple(key)): row for name, key, row in json.loads(entry)}
    rows = Rows(connection)
    for (table, key), row in before.items():
        if row is None:
            rows.remove(table, *key)
        else:
            rows.put(table, row)
    rows.flush()
    for each in reversed(plan.derived):
        if each.block_column is not None:
            connection.execute(delete(each.table).where(each.table.c[each.block_column] > ancestor))
    connection.execute(delete(table_of_journal).where(table_of_journal.c.block > ancestor))


def _text(entries: list[Any]) -> str:
    return json.dumps(entries, separators=(",", ":"))

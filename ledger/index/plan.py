"""What an index follows and what it makes of it: a Plan. The engine itself knows no contract.

A *source* is an ABI at some addresses. They may be given, or announced: a factory's event tells of each contract that it
makes. The ABI goes by the address and not by the code there, so a proxy is followed by the ABI of what it stands for (or
by several ABIs put together).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Table

from ledger.index.rows import Key, Rows


@dataclass(frozen=True)
class Announced:
    """The addresses that `argument` of this event names, each from the block that announces it on."""

    source: str
    event: str
    argument: str


@dataclass(frozen=True)
class Source:
    """`addresses` (0x hex, any case), or `announced`.

    `without_rows`: events that are passed over. `whole`: the ABI has every event that these contracts can emit, so that
    another one stops the line; else it is passed over.
    """

    name: str
    abi: Sequence[Mapping[str, Any]]
    addresses: tuple[str, ...] = ()
    announced: Announced | None = None
    without_rows: frozenset[str] = frozenset()
    whole: bool = True


@dataclass(frozen=True)
class Handler:
    """What becomes of one event.

    `event`: a class of the event's name whose parameters are the event's arguments in snake case. `apply(rows, event,
    context)` writes rows, and only rows, and reads only what handlers wrote; it is called log by log in the order of the
    chain. `touches(event, context)` names rows that it is going to ask for: they are read together with those of the
    other logs of a window. `append(rows, logs)` is called once for all logs of a window, and adds rows to tables whose
    rows are made by one log and never changed: those depend on nothing but their log, and columns are quicker. A handler
    has one or both.
    """

    event: type[Any]
    apply: Callable[[Rows, Any, Any], None] | None = None
    touches: Callable[[Any, Any], Iterable[tuple[Table, Key]]] | None = None
    append: Callable[[Rows, Any], None] | None = None

    @property
    def function(self) -> Callable[..., None]:
        """One of the two, to tell by what the handler rests on."""
        function = self.apply or self.append
        if function is None:
            raise TypeError(f"the handler of {self.event.__name__} does nothing")
        return function


@dataclass(frozen=True)
class Derived:
    """A table that handlers write.

    `block_column`: of a table whose rows are made by one log and never changed by another: the column that says in
    which block. Such rows are not held in memory, and they go when their block goes.
    """

    table: Table
    block_column: str | None = None

    @property
    def by_log(self) -> bool:
        """The key begins with the log that made the row, so the rows of one event's logs can be told from the others."""
        keys = [column.name for column in self.table.primary_key.columns][:2]
        return self.block_column == "block" and keys == ["block", "log_index"]


class Place(msgspec.Struct, frozen=True):
    """Where a log stands. `at`: the block's time in Unix seconds; `tx_hash` 0x hex."""

    block: int
    log_index: int
    tx_hash: str
    at: int


class BlockRow(msgspec.Struct, frozen=True):
    """A block that carries a log of ours; `hash` 0x hex, `at` in Unix seconds."""

    number: int
    hash: str
    at: int


@dataclass(frozen=True)
class Plan:
    """`derived` in an order in which rows can be inserted.

    `context(block, log_index, tx_hash, at)` makes what a handler is given beside the event: a Place, or more than that.
    `on_block` writes what a block with logs of ours itself becomes.
    """

    chain_id: int
    first_block: int
    sources: tuple[Source, ...]
    handlers: tuple[Handler, ...] = ()
    derived: tuple[Derived, ...] = ()
    context: Callable[[int, int, str, int], Any] = Place
    on_block: Callable[[Rows, BlockRow], None] | None = None

    @property
    def appended(self) -> tuple[Table, ...]:
        return tuple(each.table for each in self.derived if each.block_column is not None)

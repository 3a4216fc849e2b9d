"""A batch and its orders as the rows have them, and what a call repeats of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from ledger.errors import BadInput, Conflict, NotFound, SuyuanError
from ledger.settle.batch_id import position_id, short_name
from ledger.settle.faults import raise_faults
from ledger.settle.packed_amounts import chunks_for, marks_of, pack_amounts, positions_in
from ledger.settle.under_way import calls_under_way
from ledger.store.schema import batch
from ledger.store.schema import order as orders

_MOST_POSITION = 2**32 - 1
_LOOKED_AT = (
    orders.c.order_id,
    orders.c.number,
    orders.c.amount_fen,
    orders.c.state,
    orders.c.batch_id,
    orders.c.position,
)


@dataclass(frozen=True)
class PaidBatch:
    """The batch's row, and of its orders by position, also of those that were taken out: order_id, number, amount_fen,
    state, batch_id, position."""

    row: Row[Any]
    orders: tuple[Row[Any], ...]

    @property
    def id(self) -> str:
        return str(self.row.batch_id)

    @property
    def count(self) -> int:
        """Of its orders. (`count` of a row is a method.)"""
        return len(self.orders)

    def call(self, positions: Iterable[int]) -> tuple[tuple[int, ...], bytes]:
        """Marks and chunks, as the contract takes them for these orders."""
        marks = marks_of(positions, self.count)
        packed = pack_amounts((order.amount_fen for order in self.orders), self.row.width)
        return marks, chunks_for(packed, self.row.width, marks)

    def numbered(
        self, numbers: Sequence[str], outcome: str, fault_of: Callable[[Row[Any]], SuyuanError | None]
    ) -> list[Row[Any]]:
        """The orders with these numbers, each once, in the order of their positions.

        NotFound for a number that the batch does not have; what `fault_of` says of a row. One fault refuses all.
        """
        by_number = {order.number: order for order in self.orders}
        found: dict[int, Row[Any]] = {}
        faults: list[SuyuanError] = []
        for number in dict.fromkeys(numbers):
            order = by_number.get(number)
            fault = fault_of(order) if order is not None else self._unknown(number)
            if fault is not None:
                faults.append(fault)
            elif order is not None:
                found[order.position] = order
        if faults:
            raise_faults(faults, "orders", outcome)
        return [found[position] for position in sorted(found)]

    def _unknown(self, number: str) -> NotFound:
        hint = (
            "Check the number."
            if self.row.named
            else "Its numbers are not known here: put its manifest into the store."
        )
        return NotFound(f"Batch {short_name(self.id)} has no order {number}.", hint=hint, number=number)


def batch_named(connection: Connection, name: str) -> Row[Any]:
    """The row of a batch by its id, or by the beginning of it, at least 6 hex digits, with or without 0x.

    BadInput for what is no such name; NotFound; Conflict when it could be several.
    """
    digits = name.lower().removeprefix("0x")
    if not re.fullmatch(r"[0-9a-f]{6,64}", digits):
        raise BadInput(f"{name!r} names no batch.", hint="Give its id, or at least its first 6 hex digits.")
    query = select(batch).where(batch.c.batch_id >= f"0x{digits}", batch.c.batch_id <= f"0x{digits:f<64}").limit(2)
    found = connection.execute(query).all()
    if not found:
        raise NotFound(f"There is no batch {name}.", hint="Place it first, or wait a moment; see `suyuan batch list`.")
    if len(found) > 1:
        raise Conflict(f"Several batches begin with {name}.", hint="Give more digits.")
    return found[0]


def orders_of(connection: Connection, batch_id: str) -> tuple[Row[Any], ...]:
    """By position, also those that were taken out; none while the batch is not paid."""
    return _rows_of(connection, batch_id, select(orders))


def _rows_of(connection: Connection, batch_id: str, query: Select[Any]) -> tuple[Row[Any], ...]:
    of_it = orders.c.order_id.between(position_id(batch_id, 0), position_id(batch_id, _MOST_POSITION))
    return tuple(connection.execute(query.where(of_it).order_by(orders.c.order_id)).all())


def paid_batch(connection: Connection, name: str) -> PaidBatch:
    """As `batch_named`; Conflict when it is not paid."""
    row = batch_named(connection, name)
    if row.state != "paid":
        hint = "Wait until the bank has confirmed its payment."
        raise Conflict(f"Batch {short_name(row.batch_id)} is not paid yet.", hint=hint)
    return PaidBatch(row, _rows_of(connection, row.batch_id, select(*_LOOKED_AT)))


def under_way_in(connection: Connection, batch_id: str, function: str, argument: str) -> set[int]:
    """Positions that a queued or sent call of `function` marks in its `argument`."""
    calls = calls_under_way(connection, "Escrow", [function])
    mine = (call for call in calls if f"0x{bytes(call.args['batch']).hex()}" == batch_id)
    return {position for call in mine for position in positions_in(call.args[argument])}


def parted(orders: Sequence[Row[Any]], done: Callable[[Row[Any]], bool]) -> tuple[list[Row[Any]], tuple[str, ...]]:
    """The orders that are still to do, and the numbers of those that are done."""
    return [order for order in orders if not done(order)], tuple(order.number for order in orders if done(order))


def alone(order: Row[Any]) -> Conflict:
    """The fault of an order that was taken out."""
    return Conflict(f"Order {order.number} was taken out of its batch.", hint="Use `suyuan orders`: it goes on alone.")

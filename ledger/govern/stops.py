"""Functions that are out of use for a while, and the calls of single seats that are not enough yet."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger.chain.contracts import Deployment
from ledger.govern.constitution import constitution_in_force, seats
from ledger.govern.words import function_text
from ledger.store.queries.members import MemberRow
from ledger.store.schema import emergency_call, function_stop


@dataclass(frozen=True)
class Stop:
    """A running stop: `function` as `Escrow.pay`; it ends by itself at `until` (Unix seconds)."""

    function: str
    target: str
    selector: str
    until: int
    reason: str
    block: int


@dataclass(frozen=True)
class StopCall:
    """Seats that ask within the window, and how many it takes; `lift`: for the end of a stop."""

    function: str
    lift: bool
    asking: tuple[MemberRow, ...]
    needed: int
    reason: str
    counts_until: int


def running_stops(connection: Connection, deployment: Deployment, now: int) -> list[Stop]:
    """Those that hold now, the one that ends first first."""
    query = select(function_stop).where(function_stop.c.until > now, function_stop.c.lifted.is_(False))
    return [
        Stop(
            _function(deployment, row.target, row.selector), row.target, row.selector, row.until, row.reason, row.block
        )
        for row in connection.execute(query.order_by(function_stop.c.until))
    ]


def stop_calls(connection: Connection, deployment: Deployment, now: int) -> list[StopCall]:
    """What single seats ask for now that has not come about."""
    rules = constitution_in_force(connection)
    asking = {row.member: row for row in seats(connection)}
    last = {(row.target, row.selector): row for row in connection.execute(select(function_stop))}
    since = now - rules.emergency_window_seconds
    found: dict[tuple[str, str, bool], list[tuple[MemberRow, int, str]]] = {}
    for row in connection.execute(select(emergency_call).where(emergency_call.c.at >= since)):
        stop = last.get((row.target, row.selector))
        runs = stop is not None and stop.until > now and not stop.lifted
        # What was said up to the stop's block has led to it; an end is asked for of a stop that runs.
        later = stop is None or row.block > stop.block
        if row.member in asking and later and (runs or not row.lift):
            call = (asking[row.member], row.at, row.reason or "")
            found.setdefault((row.target, row.selector, row.lift), []).append(call)
    return [
        StopCall(
            function=_function(deployment, target, selector),
            lift=lift,
            asking=tuple(member for member, _, _ in calls),
            needed=rules.emergency_seats,
            reason=calls[-1][2],
            counts_until=min(at for _, at, _ in calls) + rules.emergency_window_seconds,
        )
        for (target, selector, lift), calls in sorted(found.items())
    ]


def _function(deployment: Deployment, target: str, selector: str) -> str:
    return function_text(deployment, target, bytes.fromhex(selector.removeprefix("0x")))

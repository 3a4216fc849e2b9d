"""How this ledger stands, in one piece of data: nodes, outbox, alerts, and whether what is accepted can be confirmed."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import Engine

from ledger.chain.alerts import Alert, alerts
from ledger.chain.client import Client
from ledger.chain.node_health import NodeHealth
from ledger.chain.outbox import Backlog, backlog
from ledger.chain.standstill import Standstill, standstill
from ledger.config import Home
from ledger.errors import SuyuanError
from ledger.store.database import read

#: How often a chain that seems to stand still is looked at again before that is said, within this many block times.
_LOOKS = 4


@dataclass(frozen=True)
class Health:
    """`height` -1 and `block_time` 0 (Unix seconds) where no node tells. `outbox` None where the database is away."""

    height: int
    block_time: int
    nodes: tuple[NodeHealth, ...]
    outbox: Backlog | None
    standstill: Standstill | None
    alerts: tuple[Alert, ...]

    @property
    def ok(self) -> bool:
        return not self.alerts


def health(engine: Engine, client: Client, now: float, *, home: Home | None = None) -> Health:
    """From the nodes' last looks. Never raises."""
    try:
        with read(engine) as connection:
            waiting = backlog(connection)
    except SuyuanError:
        waiting = None  # an alert tells why
    growth = client.nodes.growth()
    return Health(
        height=growth.height,
        block_time=growth.block_time,
        nodes=client.nodes.health(),
        outbox=waiting,
        standstill=standstill(engine, client, now),
        alerts=tuple(alerts(engine, client, now, home=home)),
    )


def look_twice(client: Client) -> None:
    """For a command, which sees the chain for a moment only: where its head is old, looks again until a block comes or
    should have come several times over."""
    client.nodes.look()
    pause = client.profile.block_seconds
    if pause is None:
        return
    for _ in range(_LOOKS):
        growth = client.nodes.growth()
        if growth.height < 0 or growth.risen_at or abs(time.time() - growth.block_time) <= 2 * pause:
            return
        time.sleep(pause)
        client.nodes.look()

"""What an operator should look at now, as data: nodes, blocks, the outbox, this machine's clock and disk, validators.

The sentences are for `suyuan status`, GET /health and whatever watches them; nothing here acts.
"""

from __future__ import annotations

import math
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from sqlalchemy import Engine

from ledger.chain.client import Client
from ledger.chain.outbox import Backlog, backlog
from ledger.chain.seals import SealedBlock, read_seals
from ledger.chain.standstill import standstill
from ledger.config import Home
from ledger.errors import SuyuanError
from ledger.store.alarms import alarms
from ledger.store.database import read

#: Every kind: alarms of other processes have these too.
KINDS = (
    "no_node",
    "no_block",
    "node_down",
    "node_lagging",
    "node_left_out",
    "nodes_disagree",
    "no_majority",
    "outbox_old",
    "clock",
    "disk",
    "validator",
    "database",
)

#: A row of the outbox older than this should have been final long ago.
OLD_SECONDS = 60

#: By how much this process's clock may differ from the validators'.
WRONG_CLOCK_SECONDS = 10.0

#: A disk is nearly full with less than this left; the share counts only up to a size that no ledger needs.
DISK_SHARE, DISK_ENOUGH_BYTES, DISK_LEAST_BYTES = 0.05, 2 * 10**9, 50 * 10**6

#: Turns missed within so many blocks that are no accident.
TURNS_BLOCKS, TURNS_MISSED = 24, 2


@dataclass(frozen=True)
class Alert:
    """`kind`: one of `KINDS`. `since`: Unix seconds from when on it holds, as far as known. `about`: the node, place or validator, or ""."""

    kind: str
    sentence: str
    since: int
    about: str = ""


def alerts(engine: Engine, client: Client, now: float, *, home: Home | None = None) -> list[Alert]:
    """Everything that is not as it should be, the gravest first. `home`: its disk is looked at, and what its other
    processes have seen (`store.alarms`) is told too.

    Rests on the nodes' last looks (`client.nodes.watch`, or `look` for a command); asks the chain for the newest blocks
    only where it seals them. Never raises: what cannot be read is an alert.
    """
    found = chain_alerts(engine, client, now)
    try:
        with read(engine) as connection:
            found += _outbox(backlog(connection), now)
    except SuyuanError as error:
        found.append(Alert("database", str(error), int(now)))
    if home is not None:
        found += _disk(home.path, now)
        found += _seen_by_others(home, {alert.kind for alert in found})
    if not any(alert.kind in ("no_node", "no_block") for alert in found):
        found += _validators(client, now)
    return found


def chain_alerts(engine: Engine, client: Client, now: float) -> list[Alert]:
    """Those about nodes, blocks and this process's clock."""
    still = standstill(engine, client, now)
    found = [] if still is None else [Alert(still.reason, still.sentence, still.since)]
    return found + _nodes(client) + _clock(client, now)


def _seen_by_others(home: Home, told: set[str]) -> list[Alert]:
    """What other processes of the home keep alarms of, and this one does not see itself."""
    return [
        Alert(alarm.kind, f"The {alarm.process} has seen: {alarm.sentence}", alarm.since, alarm.process)
        for alarm in alarms(home)
        if alarm.kind not in told
    ]


def _nodes(client: Client) -> list[Alert]:
    kinds = {"down": "node_down", "lagging": "node_lagging", "left_out": "node_left_out"}
    health = client.nodes.health()
    found = [
        Alert(kinds[node.state], f"{node.name}: {node.sentence}", node.since, node.name)
        for node in health
        if node.state in kinds
    ]
    if client.nodes.split is not None:
        found.append(Alert("nodes_disagree", *client.nodes.split))
    usable = sum(node.state in ("healthy", "lagging") for node in health)
    if usable < client.needed:
        sentence = (
            f"{usable} of {len(health)} nodes can be asked, and {client.needed} must agree on what decides about money."
        )
        found.append(Alert("no_majority", sentence, max(node.since for node in health)))
    return found


def _outbox(waiting: Backlog, now: float) -> list[Alert]:
    if waiting.oldest is None or now - waiting.oldest.queued_at <= OLD_SECONDS:
        return []
    row = waiting.oldest
    many = "1 transaction waits" if waiting.count == 1 else f"{waiting.count} transactions wait"
    sentence = f"{many} to become final; the oldest, {row.call}, is {row.state} since {_time(row.queued_at)}."
    return [Alert("outbox_old", f"{sentence} {row.error}" if row.error else sentence, row.queued_at)]


def _clock(client: Client, now: float) -> list[Alert]:
    """Blocks carry the time of whoever proposed them, which the other validators agreed to."""
    if client.profile.run_by_home:  # an embedded chain that mines quickly runs ahead of every clock
        return []
    growth = client.nodes.growth()
    offset = growth.clock_offset
    if offset is None:  # too few blocks came while we looked: only a block from the future tells
        offset = min(now - growth.block_time, 0.0) if growth.height > 0 else 0.0
    if abs(offset) <= WRONG_CLOCK_SECONDS:
        return []
    way = "ahead of" if offset > 0 else "behind"
    sentence = (
        f"This machine's clock is {abs(offset):.0f} seconds {way} the validators'. Set it right: sessions, due dates and "
        "statements go by it."
    )
    return [Alert("clock", sentence, int(now))]


def _disk(place: Path, now: float) -> list[Alert]:
    try:
        usage = shutil.disk_usage(place)
    except OSError as error:
        return [Alert("disk", f"The disk of {place} cannot be looked at: {error.strerror}.", int(now), str(place))]
    enough = max(min(math.ceil(usage.total * DISK_SHARE), DISK_ENOUGH_BYTES), min(DISK_LEAST_BYTES, usage.total // 2))
    if usage.free >= enough:
        return []
    sentence = f"The disk of {place} is nearly full: {usage.free // 10**6} MB of {usage.total // 10**6} MB are left. Make room."
    return [Alert("disk", sentence, int(now), str(place))]


def _validators(client: Client, now: float) -> list[Alert]:
    """Who let its turns pass, where the chain seals its blocks in a way that we read."""
    if client.profile.seal != "ibft":
        return []
    head = client.nodes.growth().height
    try:
        blocks = [read_seals(answer) for _, answer in client.whole_blocks(range(max(head - TURNS_BLOCKS, 0), head + 1))]
    except SuyuanError as error:
        return [Alert("validator", f"The newest blocks' seals cannot be read: {error.what}", int(now))]
    missed, first = Counter[str](), dict[str, int]()
    for before, block in pairwise(blocks):
        for validator in block.missed(before.proposer or None):
            missed[validator] += 1
            first.setdefault(validator, before.timestamp)
    return [
        Alert(
            "validator",
            f"The validator {validator} missed {times} of its turns in the last {len(blocks) - 1} blocks"
            + ("." if _signed(blocks, validator) else ", and signed none of them: it is down or cut off."),
            first[validator],
            validator,
        )
        for validator, times in missed.most_common()
        if times >= TURNS_MISSED
    ]


def _signed(blocks: Sequence[SealedBlock], validator: str) -> bool:
    return any(validator in block.signers for block in blocks[-4:])


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")

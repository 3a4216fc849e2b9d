"""What must hold once the load has stopped and the queue is empty, whatever was killed: looked up in the rows and on the chain itself."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from eth_utils.abi import collapse_if_tuple
from eth_utils.crypto import keccak
from sqlalchemy import func, select

from ledger.chain.artifact import abi
from ledger.chain.client import Client
from ledger.chain.outbox import pending
from ledger.index.digest import digest
from ledger.index.ours import our_indexer
from ledger.settle.audit import audit
from ledger.store.database import open_engine, read
from ledger.store.migrate import ensure_schema
from ledger.store.schema import cursor, order, outbox, payout, statement
from scripts.consortium.load import Counts
from scripts.consortium.served import LEGS, Served

DRAIN_SECONDS = 300.0


@dataclass(frozen=True)
class Checked:
    """`drained_seconds`: how long the queue took to empty. `faults` in sentences; none when all holds."""

    captures: int
    orders: int
    transactions: int
    drained_seconds: float
    digests: dict[str, str]
    faults: tuple[str, ...]


def drain(served: Served, seconds: float = DRAIN_SECONDS) -> float:
    """Waits until nothing is under way and the rows have caught up with the chain; how long that took."""
    began = time.monotonic()
    while True:
        with read(served.ledger.engine) as connection:
            left = len(pending(connection))
            last = connection.execute(select(func.max(outbox.c.block))).scalar() or 0
            indexed = connection.execute(select(func.max(cursor.c.next_block))).scalar() or 0
        if not left and indexed > last:
            return time.monotonic() - began
        if time.monotonic() - began > seconds:
            raise RuntimeError(f"{left} transactions are still under way after {seconds:.0f} s")
        time.sleep(0.2)


def check(served: Served, counts: Counts) -> Checked:
    """(1) the queue drains, (2) every accepted request stands once in the rows, (3) and once on the chain, (4) nonces have no
    gap, (5) every fen is placed, (6) indexers on all nodes tell the same."""
    seconds = drain(served)
    faults: list[str] = []
    ledger = served.ledger
    with read(ledger.engine) as connection:
        said = Counter(connection.execute(select(statement.c.event_hash)).scalars())
        states = {row.number: row.state for row in connection.execute(select(order.c.number, order.c.state))}
        ids = {row.number: row.order_id for row in connection.execute(select(order.c.number, order.c.order_id))}
        legs = Counter(connection.execute(select(payout.c.order_id)).scalars())
        closed = connection.execute(select(outbox.c.state, outbox.c.account, outbox.c.nonce, outbox.c.key)).all()
    faults += [f"event {digest} stands {said[digest]} times" for digest in counts.captures if said[digest] != 1]
    faults += [f"order {number} is {states.get(number)}" for number in counts.orders if states.get(number) != "settled"]
    faults += [
        f"order {number} has {legs[ids[number]]} payouts"
        for number in counts.orders
        if number in ids and legs[ids[number]] != len(LEGS)
    ]
    faults += [f"{row.key} was reverted" for row in closed if row.state == "reverted"]
    faults += _doubled_on_chain(served)
    nonces: dict[str, list[int]] = {}
    for row in closed:
        if row.nonce is not None:
            nonces.setdefault(row.account, []).append(row.nonce)
    faults += _gaps(served, nonces)
    faults += list(audit(ledger).faults)
    digests = digests_by_node(served)
    if len(set(digests.values())) != 1:
        faults.append(f"the digests differ: {digests}")
    return Checked(len(counts.captures), len(counts.orders), len(closed), seconds, digests, tuple(faults))


def digests_by_node(served: Served) -> dict[str, str]:
    """Of a fresh index on each node that answers, and of the home's own."""
    ledger = served.ledger
    with read(ledger.engine) as connection:
        found = {"home": digest(connection)}
    for node in served.network.nodes:
        client = Client(node.rpc_url, ledger.profile)
        with tempfile.TemporaryDirectory() as folder:
            engine = open_engine(f"sqlite:///{Path(folder) / 'rows.sqlite'}", durable=False)
            ensure_schema(engine)
            indexer = our_indexer(engine, client, ledger.deployment, ledger.documents)
            indexer.sync()
            indexer.close()
            with read(engine) as connection:
                found[node.name] = digest(connection)
            engine.dispose()
        client.close()
    return found


ONCE = {"Statements": "StatementRecorded", "Escrow": "OrderSettled"}
"""Events that stand once for what they name: each is known by its indexed values."""


def _doubled_on_chain(served: Served) -> list[str]:
    """Statements and settlements that the chain itself tells twice, from the logs of all its blocks; without the index."""
    ledger = served.ledger
    client, deployment = ledger.client, ledger.deployment
    seen: Counter[tuple[str, ...]] = Counter()
    for contract, event in ONCE.items():
        first_topic = topic_of(contract, event)
        for log in client.logs(deployment.first_block, client.final_block(), [deployment.address(contract)]):
            if log.topics[0] == first_topic:
                seen[event, *log.topics[1:]] += 1
    return [f"{' '.join(what)} stands {times} times on the chain" for what, times in seen.items() if times > 1]


def topic_of(contract: str, event: str) -> str:
    """keccak256 of the event's signature, from the contract's ABI."""
    (entry,) = [each for each in abi(contract) if each["type"] == "event" and each["name"] == event]
    return "0x" + keccak(text=f"{event}({','.join(collapse_if_tuple(each) for each in entry['inputs'])})").hex()


def _gaps(served: Served, used: dict[str, list[int]]) -> list[str]:
    """By account the nonces of this home's transactions."""
    counts = served.ledger.client.nonces(sorted(used), pending=False)
    faults = []
    for account, nonces in used.items():
        if sorted(nonces) != list(range(min(nonces), max(nonces) + 1)):
            faults.append(f"{account} has a gap in its nonces")
        if counts[account] != max(nonces) + 1:
            faults.append(f"{account} has sent {counts[account]} transactions; the outbox knows {max(nonces) + 1}")
    return faults

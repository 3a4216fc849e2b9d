"""The sale itself: each batch goes from order file to settlement and refunds through the functions that the commands use.

An act waits until the rows tell of the one before it, as people do; many batches are under way at once. The acts are queued
in the outbox, and the ledger's own sender brings them onto the chain; the indexer is a process of its own.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from index_world import CHAIN_ID, KEYS
from sqlalchemy import Connection, Engine, select

from ledger.chain.client import Client
from ledger.chain.contracts import Deployment
from ledger.chain.profiles import ANVIL
from ledger.chain.sender import Sender
from ledger.chain.signer_client import SignerClient, SigningRequest
from ledger.errors import SuyuanError
from ledger.settle.acting import Acting, member_named
from ledger.settle.batch_rows import batch_named
from ledger.settle.orders_csv import read_orders
from ledger.settle.pay_batch import BatchPayment, pay_batch
from ledger.settle.place_batches import place_batches
from ledger.settle.refund_batch import refund_batch
from ledger.settle.settle_batch import BatchCheckpoint, settle_batch
from ledger.store.database import read, write
from ledger.store.documents import Documents
from ledger.store.schema import cursor, outbox
from scripts.bench.livestream_market import BANK, CARRIER, Shop

REFUNDED = 0.03
BEFORE_DELIVERY = 4  # of so many batches in one the goods never left: refunded before the others are settled
MOST_UNDER_WAY = 60  # batches
REASON = "the wrong size"
SECONDS_FOR_BLOCKS = 0.02


class KeysAtHand(SignerClient):
    """Signs with the keys of this bench, in this process: a home asks its signer's process for it."""

    def __init__(self) -> None:
        super().__init__("", "")
        self._keys = {key.address: key for key in KEYS.values()}

    def sign_many(self, requests: Sequence[SigningRequest]) -> list[bytes | SuyuanError]:
        return [
            bytes(self._keys[request.account].sign_transaction(request.transaction).raw_transaction)
            for request in requests
        ]


@dataclass
class Spent:
    """Seconds of this process by act, and how many orders were refunded."""

    seconds: dict[str, float] = field(default_factory=dict)
    refunded: int = 0

    @contextmanager
    def on(self, act: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[act] = self.seconds.get(act, 0.0) + time.perf_counter() - began


@dataclass
class _Batch:
    """`left`: the acts that are still to come; `waits_for`: the outbox row of the last one."""

    id: str
    shop: Shop
    refunded: tuple[str, ...]
    left: deque[str]
    waits_for: int


class Sale:
    def __init__(self, engine: Engine, client: Client, deployment: Deployment, documents: Documents) -> None:
        self.spent = Spent()
        self._engine, self._deployment, self._documents = engine, deployment, documents
        self._sender = Sender(engine, client, KeysAtHand(), ANVIL, CHAIN_ID)
        self._chance = random.Random(11)  # noqa: S311  # which orders are refunded
        self._batches: list[_Batch] = []
        self._made = 0
        with read(engine) as connection:
            self._bank = Acting(member_named(connection, BANK), None)
            self._carrier = Acting(member_named(connection, CARRIER), None)

    def run(self, shops: Sequence[Shop], files: Sequence[Path], told: Callable[[int], None]) -> None:
        """Until every batch has come to its end; `told` hears how many batches have."""
        waiting = deque(zip(shops, files, strict=False))
        ended = 0
        while waiting or self._batches:
            while waiting and len(self._batches) < MOST_UNDER_WAY:
                self._place(*waiting.popleft())
            moved = self._go_on()
            with self.spent.on("send"):
                moved += self._sender.step()
            left = [batch for batch in self._batches if batch.left or batch.waits_for]
            ended += len(self._batches) - len(left)
            self._batches = left
            told(ended)
            if not moved:
                with self.spent.on("wait"):
                    time.sleep(SECONDS_FOR_BLOCKS)

    def settle_outbox(self, ids: Sequence[int]) -> None:
        """Until these acts are told of by the rows."""
        while not set(ids) <= self._shown(ids):
            if not self._sender.step():
                time.sleep(SECONDS_FOR_BLOCKS)

    def _place(self, shop: Shop, file: Path) -> None:
        with self.spent.on("read"):
            lines = read_orders(file.read_bytes(), file.name).orders
        with self.spent.on("place"), write(self._engine) as connection:
            acting = Acting(member_named(connection, shop.slug), None)
            placed = place_batches(connection, self._deployment, self._documents, acting, lines, now=int(time.time()))
        first = 0
        for batch, identity in zip(placed.new, placed.outbox_ids, strict=True):
            numbers = [line.number for line in lines[first : first + batch.terms.count]]
            first += batch.terms.count
            few = max(1, round(len(numbers) * REFUNDED))
            refunded = tuple(self._chance.sample(numbers, few))
            early = self._made % BEFORE_DELIVERY == 0
            acts = ("pay", "refund", "settle") if early else ("pay", "settle", "refund")
            self._batches.append(_Batch(batch.id, shop, refunded, deque(acts), identity))
            self._made += 1

    def _go_on(self) -> int:
        """The next act of each batch of whose last one the rows tell; how many."""
        with self.spent.on("look"):
            shown = self._shown([batch.waits_for for batch in self._batches])
        ready = [batch for batch in self._batches if batch.waits_for in shown]
        for batch in ready:
            batch.waits_for = 0
            if batch.left:
                act = batch.left.popleft()
                with self.spent.on(act), write(self._engine) as connection:
                    (batch.waits_for,) = getattr(self, f"_{act}")(connection, batch)
        return len(ready)

    def _pay(self, connection: Connection, batch: _Batch) -> tuple[int, ...]:
        payment = BatchPayment(batch.id, batch_named(connection, batch.id).total_fen, f"BUYERS-{batch.id[2:10]}")
        now = int(time.time())
        return pay_batch(connection, self._deployment, self._documents, self._bank, payment, now=now).outbox_ids

    def _settle(self, connection: Connection, batch: _Batch) -> tuple[int, ...]:
        checkpoint = BatchCheckpoint(batch.id, None, datetime.now(UTC).isoformat(timespec="seconds"), "the doors")
        now = int(time.time())
        return settle_batch(
            connection, self._deployment, self._documents, self._carrier, checkpoint, now=now
        ).outbox_ids

    def _refund(self, connection: Connection, batch: _Batch) -> tuple[int, ...]:
        acting = Acting(member_named(connection, batch.shop.slug), None)
        now = int(time.time())
        done = refund_batch(connection, self._deployment, acting, batch.id, batch.refunded, REASON, now=now)
        self.spent.refunded += len(done.new)
        return done.outbox_ids

    def _shown(self, ids: Sequence[int]) -> set[int]:
        """Those whose transactions stand in blocks that are indexed. SuyuanError when one was refused."""
        wanted = [identity for identity in ids if identity]
        with read(self._engine) as connection:
            indexed = connection.execute(select(cursor.c.next_block).where(cursor.c.name == "ledger")).scalar_one()
            query = select(outbox.c.id, outbox.c.state, outbox.c.block, outbox.c.error).where(outbox.c.id.in_(wanted))
            rows = connection.execute(query).all()
        refused = next((row.error for row in rows if row.state == "reverted"), None)
        if refused is not None:
            raise SuyuanError(f"The sale stops: {refused}")
        return {row.id for row in rows if row.state == "final" and row.block < indexed}

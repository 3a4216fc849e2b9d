"""Transactions that wait for a block: who may wait, in what order they leave, and what survives a restart.

A transaction is checked when it comes in, as geth does, so that its sender learns at once what is wrong with it. One
whose nonce lies ahead waits until the gap closes. What waits is also in the file; a restart takes it up again.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from eth.abc import SignedTransactionAPI
from eth_typing import Address

from ledger.chain.embedded.admit import admissible, decoded
from ledger.chain.embedded.backend import FileBackend
from ledger.chain.embedded.refusals import Refusal, refused
from ledger.chain.embedded.say import say

MAX_WAITING = 10_000
_REPLACEMENT_PERCENT = 110


@dataclass(frozen=True)
class Waiting:
    """`cost_wei` is the most that it may take from its sender: value and all its gas at its highest fee."""

    arrival: int
    transaction: SignedTransactionAPI
    hash: bytes
    sender: Address
    nonce: int
    cost_wei: int


class Pool:
    """Thread-safe. `arrived` is notified when something may have become ready."""

    def __init__(self, backend: FileBackend) -> None:
        self._backend = backend
        self.arrived = threading.Condition(threading.RLock())
        self._by_sender: dict[Address, dict[int, Waiting]] = {}
        self._by_hash: dict[bytes, Waiting] = {}
        self._arrivals = 0
        self._take_up()

    def __len__(self) -> int:
        return len(self._by_hash)

    def _take_up(self) -> None:
        """What waited when the process ended. What is mined, or no longer valid, is forgotten."""
        forgotten = []
        for raw in self._backend.file.waiting():
            transaction = decoded(raw)
            try:
                self._admit(transaction)
            except Refusal as refusal:
                say(f"transaction 0x{transaction.hash.hex()} no longer waits: {refusal.message}")
                forgotten.append(transaction.hash)
        if forgotten:
            self._backend.file.forget_waiting(forgotten)

    def add(self, raw: bytes) -> bytes:
        """Takes a signed transaction and returns its hash. Refusal: why not. Unavailable: the disk is full."""
        transaction = decoded(raw)
        with self.arrived:
            replaced = self._admit(transaction)
            try:
                self._backend.file.keep_waiting(transaction.hash, raw)
            except BaseException:
                self._remove(self._by_hash[transaction.hash])
                if replaced:
                    self._insert(replaced)
                raise
            if replaced:
                self._backend.file.forget_waiting([replaced.hash])
            self.arrived.notify_all()
        return bytes(transaction.hash)

    def _admit(self, transaction: SignedTransactionAPI) -> Waiting | None:
        """Checks and inserts; returns the one that it replaces, if any."""
        if transaction.hash in self._by_hash:
            raise refused("already known")
        head = self._backend.head()
        state = self._backend.state(head)
        sender = admissible(transaction, self._backend.chain.chain_id, self._backend.next_header(head), state.get_nonce)
        own = self._by_sender.get(sender, {})
        replaced = own.get(transaction.nonce)
        if replaced and not _outbids(transaction, replaced.transaction):
            raise refused("replacement transaction underpriced")
        if replaced is None and len(self) >= MAX_WAITING:
            raise refused("txpool is full")
        cost = transaction.value + transaction.gas * transaction.max_fee_per_gas
        queued = sum(waiting.cost_wei for waiting in own.values() if waiting.nonce != transaction.nonce)
        balance = state.get_balance(sender)
        if balance < cost + queued:
            raise refused(
                f"insufficient funds for gas * price + value: balance {balance}, tx cost {cost}, "
                f"overshot {cost + queued - balance}" + (f", queued cost {queued}" if queued else "")
            )
        if replaced:
            self._remove(replaced)
        self._arrivals += 1
        self._insert(Waiting(self._arrivals, transaction, bytes(transaction.hash), sender, transaction.nonce, cost))
        return replaced

    def _insert(self, waiting: Waiting) -> None:
        self._by_hash[waiting.hash] = waiting
        self._by_sender.setdefault(waiting.sender, {})[waiting.nonce] = waiting

    def _remove(self, waiting: Waiting) -> None:
        del self._by_hash[waiting.hash]
        own = self._by_sender[waiting.sender]
        del own[waiting.nonce]
        if not own:
            del self._by_sender[waiting.sender]

    def get(self, hash_: bytes) -> SignedTransactionAPI | None:
        waiting = self._by_hash.get(hash_)
        return waiting.transaction if waiting else None

    def next_nonce(self, sender: Address) -> int:
        """The first nonce that neither the chain nor an unbroken run of waiting transactions has used."""
        with self.arrived:
            nonce: int = self._backend.state(self._backend.head()).get_nonce(sender)
            own = self._by_sender.get(sender, {})
            while nonce in own:
                nonce += 1
            return nonce

    def ready(self, base_fee: int) -> list[Waiting]:
        """All that could be in the next block: each sender's in nonce order without a gap, otherwise by arrival."""
        with self.arrived:
            state = self._backend.state(self._backend.head())
            heads: list[tuple[int, Waiting]] = []
            for sender, own in self._by_sender.items():
                first = own.get(state.get_nonce(sender))
                if first and first.transaction.max_fee_per_gas >= base_fee:
                    heapq.heappush(heads, (first.arrival, first))
            order = []
            while heads:
                _, waiting = heapq.heappop(heads)
                order.append(waiting)
                following = self._by_sender[waiting.sender].get(waiting.nonce + 1)
                if following and following.transaction.max_fee_per_gas >= base_fee:
                    heapq.heappush(heads, (following.arrival, following))
            return order

    def settle(self, mined: Iterable[bytes], dropped: Iterable[bytes]) -> None:
        """After a block: forgets what it holds, what cannot be executed, and what was overtaken.

        What the block holds was struck from the file with it.
        """
        with self.arrived:
            state = self._backend.state(self._backend.head())
            gone = [self._by_hash[hash_] for hash_ in mined if hash_ in self._by_hash]
            stale = [self._by_hash[hash_] for hash_ in dropped if hash_ in self._by_hash]
            for waiting in gone:
                self._remove(waiting)
            for sender in {waiting.sender for waiting in gone}:
                own = self._by_sender.get(sender, {})
                stale += [
                    waiting
                    for waiting in own.values()
                    if waiting.nonce < state.get_nonce(sender) and waiting not in stale
                ]
            for waiting in stale:
                self._remove(waiting)
            if stale:
                self._backend.file.forget_waiting([waiting.hash for waiting in stale])


def _outbids(new: SignedTransactionAPI, old: SignedTransactionAPI) -> bool:
    """A replacement pays at least a tenth more, of both fees."""
    return (
        new.max_fee_per_gas * 100 >= old.max_fee_per_gas * _REPLACEMENT_PERCENT
        and new.max_priority_fee_per_gas * 100 >= old.max_priority_fee_per_gas * _REPLACEMENT_PERCENT
    )

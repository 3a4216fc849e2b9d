"""Fetches the logs that a plan follows over a range of blocks, and the headers that place them.

History comes in windows whose span adapts to how many logs they hold, several of them in flight: while one is read and
written the node works on the next ones. Near the head a window is fetched when it is asked for, with each of its headers.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import msgspec

from ledger.chain.client import BlockHeader, Client, RawLog
from ledger.chain.given_blocks import ask_live, ask_logs, read_logs
from ledger.errors import BrokenEvidence, NodeRefused, NotFound, Unavailable
from ledger.index.addresses import Addresses
from ledger.index.decode import RawBatch, decode, numbers_of
from ledger.index.window import LIVE_BLOCKS, Window

T = TypeVar("T")

FIRST_SPAN = 8
FEW_LOGS, MANY_LOGS = 2_500, 7_500
IN_FLIGHT = 2


@dataclass(frozen=True, slots=True)
class _Ahead:
    """A question in flight; its answer is read only when its turn comes, by the thread that uses it."""

    first_block: int
    last_block: int
    live: bool
    logs: Future[msgspec.Raw]


class Fetcher:
    """Fetches windows of one plan from one node. For one thread; it has its own for what is in flight."""

    def __init__(self, client: Client, addresses: Addresses, *, whole: bool = False) -> None:
        """`whole`: blocks near the head are fetched whole, with their receipts, to be proven."""
        self._client = client
        self._whole = whole
        self._addresses = addresses
        self._span = FIRST_SPAN
        self._most = client.profile.log_range
        self._ahead: deque[_Ahead] = deque()
        self._workers: ThreadPoolExecutor | None = None

    def fetch(self, first_block: int, last_block: int) -> Window:
        """The next window from `first_block`; `last_block` is the last of the chain that is to be read."""
        while True:
            try:
                window = self._next(first_block, last_block)
                break
            except NodeRefused:  # nodes refuse answers that are too large
                self._drop()
                if self._span == 1:
                    raise
                self._span = self._most = max(self._span // 2, 1)
        self._adapt(len(window.logs))
        self._look_ahead(window.last_block + 1, last_block)
        return window

    def glance(self, block: int) -> Window | None:
        """This one block, new at the head, in one round trip; None when the node does not have it (yet)."""
        self._drop()
        try:
            return self._near_the_head(block, block)
        except (NotFound, NodeRefused):
            return None

    def close(self) -> None:
        """What is in flight is not waited for."""
        self._drop()
        if self._workers is not None:
            self._workers.shutdown(wait=False, cancel_futures=True)
            self._workers = None

    # --- what is in flight -------------------------------------------------------------------------------------------

    def _next(self, first_block: int, last_block: int) -> Window:
        history = last_block - LIVE_BLOCKS
        if first_block > history and (self._whole or first_block == last_block):
            self._drop()
            return self._near_the_head(first_block, min(first_block + self._span - 1, last_block))
        if not self._ahead or self._ahead[0].first_block != first_block:
            self._drop()
            self._look_ahead(first_block, last_block)
        try:
            return self._opened(self._ahead.popleft())
        except BaseException:
            self._drop()
            raise

    def _look_ahead(self, first_block: int, last_block: int) -> None:
        """Keeps several questions in flight, from `first_block` on."""
        history = last_block - LIVE_BLOCKS
        end_of_all = history if self._whole else last_block
        if self._ahead:
            first_block = self._ahead[-1].last_block + 1
        while len(self._ahead) < IN_FLIGHT and first_block <= end_of_all:
            live = first_block > history
            end = min(first_block + self._span - 1, last_block if live else history)
            answer = self._submit(partial(ask_logs, self._client, first_block, end, self._addresses.wanted()))
            self._ahead.append(_Ahead(first_block, end, live, answer))
            first_block = end + 1

    def _submit(self, work: Callable[[], T]) -> Future[T]:
        if self._workers is None:
            self._workers = ThreadPoolExecutor(IN_FLIGHT + 1, thread_name_prefix="fetch")
        return self._workers.submit(work)

    def _drop(self) -> None:
        while self._ahead:
            self._ahead.popleft().logs.cancel()

    def _adapt(self, logs: int) -> None:
        if logs > MANY_LOGS:
            self._span = max(self._span // 2, 1)
        elif logs < FEW_LOGS:
            self._span = min(self._span * 2, self._most)

    # --- one window --------------------------------------------------------------------------------------------------

    def live(self, first_block: int, last_block: int, known: Mapping[int, BlockHeader]) -> Window:
        """Blocks near the head, some of whose headers are known. From any thread; NodeRefused when they are too many."""
        began = time.perf_counter()
        logs = read_logs(self._client, ask_logs(self._client, first_block, last_block, self._addresses.wanted()))
        self._require_ours(logs)
        numbers = range(first_block, last_block + 1)
        headers = {number: known[number] for number in numbers if number in known}
        missing = [number for number in numbers if number not in headers]
        headers |= zip(missing, self._client.blocks(missing), strict=True)
        return Window(first_block, last_block, tuple(logs), headers, True, seconds=time.perf_counter() - began)

    def _opened(self, ahead: _Ahead) -> Window:
        began = time.perf_counter()
        logs = read_logs(self._client, ahead.logs.result())
        self._require_ours(logs)
        with_logs = set(numbers_of([log.block_number for log in logs]))
        ends = {ahead.first_block, ahead.last_block}
        numbers = range(ahead.first_block, ahead.last_block + 1) if ahead.live else sorted(with_logs | ends)
        headers = self._submit(partial(self._client.blocks, numbers))
        batches = self._decoded(logs)
        known = dict(zip(numbers, headers.result(), strict=True))
        spent = time.perf_counter() - began
        return Window(
            ahead.first_block, ahead.last_block, tuple(logs), known, ahead.live, batches=batches, seconds=spent
        )

    def _near_the_head(self, first_block: int, last_block: int) -> Window:
        if not self._whole:
            return self.live(first_block, last_block, {})
        began = time.perf_counter()
        given, logs = ask_live(self._client, first_block, last_block, self._addresses.wanted())
        self._require_ours(logs)
        headers = {number: each.header for number, each in enumerate(given, first_block)}
        spent = time.perf_counter() - began
        return Window(first_block, last_block, tuple(logs), headers, True, tuple(given), seconds=spent)

    def _decoded(self, logs: Sequence[RawLog]) -> Sequence[RawBatch] | None:
        """While the node looks for the headers. None where it must wait for what these logs announce, or fails: whoever
        takes the window decodes it then, and tells of it."""
        if self._addresses.announced:
            return None
        try:
            return decode(logs, self._addresses)
        except BrokenEvidence:
            return None

    def _require_ours(self, logs: Sequence[RawLog]) -> None:
        """Who answers with other logs than were asked for may leave some out as well."""
        if self._addresses.announced:
            return
        asked = self._addresses.fixed
        strange = next((each for each in {log.address for log in logs} if each.lower() not in asked), None)
        if strange is not None:
            raise Unavailable(
                f"The node at {self._client.url} was asked for logs of other contracts than {strange}.",
                hint="Check the node; its answer was not used.",
            )

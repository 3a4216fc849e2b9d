"""Several nodes of one chain behind the interface of one: reads from a healthy one, writes to more than one.

A request goes to the node that served the last one, as long as that is healthy; where it does not answer within
`QUICK`, the next one is asked, so that the death of a node costs a caller about a second. Nodes that were judged
untrue (`node_health`) are not asked. Where there is one node only it is asked whatever it says: callers check for
themselves what chain they read. A pool may be shared by threads, and lives again after a fork.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import msgspec

from ledger.chain.growth import Growth, grown
from ledger.chain.look_at_node import ask_head, look_at
from ledger.chain.node_health import Judge, NodeHealth, move
from ledger.chain.profiles import Profile
from ledger.chain.rpc import PATIENT, Call, Patience, Rpc, RpcFault
from ledger.errors import NodeRefused, Unavailable

T = TypeVar("T")

#: How long a node may take while another could serve.
QUICK = Patience(1.2, 2)

#: To how many nodes a transaction is handed in at once; a stuck one goes to all.
WRITE_NODES = 3

#: How long the other nodes' word on a transaction is waited for, once one node has answered.
OTHERS_SECONDS = 0.3

#: Between two looks at all nodes.
LOOK_SECONDS = 1.0
LOOK_SECONDS_ALONE = 2.0

#: Blocks that a head may go back on a chain whose blocks are not final at once.
REORGANISATION = 64


class NodePool:
    """`lag_blocks`: how far behind the others a node may be and still be read from. `chain_id`, `genesis` as far as
    known; then nodes of another chain are left out. `position`s count from 0 in the order of the settings."""

    def __init__(
        self,
        nodes: Sequence[Rpc],
        profile: Profile,
        *,
        chain_id: int | None = None,
        genesis: str | None = None,
        lag_blocks: int = 3,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._nodes = tuple(nodes)
        self._profile = profile
        self._clock = clock
        self._health = [NodeHealth(node.url, since=int(clock())) for node in nodes]
        self._judge = Judge(
            len(nodes),
            chain_id=chain_id,
            genesis=genesis,
            lag_blocks=lag_blocks,
            goes_back=0 if profile.immediate_finality else REORGANISATION,
        )
        self._current = 0
        self._turn = threading.Lock()  # over health and judge
        self._starting = threading.Lock()
        self._closed = threading.Event()
        self._watching = 0  # the process that watches
        self._growth = Growth()
        self._workers: ThreadPoolExecutor | None = None

    @property
    def url(self) -> str:
        """The node that is asked first, as it may stand in a sentence."""
        return self._nodes[self._current].url

    def __len__(self) -> int:
        return len(self._nodes)

    def close(self) -> None:
        self._closed.set()
        if self._workers is not None:
            self._workers.shutdown(wait=False, cancel_futures=True)
        for node in self._nodes:
            node.close()

    # --- the interface of Rpc ----------------------------------------------------------------------------------------

    def batch(self, calls: Sequence[Call]) -> list[Any]:
        """As `Rpc.batch`. Transactions go to more than one node; what any of them took counts as taken."""
        if any(method == "eth_sendRawTransaction" for method, _ in calls):
            return self.hand_in(calls, WRITE_NODES)
        return self._read(lambda node, patience: node.batch(calls, patience), calls)

    def raw_batch(self, calls: Sequence[Call]) -> list[msgspec.Raw | RpcFault]:
        return self._read(lambda node, patience: node.raw_batch(calls, patience), calls)

    def typed(self, kind: type[T], method: str, *params: Any) -> T:
        calls: list[Call] = [(method, list(params))]
        return self._read(lambda node, patience: node.typed(kind, method, *params, patience=patience), calls)

    def hand_in(self, calls: Sequence[Call], nodes: int) -> list[Any]:
        """Asks up to so many nodes the same; the first one's answer, or another's where the first one refused."""
        others: list[Future[list[Any]]] = []
        if len(self._nodes) > 1:
            self.watch()
            others = [self._submit(partial(self._nodes[i].batch, calls, QUICK)) for i in self._candidates()[1:nodes]]
        answers = self._read(lambda node, patience: node.batch(calls, patience), calls)
        wait(others, OTHERS_SECONDS)
        for other in others:
            if other.done() and other.exception() is None:
                theirs = other.result()
                answers = [b if isinstance(a, RpcFault) else a for a, b in zip(answers, theirs, strict=True)]
        return answers

    # --- health ------------------------------------------------------------------------------------------------------

    def health(self) -> tuple[NodeHealth, ...]:
        """How each node stands, in the order of the settings, as far as known: `look` asks anew."""
        with self._turn:
            return tuple(replace(node) for node in self._health)

    @property
    def split(self) -> tuple[str, int] | None:
        """A sentence where nodes contradict each other and nobody can tell who is right, and since when."""
        return self._judge.split

    def look(self) -> tuple[NodeHealth, ...]:
        """Asks every node where it stands, and judges; about three seconds at most, a few milliseconds as a rule."""
        heads = [each.result() for each in [self._submit(partial(ask_head, node)) for node in self._nodes]]
        heights = {head.height for head in heads if head.error is None} | self._judge.disputed()
        asked = [
            self._submit(partial(look_at, node, self._profile, head, heights))
            for node, head in zip(self._nodes, heads, strict=True)
        ]
        looks = [each.result() for each in asked]
        with self._turn:
            now = self._clock()
            self._judge.judge(self._health, looks, now)
            self._growth = grown(self._growth, self._health, now)
        return self.health()

    def watch(self) -> None:
        """Looks now, and again and again beside the callers, until closed: for processes that live on."""
        if self._watching == os.getpid() or self._closed.is_set():
            return
        with self._starting:
            if self._watching == os.getpid():
                return
            self._workers = None  # after a fork its threads are gone
            self.look()
            threading.Thread(target=_look_again, args=(weakref.ref(self),), name="nodes", daemon=True).start()
            self._watching = os.getpid()

    def growth(self) -> Growth:
        """What the looks so far have shown of the chain's growth."""
        return self._growth

    def accuse(self, position: int, sentence: str) -> None:
        """Leaves a node out for something untrue."""
        with self._turn:
            self._judge.accuse(position, sentence, self._clock())
            self._health[position].state, self._health[position].sentence = "left_out", sentence
            self._health[position].since = int(self._clock())

    def ask_each(self, ask: Callable[[Rpc], T]) -> dict[int, T | Unavailable]:
        """What each node answers that is neither down nor left out, by position, asked beside one another."""
        self.watch()
        positions = [i for i, node in enumerate(self.health()) if node.state in ("healthy", "lagging")]
        asked = {i: self._submit(partial(_outcome, ask, self._nodes[i])) for i in positions}
        return {i: future.result() for i, future in asked.items()}

    # --- parts -------------------------------------------------------------------------------------------------------

    def _read(self, ask: Callable[[Rpc, Patience], T], calls: Sequence[Call]) -> T:
        """From the first node that serves it; each is asked shortly, and then once more with patience."""
        if len(self._nodes) == 1:
            return ask(self._nodes[0], PATIENT)
        self.watch()
        height, last = _height_in(calls), None
        for patience in (QUICK, PATIENT):
            for position in self._candidates():
                try:
                    if height is not None and not self._reaches(position, height, patience):
                        continue
                    started = time.monotonic()
                    answer = ask(self._nodes[position], patience)
                except NodeRefused:
                    raise
                except Unavailable as error:
                    last = error
                    self._failed(position, error)
                    continue
                self._served(position, time.monotonic() - started)
                return answer
        if last is None and self._candidates():
            if any(method == "eth_getLogs" for method, _ in calls):
                raise Unavailable(f"No node has block {height} yet.", hint="Wait for it.")
            return ask(self._nodes[self._candidates()[0]], PATIENT)  # it says itself that it has no such block
        raise last or self._nobody()

    def _candidates(self) -> list[int]:
        """Whom to ask, the best first: healthy before lagging before down, and whoever served last before others."""
        with self._turn:
            usable = [i for i, node in enumerate(self._health) if node.state != "left_out"]

            def rank(i: int) -> tuple[int, bool, int, float]:
                node = self._health[i]
                behind = -node.height if node.state == "lagging" else 0
                return (_RANK[node.state], i != self._current, behind, node.latency_seconds)

            return sorted(usable, key=rank)

    def _nobody(self) -> Unavailable:
        reasons = "; ".join(f"{node.name}: {node.sentence}" for node in self.health() if node.sentence)
        return Unavailable(f"No node can be read from: {reasons}", hint="See `suyuan status`, and correct rpc_urls.")

    def _reaches(self, position: int, height: int, patience: Patience) -> bool:
        """Whether the node has the block at this height: beyond its head it would answer that nothing is there."""
        if self._health[position].height >= height:
            return True
        (answer,) = self._nodes[position].batch([("eth_blockNumber", [])], patience)
        return isinstance(answer, str) and int(answer, 16) >= height

    def _failed(self, position: int, error: Unavailable) -> None:
        with self._turn:
            node = self._health[position]
            node.faults += 1
            if node.state != "left_out":
                move(node, "down", error.what, self._clock())

    def _served(self, position: int, seconds: float) -> None:
        with self._turn:
            node = self._health[position]
            node.faults = 0
            node.latency_seconds += (seconds - node.latency_seconds) / 8
            self._current = position

    def _submit(self, work: Callable[[], T]) -> Future[T]:
        if self._workers is None:
            self._workers = ThreadPoolExecutor(3 * len(self._nodes), thread_name_prefix="node")
        return self._workers.submit(work)


def _look_again(pool: weakref.ref[NodePool]) -> None:
    """Until the pool is closed or forgotten."""
    while (known := pool()) is not None and not known._closed.is_set():
        pause = LOOK_SECONDS if len(known) > 1 else LOOK_SECONDS_ALONE
        closed = known._closed
        del known
        if closed.wait(pause) or (known := pool()) is None:
            return
        with suppress(RuntimeError):  # closed in between
            known.look()
        del known


_RANK = {"healthy": 0, "lagging": 1, "down": 2, "left_out": 3}


def _outcome(ask: Callable[[Rpc], T], node: Rpc) -> T | Unavailable:
    try:
        return ask(node)
    except Unavailable as error:
        return error


def _height_in(calls: Sequence[Call]) -> int | None:
    """The highest block that the calls ask for by its number, where a node that lacks it would answer with nothing."""
    heights: list[int] = []
    for method, params in calls:
        if method == "eth_getLogs" and params and isinstance(params[0], dict):
            heights.append(_number(params[0].get("toBlock")))
        elif method in ("eth_getBlockByNumber", "eth_getBlockReceipts") and params:
            heights.append(_number(params[0]))
    return max(heights, default=None) if max(heights, default=-1) >= 0 else None


def _number(tag: Any) -> int:
    try:
        return int(tag, 16)
    except (TypeError, ValueError):
        return -1

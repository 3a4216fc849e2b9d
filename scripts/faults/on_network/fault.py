"""What a fault is: something that is done to a served network under load, what must be seen meanwhile, and what must hold after."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ledger.errors import SuyuanError
from ledger.network.look import newest_blocks
from scripts.consortium.invariants import check
from scripts.consortium.load import Counts, Load
from scripts.consortium.served import Served, with_paid_orders


class Skipped(Exception):
    """This machine cannot make the fault; the reason is printed."""


@dataclass
class Scene:
    """Where a fault happens. `note` keeps a figure, `wrong` a sentence about what did not hold."""

    served: Served
    rule: int
    chance: random.Random
    kills: int
    figures: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    orders_made: int = 0

    def note(self, name: str, value: Any) -> None:
        self.figures[name] = round(value, 1) if isinstance(value, float) else value

    def wrong(self, sentence: str) -> None:
        self.faults.append(sentence)

    def expect(self, holds: bool, sentence: str) -> None:
        if not holds:
            self.wrong(sentence)

    def orders(self, count: int) -> list[str]:
        numbers = with_paid_orders(self.served, self.rule, count, self.orders_made + 1)
        self.orders_made += count
        return numbers

    def height(self) -> int:
        return self.served.look().height or 0

    def await_all_level(self, seconds: float = 180) -> float:
        """Until every node answers at one height, give or take a block, and each validator has had its turn again in round 0;
        how long that took."""

        def level() -> bool:
            seen = self.served.look()
            lags = [node.lag for node in seen.nodes]
            if seen.height is None or None in lags or max(lag or 0 for lag in lags) > 1:
                return False
            newest = newest_blocks(seen.nodes[0].rpc_url, seen.height, len(seen.validators))
            return all(block.round == 0 for block in newest)

        return self.served.await_true(level, seconds, "all nodes level and taking turns")


Fault = Callable[[Scene, Load], None]


def suffer(scene: Scene, name: str, fault: Fault, *, orders: int = 200, every: float = 0.5) -> bool:
    """Makes one fault under load and checks the invariants; prints a line; whether all held."""
    scene.figures, scene.faults = {}, []
    began = time.monotonic()
    counts = Counts()
    try:
        with Load(scene.served, scene.orders(orders), every, name=f"{int(began) % 10**8}") as load:
            counts = load.counts
            time.sleep(3)  # the load runs before the fault
            fault(scene, load)
        checked = check(scene.served, counts)
        scene.faults += checked.faults
        scene.note("captures", checked.captures)
        scene.note("orders", checked.orders)
        scene.note("drained_s", checked.drained_seconds)
        scene.note("asked_again", counts.unanswered)
        scene.note("slowest_answer_s", counts.slowest)
        scene.note("answers_5xx", sum(times for status, times in counts.refused.items() if status >= 500))
        scene.note("digests_equal", len(set(checked.digests.values())) == 1)
    except Skipped as reason:
        print(f"{name}: SKIPPED: {reason}", flush=True)
        return True
    except (RuntimeError, SuyuanError) as error:
        scene.wrong(str(error))
    scene.note("took_s", time.monotonic() - began)
    told = ", ".join(f"{key} {value}" for key, value in scene.figures.items())
    print(f"{name}: {'ok' if not scene.faults else 'WRONG'}: {told}", flush=True)
    for sentence in scene.faults[:10]:
        print(f"    ! {sentence}", flush=True)
    return not scene.faults

"""Which nodes to believe: pure judgement over what each of them said in one round of looks.

A node is *healthy*; *lagging* when it stands more blocks behind than the settings allow; *down* when it does not answer;
*left out* when what it says cannot be true: another chain, a head that went back, a header that does not hash to its
own name or does not stand on its parent, a block that most others say is another one, or a head far ahead of all the
others. Who is left out is asked again and comes back when it has agreed for a while.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

State = Literal["healthy", "lagging", "down", "left_out"]

#: How long a node stays left out after the last time that it said something untrue.
PENALTY_SECONDS = 30

#: Agreed blocks that are remembered, to tell of two nodes that contradict each other which one changed its mind.
REMEMBERED = 512


@dataclass(frozen=True)
class Look:
    """What one node said. `error`: a sentence where it did not answer. `odd`: what is wrong with its head's header by
    itself. `hashes`: block hashes by height, the head's and those that others gave as their heads."""

    error: str | None = None
    chain_id: int | None = None
    genesis: str | None = None
    height: int = -1
    block_time: int = 0
    odd: str | None = None
    hashes: Mapping[int, str] = field(default_factory=dict)


@dataclass
class NodeHealth:
    """A node as it stands. `since`: Unix seconds at which it came into this state; `sentence` says why it is not
    healthy; `height` -1 and `block_time` 0 (Unix seconds of its head) before it answered; `latency_seconds` smoothed."""

    name: str
    state: State = "healthy"
    sentence: str = ""
    since: int = 0
    height: int = -1
    block_time: int = 0
    latency_seconds: float = 0.0
    faults: int = 0  # requests in a row that it did not serve


@dataclass
class _Record:
    highest: int = -1
    wrong_until: float = 0.0
    wrong: str = ""
    disputed: dict[int, str] = field(default_factory=dict)  # by height: the hash that most gave


class Judge:
    """`chain_id` and `genesis`: of this ledger's chain, None where not known. `goes_back`: by how many blocks a head
    may go back on this chain; 0 where a block is final at once."""

    def __init__(
        self, nodes: int, *, chain_id: int | None, genesis: str | None, lag_blocks: int, goes_back: int
    ) -> None:
        self._chain_id, self._genesis = chain_id, genesis
        self._lag, self._goes_back = lag_blocks, goes_back
        self._records = [_Record() for _ in range(nodes)]
        self._agreed: dict[int, str] = {}
        #: Where nodes contradict each other and no majority tells who is right: a sentence, and since when; else None.
        self.split: tuple[str, int] | None = None

    def disputed(self) -> set[int]:
        """Heights to ask every node for again."""
        return {height for record in self._records for height in record.disputed}

    def accuse(self, position: int, sentence: str, now: float) -> None:
        """Leaves a node out for something untrue that was noticed elsewhere."""
        self._records[position].wrong = sentence
        self._records[position].wrong_until = now + PENALTY_SECONDS

    def judge(self, nodes: Sequence[NodeHealth], looks: Sequence[Look], now: float) -> None:
        """Sets state, sentence and height of each node."""
        answered = [i for i, look in enumerate(looks) if look.error is None]
        wrong = {i: why for i in answered if (why := self._wrong_alone(i, looks[i])) is not None}
        wrong |= self._contradicted([i for i in answered if i not in wrong], looks, now)
        wrong |= self._far_ahead([i for i in answered if i not in wrong], looks)
        for i, why in wrong.items():
            self.accuse(i, why, now)
        fine = [i for i in answered if i not in wrong]
        best = max((looks[i].height for i in fine), default=-1)
        for i, (node, look) in enumerate(zip(nodes, looks, strict=True)):
            record = self._records[i]
            if i in fine:
                record.highest = max(record.highest, look.height)
            if look.error is not None:
                move(node, "down", look.error, now)
                continue
            node.height, node.block_time, node.faults = look.height, look.block_time, 0
            if now < record.wrong_until or record.disputed:
                move(node, "left_out", record.wrong, now)
            elif look.height < best - self._lag:
                behind = best - look.height
                move(node, "lagging", f"{node.name} stands at block {look.height}, {behind} behind.", now)
            else:
                move(node, "healthy", "", now)

    def _wrong_alone(self, i: int, look: Look) -> str | None:
        if self._chain_id is not None and look.chain_id != self._chain_id:
            return f"It serves chain {look.chain_id}, and this ledger lives on chain {self._chain_id}."
        if self._genesis is not None and look.genesis is not None and look.genesis != self._genesis:
            return "It belongs to another network: its chain has the same id and another first block."
        if look.odd is not None:
            return look.odd
        record = self._records[i]
        if look.height < record.highest - self._goes_back:
            return f"Its head went back from block {record.highest} to {look.height}, where blocks are final."
        return None

    def _contradicted(self, among: Sequence[int], looks: Sequence[Look], now: float) -> dict[int, str]:
        wrong: dict[int, str] = {}
        since, self.split = self.split, None
        for height in sorted({height for i in among for height in looks[i].hashes}):
            votes = Counter(looks[i].hashes[height] for i in among if i not in wrong and height in looks[i].hashes)
            right = self._right(votes, height)
            if right is None:
                if votes:
                    sentence = f"Nodes contradict each other about block {height}, and no majority tells who is right."
                    self.split = (sentence, since[1] if since else int(now))
                continue
            if votes[right] * 2 > len(self._records):
                self._agreed[height] = right
            for i in among:
                given = looks[i].hashes.get(height)
                if given is not None and given != right and i not in wrong:
                    self._records[i].disputed[height] = right
                    wrong[i] = (
                        f"It says that block {height} is {given[:10]}…, and {votes[right]} others say {right[:10]}…."
                    )
        for i in among:  # what it was left out for, and now says as the others do
            disputed = self._records[i].disputed
            for height in [height for height, right in disputed.items() if looks[i].hashes.get(height) == right]:
                del disputed[height]
        while len(self._agreed) > REMEMBERED:
            del self._agreed[next(iter(self._agreed))]
        return wrong

    def _right(self, votes: Counter[str], height: int) -> str | None:
        """The hash that most gave, or, where as many gave another, the one that was agreed before."""
        ranked = votes.most_common(2)
        if not ranked:
            return None
        if len(ranked) == 1 or ranked[0][1] > ranked[1][1]:
            return ranked[0][0]
        before = self._agreed.get(height)
        return before if before in votes else None

    def _far_ahead(self, among: Sequence[int], looks: Sequence[Look]) -> dict[int, str]:
        """Of at least three, one ahead of all others, which stand together: what it shows nobody confirms."""
        if len(among) < 3:
            return {}
        *others, first = sorted(among, key=lambda i: looks[i].height)
        low, high = looks[others[0]].height, looks[others[-1]].height
        ahead = looks[first].height - high
        if ahead <= self._lag or high - low > self._lag:
            return {}
        return {first: f"Its head is {ahead} blocks ahead of all the other nodes, and none of them confirms it."}


def move(node: NodeHealth, state: State, sentence: str, now: float) -> None:
    """Into a state; `since` stays where the state does."""
    if node.state != state:
        node.state, node.since = state, int(now)
    node.sentence = sentence

"""How a chain grows, as the looks of one process see it: from when on there was no block, and what its blocks tell of
this process's clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ledger.chain.node_health import NodeHealth

#: A block that came between two looks no further apart than this tells the time.
CLOSE_SECONDS = 3.0

#: Blocks that must agree on how wrong the clock is, and by how much they may differ: blocks that a node catches up with
#: do not.
BLOCKS_AGREE, AGREE_SECONDS = 4, 3.0


@dataclass(frozen=True)
class Growth:
    """The highest believed block (-1 before the first) and its time; when it was first and last looked at, and when it
    was last seen to grow (Unix seconds, 0 for never). `offsets`: by how many seconds this process's clock was ahead of
    each of the newest blocks, when that had just come."""

    height: int = -1
    block_time: int = 0
    first_look: float = 0.0
    last_look: float = 0.0
    risen_at: float = 0.0
    offsets: tuple[float, ...] = ()

    @property
    def clock_offset(self) -> float | None:
        """By how much this process's clock is ahead of the validators' (behind where negative); None while unknown."""
        if len(self.offsets) < BLOCKS_AGREE or max(self.offsets) - min(self.offsets) > AGREE_SECONDS:
            return None
        return sorted(self.offsets)[BLOCKS_AGREE // 2]


def grown(before: Growth, nodes: Sequence[NodeHealth], now: float) -> Growth:
    """After one more look at the nodes."""
    after = replace(before, first_look=before.first_look or now, last_look=now)
    believed = [node for node in nodes if node.state in ("healthy", "lagging")]
    best = max(believed, key=lambda node: node.height, default=None)
    if best is None or best.height <= before.height:
        return after
    after = replace(after, height=best.height, block_time=best.block_time)
    if before.height < 0:
        return after
    offsets = before.offsets
    if now - before.last_look <= CLOSE_SECONDS:
        offsets = (*offsets, now - best.block_time)[-BLOCKS_AGREE:]
    return replace(after, risen_at=now, offsets=offsets)

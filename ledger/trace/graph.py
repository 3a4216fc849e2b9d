"""A journey as a graph: lots as boxes in rows, what was made of what as lines. Pure; `graph_svg` draws it.

The rows read downwards as goods flow: what came first stands at the top. A row that is too wide for a phone goes on in the next.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from ledger.trace.journey import Branch, Journey, Step

MOST_BOXES = 60
BOXES_A_ROW = 2


@dataclass(frozen=True, slots=True)
class Box:
    """A lot: where it stands (row from the top, place in the row) and what is known of its making."""

    lot_key: str
    gtin: str | None
    lot: str | None
    name: str | None
    depth: int
    row: int
    place: int
    made: Step | None
    origin_known: bool
    findings: int
    asked: bool  # the lot that the journey is about


@dataclass(frozen=True, slots=True)
class Graph:
    """`lines` are pairs of keys, from what was used to what was made of it. `left_out` boxes did not find room."""

    boxes: tuple[Box, ...]
    lines: tuple[tuple[str, str], ...]
    rows: int
    left_out: int


def graph_of(journey: Journey) -> Graph:
    """The nearest lots first where there are more than fit; the lot itself always."""
    known: dict[str, tuple[Branch | None, int]] = {journey.lot_key: (None, 0)}
    lines: dict[tuple[str, str], None] = {}
    level = [(branch, journey.lot_key, 1) for branch in journey.inputs]
    level += [(branch, journey.lot_key, -1) for branch in journey.made_into]
    while level:  # by distance, so that what is left out is farthest
        onward = []
        for branch, other, depth in level:
            known.setdefault(branch.lot_key, (branch, depth))
            ends = (branch.lot_key, other) if depth > 0 else (other, branch.lot_key)
            lines.setdefault(ends)
            step = 1 if depth > 0 else -1
            onward += [(inner, branch.lot_key, depth + step) for inner in branch.inputs]
        level = onward
    shown = dict(list(known.items())[:MOST_BOXES])
    by_depth: dict[int, list[str]] = defaultdict(list)
    for key, (_, depth) in shown.items():
        by_depth[depth].append(key)
    boxes: list[Box] = []
    row = 0
    for depth in sorted(by_depth, reverse=True):
        keys = by_depth[depth]
        for number, key in enumerate(keys):
            boxes.append(_box(journey, key, *shown[key], row + number // BOXES_A_ROW, number % BOXES_A_ROW))
        row += -(-len(keys) // BOXES_A_ROW)
    kept = tuple(ends for ends in lines if ends[0] in shown and ends[1] in shown)
    return Graph(tuple(boxes), kept, row, len(known) - len(shown))


def _box(journey: Journey, key: str, branch: Branch | None, depth: int, row: int, place: int) -> Box:
    steps = {step.key: step for step in journey.steps}
    gtin: str | None
    lot: str | None
    if branch is None:
        making = [
            step
            for step in journey.steps
            if any(item.lot_key == key and item.role == "output" for item in step.goods)
            or (step.action == "ADD" and any(item.lot_key == key and item.role == "object" for item in step.goods))
        ]
        gtin, lot, name, origin_known = journey.gtin, journey.lot, journey.product, journey.origin_known
    else:
        making = [steps[one] for one in branch.steps if one in steps]
        gtin, lot, name, origin_known = branch.gtin, branch.lot, branch.name, branch.origin_known
    return Box(
        lot_key=key,
        gtin=gtin,
        lot=lot,
        name=name,
        depth=depth,
        row=row,
        place=place,
        made=making[0] if making else None,
        origin_known=origin_known,
        findings=sum(key in finding.lots for finding in journey.findings),
        asked=key == journey.lot_key,
    )

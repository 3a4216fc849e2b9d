"""In plain words: the walk finds exactly the lots that a walk by hand over the same transformations finds, at the same distance,
both ways, whatever the graph, circles included, and as of any moment."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from trace_scene import GLNS, RAW, goods, made, new_scene

from ledger.trace.walk import Walk

PACKER = GLNS["packer"]
LOTS = [f"L{number}" for number in range(9)]

Made = tuple[frozenset[str], frozenset[str]]  # what one transformation used, and what it made

transformations = st.tuples(
    st.frozensets(st.sampled_from(LOTS), min_size=1, max_size=3),
    st.frozensets(st.sampled_from(LOTS), min_size=1, max_size=2),
).filter(lambda one: not one[0] & one[1])


def naive(graph: list[Made], start: str, *, upstream: bool) -> dict[str, int]:
    """The distance of every lot that is reached, by asking every transformation again until nothing new comes."""
    distance = {start: 0}
    hops = 0
    while True:
        hops += 1
        reached = set()
        for used, made_of_it in graph:
            ends, begins = (made_of_it, used) if upstream else (used, made_of_it)
            if any(distance.get(lot) == hops - 1 for lot in ends):
                reached |= {lot for lot in begins if lot not in distance}
        if not reached:
            return distance
        distance.update(dict.fromkeys(reached, hops))


@settings(max_examples=40, deadline=None)
@given(graph=st.lists(transformations, min_size=1, max_size=10), start=st.sampled_from(LOTS), known=st.integers(0, 10))
def test_walk_equals_a_naive_walk_on_random_graphs(graph: list[Made], start: str, known: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        scene = new_scene(Path(folder))
        scene.member("packer", PACKER)
        hashes = []
        for number, (used, out) in enumerate(graph):  # each at a time of its own, so that no two are one event
            ins, outs = ([goods(RAW, lot, 1) for lot in sorted(some)] for some in (used, out))
            hashes += scene.say("packer", made(f"2026-04-02T08:{number:02}", PACKER, ins, outs))
        by_then = graph[:known]
        with scene.engine.connect() as connection:
            now = Walk(connection, f"{RAW}/{start}", downstream=True)
            then = Walk(connection, f"{RAW}/{start}", downstream=True, as_of=1_777_000_000 + 60 * known)
        scene.engine.dispose()
        for walk, told in ((now, graph), (then, by_then)):
            up, down = naive(told, start, upstream=True), naive(told, start, upstream=False)
            # A lot on a circle lies both ways; the walk goes upstream first and keeps that distance.
            expected = {lot: -hops for lot, hops in down.items()} | up
            assert {key.removeprefix(f"{RAW}/"): depth for key, depth in walk.depths.items()} == expected
            assert {key.removeprefix(f"{RAW}/") for key in walk.reached} == down.keys()
            history = {number for number, (_, out) in enumerate(told) if out & up.keys()}
            made_of_it = {
                number
                for number, (used, out) in enumerate(told)
                if used & down.keys() or out & (down.keys() - {start})  # also what else went into something made of it
            }
            assert walk.history == {hashes[number] for number in history}
            assert walk.forward == {hashes[number] for number in made_of_it - history}

"""Orders by the batch from end to end: one file, placed, paid, delivered, refunded and taken apart through the commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from journey_world import World

LEGS = [
    {"payee": "platform", "kind": "fixed", "value": 30},
    {"payee": "creator", "kind": "share", "value": 1200, "cap_fen": 2000},
    {"payee": "merchant", "kind": "residual"},
]
COUNT = 1_100
AMOUNTS = {f"L-{n}": 1_000 + 7 * n for n in range(COUNT)}


@pytest.fixture(scope="module")
def placed(world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[World, list[str], Path]:
    """The batches of one order file, not paid yet."""
    folder = tmp_path_factory.mktemp("batch")
    rule, file = folder / "rule.json", folder / "orders.csv"
    rule.write_text(json.dumps({"legs": LEGS}), encoding="utf-8")
    world.suyuan("rule", "propose", str(rule), "--as", "merchant")
    for payee in ("platform", "creator", "merchant"):
        world.suyuan("rule", "sign", "1", "1", "--as", payee)
    lines = [f"{number},{fen},1,carrier" for number, fen in AMOUNTS.items()]
    file.write_text("\n".join(["number,amount_fen,rule,carrier", *lines]) + "\n", encoding="utf-8")
    done = world.suyuan("batch", "place", str(file))
    assert [batch["count"] for batch in done["batches"]] == [1_000, 100]
    return world, [batch["batch"] for batch in done["batches"]], file


@pytest.fixture(scope="module")
def settled(placed: tuple[World, list[str], Path]) -> tuple[World, str, str]:
    """Of the large batch all but what was refunded before and taken out; of the small one two orders."""
    world, (large, small), file = placed
    assert world.suyuan("batch", "place", str(file))["repeated"] == COUNT
    assert "not paid yet" in world.refused("batch", "settle", large, "--all")
    for batch in (large, small):
        assert not world.suyuan("batch", "pay", batch[:10])["repeated"]
    assert world.suyuan("batch", "refund", large, "L-5", "--reason", "never sent")["total_fen"] == AMOUNTS["L-5"]
    assert world.suyuan("batch", "take-out", large, "L-6", "L-7")["taken_out"] == ["L-6", "L-7"]
    assert world.suyuan("batch", "settle", large, "--all")["settled"] == 997
    assert world.suyuan("batch", "settle", small, "L-1000", "L-1099")["settled"] == 2
    assert world.suyuan("batch", "refund", large, "L-0", "--reason", "crushed")["refunded"] == ["L-0"]
    assert world.suyuan("orders", "deliver", "L-6")["delivered"] == ["L-6"]
    return world, large, small


def states_of(world: World, batch: str) -> dict[str, int]:
    states = [order["state"] for order in world.suyuan("batch", "show", batch)["orders"]]
    return {state: states.count(state) for state in set(states)}


def test_orders_stand_where_they_were_brought(settled: tuple[World, str, str]) -> None:
    world, large, small = settled
    assert states_of(world, large) == {"settled": 997, "refunded": 2, "paid": 1}
    assert states_of(world, small) == {"settled": 2, "paid": 98}
    assert [batch["state"] for batch in world.suyuan("batch", "list")] == ["paid", "paid"]


def test_split_of_an_order_in_a_batch_is_explained(settled: tuple[World, str, str]) -> None:
    explained = settled[0].suyuan("explain", "L-999")
    assert sum(line["amount_fen"] for line in explained["lines"]) == AMOUNTS["L-999"]
    assert all(line["credited_fen"] == line["amount_fen"] for line in explained["lines"])


def test_every_fen_is_where_it_should_be(settled: tuple[World, str, str]) -> None:
    found: dict[str, Any] = settled[0].suyuan("audit")
    assert (found["faults"], found["chain_checked"]) == ([], True)
    assert found["supply_fen"] == sum(AMOUNTS.values())
    assert found["to_shoppers_fen"] == AMOUNTS["L-5"] + AMOUNTS["L-0"]


def test_acts_that_are_repeated_change_nothing(settled: tuple[World, str, str]) -> None:
    world, large, small = settled
    before = world.suyuan("index", "digest")
    assert world.suyuan("batch", "pay", large)["repeated"]
    assert world.suyuan("batch", "settle", large, "--all")["settled"] == 0
    assert world.suyuan("batch", "refund", large, "L-0", "--reason", "crushed")["refunded"] == []
    assert world.suyuan("batch", "take-out", large, "L-7")["taken_out"] == []
    assert world.suyuan("batch", "settle", small, "L-1000")["settled"] == 0
    assert world.suyuan("index", "digest") == before


def test_manifest_goes_to_the_bank_as_a_file(settled: tuple[World, str, str], tmp_path: Path) -> None:
    world, large, small = settled
    file = tmp_path / "manifest.json"
    world.suyuan("batch", "show", large, "--manifest", str(file))
    assert world.suyuan("batch", "pay", large, "--manifest", str(file))["repeated"]
    assert "not the manifest" in world.refused("batch", "pay", small, "--manifest", str(file))


def test_rows_made_again_are_the_same(settled: tuple[World, str, str]) -> None:
    before = settled[0].suyuan("index", "digest")
    settled[0].suyuan("index", "rebuild")
    assert settled[0].suyuan("index", "digest") == before

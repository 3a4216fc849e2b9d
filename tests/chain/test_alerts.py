"""What needs a look, told from real looks at real nodes and from the rows, and nothing where all is well."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from chain_world import CHAIN_ID, World, free_port
from misbehaving_node import MisbehavingNode, each
from sqlalchemy import Engine

from ledger.chain import alerts as alerts_module
from ledger.chain.alerts import KINDS, alerts
from ledger.chain.client import Client
from ledger.chain.health import health, look_twice
from ledger.chain.outbox import mark, queue, rows_in
from ledger.chain.profiles import EMBEDDED, IBFT, Profile
from ledger.chain.standstill import stalled_after, standstill
from ledger.config import Home
from ledger.store.database import write

#: As the embedded chain, with blocks that come by themselves.
TIMED = replace(EMBEDDED, block_seconds=1.0, run_by_home=False)


@pytest.fixture
def node(world: World) -> Iterator[MisbehavingNode]:
    node = MisbehavingNode(world.settings.rpc_url)
    yield node
    node.close()


def kinds(engine: Engine, client: Client, now: float) -> list[str]:
    return [alert.kind for alert in alerts(engine, client, now)]


def looking(url: str | list[str], profile: Profile = EMBEDDED) -> Client:
    client = Client(url, profile, chain_id=CHAIN_ID)
    client.nodes.look()
    return client


def test_where_all_is_well_there_is_nothing_to_tell(engine: Engine, world: World) -> None:
    found = health(engine, looking(world.settings.rpc_url), time.time())
    assert found.ok, found.alerts
    assert found.standstill is None
    assert found.height >= 0


def test_a_node_that_is_away_is_named_and_nothing_can_be_confirmed(engine: Engine) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    found = alerts(engine, looking(url), time.time())
    assert [alert.kind for alert in found] == ["no_node", "node_down", "no_majority"]
    assert {alert.kind for alert in found} <= set(KINDS)
    assert url in found[1].sentence
    assert found[1].about == url


def test_one_of_four_nodes_that_lies_is_named_and_the_chain_goes_on(engine: Engine, world: World) -> None:
    nodes = [MisbehavingNode(world.settings.rpc_url) for _ in range(4)]
    nodes[1].twist = each(
        lambda response: (
            response["result"].update(hash="0x" + "ab" * 32)
            if isinstance(response.get("result"), dict) and response["result"].get("number") not in (None, "0x0")
            else None
        )
    )
    client = looking([node.url for node in nodes])
    (alert,) = alerts(engine, client, time.time())
    assert (alert.kind, alert.about) == ("node_left_out", nodes[1].url)
    assert alert.since <= time.time()
    for one in nodes[2:]:
        one.close()
    client.nodes.look()
    assert "no_majority" in kinds(engine, client, time.time())
    nodes[0].close()
    nodes[1].close()


def test_a_chain_that_makes_no_blocks_stands_still_since_its_last_one(engine: Engine, world: World) -> None:
    client = looking(world.settings.rpc_url, TIMED)
    head = client.head()
    client.nodes._growth = replace(client.nodes.growth(), first_look=head.timestamp - 60.0)
    assert standstill(engine, client, head.timestamp + 10) is None
    later = head.timestamp + stalled_after(TIMED) + 1
    still = standstill(engine, client, later)
    assert still is not None
    assert (still.reason, still.since) == ("no_block", head.timestamp)
    assert f"no block since block {head.number}" in still.sentence


def test_where_blocks_come_on_demand_only_a_transaction_that_waits_tells_of_a_standstill(
    engine: Engine, world: World
) -> None:
    client = looking(world.settings.rpc_url)
    later = client.nodes.growth().block_time + 10_000
    assert standstill(engine, client, later) is None
    with write(engine) as connection:
        queue(connection, world.deployment, world.marked(1), later - 5_000)
        (row,) = rows_in(connection, "queued", 1)
        mark(connection, row, "sent")
    still = standstill(engine, client, later)
    assert still is not None
    assert still.reason == "no_block"


def test_an_old_outbox_is_told_with_its_oldest_row_and_its_reason(engine: Engine, world: World) -> None:
    client = looking(world.settings.rpc_url)
    now = int(time.time())
    with write(engine) as connection:
        for marker in (1, 2):
            queue(connection, world.deployment, world.marked(marker), now - 300)
        (row, _) = rows_in(connection, "queued", 2)
        mark(connection, row, "queued", error="The signer is away.")
    (alert,) = alerts(engine, client, now)
    assert (alert.kind, alert.since) == ("outbox_old", now - 300)
    assert "2 transactions wait" in alert.sentence
    assert "Members.assignLocation, is queued" in alert.sentence
    assert "The signer is away." in alert.sentence


@pytest.mark.parametrize(("offset", "words"), [(3600.0, "3600 seconds ahead of"), (-90.0, "90 seconds behind")])
def test_a_clock_that_is_wrong_is_told_by_blocks_that_have_just_come(
    offset: float, words: str, engine: Engine, world: World
) -> None:
    client = looking(world.settings.rpc_url, TIMED)
    now = client.nodes.growth().block_time + offset
    seen = client.nodes.growth()
    client.nodes._growth = replace(seen, offsets=(offset,) * 4, risen_at=now, first_look=now - 60)
    found = [alert for alert in alerts(engine, client, now) if alert.kind == "clock"]
    assert words in found[0].sentence
    client.nodes._growth = replace(seen, offsets=(1.0,) * 4, risen_at=now, first_look=now - 60)
    assert "clock" not in kinds(engine, client, now)


def test_a_disk_that_is_nearly_full_is_told_in_megabytes(
    engine: Engine, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = looking(world.settings.rpc_url)
    monkeypatch.setattr(alerts_module, "DISK_SHARE", 1.1)
    monkeypatch.setattr(alerts_module, "DISK_ENOUGH_BYTES", 10**18)
    (alert,) = alerts(engine, client, time.time(), home=Home(tmp_path))
    assert alert.kind == "disk"
    assert f"The disk of {tmp_path} is nearly full" in alert.sentence
    monkeypatch.undo()
    (alert,) = alerts(engine, client, time.time(), home=Home(tmp_path / "nowhere"))
    assert "cannot be looked at" in alert.sentence


def test_a_command_looks_again_before_it_says_that_blocks_do_not_come(engine: Engine, node: MisbehavingNode) -> None:
    client = Client(node.url, replace(IBFT, seal="none", block_seconds=0.05))
    look_twice(client)
    assert node.asked.count("eth_chainId") >= 2
    away = Client(f"http://127.0.0.1:{free_port()}", IBFT)
    look_twice(away)
    assert away.nodes.health()[0].state == "down"

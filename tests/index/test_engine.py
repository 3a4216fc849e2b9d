"""The engine knows no contract: any ABI, many addresses, proxies, factories, anonymous events, on a real chain."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from index_world import CHAIN_ID, KEYS, Chain
from sqlalchemy import Engine, select

from ledger.errors import BadInput, BrokenEvidence
from ledger.index.continuity import load_cursor
from ledger.index.indexer import Indexer
from ledger.index.plan import Announced, Plan, Source
from ledger.index.raw_tables import RawTables
from ledger.store.database import read

SHAPES = json.loads((Path(__file__).parent / "contracts" / "Shapes.json").read_text("utf-8"))
Follow = Callable[..., Indexer]


def abi_of(name: str) -> list[dict[str, Any]]:
    return list(SHAPES[name]["abi"])


def deploy(chain: Chain, name: str, *addresses: str) -> str:
    arguments = encode(["address"] * len(addresses), addresses).hex()
    receipt = chain.send("farm", SHAPES[name]["bytecode"] + arguments)
    assert receipt.contract_address is not None
    return receipt.contract_address.lower()


def call(chain: Chain, address: str, signature: str, *numbers: int) -> None:
    data = keccak(text=signature)[:4] + encode(["uint256"] * len(numbers), numbers)
    chain.send("farm", f"0x{data.hex()}", to=to_checksum_address(address))


@pytest.fixture
def follow(engine: Engine, chain: Chain) -> Follow:
    """An indexer of these sources, from the newest block on, run until it has all."""
    first = chain.client.head().number

    def follow(*sources: Source) -> Indexer:
        indexer = Indexer(engine, chain.client, RawTables(Plan(CHAIN_ID, first, sources)))
        indexer.sync()
        return indexer

    return follow


def rows(engine: Engine, tables: RawTables, table: str) -> list[dict[str, Any]]:
    found = tables.metadata.tables[table]
    with read(engine) as connection:
        return [
            dict(row) for row in connection.execute(select(found).order_by(found.c.block, found.c.log_index)).mappings()
        ]


# --- refusals --------------------------------------------------------------------------------------------------------


def test_two_anonymous_events_that_cannot_be_told_apart_are_refused() -> None:
    quiet = next(each for each in abi_of("Shapes") if each.get("anonymous"))
    with pytest.raises(BadInput, match="cannot be told apart"):
        RawTables(Plan(1, 0, (Source("Shapes", [quiet, {**quiet, "name": "Silent"}], ("0x" + "11" * 20,)),)))


def test_factory_that_announces_no_address_is_refused(engine: Engine, chain: Chain) -> None:
    street = Source("Street", abi_of("Street"), ("0x" + "11" * 20,))
    shop = Source("Shop", abi_of("Shop"), announced=Announced("Street", "Opened", "number"))
    with pytest.raises(BadInput, match="no address"):
        Indexer(engine, chain.client, RawTables(Plan(CHAIN_ID, 0, (street, shop))))


def test_event_that_the_abi_does_not_have_stops_the_line_before_it(
    engine: Engine, chain: Chain, follow: Follow
) -> None:
    shapes = deploy(chain, "Shapes")
    before = chain.client.head().number
    call(chain, shapes, "tell(uint256)", 1)
    some = [each for each in abi_of("Shapes") if each.get("name") != "Plain"]
    with pytest.raises(BrokenEvidence, match="cannot be decoded"):
        follow(Source("Shapes", some, (shapes,)))
    with read(engine) as connection:
        at = load_cursor(connection)
    assert at is not None
    assert at.next_block == before + 1


# --- readings --------------------------------------------------------------------------------------------------------


def test_events_of_every_shape_become_columns(engine: Engine, chain: Chain, follow: Follow) -> None:
    shapes = deploy(chain, "Shapes")
    call(chain, shapes, "tell(uint256)", 7)
    tables = follow(Source("Shapes", abi_of("Shapes"), (shapes,))).tables
    (nested,) = rows(engine, tables, "log_nested")
    assert nested["id"] == 7
    assert nested["title"] == keccak(text="title")
    assert json.loads(nested["things"]) == [
        {"kind": 1, "name": "溯源", "parts": ["7", str(2**256 - 1)]},
        {"kind": 2, "name": "", "parts": []},
    ]
    assert (nested["raw"], nested["balance"], nested["data"]) == (b"\x00\xff", -7, None)
    (quiet,) = rows(engine, tables, "log_quiet")
    assert (quiet["key"], quiet["value"]) == (keccak(encode(["uint256"], [7])), 7)
    (plain,) = rows(engine, tables, "log_plain")
    assert plain["yes"] is False
    assert f"0x{plain['who'].hex()}" == KEYS["farm"].address.lower()
    assert json.loads(plain["pair"]) == ["7", str(2**64 - 1)]
    assert f"0x{plain['address'].hex()}" == shapes


def test_proxy_is_read_by_the_abi_that_stands_behind_it(engine: Engine, chain: Chain, follow: Follow) -> None:
    shapes = deploy(chain, "Shapes")
    proxies = [deploy(chain, "Proxy", shapes) for _ in range(2)]
    for number, proxy in enumerate(proxies):
        call(chain, proxy, "tell(uint256)", number)
    call(chain, shapes, "tell(uint256)", 9)  # not followed
    tables = follow(Source("Shapes", abi_of("Shapes"), tuple(proxies))).tables
    found = rows(engine, tables, "log_quiet")
    assert [(f"0x{row['address'].hex()}", row["value"]) for row in found] == [(proxies[0], 0), (proxies[1], 1)]


def test_other_events_of_a_partial_abi_are_passed_over(engine: Engine, chain: Chain, follow: Follow) -> None:
    shapes = deploy(chain, "Shapes")
    call(chain, shapes, "tell(uint256)", 3)
    plain = [each for each in abi_of("Shapes") if each.get("name") == "Plain"]
    tables = follow(Source("Shapes", plain, (shapes,), whole=False)).tables
    assert len(rows(engine, tables, "log_plain")) == 1


def test_contracts_that_a_factory_makes_are_followed_from_their_first_log(
    engine: Engine, chain: Chain, follow: Follow
) -> None:
    """Also those that stood before the indexer started anew."""
    street, other = deploy(chain, "Street"), deploy(chain, "Street")
    sources = (
        Source("Street", abi_of("Street"), (street,)),
        Source("Shop", abi_of("Shop"), announced=Announced("Street", "Opened", "shop")),
    )
    call(chain, street, "open(uint256)", 1)
    call(chain, other, "open(uint256)", 2)  # another's: not followed
    tables = follow(*sources).tables
    (opened,) = rows(engine, tables, "log_opened")
    call(chain, f"0x{opened['shop'].hex()}", "stock(uint256)", 5)
    call(chain, street, "open(uint256)", 3)
    follow(*sources)
    assert [row["amount"] for row in rows(engine, tables, "log_stocked")] == [1, 5, 1]
    assert [row["number"] for row in rows(engine, tables, "log_opened")] == [1, 3]


def test_events_of_one_name_and_different_arguments_have_tables_of_their_own() -> None:
    one, other = (
        {"type": "event", "name": "Told", "inputs": [{"name": "it", "type": kind, "indexed": False}]}
        for kind in ("uint256", "string")
    )
    address = "0x" + "11" * 20
    tables = RawTables(
        Plan(1, 0, (Source("One", [one], (address,)), Source("Other", [other, one], (address[:-1] + "2",))))
    )
    names = sorted(tables.metadata.tables)
    assert len(names) == 2
    assert all(name.startswith("log_told_") for name in names)

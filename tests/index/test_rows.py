"""The rows tell what the contracts hold."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from pathlib import Path

import pytest
from index_world import GLN, GTIN, KEYS, MEMBERS, NUMBERS, Chain
from sqlalchemy import Engine, func, select

from ledger.index.context import Context
from ledger.index.events import RefundBooked
from ledger.index.handlers import apply
from ledger.index.ours import our_indexer
from ledger.index.rows import Rows
from ledger.index.stored_events import StoredEvents
from ledger.settle.audit import strange_bookings
from ledger.store.database import open_engine, read, write
from ledger.store.documents import Documents
from ledger.store.schema import (
    entry,
    event_order,
    feed,
    frozen,
    location,
    member,
    order,
    payout,
    recall,
    rule_signature,
    rule_version,
    withdrawal,
)


@pytest.fixture(scope="module")
def indexed(told: tuple[Chain, Path], empty_tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Only read here, so made once. That other databases hold the same is the digest's matter."""
    chain, documents = told
    file = shutil.copy(empty_tables, tmp_path_factory.mktemp("rows") / "ledger.sqlite")
    engine = open_engine(f"sqlite:///{file}")
    our_indexer(engine, chain.client, chain.deployment, Documents(documents)).sync()
    return engine


def test_entries_of_each_log_sum_to_zero(indexed: Engine) -> None:
    total = func.sum(entry.c.amount_fen)
    with read(indexed) as connection:
        sums = connection.execute(select(total).group_by(entry.c.block, entry.c.log_index)).scalars().all()
    assert sums
    assert set(sums) == {0}


def test_sums_of_entries_are_the_contracts_balances(indexed: Engine, chain: Chain) -> None:
    def held(function: str, *args: int) -> int:
        return int(chain.client.call(chain.deployment, "Credit", function, *args))

    total = func.sum(entry.c.amount_fen)
    with read(indexed) as connection:
        rows = connection.execute(
            select(entry.c.account, entry.c.member, total).group_by(entry.c.account, entry.c.member)
        )
        sums: dict[tuple[str, int | None], int] = defaultdict(int, {(row[0], row[1]): int(row[2]) for row in rows})
    for number in NUMBERS.values():
        assert sums["available", number] == held("availableFen", number)
        assert sums["in_transit", number] == held("inTransitFen", number)
    uncollected = sum(held("availableFen", number) - held("collectedFen", number) for number in NUMBERS.values())
    assert sums["escrow", None] + sums["budget", None] + uncollected == held("escrowedFen")
    assert -sums["bank", None] == held("supplyFen")


def test_orders_stand_where_the_contract_has_them(indexed: Engine, chain: Chain) -> None:
    states = ("none", "placed", "paid", "delivered", "settled")
    with read(indexed) as connection:
        rows = connection.execute(select(order).where(order.c.number.like("A-%"))).all()
    assert {row.number: row.state for row in rows} == {"A-1": "settled", "A-2": "delivered", "A-3": "placed"}
    for row in rows:
        assert chain.order_id(row.number).hex() == row.order_id[2:]
        assert states[chain.client.call(chain.deployment, "Escrow", "stateOf", row.order_id)] == row.state


def test_settlement_stands_in_the_block_of_its_delivery(indexed: Engine) -> None:
    with read(indexed) as connection:
        row = connection.execute(select(order).where(order.c.number == "A-1")).one()
        paid = connection.execute(select(payout).where(payout.c.order_id == row.order_id).order_by(payout.c.leg)).all()
    assert row.delivered_block == row.settled_block
    assert row.delivered_tx == row.settled_tx == paid[0].tx_hash
    assert [(each.payee, each.amount_fen) for each in paid] == [
        (NUMBERS["creator"], 2_000),
        (NUMBERS["platform"], 100),
        (NUMBERS["merchant"], 7_900),
    ]


def test_members_are_as_last_told(indexed: Engine) -> None:
    with read(indexed) as connection:
        rows = connection.execute(select(member).order_by(member.c.member)).all()
        place = connection.execute(select(location)).one()
    assert [(row.slug, row.account) for row in rows][: len(MEMBERS)] == [(name, KEYS[name].address) for name in MEMBERS]
    packer = rows[NUMBERS["packer"] - 1]
    assert (packer.active, packer.roles) == (True, 0b110)
    assert (place.gln, place.member, place.name) == (GLN, NUMBERS["farm"], "三号田 Field 3")


def test_recall_that_was_closed_and_opened_again_is_open(indexed: Engine) -> None:
    with read(indexed) as connection:
        rows = connection.execute(select(recall).order_by(recall.c.opened_block)).all()
    assert [(row.gtin, row.lot, row.closed_block is None) for row in rows] == [
        (GTIN, "OLD1", False),
        (GTIN, "OLD1", True),
    ]


def test_rule_is_adopted_when_the_last_required_member_signed(indexed: Engine) -> None:
    with read(indexed) as connection:
        version = connection.execute(select(rule_version).where(rule_version.c.rule == 1)).one()
        of_rule = rule_signature.c.rule == 1
        signed = connection.execute(select(rule_signature.c.signed_block).where(of_rule)).scalars().all()
    assert len(signed) == 3
    assert version.adopted_block == max(signed)


def test_withdrawals_end_booked_or_returned(indexed: Engine) -> None:
    with read(indexed) as connection:
        rows = connection.execute(select(withdrawal).order_by(withdrawal.c.withdrawal)).all()
        still_frozen = connection.execute(select(frozen.c.member)).scalars().all()
    assert [(row.state, row.bank_reference) for row in rows] == [
        ("requested", None),
        ("booked", "BANK-2"),
        ("returned", "account closed"),
        ("requested", None),
    ]
    assert still_frozen == [NUMBERS["creator"]]


def test_events_name_their_orders(indexed: Engine) -> None:
    with read(indexed) as connection:
        rows = connection.execute(select(event_order)).all()
    assert {(row.type, row.biz_transaction) for row in rows} == {("po", "urn:epcglobal:cbv:bt:0860009999060:7")}


def test_feed_tells_each_log_once_in_order(indexed: Engine) -> None:
    with read(indexed) as connection:
        rows = connection.execute(select(feed).order_by(feed.c.block, feed.c.log_index)).all()
    kinds = [row.kind for row in rows]
    assert {"order_placed", "order_paid", "order_delivered", "order_settled", "withdrawal_booked"} <= set(kinds)
    statements = [row for row in rows if row.kind == "statement_recorded" and row.lot_key]
    assert [row.lot_key for row in statements[:2]] == [f"{GTIN}/ABC1234", f"{GTIN}/DEF2345"]
    assert all(isinstance(json.loads(row.data), dict) for row in rows)


def test_booking_of_a_refund_that_never_was_does_not_stop_the_line(engine: Engine) -> None:
    """The contract takes the bank's word for it; the audit tells."""
    stored = StoredEvents(Documents(Path("/nonexistent")))
    with write(engine) as connection:
        rows = Rows(connection)
        apply(rows, RefundBooked(bytes(32), 1, 100, "BANK"), Context(1, 0, "0x00", 1, stored))
        rows.flush()
        assert connection.execute(select(func.sum(entry.c.amount_fen))).scalar() == 0
        assert strange_bookings(connection) == ["0x" + "00" * 32]
        connection.rollback()

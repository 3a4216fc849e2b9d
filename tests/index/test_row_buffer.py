"""What one handler changes the next one sees; what reaches the database is the last of it, and once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from ledger.errors import BrokenEvidence
from ledger.index.rows import Rows
from ledger.store.database import read, write
from ledger.store.schema import feed, frozen, location
from ledger.store.schema import order as orders


def an_order(order_id: str, state: str = "placed") -> dict[str, Any]:
    return {
        "order_id": order_id,
        "merchant": 1,
        "number": order_id,
        "amount_fen": 5,
        "currency": "CNY",
        "rule": 1,
        "carrier": 2,
        "state": state,
        "refunded_fen": 0,
        "placed_block": 1,
        "placed_at": 1,
    }


@pytest.fixture
def statements(engine: Engine) -> Iterator[list[str]]:
    """What is sent by way of SQLAlchemy: all that reads."""
    sent: list[str] = []

    def keep(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", keep)
    yield sent
    event.remove(engine, "before_cursor_execute", keep)


def states(engine: Engine) -> dict[str, str]:
    with read(engine) as connection:
        return {row.order_id: row.state for row in connection.execute(select(orders))}


def test_change_of_a_row_that_no_log_made_stops_the_line(engine: Engine) -> None:
    with write(engine) as connection, pytest.raises(BrokenEvidence, match="orders 0xaa"):
        Rows(connection).move(orders, {"order_id": "0xaa"}, {"state": "paid"})


def test_nothing_is_written_before_the_end(engine: Engine) -> None:
    with write(engine) as connection:
        rows = Rows(connection)
        rows.insert_once(orders, an_order("0xaa"))
        assert connection.execute(select(orders)).all() == []
        rows.flush()
    assert states(engine) == {"0xaa": "placed"}


def test_row_that_stands_is_not_made_twice(engine: Engine) -> None:
    for state in ("placed", "settled"):
        with write(engine) as connection:
            rows = Rows(connection)
            rows.insert_once(orders, an_order("0xaa", state))
            rows.flush()
    assert states(engine) == {"0xaa": "placed"}


def test_row_that_was_added_again_still_moves(engine: Engine) -> None:
    """Added without looking, then changed: what stood before must not win over the change."""
    with write(engine) as connection:
        rows = Rows(connection)
        rows.insert_once(orders, an_order("0xaa"))
        rows.flush()
    with write(engine) as connection:
        rows = Rows(connection)
        rows.insert_once(orders, an_order("0xaa"), an_order("0xbb"))
        for order_id in ("0xaa", "0xbb"):
            rows.move(orders, {"order_id": order_id}, {"state": "paid"}, only_if=lambda row: row["state"] == "placed")
        rows.flush()
    assert states(engine) == {"0xaa": "paid", "0xbb": "paid"}


def test_row_that_has_moved_on_stays(engine: Engine) -> None:
    with write(engine) as connection:
        rows = Rows(connection)
        rows.insert_once(orders, an_order("0xaa", "settled"))
        rows.move(orders, {"order_id": "0xaa"}, {"state": "paid"}, only_if=lambda row: row["state"] == "placed")
        rows.flush()
    assert states(engine) == {"0xaa": "settled"}


def test_removed_row_may_be_added_again(engine: Engine) -> None:
    with write(engine) as connection:
        rows = Rows(connection)
        rows.put(frozen, {"member": 1, "reason": "first", "block": 1})
        rows.put(frozen, {"member": 2, "reason": "first", "block": 1})
        rows.flush()
        rows.remove(frozen, 1)
        rows.remove(frozen, 2)
        assert rows.get(frozen, 1) is None
        rows.put(frozen, {"member": 2, "reason": "second", "block": 2})
        rows.flush()
        assert connection.execute(select(frozen)).all() == [(2, "second", 2)]


def test_expected_rows_cost_one_statement(engine: Engine, statements: list[str]) -> None:
    ids = [f"0x{number}" for number in range(50)]
    with write(engine) as connection:
        rows = Rows(connection)
        rows.insert_once(orders, *(an_order(order_id) for order_id in ids[:40]))
        rows.flush()
    with write(engine) as connection:
        rows = Rows(connection)
        statements.clear()
        rows.expect(orders, [(order_id,) for order_id in ids])
        for order_id in ids[40:]:
            rows.insert_once(orders, an_order(order_id))
        for order_id in ids:
            rows.move(orders, {"order_id": order_id}, {"state": "paid"})
        assert len(statements) == 1
        rows.flush()
    assert set(states(engine).values()) == {"paid"}


def test_appended_rows_are_never_read(engine: Engine, statements: list[str]) -> None:
    row = {"block": 1, "log_index": 0, "kind": "told", "data": "{}"}
    with write(engine) as connection:
        for _ in range(2):
            rows = Rows(connection, appended=(feed,))
            statements.clear()
            rows.insert_once(feed, row)
            rows.insert_once(feed, {**row, "log_index": 1})
            rows.flush()
            assert statements == []
        assert len(connection.execute(select(feed)).all()) == 2


def test_images_are_what_was_before(engine: Engine) -> None:
    with write(engine) as connection:
        rows = Rows(connection, appended=(feed,))
        rows.put(location, {"gln": "1", "member": 1, "name": "old", "block": 1})
        rows.begin_images()
        rows.put(location, {"gln": "1", "member": 1, "name": "new", "block": 2})
        rows.put(location, {"gln": "1", "member": 1, "name": "newer", "block": 2})
        rows.insert_once(location, {"gln": "2", "member": 1, "name": "made", "block": 2})
        rows.remove(frozen, 7)
        rows.insert_once(feed, {"block": 1, "log_index": 0, "kind": "told", "data": "{}"})
        images = rows.end_images()
        rows.put(location, {"gln": "1", "member": 2, "name": "later", "block": 3})
    assert images == [
        (location, ("1",), {"gln": "1", "member": 1, "name": "old", "block": 1}),
        (location, ("2",), None),
        (frozen, (7,), None),
    ]

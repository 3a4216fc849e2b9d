"""The outbox: what is queued once, what is a repeat, and how rows move."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chain_world import World
from sqlalchemy import Engine, select

from ledger.chain.nonces import Signature, next_nonces, store_signed
from ledger.chain.outbox import (
    Intent,
    QueuedOutcome,
    await_final,
    mark,
    pending,
    queue,
    queue_repeatable,
    require_final,
    rows_by_id,
)
from ledger.errors import BadInput, Conflict, NotFound, Reverted, Unavailable
from ledger.store.database import write
from ledger.store.schema import outbox


def _queue(engine: Engine, world: World, *intents: Intent, again: bool = True) -> list[QueuedOutcome]:
    with write(engine) as connection:
        return [queue(connection, world.deployment, intent, 1_700_000_000, again=again) for intent in intents]


def _signature(identity: int, account: str, nonce: int) -> Signature:
    return Signature(identity, account, nonce, 21_000, "0x00", f"0x{identity:064x}")


def test_a_call_that_does_not_fit_the_contract_is_refused(engine: Engine, world: World) -> None:
    intent = world.marked(1)
    for wrong in (
        replace(intent, function="assignPlace"),
        replace(intent, contract="Member"),
        replace(intent, args=(1,)),
        replace(intent, args=(-1, 1, "x")),
        replace(intent, account="0x12"),
    ):
        with pytest.raises((BadInput, NotFound)):
            _queue(engine, world, wrong)
    with engine.connect() as connection:
        assert connection.execute(select(outbox)).all() == []


def test_a_key_reused_for_another_call_is_refused(engine: Engine, world: World) -> None:
    _queue(engine, world, world.marked(1))
    with pytest.raises(Conflict, match="other content"):
        _queue(engine, world, replace(world.marked(2), key="marked:1"))


def test_a_row_that_is_not_there_is_said(engine: Engine) -> None:
    with pytest.raises(NotFound, match="no row 7"):
        await_final(engine, [7], 1)


def test_waiting_for_a_row_that_nobody_sends_says_where_it_stands(engine: Engine, world: World) -> None:
    (queued,) = _queue(engine, world, world.marked(1))
    with pytest.raises(Unavailable, match=r"Members\.assignLocation is not final after 0\.05 seconds; it is queued"):
        await_final(engine, [queued.id], 0.05)


def test_a_repeat_changes_nothing_and_says_so(engine: Engine, world: World) -> None:
    first, repeat = _queue(engine, world, world.marked(1), world.marked(1))
    assert (first.new, repeat.new) == (True, False)
    assert first.id == repeat.id
    with engine.connect() as connection:
        assert len(pending(connection)) == 1


def test_an_act_that_may_be_repeated_is_one_while_it_is_under_way_and_another_once_it_was_done(
    engine: Engine, world: World
) -> None:
    def asked(number: int) -> QueuedOutcome:
        with write(engine) as connection:
            return queue_repeatable(connection, world.deployment, world.marked(number), 1_700_000_000)

    first, other = asked(1), asked(2)
    assert (first.new, other.new) == (True, True)
    assert asked(1) == QueuedOutcome(first.id, False, "queued")
    with write(engine) as connection:
        (row,) = rows_by_id(connection, [first.id])
        mark(connection, row, "final", block=3)
    second = asked(1)
    assert second.new
    assert second.id not in (first.id, other.id)
    assert asked(1) == QueuedOutcome(second.id, False, "queued")


def test_whoever_changes_his_mind_twice_while_nothing_moves_is_heard_last(engine: Engine, world: World) -> None:
    def asked(number: int) -> QueuedOutcome:
        wish = replace(world.marked(number), key="wish")
        with write(engine) as connection:
            return queue_repeatable(connection, world.deployment, wish, 1_700_000_000)

    yes, no, again = asked(1), asked(2), asked(1)
    assert len({yes.id, no.id, again.id}) == 3
    assert (again.new, asked(1)) == (True, QueuedOutcome(again.id, False, "queued"))
    with engine.connect() as connection:
        first, _, last = pending(connection)
    assert first.data == last.data


def test_a_refused_act_is_queued_anew_when_asked_again(engine: Engine, world: World) -> None:
    (first,) = _queue(engine, world, world.marked(1))
    with write(engine) as connection:
        (row,) = rows_by_id(connection, [first.id])
        mark(connection, row, "reverted", error="The session ended.")
    (left,) = _queue(engine, world, world.marked(1), again=False)
    assert left == QueuedOutcome(first.id, False, "reverted")
    (anew,) = _queue(engine, world, world.marked(1))
    assert anew == QueuedOutcome(first.id, True, "queued")
    with engine.connect() as connection:
        (row,) = rows_by_id(connection, [first.id])
    assert (row.state, row.error) == ("queued", None)


def test_a_refusal_is_raised_with_its_sentence(engine: Engine, world: World) -> None:
    (queued,) = _queue(engine, world, world.marked(1))
    with write(engine) as connection:
        (row,) = rows_by_id(connection, [queued.id])
        mark(connection, row, "reverted", error="There is no member 9.")
    rows = await_final(engine, [queued.id], 1)
    with pytest.raises(Reverted, match=r"marked:1: There is no member 9\."):
        require_final(rows)


def test_a_nonce_taken_by_another_sender_is_not_taken_twice(engine: Engine, world: World) -> None:
    account = world.accounts["consortium"]
    first, second = (each.id for each in _queue(engine, world, world.marked(1), world.marked(2)))
    assert store_signed(engine, [_signature(first, account, 5)]) == 1
    assert store_signed(engine, [_signature(second, account, 5)]) == 0
    with engine.connect() as connection:
        states = [row.state for row in rows_by_id(connection, [first, second])]
        assert next_nonces(connection, [account]) == {account: 6}
    assert states == ["signed", "queued"]


def test_a_row_taken_by_another_sender_leaves_no_gap_behind_it(engine: Engine, world: World) -> None:
    account = world.accounts["consortium"]
    ids = [each.id for each in _queue(engine, world, *(world.marked(marker) for marker in (1, 2, 3)))]
    with write(engine) as connection:
        mark(connection, rows_by_id(connection, [ids[1]])[0], "reverted", error="Taken back.")
    assert store_signed(engine, [_signature(identity, account, 7 + i) for i, identity in enumerate(ids)]) == 1
    with engine.connect() as connection:
        assert [row.nonce for row in rows_by_id(connection, ids)] == [7, None, None]


def test_a_row_that_moved_on_meanwhile_is_left_alone(engine: Engine, world: World) -> None:
    (queued,) = _queue(engine, world, world.marked(1))
    with write(engine) as connection:
        (as_read,) = rows_by_id(connection, [queued.id])
        assert mark(connection, as_read, "reverted", error="Refused.") == 1
        assert mark(connection, as_read, "queued", error="Waits.") == 0
        (row,) = rows_by_id(connection, [queued.id])
    assert (row.state, row.error) == ("reverted", "Refused.")


def test_the_stored_authority_holds_no_secret(engine: Engine, world: World) -> None:
    authority = world.session("farm", "capture")
    intent = Intent("record:1", world.accounts["farm"], "Statements", "record", (["11" * 32],), authority)
    (queued,) = _queue(engine, world, intent)
    with engine.connect() as connection:
        (row,) = rows_by_id(connection, [queued.id])
    assert row.authority is not None
    assert '"signature"' in row.authority
    assert "secret" not in row.authority

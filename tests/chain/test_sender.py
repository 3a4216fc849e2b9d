"""The sender on a real chain: refusals told and no nonce spent, and every intent exactly once whatever dies when."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from chain_world import CHAIN_ID, Countdown, Killed, Mortal, World
from sqlalchemy import Engine

from ledger.chain.client import Client
from ledger.chain.outbox import Intent, OutboxRow, await_final, queue, rows_by_id
from ledger.chain.sender import Sender
from ledger.chain.signer_client import SignerClient
from ledger.errors import Unavailable
from ledger.store.database import open_engine, write


def _queue(engine: Engine, world: World, *intents: Intent) -> list[int]:
    with write(engine) as connection:
        return [queue(connection, world.deployment, intent, int(time.time())).id for intent in intents]


def _rows(engine: Engine, ids: list[int]) -> list[OutboxRow]:
    with engine.connect() as connection:
        return rows_by_id(connection, ids)


def _run(sender: Sender, engine: Engine, ids: list[int]) -> list[OutboxRow]:
    """Steps until all of these rows have ended."""
    deadline = time.monotonic() + 30
    while any(row.state not in ("final", "reverted") for row in _rows(engine, ids)):
        assert time.monotonic() < deadline, _rows(engine, ids)
        if not sender.step():
            time.sleep(0.02)
    return _rows(engine, ids)


def _record(world: World, commitment: str, scope: str = "capture", **session: Any) -> Intent:
    authority = world.session("farm", scope, **session)
    account = world.accounts["farm"]
    return Intent(f"record:{commitment}", account, "Statements", "record", ([commitment],), authority)


# --- refusals --------------------------------------------------------------------------------------------------------


def test_what_the_contract_would_refuse_is_told_and_spends_no_nonce(engine: Engine, world: World) -> None:
    before = world.client.nonce(world.accounts["consortium"])
    intent = replace(world.marked(1, gas=None), key="nobody", function="setRoles", args=(99, 1))
    (row,) = _run(world.sender(engine), engine, _queue(engine, world, intent))
    assert row.state == "reverted"
    assert row.error == (
        "The contract refused: UnknownMember: There is no member 99. Check the number with `suyuan members`."
    )
    assert row.nonce is None
    assert world.client.nonce(world.accounts["consortium"]) == before


def test_what_the_contract_refused_is_told_with_its_block(engine: Engine, world: World) -> None:
    intent = replace(world.marked(1), key="nobody", function="setRoles", args=(99, 1))
    (row,) = _run(world.sender(engine), engine, _queue(engine, world, intent))
    assert (row.state, row.nonce is None, row.block is None) == ("reverted", False, False)
    assert "There is no member 99." in str(row.error)


def test_a_transaction_that_ran_out_of_gas_is_told(engine: Engine, world: World) -> None:
    (row,) = _run(world.sender(engine), engine, _queue(engine, world, world.marked(3, gas=23_000)))
    assert row.state == "reverted"
    assert "gas" in str(row.error)


def test_more_gas_than_a_block_holds_is_refused_before_it_is_signed(engine: Engine, world: World) -> None:
    (row,) = _run(world.sender(engine), engine, _queue(engine, world, world.marked(3, gas=10**12)))
    assert (row.state, row.nonce) == ("reverted", None)
    assert "a block of this chain holds" in str(row.error)


def test_an_ended_session_is_refused_and_those_behind_it_go_on(engine: Engine, world: World) -> None:
    ids = _queue(
        engine,
        world,
        _record(world, "a1" * 32),
        _record(world, "a2" * 32, seconds=1),
        _record(world, "a3" * 32, scope="orders"),
        _record(world, "a4" * 32),
    )
    time.sleep(1.1)
    rows = _run(world.sender(engine), engine, ids)
    assert [row.state for row in rows] == ["final", "reverted", "reverted", "final"]
    assert "The session ended" in str(rows[1].error)
    assert "The session does not cover Statements.record" in str(rows[2].error)
    assert rows[3].nonce == int(rows[0].nonce or 0) + 1


def test_an_account_without_funds_waits_and_says_why(engine: Engine, world: World) -> None:
    """Nothing is lost: it goes once the account is funded."""
    signer, stranger = _stranger(world)
    sender = Sender(engine, world.client, signer, world.profile, CHAIN_ID)
    (identity,) = _queue(engine, world, replace(world.marked(5), account=stranger))
    for _ in range(3):
        sender.step()
    (row,) = _rows(engine, [identity])
    assert row.state == "signed"
    assert "fund" in str(row.error).lower() or "balance" in str(row.error).lower()
    ids = _queue(engine, world, world.marked(6))
    assert [row.state for row in _run(sender, engine, ids)] == ["final"]


def _stranger(world: World) -> tuple[Any, str]:
    """A signer that also signs for an account that nobody funded."""
    from eth_account import Account

    key = Account.create()

    class Signer:
        def sign_many(self, requests: Any) -> list[bytes]:
            signed = []
            for request in requests:
                if request.account == key.address:
                    signed.append(bytes(Account.sign_transaction(request.transaction, key.key).raw_transaction))
                else:
                    signed += world.signer.sign_many([request])
            return signed

    return Signer(), key.address


def test_without_a_signer_what_is_signed_still_goes(engine: Engine, world: World) -> None:
    countdown = Countdown(10**9)
    (first,) = _queue(engine, world, world.marked(7))
    with pytest.raises(Killed):  # signed and stored, then dead before it is sent
        Sender(engine, _NeverSends(world.client, countdown), world.signer, world.profile, CHAIN_ID).step()
    (second,) = _queue(engine, world, world.marked(8))
    away = SignerClient("http://127.0.0.1:9", "secret")
    sender = Sender(engine, world.client, away, world.profile, CHAIN_ID)
    for _ in range(20):
        with pytest.raises(Unavailable, match="The signer at"):
            sender.step()
        if _rows(engine, [first])[0].state == "final":
            break
        time.sleep(0.05)
    assert [row.state for row in _rows(engine, [first, second])] == ["final", "queued"]


class _NeverSends(Mortal):
    def __getattr__(self, name: str) -> Any:
        if name == "send_all":
            raise Killed
        return super().__getattr__(name)


# --- exactly once ----------------------------------------------------------------------------------------------------


def test_intents_of_one_account_are_done_in_their_order(engine: Engine, world: World) -> None:
    ids = _queue(engine, world, *(world.marked(100 + i) for i in range(40)))
    rows = _run(world.sender(engine), engine, ids)
    assert {row.state for row in rows} == {"final"}
    nonces = [row.nonce for row in rows]
    assert nonces == list(range(int(nonces[0] or 0), int(nonces[0] or 0) + 40))


def test_what_depends_on_an_earlier_transaction_waits_for_it(engine: Engine, world: World) -> None:
    """The second would be refused on the state of the head; the first makes it right."""
    head = world.client.head().number
    following = world.client.call(world.deployment, "Members", "count") + 1
    newcomer = (f"0x{following:040x}", 1, f"newcomer-{following}", "Newcomer")
    admit = Intent("admit", world.accounts["consortium"], "Members", "admit", newcomer, None, None)
    change = replace(admit, key="change", function="setRoles", args=(following, 2))
    rows = _run(world.sender(engine), engine, _queue(engine, world, admit, change))
    assert [row.state for row in rows] == ["final", "final"], [row.error for row in rows]
    assert all(int(row.block or 0) > head for row in rows)


def test_a_sender_that_dies_at_every_point_does_each_intent_once(engine: Engine, world: World) -> None:
    first_block = world.client.head().number + 1
    markers = list(range(1000, 1020))
    left, ids, deaths = list(markers), [], 0
    chance = random.Random(7)
    while left or any(row.state != "final" for row in _rows(engine, ids)):
        for marker in left[:2]:
            ids += _queue(engine, world, world.marked(marker, gas=chance.choice((None, 100_000))))
        left = left[2:]
        countdown = Countdown(deaths % 23)
        sender = Sender(
            engine, Mortal(world.client, countdown), Mortal(world.signer, countdown), world.profile, CHAIN_ID
        )
        try:
            for _ in range(6):
                sender.step()
        except Killed:
            pass
        deaths += 1
        assert deaths < 400
    done = world.times_done(first_block)
    assert {marker: done.get(marker) for marker in markers} == dict.fromkeys(markers, 1)


def test_a_transaction_that_the_node_forgot_is_sent_again(engine: Engine, world: World) -> None:
    first_block = world.client.head().number + 1

    class Forgetful:
        """A node that was killed with its pool: it took the transactions, and has none of them."""

        def send_all(self, raws: list[bytes]) -> list[str]:
            return ["0x" for _ in raws]

        def __getattr__(self, name: str) -> Any:
            return getattr(world.client, name)

    ids = _queue(engine, world, world.marked(2000), world.marked(2001))
    forgetful: Any = Forgetful()
    Sender(engine, forgetful, world.signer, world.profile, CHAIN_ID).step()
    assert [row.state for row in _rows(engine, ids)] == ["sent", "sent"]
    rows = _run(world.sender(engine), engine, ids)
    assert [row.state for row in rows] == ["final", "final"]
    done = world.times_done(first_block)
    assert (done[2000], done[2001]) == (1, 1)


def test_nonces_go_on_from_those_that_the_node_does_not_know_yet(engine: Engine, world: World) -> None:
    before = world.client.nonce(world.accounts["consortium"])
    ids = []
    for marker in (2050, 2051):
        ids += _queue(engine, world, world.marked(marker))
        with pytest.raises(Killed):
            Sender(engine, _NeverSends(world.client, Countdown(10**9)), world.signer, world.profile, CHAIN_ID).step()
    assert [row.nonce for row in _rows(engine, ids)] == [before, before + 1]
    assert {row.state for row in _run(world.sender(engine), engine, ids)} == {"final"}


def test_a_nonce_taken_elsewhere_is_replaced_by_another(engine: Engine, world: World) -> None:
    first_block = world.client.head().number + 1
    ids = _queue(engine, world, world.marked(2100))
    with pytest.raises(Killed):
        Sender(engine, _NeverSends(world.client, Countdown(10**9)), world.signer, world.profile, CHAIN_ID).step()
    assert _rows(engine, ids)[0].state == "signed"
    world.consortium_calls("assignLocation", list(world.marked_args(2101)))  # takes the nonce that was stored
    (row,) = _run(world.sender(engine), engine, ids)
    assert row.state == "final"
    done = world.times_done(first_block)
    assert (done[2100], done[2101]) == (1, 1)


def test_a_transaction_mined_while_it_was_looked_for_is_not_sent_anew(engine: Engine, world: World) -> None:
    """The receipt was asked for just before its block, the account's count just after it."""
    first_block = world.client.head().number + 1

    class JustBefore:
        """A node whose first look at receipts and pool is a moment old."""

        def __init__(self) -> None:
            self.fresh = {"receipts": False, "known": False}

        def __getattr__(self, name: str) -> Any:
            call = getattr(world.client, name)
            if self.fresh.get(name, True):
                return call
            self.fresh[name] = True
            return lambda hashes: [None] * len(hashes)

    ids = _queue(engine, world, world.marked(2200))
    client: Any = JustBefore()
    sender = Sender(engine, client, world.signer, world.profile, CHAIN_ID)
    (row,) = _run(sender, engine, ids)
    assert client.fresh == {"receipts": True, "known": True}
    assert row.state == "final"
    assert world.times_done(first_block) == {2200: 1}


def test_two_senders_at_once_do_each_intent_once(engine: Engine, world: World) -> None:
    first_block = world.client.head().number + 1
    markers = list(range(3000, 3040))
    ids = _queue(engine, world, *(world.marked(marker) for marker in markers))
    stop = threading.Event()
    runs = [threading.Thread(target=world.sender(engine).run, args=(stop,)) for _ in range(2)]
    for run in runs:
        run.start()
    try:
        rows = await_final(engine, ids, 30)
    finally:
        stop.set()
        for run in runs:
            run.join()
    assert {row.state for row in rows} == {"final"}
    assert world.times_done(first_block) == dict.fromkeys(markers, 1)


def _serve(database: str, rpc_url: str, world: World) -> None:
    engine = open_engine(database)
    client, signer = Client(rpc_url, world.profile), SignerClient.of(world.home, world.settings)
    Sender(engine, client, signer, world.profile, CHAIN_ID).run(threading.Event())


def test_a_sender_killed_with_kill_9_again_and_again_does_each_intent_once(engine: Engine, world: World) -> None:
    first_block = world.client.head().number + 1
    markers = list(range(4000, 4060))
    left, ids = list(markers), []
    chance = random.Random(9)
    # Forked, so that a start costs no imports: its life is short.
    fork = multiprocessing.get_context("fork")
    engine.dispose()
    database = engine.url.render_as_string(hide_password=False)
    for _ in range(16):
        process = fork.Process(target=_serve, args=(database, world.settings.rpc_url, world))
        process.start()
        for marker in left[:3]:
            ids += _queue(engine, world, world.marked(marker))
        left = left[3:]
        time.sleep(chance.uniform(0.005, 0.12))
        os.kill(int(process.pid or 0), signal.SIGKILL)
        process.join()
    rows = _run(world.sender(engine), engine, ids)
    assert {row.state for row in rows} == {"final"}
    done = world.times_done(first_block)
    assert done == dict.fromkeys(markers[: len(ids)], 1)

"""An account whose next transaction is not mined: replaced, pushed or filled, and every act is still done once."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from chain_world import CHAIN_ID, World
from eth_utils.crypto import keccak
from sqlalchemy import Engine, select

from ledger.chain import unstick
from ledger.chain.outbox import OutboxRow, queue, rows_by_id
from ledger.chain.sender import Sender
from ledger.errors import BadInput, NodeRefused, NotAllowed, Unavailable
from ledger.store.database import read, write
from ledger.store.schema import outbox


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unstick, "MISSING_SECONDS", 0.3)
    monkeypatch.setattr(unstick, "STUCK_SECONDS_WITHOUT_BLOCKS", 0.3)
    monkeypatch.setattr(unstick, "LOOK_AGAIN_SECONDS", 0.1)


def _queue(engine: Engine, world: World, *markers: int) -> list[int]:
    with write(engine) as connection:
        return [queue(connection, world.deployment, world.marked(marker), int(time.time())).id for marker in markers]


def _run(sender: Sender, engine: Engine, ids: list[int]) -> list[OutboxRow]:
    deadline = time.monotonic() + 30
    while True:
        with read(engine) as connection:
            rows = rows_by_id(connection, ids)
        if all(row.state in ("final", "reverted") for row in rows):
            return rows
        assert time.monotonic() < deadline, rows
        if not sender.step():
            time.sleep(0.02)


def _sender(engine: Engine, world: World, client: Any) -> Sender:
    return Sender(engine, client, world.signer, world.profile, CHAIN_ID)


class Through:
    """The world's client, with a change."""

    def __init__(self, world: World) -> None:
        self._client = world.client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


class CountsLost(Through):
    """A node whose pool held a transaction from elsewhere when a nonce was asked for; then it died with it."""

    def __init__(self, world: World, lost: int) -> None:
        super().__init__(world)
        self.lost = lost

    def nonces(self, accounts: list[str], *, pending: bool = True) -> dict[str, int]:
        counts = self._client.nonces(accounts, pending=pending)
        return {account: count + (self.lost if pending else 0) for account, count in counts.items()}


def test_nonces_lost_with_a_node_are_filled_and_what_waited_behind_them_is_done_once(
    engine: Engine, world: World
) -> None:
    first_block = world.client.head().number + 1
    before = world.client.nonce(world.accounts["consortium"])
    ids = _queue(engine, world, 8000, 8001)
    _sender(engine, world, CountsLost(world, 2)).step()
    with read(engine) as connection:
        assert [row.nonce for row in rows_by_id(connection, ids)] == [before + 2, before + 3]
    rows = _run(world.sender(engine), engine, ids)
    assert {row.state for row in rows} == {"final"}
    assert world.times_done(first_block) == {8000: 1, 8001: 1}
    with read(engine) as connection:
        fillers = connection.execute(
            select(outbox.c.nonce, outbox.c.function).where(outbox.c.id.not_in(ids)).order_by(outbox.c.nonce)
        ).all()
    assert fillers == [(before, "fillNonce"), (before + 1, "fillNonce")]


class Hoards(Through):
    """A node that takes a transaction, says that it has it, and never has it mined; `late`: it lets go of the first one
    when it is handed another."""

    def __init__(self, world: World, *, late: bool) -> None:
        super().__init__(world)
        self.held: list[bytes] = []
        self.hashes: list[str] = []
        self.late = late

    def send_all(self, raws: list[bytes]) -> list[Any]:
        if not self.held:
            self.held = list(raws)
            self.hashes = ["0x" + keccak(raw).hex() for raw in raws]
            return list(self.hashes)
        if self.late:
            return list(self._client.send_all(self.held))
        return list(self._client.send_all(raws))

    def known(self, hashes: list[str]) -> list[bool]:
        return [digest in self.hashes or has for digest, has in zip(hashes, self._client.known(hashes), strict=True)]


@pytest.mark.parametrize("late", [False, True])
def test_what_is_stuck_is_replaced_by_one_that_offers_more_and_whichever_is_mined_counts(
    late: bool, engine: Engine, world: World
) -> None:
    first_block = world.client.head().number + 1
    ids = _queue(engine, world, 8100 + late)
    node = Hoards(world, late=late)
    (row,) = _run(_sender(engine, world, node), engine, ids)
    assert (row.state, row.attempt) == ("final", 1)
    assert (row.tx_hash == node.hashes[0]) is late
    assert node.hashes[0] in row.hashes
    assert world.times_done(first_block) == {8100 + late: 1}


class Expensive(Through):
    """A node that takes only what offers more than the first bid."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.refused = 0

    def send_all(self, raws: list[bytes]) -> list[Any]:
        if self.refused < 2:
            self.refused += 1
            return [NodeRefused("max fee per gas less than block base fee", code=-32000) for _ in raws]
        return list(self._client.send_all(raws))


def test_what_offers_too_little_is_bid_higher_at_once(engine: Engine, world: World) -> None:
    ids = _queue(engine, world, 8200)
    (row,) = _run(_sender(engine, world, Expensive(world)), engine, ids)
    assert (row.state, row.attempt) == ("final", 2)


class Behind(Through):
    """A load balancer: nonces are counted by a node that is ahead, receipts and pool shown by one that is behind."""

    def __init__(self, world: World, seconds: float) -> None:
        super().__init__(world)
        self.until = time.monotonic() + seconds

    def receipts(self, hashes: list[str]) -> list[Any]:
        return [None] * len(hashes) if time.monotonic() < self.until else self._client.receipts(hashes)

    def known(self, hashes: list[str]) -> list[bool]:
        return [False] * len(hashes) if time.monotonic() < self.until else self._client.known(hashes)

    def by_quorum(self) -> Any:
        return self


def test_a_node_that_is_behind_makes_nothing_be_sent_anew(engine: Engine, world: World) -> None:
    first_block = world.client.head().number + 1
    ids = _queue(engine, world, 8300, 8301)
    profile = replace(world.profile, block_seconds=1.0)  # then a loss must last three seconds
    behind: Any = Behind(world, 2.0)
    sender = Sender(engine, behind, world.signer, profile, CHAIN_ID)
    rows = _run(sender, engine, ids)
    assert {row.state for row in rows} == {"final"}
    assert world.times_done(first_block) == {8300: 1, 8301: 1}


def test_a_members_key_signs_without_a_session_what_only_uses_up_a_nonce(world: World) -> None:
    farm = world.accounts["farm"]
    filler = {
        "to": farm,
        "data": "0x",
        "value": 0,
        "gas": 21_000,
        "nonce": 10**6,
        "chainId": CHAIN_ID,
        **world.profile.fee.fields(),
    }
    with pytest.raises(NotAllowed, match="sends 1 wei"):
        world.signer.sign_transaction({**filler, "value": 1}, farm, None)
    with pytest.raises(NotAllowed, match="is no contract of this ledger"):
        world.signer.sign_transaction({**filler, "data": "0x00"}, farm, None)
    with pytest.raises(NotAllowed, match="is no contract of this ledger"):
        world.signer.sign_transaction({**filler, "to": world.accounts["merchant"]}, farm, None)
    with pytest.raises(BadInput, match="has no function"):
        world.signer.sign_transaction({**filler, "to": world.deployment.address("Credit")}, farm, None)
    assert world.signer.sign_transaction(filler, farm, None)


def test_a_nonce_that_was_not_missing_after_all_leaves_its_filler_unsent(engine: Engine, world: World) -> None:
    """The lost transaction came back: the filler ends, and nothing is done for it again."""
    consortium = world.accounts["consortium"]
    first_block = world.client.head().number + 1
    ids = _queue(engine, world, 8400)

    class Silent(CountsLost):
        def send_all(self, raws: list[bytes]) -> list[str]:
            return ["0x" for _ in raws]  # taken and forgotten

    sender = _sender(engine, world, Silent(world, 1))
    deadline = time.monotonic() + 20
    while world.client.nonce(consortium) == 0 or not _fillers(engine):
        sender.step()
        time.sleep(0.05)
        assert time.monotonic() < deadline
    world.consortium_calls("assignLocation", list(world.marked_args(8401)))  # has the nonce of the filler
    (row,) = _run(world.sender(engine), engine, ids)
    assert row.state == "final"
    assert world.times_done(first_block) == {8400: 1, 8401: 1}
    (filler,) = _run(world.sender(engine), engine, _fillers(engine))
    assert filler.state == "reverted"
    assert "none was missing" in str(filler.error)


def _fillers(engine: Engine) -> list[int]:
    with read(engine) as connection:
        return list(connection.execute(select(outbox.c.id).where(outbox.c.function == "fillNonce")).scalars())


def test_rows_that_nobody_sends_need_no_look(engine: Engine, world: World) -> None:
    class Never(Through):
        def nonces(self, accounts: list[str], *, pending: bool = True) -> dict[str, int]:
            raise AssertionError("nothing is under way")

    assert _sender(engine, world, Never(world)).step() == 0


def test_another_chain_behind_the_same_address_gets_nothing_and_its_nonces_are_not_ours(
    engine: Engine, world: World
) -> None:
    """The rows wait as they are, with the reason, until our chain is back."""
    ids = _queue(engine, world, 8500)

    class Replaced(Through):
        def require_chain(self, chain_id: int, genesis: str | None = None) -> None:
            self._client.require_chain(chain_id, "0x" + "ab" * 32)

        def nonces(self, accounts: list[str], *, pending: bool = True) -> dict[str, int]:
            return dict.fromkeys(accounts, 10**6)

    with pytest.raises(Unavailable, match="belongs to another network"):
        _sender(engine, world, Replaced(world)).step()
    with read(engine) as connection:
        assert [(row.state, row.nonce) for row in rows_by_id(connection, ids)] == [("queued", None)]
    assert [row.state for row in _run(world.sender(engine), engine, ids)] == ["final"]

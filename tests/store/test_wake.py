"""Who waits for rows is woken by the commit that writes them, on both databases and across processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from ledger.errors import Unavailable
from ledger.store.database import open_engine, write
from ledger.store.wake import Waiter, write_and_wake

PATIENCE = 20.0
A_MOMENT = 0.05


@pytest.fixture
def t(engine: Engine) -> Engine:
    with write(engine) as connection:
        connection.execute(text("CREATE TABLE t (a INTEGER)"))
    return engine


def add(engine: Engine) -> None:
    with write_and_wake(engine) as connection:
        connection.execute(text("INSERT INTO t VALUES (1)"))


def add_and_fail(engine: Engine) -> None:
    with write_and_wake(engine) as connection:
        connection.execute(text("INSERT INTO t VALUES (1)"))
        raise RuntimeError


def count(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM t")).scalar_one())


def wait_on(waiter: Waiter) -> None:
    """Until it raises: a server's last words may come before its end."""
    for _ in range(3):
        waiter.wait(PATIENCE)


def add_elsewhere(url: str) -> None:
    add(open_engine(url))


def test_block_that_raises_wakes_nobody(t: Engine) -> None:
    with Waiter(t) as waiter:
        with pytest.raises(RuntimeError):
            add_and_fail(t)
        assert not waiter.wait(A_MOMENT)
    assert count(t) == 0


def test_writer_that_nobody_waits_for_writes(t: Engine) -> None:
    add(t)
    assert count(t) == 1


def test_commit_wakes_every_waiter_and_its_row_is_there(t: Engine) -> None:
    with Waiter(t) as first, Waiter(t) as second:
        add(t)
        for waiter in (first, second):
            assert waiter.wait(PATIENCE)
            assert count(t) == 1
            assert not waiter.wait(A_MOMENT)  # once is enough


def test_commit_of_another_process_wakes(t: Engine) -> None:
    with Waiter(t) as waiter:
        url = t.url.render_as_string(hide_password=False)
        process = multiprocessing.get_context("spawn").Process(target=add_elsewhere, args=(url,))
        process.start()
        assert waiter.wait(PATIENCE)
        process.join()
    assert count(t) == 1


def test_many_commits_without_a_look_are_one_wake_up(t: Engine) -> None:
    with Waiter(t) as waiter:
        for _ in range(20):
            add(t)
        assert waiter.wait(PATIENCE)
        assert count(t) == 20


def test_waiter_is_stopped_from_another_thread_for_good(t: Engine) -> None:
    with Waiter(t) as waiter:
        stopper = threading.Timer(A_MOMENT, waiter.stop)
        stopper.start()
        assert waiter.wait(PATIENCE)
        assert waiter.wait(PATIENCE)
        stopper.join()
    waiter.stop()  # one that is closed already


def test_waiter_that_was_killed_is_swept_away(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    with write(engine) as connection:
        connection.execute(text("CREATE TABLE t (a INTEGER)"))
    folder = tmp_path / "run" / "waiting"

    def wait_and_die() -> None:
        with Waiter(engine):
            os.kill(os.getpid(), signal.SIGKILL)

    process = multiprocessing.get_context("fork").Process(target=wait_and_die)
    process.start()
    process.join()
    assert len(list(folder.iterdir())) == 1
    add(engine)
    assert list(folder.iterdir()) == []


@pytest.mark.heavy
def test_server_that_cannot_be_listened_to_is_a_sentence(t: Engine) -> None:
    if t.dialect.name != "postgresql":
        pytest.skip("SQLite has no server")
    with Waiter(t) as waiter:
        with write(t) as connection:
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
            )
        with pytest.raises(Unavailable, match="listened"):
            wait_on(waiter)

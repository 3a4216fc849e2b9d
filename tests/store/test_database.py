"""Writers wait for one another, readers see one state, and a refusal of the database is a sentence."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from ledger.errors import BadInput, Unavailable
from ledger.store import database
from ledger.store.database import open_engine, read, write

COUNT = text("SELECT count(*) FROM t")


@pytest.fixture
def t(engine: Engine) -> Engine:
    with write(engine) as connection:
        connection.execute(text("CREATE TABLE t (a INTEGER PRIMARY KEY)"))
    return engine


def add(engine: Engine, value: int) -> None:
    with write(engine) as connection:
        connection.execute(text("INSERT INTO t VALUES (:a)"), {"a": value})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "other.sqlite"


def sentence_of(refusal: pytest.ExceptionInfo[Unavailable]) -> str:
    assert "changed nothing" in str(refusal.value)
    return str(refusal.value)


# --- refusals --------------------------------------------------------------------------------------------------------


def test_locked_database_is_a_sentence(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "WAIT_FOR_WRITERS_MS", 50)
    first, second = open_engine(f"sqlite:///{file}"), open_engine(f"sqlite:///{file}")
    with write(first), pytest.raises(Unavailable) as refusal, write(second):
        pass
    assert "locked" in sentence_of(refusal)


def test_full_disk_is_a_sentence_and_writes_nothing(file: Path) -> None:
    engine = open_engine(f"sqlite:///{file}")
    with write(engine) as connection:
        connection.execute(text("CREATE TABLE t (a TEXT)"))
        connection.execute(text("PRAGMA max_page_count = 10"))
    rows = [{"a": "x" * 4000}] * 100
    with pytest.raises(Unavailable) as refusal, write(engine) as connection:
        connection.execute(text("INSERT INTO t VALUES (:a)"), rows)
    assert "The disk is full." in sentence_of(refusal)
    with read(engine) as connection:
        assert connection.execute(COUNT).scalar() == 0


def test_database_that_cannot_be_opened_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refusal, read(open_engine(f"sqlite:///{tmp_path / 'no' / 'folder'}")):
        pass
    assert "cannot be opened" in sentence_of(refusal)


def test_file_that_is_no_database_is_a_sentence(file: Path) -> None:
    file.write_text("a letter to the editor " * 100)
    with pytest.raises(Unavailable) as refusal, read(open_engine(f"sqlite:///{file}")):
        pass
    assert "no SQLite database" in sentence_of(refusal)


def test_database_that_may_only_be_read_is_a_sentence(t: Engine) -> None:
    if t.dialect.name == "sqlite":
        t = open_engine(f"sqlite:///file:{t.url.database}?mode=ro&uri=true")
    else:
        t = open_engine(f"{t.url.render_as_string()}&options=-c%20default_transaction_read_only=on")
    with pytest.raises(Unavailable) as refusal:
        add(t, 1)
    assert "read-only" in sentence_of(refusal)


@pytest.mark.parametrize("url", ["what is this", "oracle+nothing://x", "sqlite+nodriver:///x"])
def test_url_that_names_no_database_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match="cannot be used"):
        open_engine(url)


@pytest.mark.heavy
def test_server_that_does_not_answer_is_a_sentence_without_its_password() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(Unavailable) as refusal, read(open_engine("postgresql+psycopg://me:secret@127.0.0.1:1/x")):
        pass
    assert "does not answer" in sentence_of(refusal)
    assert "secret" not in str(refusal.value)


def test_fault_of_ours_stays_what_it_is(t: Engine) -> None:
    add(t, 1)
    with pytest.raises(IntegrityError):
        add(t, 1)


def add_and_fail(engine: Engine, value: int) -> None:
    with write(engine) as connection:
        connection.execute(text("INSERT INTO t VALUES (:a)"), {"a": value})
        connection.execute(text("CREATE TABLE u (a INTEGER)"))
        raise RuntimeError


# --- transactions ----------------------------------------------------------------------------------------------------


def test_block_that_raises_writes_nothing(t: Engine) -> None:
    with pytest.raises(RuntimeError):
        add_and_fail(t, 1)
    with read(t) as connection:
        assert connection.execute(COUNT).scalar() == 0
    with write(t) as connection:
        connection.execute(text("CREATE TABLE u (a INTEGER)"))


def test_reader_sees_one_state_while_others_write(t: Engine) -> None:
    with read(t) as connection:
        assert connection.execute(COUNT).scalar() == 0
        add(t, 1)
        assert connection.execute(COUNT).scalar() == 0
    with read(t) as connection:
        assert connection.execute(COUNT).scalar() == 1


def test_autocommit_sees_the_newest_rows(t: Engine) -> None:
    with t.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        assert connection.execute(COUNT).scalar() == 0
        add(t, 1)
        assert connection.execute(COUNT).scalar() == 1
    add(t, 2)  # the connection went back to the pool and keeps transactions again
    with pytest.raises(RuntimeError):
        add_and_fail(t, 3)
    with read(t) as connection:
        assert connection.execute(COUNT).scalar() == 2


def test_writers_that_read_first_do_not_lose_each_others_writes(t: Engine) -> None:
    """Each adds the next number after the highest that it reads."""
    add(t, 0)

    def work() -> None:
        engine = open_engine(t.url.render_as_string(hide_password=False))
        for _ in range(10):
            with write(engine) as connection:
                if engine.dialect.name == "postgresql":
                    connection.execute(text("LOCK TABLE t IN EXCLUSIVE MODE"))
                highest = connection.execute(text("SELECT max(a) FROM t")).scalar_one()
                connection.execute(text("INSERT INTO t VALUES (:a)"), {"a": highest + 1})
        engine.dispose()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with read(t) as connection:
        assert connection.execute(COUNT).scalar() == 41

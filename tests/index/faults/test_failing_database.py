"""A database that fails holds the line up and tears no row; once it works again, the line goes on by itself."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from cut_connection import CuttingServer
from fault_world import an_indexer, await_head, digest_of, running, sell
from index_world import Chain, say_again
from postgresql_cluster import Cluster, postgresql_cluster
from small_disk import SmallDisk, small_disk
from sqlalchemy import Engine, text

from ledger.errors import Unavailable
from ledger.index import indexer
from ledger.index.indexer import Indexer
from ledger.store.database import open_engine
from ledger.store.documents import Documents
from ledger.store.migrate import ensure_schema

Digest = Callable[[], str]


@pytest.fixture(autouse=True)
def _no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexer, "AFTER_ERROR_SECONDS", 0.05)


@pytest.fixture
def on_small_disk(request: pytest.FixtureRequest) -> Iterator[tuple[Engine, SmallDisk]]:
    """An empty database with its tables on a disk that can be filled."""
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk(40))
        if request.param == "sqlite":
            url = f"sqlite:///{disk.path / 'ledger.sqlite'}"
        else:  # a server of its own, which ends before its disk does
            url = _in_tablespace(stack.enter_context(postgresql_cluster()), disk.path)
        engine = open_engine(url)
        ensure_schema(engine)
        yield engine, disk
        engine.dispose()


def _in_tablespace(cluster: Cluster, folder: Path) -> str:
    """A new database whose tables lie in this folder."""
    url = cluster.new_database()
    if cluster.runner:
        shutil.chown(folder, "postgres", "postgres")
    server = open_engine(url.replace(url.split("/")[3].split("?")[0], "postgres"))
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        name = url.split("/")[3].split("?")[0]
        connection.execute(text(f"CREATE TABLESPACE small_{name} LOCATION '{folder}'"))
        connection.execute(text(f"ALTER DATABASE {name} SET TABLESPACE small_{name}"))
    server.dispose()
    return url


def sell_while_it_steps(line: Indexer, chain: Chain) -> None:
    """Until it raises: what is there already may have room for a while."""
    for _ in range(200):
        sell(chain)
        line.step()


DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.heavy)]


@pytest.mark.parametrize("on_small_disk", DATABASES, indirect=True)
def test_full_disk_holds_the_line_up_until_there_is_room(
    on_small_disk: tuple[Engine, SmallDisk], chain: Chain, documents: Documents, fresh_digest: Digest
) -> None:
    engine, disk = on_small_disk
    line = an_indexer(engine, chain, documents)
    disk.fill()
    with pytest.raises(Unavailable, match="disk"):
        sell_while_it_steps(line, chain)
    with running(line):
        sell(chain)
        time.sleep(0.3)
        disk.free()
        await_head(engine, chain)
    assert digest_of(engine) == fresh_digest()


def test_read_only_database_holds_the_line_up(
    engine: Engine, chain: Chain, documents: Documents, fresh_digest: Digest
) -> None:
    before = digest_of(engine)
    url = engine.url.render_as_string(hide_password=False)
    read_only = open_engine(
        url.replace("sqlite:///", "sqlite:///file:") + "?mode=ro&uri=true"
        if engine.dialect.name == "sqlite"
        else f"{url}&options=-c%20default_transaction_read_only=on"
    )
    with pytest.raises(Unavailable, match="read-only"):
        an_indexer(read_only, chain, documents).step()
    with running(an_indexer(read_only, chain, documents)):
        time.sleep(0.3)
    read_only.dispose()
    assert digest_of(engine) == before
    an_indexer(engine, chain, documents).sync()
    assert digest_of(engine) == fresh_digest()


@pytest.mark.heavy
def test_connection_lost_in_mid_commit_writes_each_row_once(
    cluster: Cluster, chain: Chain, documents: Documents, fresh_digest: Digest
) -> None:
    """Whether the COMMIT had arrived or not: the cursor says."""
    url = cluster.new_database()
    with tempfile.TemporaryDirectory(prefix="suyuan-cut-") as folder:
        server = CuttingServer(Path(folder), cluster.folder, seed=4, rate=0)
        engine = open_engine(url.replace(str(cluster.folder), folder))
        with server.serving():
            ensure_schema(engine)
            server.rate = 0.4
            with running(an_indexer(engine, chain, documents)):
                for _ in itertools.takewhile(lambda _: min(server.cut.values()) < 3, range(400)):
                    sell(chain)
                server.rate = 0
                await_head(engine, chain)
            assert min(server.cut.values()) >= 3
            assert digest_of(engine) == fresh_digest()
            engine.dispose()


def test_clock_set_back_changes_no_row(
    engine: Engine, chain: Chain, documents: Documents, fresh_digest: Digest, monkeypatch: pytest.MonkeyPatch
) -> None:
    backwards = itertools.count(int(time.time()), -1_000)
    monkeypatch.setattr(time, "time", lambda: float(next(backwards)))
    with running(an_indexer(engine, chain, documents)):
        for _ in range(3):
            say_again(chain)
        await_head(engine, chain)
    monkeypatch.undo()
    assert digest_of(engine) == fresh_digest()

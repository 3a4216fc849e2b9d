"""The tables come from the migrations, and are those that the schema says."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from ledger.errors import Unavailable
from ledger.store.database import open_engine, read, write
from ledger.store.migrate import NEWEST, current_revision, downgrade, ensure_schema, newest_revision
from ledger.store.schema import metadata


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def test_tables_of_a_newer_version_are_left_alone(engine: Engine) -> None:
    ensure_schema(engine)
    with write(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Unavailable, match="newer version"):
        ensure_schema(engine)


def test_step_that_fails_leaves_the_schema_as_it_was(engine: Engine) -> None:
    with write(engine) as connection:
        connection.execute(text("CREATE TABLE payout (a INTEGER)"))  # stands in the way of a later step
    with pytest.raises(Exception, match="payout"):
        ensure_schema(engine)
    assert tables(engine) == {"payout"}


def test_migrated_tables_are_those_of_the_schema(engine: Engine) -> None:
    ensure_schema(engine)
    with write(engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []
    assert tables(engine) == set(metadata.tables) | {"alembic_version"}


def test_down_to_nothing_and_up_again(engine: Engine) -> None:
    ensure_schema(engine)
    downgrade(engine, "base")
    assert tables(engine) == {"alembic_version"}
    ensure_schema(engine)
    with read(engine) as connection:
        assert current_revision(connection) == newest_revision()


def test_a_repeat_changes_nothing(engine: Engine) -> None:
    ensure_schema(engine)
    ensure_schema(engine)
    assert tables(engine) == set(metadata.tables) | {"alembic_version"}


def ensure_schema_of(url: str) -> None:
    ensure_schema(open_engine(url))


def test_processes_that_start_together_make_the_tables_once(engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=ensure_schema_of, args=(url,)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    assert tables(engine) == set(metadata.tables) | {"alembic_version"}


def test_migrations_are_found_from_any_folder(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    program = (
        f"import sys; sys.path.insert(0, {str(root)!r})\n"
        "from ledger.store.database import open_engine\n"
        "from ledger.store.migrate import ensure_schema\n"
        "ensure_schema(open_engine('sqlite:///ledger.sqlite'))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_quick_check_knows_the_newest_revision() -> None:
    assert newest_revision() == NEWEST


MOST = 2**32 - 1
WIDE = text(
    "INSERT INTO member (member, account, roles, slug, name, active, block) "
    "VALUES (:member, :account, :roles, :slug, 'A', true, 1)"
)


def admit(engine: Engine, number: int, roles: int) -> None:
    values = {"member": number, "account": f"0x{number}", "roles": roles, "slug": f"m{number}"}
    with write(engine) as connection:
        connection.execute(WIDE, values)


def members(engine: Engine) -> list[tuple[int, int]]:
    with read(engine) as connection:
        return [tuple(row) for row in connection.execute(text("SELECT member, roles FROM member ORDER BY member"))]


def test_numbers_that_need_their_width_are_not_cut_off_on_the_way_down(engine: Engine) -> None:
    ensure_schema(engine)
    admit(engine, MOST, MOST)
    if engine.dialect.name == "postgresql":
        with pytest.raises(Exception, match="out of range"):
            downgrade(engine, "0004")
    else:
        downgrade(engine, "0004")  # its integers are wide enough
        ensure_schema(engine)
    assert members(engine) == [(MOST, MOST)]


def test_rows_survive_down_and_up_and_the_widest_numbers_fit_afterwards(engine: Engine) -> None:
    ensure_schema(engine)
    admit(engine, 1, 3)
    downgrade(engine, "0004")
    assert members(engine) == [(1, 3)]
    ensure_schema(engine)
    admit(engine, MOST, MOST)
    assert members(engine) == [(1, 3), (MOST, MOST)]


def test_items_are_found_by_their_product(engine: Engine) -> None:
    ensure_schema(engine)
    assert ["gtin"] in [index["column_names"] for index in inspect(engine).get_indexes("event_item")]

"""Brings a database to the schema of this version of the software, from nothing or from an older one.

All steps run in one write transaction, under the lock that every writer takes: of several processes that start together
one does the work and the others find it done. A step that fails, or a kill in the middle, leaves the schema as it was.

Alembic is imported where it is used: it takes longer than most commands, and a database that is up to date needs none of it.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from ledger.errors import Unavailable
from ledger.store.database import read, write

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

NEWEST = "0019"  # a test holds it to the newest of the migrations

_LOCK = 7_710_001  # any number that no other program takes: PostgreSQL's advisory lock of our migrations


def ensure_schema(engine: Engine) -> None:
    """Makes or upgrades the tables; does nothing when they are up to date. Safe when several processes start together.

    Unavailable when a newer version of the software has made the tables, or the database refuses.
    """
    with read(engine) as connection:
        if current_revision(connection) == NEWEST:
            return
    from alembic import command

    with write(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        _require_known(current_revision(connection), engine)
        command.upgrade(_config(connection), "head")


def migrate_to(connection: Connection, revision: str, engine: Engine) -> None:
    """Makes the tables of an empty database as of a revision, in the caller's transaction: for rows that are as old.

    Unavailable for a revision of a newer version of the software.
    """
    from alembic import command

    _require_known(revision, engine)
    command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Takes the tables back to an older revision; "base" drops them all."""
    from alembic import command

    with write(engine) as connection:
        command.downgrade(_config(connection), revision)


def current_revision(connection: Connection) -> str | None:
    """The revision that the tables stand at; None where there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def newest_revision() -> str:
    """The revision of this version of the software."""
    head = _scripts().get_current_head()
    if head is None:
        raise Unavailable("The migrations are not in this installation.", hint="Install the package again.")
    return head


def _require_known(revision: str | None, engine: Engine) -> None:
    if revision is not None and revision not in {script.revision for script in _scripts().walk_revisions()}:
        raise Unavailable(
            f"The tables were made by a newer version of Suyuan (revision {revision}).",
            where=engine.url.render_as_string(hide_password=True),
            hint="Install that version, or use another home.",
        )


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(resources.files("ledger.store") / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())

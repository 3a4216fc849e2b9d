"""Alembic runs this file. The connection, in its caller's transaction, comes from `ledger.store.migrate`."""

from __future__ import annotations

from alembic import context

from ledger.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite changes a column by making the table anew.
    render_as_batch=True,
    # The caller's transaction is the only one: a step that fails undoes all of them.
    transactional_ddl=False,
)
context.run_migrations()

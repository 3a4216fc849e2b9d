"""Prints the Python that would bring the newest migration to `ledger.store.schema`, for the next migration's file."""

from __future__ import annotations

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext

from ledger.store.database import open_engine, write
from ledger.store.migrate import ensure_schema
from ledger.store.schema import metadata

engine = open_engine("sqlite://")
ensure_schema(engine)
with write(engine) as connection:
    steps = produce_migrations(MigrationContext.configure(connection), metadata)
for title, operations in (("upgrade", steps.upgrade_ops), ("downgrade", steps.downgrade_ops)):
    print(f"def {title}() -> None:")
    print("    " + (render_python_code(operations, render_as_batch=True) if operations else "pass"))

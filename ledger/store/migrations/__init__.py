"""The schema's history, applied by `ledger.store.migrate`. They ship with the package; there is no alembic.ini.

To change a table: change `ledger/store/schema`, then write `versions/<next number>_<what>.py` by hand or from what
`python -m ledger.store.migrations` prints (the difference between the newest migration and the schema). A test compares
both. A derived table may also simply be dropped and made anew, followed by `suyuan index rebuild`.
"""

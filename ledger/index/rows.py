"""Rows in the making: handlers change them here, and they reach the database in bulk, at the end of a window.

Each row that a handler asks for is held once, by its primary key: what one handler changes the next one sees, without a
statement in between. Keys that a window is going to touch are read together beforehand (`expect`); one that was not
expected is read when it is asked for. Tables whose rows are made by one log and never changed by another (*appended*)
are not held at all.

All of it is harmless when repeated: a row that stands is not made twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import islice
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, select, tuple_

from ledger.errors import BrokenEvidence
from ledger.store.among import among
from ledger.store.bulk import delete_keys, insert_rows

Key = tuple[Any, ...]
Row = Mapping[str, Any]
BeforeImages = list[tuple[Table, Key, Row | None]]
"""Rows as they were: None where there was none."""

_KEYS_A_STATEMENT = 1_000
_MANY_ROWS = 5_000
MOST_HELD = 200_000  # rows in memory; a log of a batch of orders makes thousands


class Rows:
    """The rows that one transaction changes. `flush` writes them; the caller commits."""

    def __init__(self, connection: Connection, appended: Iterable[Table] = ()) -> None:
        self._connection = connection
        self._appended: dict[Table, _Appended] = {table: _Appended(table) for table in appended}
        self._held: dict[Table, _Held] = {}
        self._images: BeforeImages | None = None
        self._touched: set[tuple[Table, Key]] = set()

    # --- for handlers ------------------------------------------------------------------------------------------------

    def insert_once(self, table: Table, *rows: Row) -> None:
        """Adds rows; one whose primary key stands already is passed over."""
        appended = self._appended.get(table)
        if appended is not None:
            appended.add(rows)
            return
        held = self._of(table)
        keys = [held.key_of(row) for row in rows]
        if self._images is not None:
            held.load(keys)  # together: remembering would read them one by one
            for key in keys:
                self._remember(held, key)
        for key, row in zip(keys, rows, strict=True):
            held.insert_once(key, row)

    def append(self, table: Table, *rows: tuple[Any, ...]) -> None:
        """As `insert_once`, for whole rows in the order of the table's columns: what is quickest where many are made."""
        appended = self._appended.get(table)
        if appended is not None:
            appended.rows += rows
        else:
            names = [column.name for column in table.columns]
            self.insert_once(table, *(dict(zip(names, row, strict=True)) for row in rows))

    def append_columns(self, table: Table, *columns: Iterable[Any]) -> None:
        """As `append`, for columns in the order of the table's, of one length; `itertools.repeat` for what is the same."""
        appended = self._appended.get(table)
        if appended is not None:
            appended.rows += zip(*columns)  # noqa: B905  # a repeated value has no end
        else:
            self.append(table, *zip(*columns))  # noqa: B905

    def insert_many(self, table: Table, rows: Iterable[Row]) -> None:
        """As `insert_once`, for so many rows that they must not be held: of a table that no handler asks for a row."""
        names = [column.name for column in table.columns]
        left = iter(rows)
        while part := list(islice(left, _MANY_ROWS)):
            if self._images is not None:
                self.insert_once(table, *part)
            else:
                values = [tuple([row.get(name) for name in names]) for row in part]
                insert_rows(self._connection, table, values, clash="keep")

    def put(self, table: Table, row: Row) -> None:
        """Adds a row, or replaces the one with its primary key: for what the last event decides."""
        held = self._of(table)
        key = held.key_of(row)
        if self._images is not None:
            self._remember(held, key)
        held.put(key, row)

    def get(self, table: Table, *key: Any) -> Row | None:
        """The row with this primary key, as it is now."""
        return self._of(table).get(key)

    def require(self, table: Table, *key: Any) -> Row:
        """As `get`; BrokenEvidence when there is no such row."""
        row = self.get(table, *key)
        if row is None:
            raise never_told(table, *key)
        return row

    def move(self, table: Table, key: Row, values: Row, *, only_if: Callable[[Row], bool] | None = None) -> Row:
        """Changes the row with this key, if it is still as `only_if` says; a row that has moved on stays as it is.

        The row as it is then.

        BrokenEvidence when there is no such row: the chain cannot tell of a change to what it never told of.
        """
        held = self._of(table)
        place = held.key_of(key)
        row = held.get(place)
        if row is None:
            raise never_told(table, *key.values())
        if only_if is not None and not only_if(row):
            return row
        if self._images is not None:
            self._remember(held, place)
        return held.put(place, {**row, **values})

    def remove(self, table: Table, *key: Any) -> None:
        """Removes the row with this key, if there is one."""
        held = self._of(table)
        if self._images is not None:
            self._remember(held, key)
        held.remove(key)

    def find(self, table: Table, *conditions: ColumnElement[bool]) -> list[Row]:
        """The rows for which these hold, in the order of their keys. A statement of its own, after all is written."""
        held = self._of(table)
        self.flush()
        keys = list(table.primary_key.columns)
        found = self._connection.execute(select(*keys).where(*conditions).order_by(*keys)).all()
        held.load([tuple(key) for key in found])
        return [row for key in found if (row := held.get(tuple(key))) is not None]

    # --- for the engine ----------------------------------------------------------------------------------------------

    def expect(self, table: Table, keys: Iterable[Key]) -> None:
        """Reads these rows together, so that asking for one of them costs no statement."""
        if table not in self._appended:
            self._of(table).load(keys)

    def begin_images(self) -> None:
        """From here on remembers each row that is changed as it was at this moment."""
        self._images, self._touched = [], set()

    def end_images(self) -> BeforeImages:
        """What was changed since, as it was before. Rows of appended tables are not among them."""
        images, self._images = self._images or [], None
        return images

    def ease(self) -> bool:
        """Writes and lets go of all rows when they have become too many to hold; whether they had."""
        held = sum(len(held) for held in self._held.values())
        if held + sum(len(appended.rows) for appended in self._appended.values()) <= MOST_HELD:
            return False
        self.flush()
        self._held = {}
        return True

    def flush(self) -> None:
        """Writes all that was changed: rows before those that name them, and the reverse for those that are removed."""
        for held in sorted(self._held.values(), key=lambda held: _depth(held.table), reverse=True):
            held.delete()
        for table in sorted({*self._held, *self._appended}, key=lambda table: (_depth(table), table.name)):
            if table in self._appended:
                self._appended[table].write(self._connection)
            if table in self._held:
                self._held[table].write()

    def _of(self, table: Table) -> _Held:
        held = self._held.get(table)
        if held is None:
            if table in self._appended:  # asked for one by one, then: for a change that comes from outside the chain
                self._appended[table].write(self._connection)
            held = self._held[table] = _Held(self._connection, table)
        return held

    def _remember(self, held: _Held, key: Key) -> None:
        if (held.table, key) not in self._touched and self._images is not None:
            self._touched.add((held.table, key))
            before = held.get(key)
            self._images.append((held.table, key, dict(before) if before is not None else None))


def never_told(table: Table, *key: Any) -> BrokenEvidence:
    return BrokenEvidence(
        f"A log changes {table.name} {', '.join(map(str, key))}, which no log before it made.",
        hint="Logs are missing: check the first block and the addresses in deployment.json.",
    )


@cache
def _depth(table: Table) -> int:
    """How many tables stand below it by foreign keys, one on another."""
    return max((1 + _depth(each.column.table) for each in table.foreign_keys), default=0)


class _Appended:
    """Rows that are only added."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._names = tuple(column.name for column in table.columns)
        self._values = itemgetter(*self._names)
        self._key = itemgetter(*(self._names.index(column.name) for column in table.primary_key.columns))
        self.rows: list[tuple[Any, ...]] = []

    def add(self, rows: Sequence[Row]) -> None:
        whole = len(self._names)
        for row in rows:
            self.rows.append(self._values(row) if len(row) == whole else tuple([row.get(name) for name in self._names]))

    def write(self, connection: Connection) -> None:
        self.rows.sort(key=self._key)  # rows of one window, event by event: in order they go to one place of the index
        insert_rows(connection, self._table, self.rows, clash="keep")
        self.rows = []


class _Held:
    """The rows of one table by their keys: as they stand in the database, or as they are going to."""

    def __init__(self, connection: Connection, table: Table) -> None:
        self.table = table
        self.key_names = tuple(column.name for column in table.primary_key.columns)
        self._connection = connection
        self._names = tuple(column.name for column in table.columns)
        self._blank = dict.fromkeys(self._names)
        self._rows: dict[Key, Row | None] = {}  # None: known not to be there
        self._unsure: dict[Key, None] = {}  # added without having looked whether it stands already
        self._changed: dict[Key, None] = {}
        self._removed: dict[Key, None] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def key_of(self, row: Row) -> Key:
        return tuple([row[name] for name in self.key_names])

    def insert_once(self, key: Key, row: Row) -> None:
        if key not in self._rows:
            self._rows[key] = {**self._blank, **row}
            self._unsure[key] = None
        elif self._rows[key] is None:
            self.put(key, row)

    def put(self, key: Key, row: Row) -> Row:
        whole = self._rows[key] = dict(row) if len(row) == len(self._names) else {**self._blank, **row}
        self._unsure.pop(key, None)
        self._changed[key] = None
        return whole

    def get(self, key: Key) -> Row | None:
        if key in self._unsure:
            self._look()
        elif key not in self._rows:
            self.load([key])
        return self._rows[key]

    def remove(self, key: Key) -> None:
        self._rows[key] = None
        self._unsure.pop(key, None)
        self._changed.pop(key, None)
        self._removed[key] = None

    def load(self, keys: Iterable[Key]) -> None:
        wanted = [key for key in dict.fromkeys(keys) if key not in self._rows]
        for key, row in self._select(wanted):
            self._rows[key] = row
        for key in wanted:
            self._rows.setdefault(key, None)

    def delete(self) -> None:
        delete_keys(self._connection, self.table, list(self._removed))
        self._removed = {}

    def write(self) -> None:
        insert_rows(self._connection, self.table, self._tuples(self._unsure), clash="keep")
        insert_rows(self._connection, self.table, self._tuples(self._changed), clash="replace")
        for key in self._unsure:
            del self._rows[key]  # what stood before won: read it when it is asked for
        self._unsure, self._changed = {}, {}

    def _look(self) -> None:
        """Finds out which of the added rows stand already: those win."""
        unsure, self._unsure = list(self._unsure), {}
        self._changed |= dict.fromkeys(unsure)
        for key, row in self._select(unsure):
            self._rows[key] = row
            del self._changed[key]

    def _tuples(self, keys: Iterable[Key]) -> list[tuple[Any, ...]]:
        rows = (self._rows[key] for key in keys)
        return [tuple([row[name] for name in self._names]) for row in rows if row is not None]

    def _select(self, keys: Sequence[Key]) -> Iterable[tuple[Key, Row]]:
        columns = list(self.table.primary_key.columns)
        key_of = itemgetter(*(self._names.index(name) for name in self.key_names))
        for first in range(0, len(keys), _KEYS_A_STATEMENT):
            part = keys[first : first + _KEYS_A_STATEMENT]
            if len(columns) > 1:
                for row in self._connection.execute(select(self.table).where(tuple_(*columns).in_(part))).all():
                    yield key_of(row), dict(zip(self._names, row, strict=True))
            else:
                this = among(self._connection, columns[0], [key[0] for key in part])
                for row in self._connection.execute(select(self.table).where(this)).all():
                    yield (key_of(row),), dict(zip(self._names, row, strict=True))

"""A condition on many values of one column: one parameter on PostgreSQL, where thousands of them cost more than the rows."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, literal
from sqlalchemy.dialects.postgresql import ARRAY


def among(connection: Connection, column: ColumnElement[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """Whether the column has one of the values. On SQLite a statement holds some 30,000 of them at most."""
    if connection.dialect.name == "postgresql":
        return column == func.any(literal(list(values), ARRAY(column.type)))
    return column.in_(values)

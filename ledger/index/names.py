"""Names in SQL for what Solidity names: one word finds the whole path."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

RAW_COLUMNS = ("block", "log_index", "tx_hash", "address", "data")
"""Of every raw table: where the log stands, whose it is, and its data where the columns do not give it."""


@cache
def snake_case(name: str) -> str:
    """amountFen: amount_fen; a word that Python keeps for itself gets a trailing underscore."""
    snake = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
    return f"{snake}_" if keyword.iskeyword(snake) else snake


def column_names(inputs: Iterable[Mapping[str, Any]]) -> list[str]:
    """A column an argument: its name in snake case, `arg0`, `arg1` ... without one; an underscore more where taken."""
    taken, names = set(RAW_COLUMNS), []
    for number, each in enumerate(inputs):
        name = snake_case(str(each.get("name", ""))) or f"arg{number}"
        while name in taken:
            name = f"{name}_"
        taken.add(name)
        names.append(name)
    return names

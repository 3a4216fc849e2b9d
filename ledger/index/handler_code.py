"""What a handler rests on: the tables that it may touch, and a digest of its code.

Both are read off its module and the modules of its package whose functions it uses, so that nobody has to keep a list.
Comments, docstrings and layout do not count: a handler that does the same has the same digest.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import sys
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Table, delete

from ledger.index.plan import Plan
from ledger.store.bulk import insert_rows
from ledger.store.schema import handler

# What handlers are given, not what they are made of: a change there is a change of the engine.
_ENGINE = ("context", "events", "names", "plan", "rows")


def tables_of(function: Callable[..., Any]) -> frozenset[Table]:
    """The tables that the function's module, and those it rests on, name."""
    return frozenset(
        value
        for module in _rests_on(function.__module__)
        for value in vars(module).values()
        if isinstance(value, Table)
    )


@cache
def code_of(function: Callable[..., Any]) -> str:
    """SHA-256 in hex over the syntax of those modules."""
    digest = hashlib.sha256()
    for module in sorted(_rests_on(function.__module__), key=lambda each: each.__name__):
        tree = ast.parse(inspect.getsource(module))
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node, clean=False):
                node.body = node.body[1:] or [ast.Pass()]
        digest.update(f"{module.__name__}\n{ast.dump(tree)}\n".encode())
    return digest.hexdigest()


def handler_codes(plan: Plan) -> dict[str, str]:
    """By event."""
    return {each.event.__name__: code_of(each.function) for each in plan.handlers}


def keep_codes(connection: Connection, plan: Plan) -> None:
    """The derived rows are those of these handlers."""
    connection.execute(delete(handler))
    insert_rows(connection, handler, sorted(handler_codes(plan).items()))


@cache
def _rests_on(name: str) -> frozenset[ModuleType]:
    found: dict[str, ModuleType] = {}
    package = name.rsplit(".", 2)[0] if ".handlers." in name else name.rpartition(".")[0]
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one in found:
            continue
        module = found[one] = sys.modules[one]
        waiting += [other for other in _used_by(module) if _counts(other, package)]
    return frozenset(found.values())


def _used_by(module: ModuleType) -> Iterator[str]:
    for value in vars(module).values():
        if isinstance(value, ModuleType):
            yield value.__name__
        elif isinstance(value, type) or inspect.isfunction(value):
            yield value.__module__


def _counts(module: str, package: str) -> bool:
    below = module.removeprefix(f"{package}.")
    return below != module and below.split(".")[0] not in _ENGINE and not below.startswith("handlers")

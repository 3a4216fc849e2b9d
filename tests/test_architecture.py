"""The house keeps its shape: imports point api → ledger, and inside ledger towards store and chain; only chain knows web3."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# What each folder may import, beside itself, ledger.errors and ledger.config.
MAY_IMPORT = {
    "ledger.chain": {"ledger.store"},
    "ledger.store": set(),
    "ledger.context": {"ledger.chain", "ledger.store"},
    "ledger.settle": {"ledger.chain", "ledger.store", "ledger.context"},
    "ledger.trace": {"ledger.chain", "ledger.store", "ledger.context", "ledger.settle"},
    "ledger.index": {"ledger.chain", "ledger.store", "ledger.context", "ledger.settle", "ledger.trace"},
    "ledger.notify": {"ledger.chain", "ledger.store", "ledger.context"},
    "ledger.operate": {"ledger.chain", "ledger.store", "ledger.context", "ledger.index", "ledger.trace"},
    "ledger.govern": {
        "ledger.chain",
        "ledger.store",
        "ledger.context",
        "ledger.settle",
        "ledger.trace",
        "ledger.index",
    },
    "ledger.network": {"ledger.chain", "ledger.store", "ledger.context", "ledger.operate"},
    "ledger.cli": {
        "ledger.chain",
        "ledger.store",
        "ledger.context",
        "ledger.settle",
        "ledger.trace",
        "ledger.index",
        "ledger.notify",
        "ledger.operate",
        "ledger.network",
        "ledger.govern",
    },
    "api": {
        "ledger.chain",
        "ledger.store",
        "ledger.context",
        "ledger.settle",
        "ledger.trace",
        "ledger.index",
        "ledger.notify",
        "ledger.govern",
    },
}
FREE = {"ledger", "ledger.errors", "ledger.config", "ledger.logs"}
CHAIN_LIBRARIES = {"web3", "eth", "eth_account", "eth_keys", "eth_tester", "rlp", "trie"}


def test_imports_point_one_way() -> None:
    wrong = [
        f"{file.relative_to(ROOT)}:{line} imports {module}"
        for file, line, module in _imports()
        if (whole := _part(module)) is not None
        and whole not in FREE
        and whole != (own := _part(_module_of(file)))
        and own not in FREE
        and whole not in MAY_IMPORT[str(own)]
    ]
    assert wrong == []


def test_only_the_chain_folder_speaks_to_chain_libraries() -> None:
    wrong = [
        f"{file.relative_to(ROOT)}:{line} imports {module}"
        for file, line, module in _imports()
        if module.split(".")[0] in CHAIN_LIBRARIES and not _module_of(file).startswith("ledger.chain")
    ]
    assert wrong == []


def test_no_float_near_money() -> None:
    wrong = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in sorted((ROOT / "ledger" / "settle").rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
        or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and not _joins_paths(node))
    ]
    assert wrong == []


def _joins_paths(node: ast.BinOp) -> bool:
    return isinstance(node.right, ast.Constant) and isinstance(node.right.value, str)


def _imports() -> Iterator[tuple[Path, int, str]]:
    for folder in ("ledger", "api"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and node.module:
                    yield file, node.lineno, node.module
                elif isinstance(node, ast.Import):
                    yield from ((file, node.lineno, name.name) for name in node.names)


def _module_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


def _part(module: str) -> str | None:
    """The part of the house that a module belongs to; None when it is not ours."""
    parts = module.split(".")
    if parts[0] == "api":
        return "api"
    return ".".join(parts[:2]) if parts[0] == "ledger" else None

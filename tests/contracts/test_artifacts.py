"""The artifacts that ship are what the sources give."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.chain.artifact import CONTRACTS

ROOT = Path(__file__).resolve().parent.parent.parent
COMPILE = ROOT / "scripts" / "compile-contracts"
ARTIFACTS = sorted((ROOT / "ledger" / "chain" / "artifacts").glob("*.json"))
LARGEST_CODE = 24_576  # bytes, EIP-170


def compile_contracts(option: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, COMPILE, option], capture_output=True, text=True, check=False)


def test_no_source_changed_since_the_artifacts_were_made() -> None:
    answer = compile_contracts("--stale")
    assert answer.returncode == 0, answer.stderr


def test_all_contracts_ship_and_none_exceeds_the_limit_of_code() -> None:
    names = {path.stem for path in ARTIFACTS}
    assert names == set(CONTRACTS)
    for path in ARTIFACTS:
        code = bytes.fromhex(json.loads(path.read_text("utf-8"))["deployedBytecode"].removeprefix("0x"))
        assert 0 < len(code) <= LARGEST_CODE, path.stem


@pytest.mark.heavy
def test_compiling_again_gives_the_very_artifacts() -> None:
    if shutil.which("node") is None or not (ROOT / "contracts" / "node_modules" / "solc").is_dir():
        message = "the compiler is not installed: it needs Node, then `npm ci` in contracts/"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    answer = compile_contracts("--check")
    assert answer.returncode == 0, answer.stderr

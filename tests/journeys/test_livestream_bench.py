"""The live-stream bench runs from order files to reconciled statements, and its last line says that no fen is missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ANVIL = ROOT / "contracts" / "node_modules" / ".bin" / "anvil"


@pytest.mark.heavy
@pytest.mark.shared
def test_a_small_sale_ends_with_statements_that_reconcile_and_no_fen_missing() -> None:
    if not ANVIL.exists() and os.environ.get("CI") != "true":
        pytest.skip("anvil is missing (contracts/node_modules: ./scripts/test --all installs it)")
    paths = (ROOT, ROOT / "tests", ROOT / "tests" / "index", ROOT / "tests" / "index" / "faults")
    command = [sys.executable, "-m", "scripts.bench.livestream_bench", "--orders", "20000"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.stdout, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["bench"] == "livestream"
    assert {"figures", "targets", "met"} <= said.keys()
    figures = said["figures"]
    assert (figures["equation_holds"], figures["differences"]) == (True, 0)
    assert (figures["orders"], figures["refunded"]) == (20_000, 600)
    assert figures["payments"] == figures["statements"] > 200

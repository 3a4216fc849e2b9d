"""Compiles scripts/bench/contracts/Mixed.sol into Mixed.json beside it, with the compiler that the ledger's contracts use.

python -m scripts.bench.compile_mixed      (`npm ci` in contracts/ first)
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent / "contracts"
ARTIFACT = HERE / "Mixed.json"


def compile_mixed() -> dict[str, Any]:
    """ABI and creation bytecode."""
    import solcx

    base = HERE.parents[2] / "contracts"
    job = {
        "language": "Solidity",
        "sources": {"Mixed.sol": {"content": (HERE / "Mixed.sol").read_text("utf-8")}},
        "settings": {
            "optimizer": {"enabled": True, "runs": 10_000},
            "evmVersion": "london",
            "metadata": {"bytecodeHash": "none", "appendCBOR": False},
            "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object"]}},
        },
    }
    answer = solcx.compile_standard(job, base_path=base, allow_paths=base, solc_binary=base / "tools" / "solc")
    output = answer["contracts"]["Mixed.sol"]["Mixed"]
    return {"contractName": "Mixed", "abi": output["abi"], "bytecode": "0x" + output["evm"]["bytecode"]["object"]}


if __name__ == "__main__":
    ARTIFACT.write_text(json.dumps(compile_mixed(), indent=2) + "\n", encoding="utf-8")
